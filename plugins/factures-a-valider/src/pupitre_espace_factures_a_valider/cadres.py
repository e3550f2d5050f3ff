"""The cadres A9 (sub-contractor) and A12 (joint contractor): who validates, in which order, and what silence means (B.5)."""

from __future__ import annotations

from pupitre_espaces import InvoiceCadre, Label, Lifecycle, Motive, Role, Transition
from pupitre_espaces.invoice_cadres import HANDED, RECIPIENT, SUPPLIER
from pupitre_espaces.lifecycle import AFTER, AT_ONCE, SYSTEM

from . import delays
from .delays import Delays

FIRST, SECOND = "valideur-1", "valideur-2"
WRONG = Motive("MAUVAIS_VALIDEUR", Label("Mauvais valideur", "Wrong valideur"))

HOLDER = Label(
    "Vous êtes titulaire du marché, ou le cotraitant dont dépend ce sous-traitant.",
    "You hold the contract, or are the joint contractor to whom this sub-contractor belongs.",
)
MANDATAIRE = Label("Vous êtes mandataire du groupement.", "You are the mandataire of the group.")

VALIDATE = Label("Valider", "Validate")
REFUSE = Label("Refuser", "Refuse")
NOT_ME = Label("Ce n'est pas à moi de valider", "It is not for me to validate")
CORRECT = Label("Corriger le valideur et renvoyer", "Correct the valideur and send again")
DUPLICATE = Label("Dupliquer pour corriger", "Duplicate in order to correct")
GIVE_UP = Label("Abandonner", "Give up")

#: What a refused or wrongly addressed invoice is called at each level: (to be validated, validated, refused, wrong valideur, silence).
LEVELS = {
    FIRST: (
        "A_VALIDER_1",
        "VALIDEE_1",
        "REFUSEE_1",
        "ERREUR_FOURNISSEUR_SUR_VALIDEUR",
        "ABSENCE_VALIDATION_1_HORS_DELAI",
    ),
    SECOND: (
        "A_VALIDER_2",
        "VALIDEE_2",
        "REFUSEE_2",
        "ERREUR_COTRAITANT_SUR_VALIDEUR",
        "ABSENCE_VALIDATION_2_HORS_DELAI",
    ),
}


def level(valideur: str, statement: Label, tacit: Delays, then: list[tuple[str, frozenset[str]]]) -> list[Transition]:
    """Return the passages of one valideur. `then` are the statuses that follow his accord, each with the roles without which it is
    passed over."""
    asked, validated, refused, wrong, silent = LEVELS[valideur]
    rows = [
        Transition(asked, validated, valideur, "optional", statement=statement, documents=True, label=VALIDATE),
        # The buyer is told of a refusal, with its reasons (CCP R. 2193-12).
        Transition(asked, refused, valideur, "required", documents=True, tells={RECIPIENT}, label=REFUSE),
        Transition(asked, wrong, valideur, "required", motives=(WRONG,), label=NOT_ME),
        Transition(wrong, asked, SUPPLIER, corrects={valideur}, label=CORRECT),
        Transition(wrong, "ABANDONNEE", SUPPLIER, "required", awaited=False, label=GIVE_UP),
        Transition(refused, "DUPLIQUE_APRES_REFUS", SUPPLIER, label=DUPLICATE),
        Transition(refused, "ABANDONNEE", SUPPLIER, "required", awaited=False, label=GIVE_UP),
    ]
    agreed = [validated]
    if tacit.tacit_days:
        rows.append(Transition(asked, silent, SYSTEM, call=AFTER, days=tacit.tacit_days, remind=tacit.reminders))
        agreed.append(silent)
    rows += [
        Transition(each, target, SYSTEM, call=AT_ONCE, if_named=roles) for each in agreed for target, roles in then
    ]
    return rows


def _subcontractor(tacit: Delays) -> Lifecycle:
    return Lifecycle(
        f"a9-{tacit.valid_from:%Y-%m-%d}",
        [
            Transition(None, "A_VALIDER_1", SUPPLIER),
            *level(FIRST, HOLDER, tacit, [("A_VALIDER_2", frozenset({SECOND})), (HANDED, frozenset())]),
            *level(SECOND, MANDATAIRE, tacit, [(HANDED, frozenset())]),
            # The joint contractor knows his mandataire; the sub-contractor may know him too.
            Transition("ERREUR_COTRAITANT_SUR_VALIDEUR", "A_VALIDER_2", FIRST, corrects={SECOND}, label=CORRECT),
        ],
        kind="a9",
        valid_from=tacit.valid_from,
    )


def _joint(tacit: Delays) -> Lifecycle:
    return Lifecycle(
        f"a12-{tacit.valid_from:%Y-%m-%d}",
        [
            Transition(None, "A_VALIDER_1", SUPPLIER),
            *level(FIRST, MANDATAIRE, tacit, [(HANDED, frozenset())]),
        ],
        kind="a12",
        valid_from=tacit.valid_from,
    )


def all_cadres() -> tuple[InvoiceCadre, InvoiceCadre]:
    """Return A9 and A12 with the preludes that the data tell. Raises `dated.WrongData`."""
    *a9_before, a9 = (_subcontractor(each) for each in delays.read("subcontracting"))
    *a12_before, a12 = (_joint(each) for each in delays.read("joint"))
    return (
        InvoiceCadre(
            "A9",
            Label("Facture d'un sous-traitant", "Invoice by a sub-contractor"),
            roles=(
                Role(
                    FIRST, Label("Titulaire (ou cotraitant) qui valide", "Holder (or joint contractor) who validates")
                ),
                Role(SECOND, Label("Mandataire du groupement", "Mandataire of the group")),
            ),
            prelude=a9,
            needs=(FIRST,),
            earlier=tuple(a9_before),
        ),
        InvoiceCadre(
            "A12",
            Label("Facture d'un cotraitant", "Invoice by a joint contractor"),
            roles=(Role(FIRST, Label("Mandataire du groupement", "Mandataire of the group")),),
            prelude=a12,
            needs=(FIRST,),
            earlier=tuple(a12_before),
        ),
    )
