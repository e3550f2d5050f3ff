"""A kind of request that the tests of this folder play with: claims that pass from a claimant over a checker to a payer."""

from decimal import Decimal
from types import SimpleNamespace

import marshmallow
from pupitre_espaces import (
    Amounts,
    Cadre,
    Completed,
    Finding,
    Label,
    Lifecycle,
    Manifest,
    Motive,
    Payment,
    RequestKind,
    Role,
    Transition,
    forms,
    hookimpl,
)
from pupitre_espaces.lifecycle import AFTER, AT_ONCE, BEFORE, DRAFT, IN_DOSSIER, SENT_FROM, SYSTEM

NAME = Label("Nom", "Name")
AMOUNT_BLOCKED = Label("Corrigez le montant dans votre pièce.", "Correct the amount in your own piece.")


class Form(marshmallow.Schema):
    subject = forms.text(Label("Objet", "Subject"), needed=True, longest=20)
    year = forms.year(Label("Année", "Year"))
    honest = forms.tick(Label("J'atteste", "I attest"), must=True)


class Short(marshmallow.Schema):
    name = forms.text(NAME)
    due = forms.money(NAME)


class Line(marshmallow.Schema):
    volume = forms.number(Label("Volume (hl)", "Volume (hl)"), needed=True)
    fuel = forms.choice(Label("Carburant", "Fuel"), {"GNR": Label("Gazole", "Gas oil")}, needed=True)
    on = forms.day(Label("Livré le", "Delivered on"))
    amount = forms.money(Label("Montant", "Amount"), worked_out=True)


def complete(draft):
    """Two euros a hectolitre; more than a thousand hectolitres on one line is too much."""
    lines = [
        {**line, "amount": (line["volume"] * 2).quantize(Decimal("0.01"))} for line in draft.lines if "volume" in line
    ]
    total = sum((line["amount"] for line in lines), Decimal("0.00"))
    found = [
        Finding("too-much", "error", Label("Trop.", "Too much."), Label("Moins.", "Less."), term=f"{index}.volume")
        for index, line in enumerate(lines, 1)
        if line["volume"] > 1000
    ]
    return Completed(draft.form, tuple(lines), Amounts(total, Decimal("0.00"), total), findings=found)


ROWS = [
    Transition(DRAFT, "A_VALIDER_1", "claimant", call="send", cadres={"C1"}),
    Transition(DRAFT, "DEPOSEE", "checker", call="send", cadres={"C2"}),
    Transition(DRAFT, "DEPOSEE", "claimant", call="send", cadres={"C9"}),
    Transition("A_VALIDER_1", "VALIDEE_1", "checker", statement=Label("Je suis titulaire", "I hold the contract")),
    Transition(
        "A_VALIDER_1",
        "REFUSEE_1",
        "checker",
        motive="required",
        motives=(
            Motive("AUTRE", NAME),
            Motive("ERREUR_MONTANT", NAME, blocked=AMOUNT_BLOCKED),
            Motive("MAUVAIS_VALIDEUR", NAME),
        ),
    ),
    Transition(
        "A_VALIDER_1", "ABSENCE_VALIDATION_1_HORS_DELAI", SYSTEM, call=AFTER, days=15, remind=(5, 2), cadres={"C1"}
    ),
    Transition("A_VALIDER_1", "A_COMPLETER", "checker", motive="required", delay="interrupt"),
    Transition("A_COMPLETER", BEFORE, "claimant", documents=True, delay="resume"),
    Transition("A_VALIDER_1", "ABANDONNEE", "claimant", motive="required", awaited=False),
    Transition("VALIDEE_1", "A_ASSOCIER_MOE", SYSTEM, call=AT_ONCE, delay="start"),
    Transition("ABSENCE_VALIDATION_1_HORS_DELAI", "A_ASSOCIER_MOE", SYSTEM, call=AT_ONCE, delay="start"),
    Transition("A_ASSOCIER_MOE", "ASSOCIEE", SYSTEM, call=SENT_FROM, by={"C2"}),
    Transition("A_ASSOCIER_MOE", "REMPLACEE_PAR_A22", SYSTEM, call=IN_DOSSIER, by={"C9"}),
    Transition("DEPOSEE", "MISE_A_DISPOSITION", SYSTEM, call=AT_ONCE, hand_over=True),
]
TABLE = Lifecycle("claim", ROWS)


def a_kind(**changes):
    values = {
        "key": "claim",
        "label": Label("Demande", "Claim"),
        "roles": (
            Role("claimant", NAME),
            Role("checker", NAME, espace="factures-a-valider"),
            Role("payer", NAME, structure_types={"public"}, sees_from={"MISE_A_DISPOSITION"}),
        ),
        "cadres": (
            Cadre("C1", NAME, "claimant", needs=("checker",)),
            Cadre("C2", NAME, "checker", needs=("payer",), after={"C1"}),
            Cadre("C9", NAME, "claimant", needs=("payer",), after={"C1"}),
        ),
        "lifecycles": (TABLE,),
        "form": Form,
        "line": Line,
        "complete": complete,
        "has_dossier": True,
        "payment": Payment("claimant", "payer"),
    }
    return RequestKind(**(values | changes))


def a_plugin(*kinds, key="essai"):
    plugin = SimpleNamespace()
    plugin.espace_manifest = hookimpl(lambda: Manifest(key, NAME, NAME))
    plugin.espace_requests = hookimpl(lambda: list(kinds))
    return plugin
