"""The invoice that a request becomes in *Factures reçues*: its parties, amounts and references, written as a file like a typed invoice.

The file is UBL, written by the engine that writes typed invoices, so that the invoice can be read, exported and printed like any other;
what was typed stands in its notes. Where the engine refuses to write it, the file is what was typed, as JSON.
"""

import datetime
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pupitre_contracts import errors, organisation
from pupitre_espaces import Amounts, forms, vat

from . import checking, currencies, deposit, entry_invoice, model, request_parties, routing
from .request_kinds import Known

SYNTAX = "ubl"
#: BT-23 of an invoice for goods and services; the cadre of the request stands beside it, where the portal looks for it.
CADRE_CODE = "M1"
#: Category of what bears no VAT at all, with nothing beside it (EN 16931).
_OUTSIDE = "O"
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a request becomes: its file, what is kept of it, and the structures that are paid and pay."""

    payee: organisation.Structure
    payer: organisation.Structure
    service: organisation.StructureService | None
    file: deposit.File
    invoice: Mapping[str, Any]
    report: Mapping[str, Any]
    issue_date: datetime.date
    due: Decimal


def prepare(scope: Any, known: Known, row: Mapping[str, Any]) -> Prepared:
    """Write the invoice of a request, never within a transaction. Raises Conflict where who is paid or who pays is not known (any more),
    Invalid for parts of VAT that do not make up its amounts, and EngineFailed."""
    payment = known.kind.payment
    named = request_parties.roles_of(each for each in row["parties"] if each["structure_id"] is not None)
    payee, payer = (request_parties.of_role(row["parties"], role) for role in (payment.paid(named), payment.payer))
    found = deposit.recipients(scope, ((each["identifier"], each["code_service"]) for each in (payee, payer) if each is not None))
    sides = [found.get((each["identifier"], each["code_service"] or "")) if each is not None else None for each in (payee, payer)]
    if any(side is None or side.structure is None for side in sides):
        raise errors.Conflict(what=f"request {row['number']}: {payment.payee}, {payment.payer}")
    paid, pays = (side.structure for side in sides)
    service, _ = routing.find_service(pays, payer["code_service"])
    form = forms.load(known.kind.form, row["form"])
    issued = form.get(payment.issue_date) if payment.issue_date else None
    issued = issued or model.civil_date(row["sent_at"] or scope.clock.now())
    due = form.get(payment.due) if payment.due else None
    due = due if due is not None else _amounts(row).gross
    invoice = invoice_of(known, row, form, paid, pays, issued, due)
    invoice |= {name: _text(form, getattr(payment, name)) for name in ("engagement", "contract")}
    invoice["buyer"]["code_service"] = service.code if service is not None else None
    content, judgement = _write(scope, invoice)
    name = row["number"].replace("/", "-")
    if content is None:
        typed = {"number": row["number"], "cadre": row["cadre"], "form": row["form"], "lines": row["lines"]}
        content = json.dumps(typed, ensure_ascii=False, indent=1).encode()
        file = deposit.File(scope.resources.blobs.put(content), len(content), f"{name}.json", "application/json")
    else:
        file = deposit.File(scope.resources.blobs.put(content), len(content), f"{name}.xml", "application/xml")
    kept = {**invoice, "cadre": {"code": CADRE_CODE, "cadre": row["cadre"]}}
    return Prepared(paid, pays, service, file, kept, judgement.stored(), issued, due)


def _write(scope: Any, invoice: Mapping[str, Any]) -> tuple[bytes | None, checking.Judgement]:
    header = {"op": "write", "syntax": SYNTAX, "lang": "both", "invoice": invoice}
    answer, content = checking.run(scope.resources.engine, header, b"")
    if "refused" in answer:
        refusal = checking.finding_of(answer["refused"])
        return None, checking.Judgement("invalid", None, None, None, (refusal,), {}, None)
    if not content:
        raise errors.EngineFailed(incident=str(answer.get("error") or scope.correlation_id))
    return content, checking.judge(scope.resources.engine, content, scope.clock.now(), "both")


@dataclass(frozen=True, slots=True)
class _Taxed:
    """One line of the invoice and one row of its recapitulation: what is taxed alike (BG-25, BG-23)."""

    name: str
    category: str
    rate: str | None
    base: Decimal
    vat: Decimal
    exemption: str | None = None
    exemption_code: str | None = None

    def line(self, position: int) -> dict[str, Any]:
        """Return the line: one unit, or one taken back where the amount is negative, for a price is not (BR-27)."""
        blank = dict.fromkeys(("description", "note", "reference", "gross_price", "discount", "base_quantity", "order_line"))
        return {
            **blank,
            "id": str(position),
            "name": self.name,
            "quantity": "-1" if self.base < 0 else "1",
            "unit": entry_invoice.UNIT,
            "price": f"{abs(self.base):f}",
            "net": f"{self.base:f}",
            "vat_category": self.category,
            "vat_rate": self.rate,
            "allowances": [],
            "charges": [],
            "period": {"start": None, "end": None},
        }

    def recapitulated(self) -> dict[str, Any]:
        """Return the row of the recapitulation."""
        shown = {"category": self.category, "rate": self.rate, "base": f"{self.base:f}", "amount": f"{self.vat:f}"}
        return {**shown, "exemption": self.exemption, "exemption_code": self.exemption_code}


def _taxed(known: Known, row: Mapping[str, Any], form: Mapping[str, Any]) -> list[_Taxed]:
    """Return what is taxed alike: the parts that the request tells, or the whole at the rate that its VAT comes to. Raises Invalid for
    parts that do not make up its amounts (any more: its plugin may read them elsewhere than when it was sent)."""
    name, amounts = f"{known.kind.label.fr} {row['number']}", _amounts(row)
    lines = [forms.load(known.kind.line, each) for each in row["lines"]] if known.kind.line is not None else []
    parts = known.kind.payment.parts(form, lines)
    if parts:
        faults = [f"{each.message.fr} / {each.message.en}" for each in vat.check(parts, amounts)]
        if faults:
            raise errors.Invalid(what=f"request {row['number']}", fields={"vat": faults})
        return [_of_part(known, name, each) for each in parts]
    if not (amounts.vat and amounts.net):
        return [_Taxed(name, _OUTSIDE, None, amounts.net, amounts.vat, known.kind.label.fr)]
    rate = entry_invoice.exact((amounts.vat / amounts.net * 100).quantize(_CENT))
    return [_Taxed(name, "S", rate, amounts.net, amounts.vat)]


def _amounts(row: Mapping[str, Any]) -> Amounts:
    return Amounts(*(row[name] if row[name] is not None else Decimal(0) for name in ("net", "vat", "gross")))


def _of_part(known: Known, name: str, part: vat.TaxedPart) -> _Taxed:
    rate = entry_invoice.exact(part.rate)
    if part.rate:
        return _Taxed(f"{name}, TVA à {rate.replace('.', ',')} %", part.category, rate, part.base, part.vat)
    reason, code = (part.exemption.reason, part.exemption.code) if part.exemption is not None else (known.kind.label, "")
    return _Taxed(f"{name}, {reason.fr}", part.category, rate, part.base, part.vat, reason.fr, code or None)


def invoice_of(
    known: Known,
    row: Mapping[str, Any],
    form: Mapping[str, Any],
    payee: organisation.Structure,
    payer: organisation.Structure,
    issued: datetime.date,
    due: Decimal,
) -> dict[str, Any]:
    """Return the invoice as the engine writes it, but its references: one line and one row of the recapitulation for each rate of VAT;
    ``form`` holds values, ``due`` is in euros. Raises Invalid for parts of VAT that do not make up the request's amounts."""
    taxed, amounts = _taxed(known, row, form), _amounts(row)
    net, tax, gross = amounts.net, amounts.vat, amounts.gross
    categories = {each.category for each in taxed}
    outside = categories == {_OUTSIDE}
    held_back = gross - due
    return {
        "number": row["number"],
        "type_code": "380",
        "credit_note": False,
        "issue_date": issued.isoformat(),
        "due_date": None,
        "delivery_date": None,
        "currency": currencies.EUR,
        "cadre": {"code": CADRE_CODE, "cadre": "A1"},
        "profile": "en16931",
        "seller": entry_invoice.party(payee, None if outside else entry_invoice.usual_vat_number(payee)),
        "buyer": entry_invoice.party(payer, None),
        "payee": None,
        "preceding": [],
        "payment": {
            **dict.fromkeys(("means", "mode", "iban", "account_name", "bic", "reference")),
            "terms": entry_invoice.TERMS,
        },
        "type_tva": "SANS_TVA" if outside else "EXONERATION" if categories == {"E"} else None,
        "lines": [each.line(position) for position, each in enumerate(taxed, 1)],
        "vat": [each.recapitulated() for each in taxed],
        "allowances": [],
        "charges": [],
        "totals": {
            **dict.fromkeys(("allowances", "charges", "rounding")),
            "lines": f"{net:f}",
            "net": f"{net:f}",
            "vat": f"{tax:f}",
            "gross": f"{gross:f}",
            "prepaid": f"{held_back:f}" if held_back else None,
            "due": f"{due:f}",
        },
        "notes": [{"code": None, "text": text} for text in _notes(known, row)],
        "attachments": [],
    }


def _notes(known: Known, row: Mapping[str, Any]) -> Iterable[str]:
    """Give what was typed as people read it, one note for each field."""
    yield f"{known.kind.label.fr}, {known.cadre(row['cadre']).label.fr} ({row['cadre']})"
    if row["dossier_number"]:
        yield f"Dossier {row['dossier_number']}"
    for field in forms.describe(known.kind.form):
        value = row["form"].get(field.name)
        if value is not None and value != "":
            yield f"{field.label.fr} : {_shown(field, value)}"


def _shown(field: forms.FormField, value: Any) -> str:
    """Return a kept value as people write it in French; it is kept as JSON, and so as text."""
    if field.choices and value in field.choices:
        return field.choices[value].fr
    if field.shape == "tick":
        return "oui" if value is True else "non"
    if field.shape == "date":
        return f"{datetime.date.fromisoformat(value):%d/%m/%Y}"
    # A number without decimals may be a year.
    written = f"{Decimal(str(value)):,f}".replace(",", "\N{NARROW NO-BREAK SPACE}").replace(".", ",") if field.places else str(value)
    return f"{written} {'€' if field.unit == 'EUR' else field.unit}".strip()


def _text(form: Mapping[str, Any], field: str | None) -> str | None:
    return (str(form.get(field) or "").strip() or None) if field is not None else None
