"""The engagement: issued by a public body, taken into account or refused by its supplier (G.1)."""

from __future__ import annotations

from decimal import Decimal

import marshmallow
from pupitre_espaces import (
    Amounts,
    Cadre,
    Completed,
    Finding,
    Label,
    Lifecycle,
    RequestDraft,
    RequestKind,
    Role,
    Transition,
    forms,
)
from pupitre_espaces.lifecycle import PARIS

from . import rules, texts

CENT = Decimal("0.01")
LONGEST_NUMBER = 50


class Form(marshmallow.Schema):
    """General information, payment, and where the invoices go."""

    type = forms.choice(Label("Type", "Type"), texts.TYPES, needed=True)
    subject = forms.text(Label("Objet", "Subject"), needed=True)
    issued_on = forms.day(Label("Date de l'engagement", "Date of the engagement"), needed=True)
    starts_on = forms.day(Label("Début d'exécution", "Execution begins on"))
    ends_on = forms.day(Label("Fin d'exécution", "Execution ends on"))
    net = forms.money(Label("Montant HT", "Net amount"), needed=True)
    vat = forms.money(Label("Montant de la TVA", "VAT amount"))
    payment = forms.text(Label("Conditions de paiement", "Terms of payment"), longest=500, rows=2)
    invoice_siret = forms.text(
        Label("SIRET du destinataire des factures", "SIRET of the recipient of invoices"), pattern=r"\d{14}", longest=14
    )
    invoice_service = forms.text(Label("Code service du destinataire", "Code service of the recipient"), longest=100)
    information = forms.text(Label("Informations complémentaires", "Further information"), longest=2000, rows=4)


class Line(marshmallow.Schema):
    """One item that is ordered."""

    designation = forms.text(Label("Désignation", "Designation"), needed=True)
    quantity = forms.number(Label("Quantité", "Quantity"), needed=True, places=4)
    price = forms.number(Label("Prix unitaire HT", "Net unit price"), needed=True, places=4, unit="EUR")
    amount = forms.money(Label("Montant HT", "Net amount"), worked_out=True)


def complete(draft: RequestDraft) -> Completed:
    """Work out the lines and the amounts, and say what is wrong: who issues, the number, the dates, the sum (warning only)."""
    lines = tuple(_line(each) for each in draft.lines)
    findings = list(_findings(draft, lines))
    net = draft.form.get("net")
    amounts = None
    if net is not None:
        net, vat = net.quantize(CENT), draft.form.get("vat", Decimal(0)).quantize(CENT)
        amounts = Amounts(net, vat, net + vat)
    return Completed(draft.form, lines, amounts, findings=tuple(findings))


def _line(line):
    if "quantity" not in line or "price" not in line:
        return line
    return {**line, "amount": (line["quantity"] * line["price"]).quantize(CENT)}


def _findings(draft: RequestDraft, lines):
    form = draft.form
    if not rules.may_issue(draft.structure, draft.clock.now().astimezone(PARIS).date()):
        yield Finding("issuer", "error", texts.NOT_AN_ISSUER, texts.ASK_OPERATOR)
    if len(draft.number.strip()) > LONGEST_NUMBER:
        yield Finding("number-length", "error", texts.TOO_LONG, texts.SHORTEN, term="number")
    if form.get("starts_on") and form.get("ends_on") and form["ends_on"] < form["starts_on"]:
        yield Finding("dates", "error", texts.ENDS_BEFORE, texts.CORRECT, term="ends_on")
    total = sum((each["amount"] for each in lines if "amount" in each), Decimal(0))
    if lines and form.get("net") is not None and total != form["net"]:
        yield Finding("lines-sum", "warning", texts.LINES_DIFFER, texts.EXPLAIN, term="net")


LIFECYCLE = Lifecycle(
    "engagement",
    [
        Transition("BROUILLON", "TRANSMIS", "issuer", call="send"),
        Transition("TRANSMIS", "PRIS_EN_COMPTE", "supplier", label=Label("Prendre en compte", "Take into account")),
        Transition("TRANSMIS", "REFUSE", "supplier", motive="required", label=Label("Refuser", "Refuse")),
        Transition("PRIS_EN_COMPTE", "SOLDE", "issuer", awaited=False, label=Label("Solder", "Settle")),
        *(
            Transition(
                source,
                "INACTIF",
                "issuer",
                motive="required",
                awaited=False,
                label=Label("Rendre inactif", "Make inactive"),
            )
            for source in ("TRANSMIS", "PRIS_EN_COMPTE")
        ),
    ],
    labels=texts.STATUSES,
)

ENGAGEMENT = RequestKind(
    key="engagement",
    label=texts.KIND,
    roles=(
        Role("issuer", texts.ISSUER, structure_types=frozenset({"public"})),
        Role("supplier", texts.SUPPLIER),
    ),
    cadres=(Cadre("EJ", texts.KIND, maker="issuer", needs=("supplier",)),),
    lifecycles=(LIFECYCLE,),
    form=Form,
    line=Line,
    complete=complete,
    numbering="typed",
)
