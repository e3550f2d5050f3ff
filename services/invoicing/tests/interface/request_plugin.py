"""Two kinds of request for the tests of the platform: a simple one, and one with a dossier, times, and a hand-over."""

from decimal import Decimal

import marshmallow
from pupitre_espaces import (
    Amounts,
    Cadre,
    Completed,
    Exemption,
    Finding,
    Label,
    Lifecycle,
    MadeFile,
    Manifest,
    Motive,
    Payment,
    RequestKind,
    Role,
    Transition,
    VatAt,
    forms,
    hookimpl,
)
from pupitre_espaces.lifecycle import AFTER, AT_ONCE, BEFORE, DRAFT, IN_DOSSIER, SENT_FROM, SYSTEM

ESPACE, RECEIVED = "essais", "factures-recues"
SUPPORT = "90000008000011"


def both(text):
    return Label(text, f"{text} (en)")


class Form(marshmallow.Schema):
    year = forms.year(both("Année"), needed=True)
    subject = forms.text(both("Objet"), needed=True)
    total = forms.money(both("Total"), worked_out=True)


class Line(marshmallow.Schema):
    volume = forms.number(both("Volume"), needed=True)
    amount = forms.money(both("Montant"), worked_out=True)


class Piece(marshmallow.Schema):
    net = forms.money(both("Hors taxe"), needed=True, least=None)
    vat = forms.money(both("TVA"), needed=True, least=None)
    engagement = forms.text(both("Engagement"))
    issued = forms.day(both("Date"))
    at_20 = forms.money(both("À 20 %"), least=None)
    at_10 = forms.money(both("À 10 %"), least=None)
    owed = forms.money(both("Autoliquidé"), least=None)


RATES = (
    VatAt(Decimal(20), "at_20"),
    VatAt(Decimal(10), "at_10"),
    VatAt(Decimal(0), "owed", exemption=Exemption(both("Autoliquidation"), "VATEX-EU-AE")),
)


def complete(draft):
    """Ten euros by unit of volume, a file of one line, and no request about the year 2000."""
    if draft.form.get("subject") == "panne":
        raise RuntimeError("broken")
    lines = [{**line, "amount": line["volume"] * 10} if "volume" in line else line for line in draft.lines]
    total = sum((line.get("amount", Decimal(0)) for line in lines), Decimal(0))
    findings = []
    if draft.form.get("year") == 2000:
        findings = [Finding("year-closed", "error", both("Année close"), both("Choisissez une autre année"), term="year")]
    return Completed(
        {**draft.form, "total": total},
        tuple(lines),
        Amounts(total, Decimal(0), total),
        (MadeFile("recap.txt", "text/plain", f"{draft.number} {total}".encode()),),
        tuple(findings),
    )


def complete_piece(draft):
    """What is on a piece, seen by the parameters of the maître d'ouvrage and the pieces before."""
    form = draft.form
    amounts = Amounts(form["net"], form["vat"], form["net"] + form["vat"]) if {"net", "vat"} <= set(form) else None
    moa = draft.party("moa")
    findings = []
    if moa is not None and moa.parameters["requires_engagement"] and not form.get("engagement"):
        findings.append(Finding("engagement", "error", both("Engagement exigé"), both("Indiquez-le"), term="engagement"))
    if draft.previous is not None and amounts is not None and draft.previous.amounts != amounts:
        findings.append(Finding("changed", "warning", both("Montants modifiés"), both("Vérifiez")))
    return Completed(form, (), amounts, (), tuple(findings))


MOTIVES = (
    Motive("PIECE", both("Pièce absente")),
    Motive("DOUBLE", both("Doublon"), both("Rejetez la demande")),
    Motive("AUTRE", both("Autre")),
)

AID = Lifecycle(
    "aide-1",
    [
        Transition(DRAFT, "DEPOSEE", "demandeur", call="send"),
        Transition("DEPOSEE", "MISE_A_DISPOSITION", SYSTEM, call=AT_ONCE),
        Transition("MISE_A_DISPOSITION", "SERVICE_FAIT", "instructeur", statement=both("J'atteste le service fait")),
        Transition("MISE_A_DISPOSITION", "SUSPENDUE", "instructeur", "required", motives=MOTIVES),
        Transition("MISE_A_DISPOSITION", "REJETEE", "instructeur", "required"),
        Transition("MISE_A_DISPOSITION", "A_RECYCLER", "instructeur"),
        Transition("A_RECYCLER", BEFORE, "demandeur", corrects={"instructeur"}),
        Transition("SUSPENDUE", "MISE_A_DISPOSITION", "demandeur", documents=True),
        Transition("SUSPENDUE", "ABANDONNEE", "demandeur", awaited=False),
    ],
    kind="aide",
)

WORKS = Lifecycle(
    "marche-1",
    [
        Transition(DRAFT, "DEPOSEE", "titulaire", call="send", cadres={"A4"}, delay="start"),
        Transition("DEPOSEE", "A_VALIDER_MOE", SYSTEM, call=AT_ONCE, cadres={"A4"}),
        Transition("A_VALIDER_MOE", "REFUSEE_MOE", "moe", "required", delay="end"),
        Transition("A_VALIDER_MOE", "ERREUR_DE_MOE", "moe"),
        Transition("ERREUR_DE_MOE", "A_VALIDER_MOE", "titulaire", corrects={"moe"}),
        Transition("A_VALIDER_MOE", "ASSOCIEE", SYSTEM, call=SENT_FROM, by={"A7"}),
        Transition(
            "A_VALIDER_MOE", "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE", SYSTEM, call=AFTER, days=7, remind=(3, 1)
        ),
        Transition("ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE", "ABANDONNEE", SYSTEM, call=IN_DOSSIER, by={"A7"}),
        Transition(DRAFT, "DEPOSEE", "moe", call="send", cadres={"A7"}),
        Transition("DEPOSEE", "MISE_A_DISPOSITION_MOA", SYSTEM, call=AT_ONCE, cadres={"A7"}),
        Transition("MISE_A_DISPOSITION_MOA", "SUSPENDUE", "moa", "required", delay="interrupt"),
        Transition("SUSPENDUE", "MISE_A_DISPOSITION_MOA", "moe", documents=True, delay="resume"),
        *(Transition(DRAFT, "TRANSMISE_MOA", each, call="send", cadres={"A25"}) for each in ("moa", "moe")),
        Transition("MISE_A_DISPOSITION_MOA", "ASSOCIEE", SYSTEM, call=SENT_FROM, by={"A25"}, awaited=False),
        Transition("MISE_A_DISPOSITION_MOA", "TRANSMISE_MOA", "moa", hand_over=True),
        Transition("MISE_A_DISPOSITION_MOA", "PRISE_EN_COMPTE_MOA", SYSTEM, call=AFTER, days=10, hand_over=True),
    ],
    kind="marche",
)


class Trials:
    """The espace *essais*."""

    @hookimpl
    def espace_manifest(self):
        return Manifest(key=ESPACE, label=both("Essais"), description=both("Essais"))

    @hookimpl
    def espace_requests(self):
        yield RequestKind(
            key="aide",
            label=both("Aide"),
            roles=(
                Role("demandeur", both("Demandeur"), structure_types=frozenset({"private"})),
                Role("instructeur", both("Instructeur"), espace=RECEIVED, structure_types=frozenset({"public"}), has_service=True),
                Role("garant", both("Garant"), sees_from=frozenset({"SERVICE_FAIT"})),
            ),
            cadres=(Cadre("A21", both("Demande"), "demandeur", needs=("instructeur",), may_name=("garant",)),),
            lifecycles=(AID,),
            form=Form,
            line=Line,
            complete=complete,
            once_per="year",
            prefix="AID",
        )
        yield RequestKind(
            key="marche",
            label=both("Marché"),
            roles=(
                Role("titulaire", both("Titulaire"), structure_types=frozenset({"private"})),
                Role("moe", both("Maître d'œuvre")),
                Role("moa", both("Maître d'ouvrage"), espace=RECEIVED, structure_types=frozenset({"public"}), has_service=True),
                Role("support", both("Support"), always=SUPPORT, sees_from=frozenset({"REFUSEE_MOE"})),
            ),
            cadres=(
                Cadre("A4", both("Projet"), "titulaire", needs=("moe", "moa")),
                Cadre("A7", both("État"), "moe", needs=("titulaire", "moa"), after=frozenset({"A4"})),
                # By the maître d'ouvrage or the maître d'œuvre, but not where the first demands a number of engagement.
                Cadre("A25", both("Solde"), "moa", after={"A7"}, also=("moe",), unless=({"moa": {"requires_engagement": True}},)),
            ),
            lifecycles=(WORKS,),
            form=Piece,
            complete=complete_piece,
            numbering="typed",
            has_dossier=True,
            payment=Payment("titulaire", "moa", engagement="engagement", issue_date="issued", vat=RATES),
        )
