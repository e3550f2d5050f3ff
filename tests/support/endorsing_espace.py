"""An espace of tests: cadres that nobody else knows, in which others validate an invoice before its recipient has it."""

from pupitre_espaces import InvoiceCadre, Label, Lifecycle, Manifest, Role, Transition, hookimpl
from pupitre_espaces.lifecycle import AFTER, AT_ONCE, BEFORE, SYSTEM, Motive

KEY, OTHER_KEY = "a-viser", "a-contresigner"
HOLDER, AGENT = "titulaire", "mandataire"
STATEMENT = Label("Je suis titulaire du marché.", "I hold the contract.")
WRONG = Motive("MAUVAIS_VALIDEUR", Label("Mauvais valideur", "Wrong validator"))
REFUSALS = (
    Motive("TRAVAUX_NON_FAITS", Label("Travaux non faits", "Work not done")),
    Motive("AUTRE", Label("Autre", "Other")),
    Motive(
        "MONTANT", Label("Montant", "Amount"), blocked=Label("Faites corriger le montant.", "Have the amount corrected.")
    ),
)


def level(number, role, onward):
    """The passages of one level of validation; `onward` are those that follow by themselves from a status in which it is done."""
    asked, done, silent = f"A_VALIDER_{number}", f"VALIDEE_{number}", f"ABSENCE_VALIDATION_{number}_HORS_DELAI"
    return [
        Transition(asked, done, role, "optional", statement=STATEMENT, label=Label("Valider", "Validate"), documents=True),
        Transition(asked, f"REFUSEE_{number}", role, "required", motives=REFUSALS, tells=["recipient"]),
        *onward(done),
        *onward(silent),
        Transition(asked, silent, SYSTEM, call=AFTER, days=15, remind=(5, 2)),
    ]


def _to_second(status):
    return [
        Transition(status, "A_VALIDER_2", SYSTEM, call=AT_ONCE, if_named=[AGENT]),
        Transition(status, "DEPOSEE", SYSTEM, call=AT_ONCE),
    ]


def _to_recipient(status):
    return [Transition(status, "DEPOSEE", SYSTEM, call=AT_ONCE)]


TWO_LEVELS = Lifecycle(
    "deux-niveaux",
    [
        Transition(None, "A_VALIDER_1", "supplier"),
        *level(1, HOLDER, _to_second),
        Transition("A_VALIDER_1", "ERREUR_FOURNISSEUR_SUR_VALIDEUR", HOLDER, "required", motives=[WRONG]),
        Transition("ERREUR_FOURNISSEUR_SUR_VALIDEUR", "A_VALIDER_1", "supplier", corrects=[HOLDER]),
        Transition("ERREUR_FOURNISSEUR_SUR_VALIDEUR", "ABANDONNEE", "supplier", "required", awaited=False),
        *level(2, AGENT, _to_recipient),
        Transition("A_VALIDER_1", "EN_LITIGE", HOLDER),
        Transition("EN_LITIGE", BEFORE, HOLDER),
    ],
    labels={"EN_LITIGE": Label("En litige", "Disputed")},
)
#: Without anybody's answer nothing happens (R173).
CONDITION = Lifecycle(
    "condition",
    [
        Transition(None, "A_VALIDER_1", "supplier"),
        Transition("A_VALIDER_1", "DEPOSEE", AGENT),
        Transition("A_VALIDER_1", "REFUSEE_1", AGENT, "required"),
    ],
)
COUNTERSIGNED = Lifecycle(
    "contresignee",
    [
        Transition(None, "A_VALIDER_1", "supplier"),
        Transition("A_VALIDER_1", "VALIDEE_1", HOLDER),
        Transition("VALIDEE_1", "A_VALIDER_2", SYSTEM, call=AT_ONCE, if_named=[AGENT]),
        Transition("VALIDEE_1", "DEPOSEE", SYSTEM, call=AT_ONCE),
        Transition("A_VALIDER_2", "DEPOSEE", AGENT),
    ],
)


class Endorsing:
    @hookimpl
    def espace_manifest(self):
        label = Label("Factures à viser", "Invoices to endorse")
        return Manifest(key=KEY, label=label, description=label)

    @hookimpl
    def espace_cadres(self):
        holder = Role(HOLDER, Label("Titulaire", "Holder"), structure_types={"private"})
        agent = Role(AGENT, Label("Mandataire", "Agent"), sees_from={"A_VALIDER_2"})
        yield InvoiceCadre("X9", Label("Sous-traitant", "Sub-contractor"), [holder, agent], TWO_LEVELS, [HOLDER])
        yield InvoiceCadre("X12", Label("Cotraitant", "Joint contractor"), [Role(AGENT, Label("Mandataire", "Agent"))], CONDITION, [AGENT])


class Countersigning:
    """Another espace that brings a cadre: its holder endorses in the first espace, its agent countersigns here."""

    @hookimpl
    def espace_manifest(self):
        label = Label("Factures à contresigner", "Invoices to countersign")
        return Manifest(key=OTHER_KEY, label=label, description=label)

    @hookimpl
    def espace_cadres(self):
        holder = Role(HOLDER, Label("Titulaire", "Holder"), espace=KEY, structure_types={"private"})
        agent = Role(AGENT, Label("Mandataire", "Agent"), sees_from={"A_VALIDER_2"})
        yield InvoiceCadre("X10", Label("Contresignée", "Countersigned"), [holder, agent], COUNTERSIGNED, [HOLDER])
