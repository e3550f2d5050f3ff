"""From an entry to the invoice that the engine writes and judges, and back: the dictionary is the one of ``engine.invoice.structured``."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from . import currencies, totals, typed
from .engine.french import code_of
from .typed import Read

#: BT-23 of an entry: goods, services or both are not told apart here (M), A1 is 1 and A2 is 2 (einvoice-formats, cadres of 2026).
CADRE_CODES = {"A1": "M1", "A2": "M2"}
MEANS = {"VIREMENT": "30", "PRELEVEMENT": "49", "CHEQUE": "20", "ESPECE": "10", "REPORT": "97", "AUTRE": "1"}
_MODES = {code: mode for mode, code in MEANS.items()} | {"58": "VIREMENT", "31": "VIREMENT", "59": "PRELEVEMENT"}
#: When TVA falls due, in the codes of BT-8 (UNTDID 2005 as UBL writes them).
TAX_POINTS = {"TVA_SUR_DEBIT": "3", "TVA_SUR_ENCAISSEMENT": "432"}
UNIT = "C62"
TERMS = "Paiement dans le délai réglementaire de la commande publique."
_OUT_OF_SCOPE = "O"


def invoice_of(
    entry: Mapping[str, Any], read: Read, number: str, seller: Any, buyer: Mapping[str, Any], account: Any
) -> dict[str, Any]:
    """Return the invoice that was typed. ``seller`` is its structure, ``buyer`` what is known of the recipient's; ``account`` the bank
    details to be paid on (None: none was chosen). The entry must have no error."""
    avoir = entry["kind"] == "AVOIR"
    sums = read.sums
    categories = {each.category for each in sums.vat}
    outside = categories == {_OUT_OF_SCOPE}
    allowed = read.values["global_discount"] or Decimal(0)
    lines = [
        _line(position, line, found)
        for position, (line, found) in enumerate(zip(entry.get("lines") or [], read.lines, strict=True), 1)
        if found is not None
    ]
    # What is paid already was due at the latest on its date; BR-FR-CO-09 wants that day.
    due_date = read.values["due_date"] or (read.values["issue_date"] if entry["cadre"] == "A2" else None)
    delivered = read.values["delivery_date"]
    prepaid = (read.values["prepaid"] or Decimal(0)) + allowed
    currency = typed.currency_of(entry)
    foreign = currency != currencies.EUR

    def amount(value: Decimal) -> str:
        return _amount(value, read.places)

    return {
        "number": number,
        "type_code": "381" if avoir else "380",
        "credit_note": avoir,
        "issue_date": read.values["issue_date"].isoformat(),
        "due_date": due_date.isoformat() if due_date else None,
        "delivery_date": delivered.isoformat() if delivered else None,
        "currency": currency,
        "accounting_currency": currencies.EUR if foreign else None,
        "cadre": {"code": _cadre_code(entry["cadre"]), "cadre": entry["cadre"]},
        "profile": "en16931",
        "seller": party(seller, None if outside else vat_number(entry, seller)),
        "buyer": {**_buyer(buyer, entry), "code_service": _text(entry, "code_service")},
        "payee": {"name": account.payee, "identifier": None} if account is not None and account.payee else None,
        "engagement": _text(entry, "engagement"),
        "contract": _text(entry, "contract"),
        "preceding": [{"number": _text(entry, "origin_number"), "issue_date": read.values["origin_date"].isoformat()}] if avoir else [],
        "payment": _payment(entry, account, avoir),
        "type_tva": entry.get("type_tva"),
        "lines": lines,
        "vat": [_vat(each, entry, read.places) for each in sums.vat],
        "allowances": [],
        "charges": [],
        "totals": {
            "lines": amount(sums.net),
            "allowances": None,
            "charges": None,
            "net": amount(sums.net),
            "vat": amount(sums.tax),
            "vat_accounting": _amount(read.tax_eur, currencies.MOST_PLACES) if foreign else None,
            "gross": amount(sums.gross),
            "prepaid": amount(prepaid) if prepaid else None,
            "rounding": None,
            "due": amount(sums.due),
        },
        "notes": _notes(entry, f"{amount(allowed)} {currency}" if allowed else ""),
        "attachments": [],
    }


def _cadre_code(cadre: str) -> str:
    """Return BT-23 of a cadre: the code of the reform that means it, or else the cadre itself."""
    return CADRE_CODES.get(cadre) or code_of(cadre) or cadre


def vat_number(entry: Mapping[str, Any], seller: Any) -> str | None:
    """Return the supplier's TVA number: as typed, else of its structure, else as it follows from a French SIREN (H.3)."""
    return _text(entry, "seller_vat") or usual_vat_number(seller)


def usual_vat_number(seller: Any) -> str | None:
    """Return the TVA number that a structure has, or that a French company of its SIREN has."""
    if seller.vat_number:
        return seller.vat_number
    siret = seller.siret if seller.identifier_type == "SIRET" else None
    if not siret or not siret[:9].isdecimal():
        return None
    siren = siret[:9]
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02d}{siren}"


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    return str(entry.get(name) or "").strip() or None


def _amount(value: Decimal, places: int) -> str:
    return f"{totals.rounded(value, places):f}"


def exact(value: Decimal) -> str:
    """Write a number with no more decimals than it has."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def party(structure: Any, vat: str | None) -> dict[str, Any]:
    """Return a structure as the engine writes it, with its TVA number where it has one to tell."""
    siret = structure.siret
    address = structure.address
    known = {"siret": siret, "siren": siret[:9] if siret else None}
    identifiers = [{"scheme": "0009", "value": siret}] if siret else [{"scheme": None, "value": structure.identifier}]
    return {
        "name": structure.name,
        "trading_name": None,
        **known,
        "vat": vat,
        "identifiers": identifiers,
        "address": {
            "lines": [line for line in (address.line, address.complement, address.complement2) if line],
            "post_code": address.postal_code,
            "city": address.city,
        },
        "country": address.country or "FR",
        "electronic_address": {"scheme": "0225", "value": f"{siret[:9]}_{siret}"} if siret else None,
    }


def _buyer(buyer: Any, entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return the recipient as the annuaire has it; where it does not know him, his SIRET alone: the routing says the rest."""
    if buyer is not None:
        return party(buyer, None)
    siret = re.sub(r"\s", "", entry.get("recipient_siret") or "")
    return {
        "name": siret,
        "trading_name": None,
        "siret": siret,
        "siren": siret[:9],
        "vat": None,
        "identifiers": [{"scheme": "0009", "value": siret}],
        "address": {"lines": [], "post_code": None, "city": None},
        "country": "FR",
        "electronic_address": {"scheme": "0225", "value": f"{siret[:9]}_{siret}"},
    }


def _payment(entry: Mapping[str, Any], account: Any, avoir: bool) -> dict[str, Any]:
    mode = None if avoir else _text(entry, "payment_mode")
    paid_on = account if mode == "VIREMENT" else None
    return {
        "means": MEANS[mode] if mode else None,
        "mode": mode,
        "iban": paid_on.iban if paid_on is not None else None,
        "account_name": paid_on.name if paid_on is not None else None,
        "bic": paid_on.bic if paid_on is not None else None,
        "reference": None,
        "terms": TERMS,
    }


def _line(position: int, line: Mapping[str, Any], found: totals.Line) -> dict[str, Any]:
    discount = {
        "amount": _amount(found.discount, found.places),
        "reason": "Remise",
        "vat_category": None,
        "vat_rate": None,
    }
    return {
        "id": str(position),
        "name": _text(line, "name"),
        "description": None,
        "note": None,
        "reference": _text(line, "reference"),
        "quantity": exact(found.quantity),
        "unit": _text(line, "unit") or UNIT,
        "price": exact(found.price),
        "gross_price": None,
        "discount": None,
        "base_quantity": None,
        "net": _amount(found.net, found.places),
        "vat_category": found.category,
        "vat_rate": None if found.category == _OUT_OF_SCOPE else exact(found.rate),
        "allowances": [discount] if found.discount else [],
        "charges": [],
        "period": {"start": None, "end": None},
        "order_line": None,
    }


def _vat(each: totals.Rate, entry: Mapping[str, Any], places: int) -> dict[str, Any]:
    return {
        "category": each.category,
        "rate": None if each.category == _OUT_OF_SCOPE else exact(each.rate),
        "base": _amount(each.base, places),
        "amount": _amount(each.amount, places),
        "exemption": None if each.category == "S" else _text(entry, "exemption_reason"),
        "exemption_code": None,
    }


def _notes(entry: Mapping[str, Any], discount: str) -> list[dict[str, str | None]]:
    """Return the comment, and what EN 16931 has no term for, the global discount on the total with tax; the writer adds the law's."""
    notes: list[dict[str, str | None]] = []
    if discount:
        notes.append(
            {"code": None, "text": f"Remise globale TTC : {discount} ({_text(entry, 'global_discount_reason')})"}
        )
    if _text(entry, "comment"):
        notes.append({"code": None, "text": _text(entry, "comment")})
    return notes


# Back: what a copy of an invoice begins with.


def copy_of_entry(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry to go on from: number, dates, origin and what was read elsewhere are left out."""
    left_out = {
        "number",
        "issue_date",
        "due_date",
        "delivery_date",
        "origin_number",
        "origin_date",
        "read_in_pdf",
        "prepaid",
    }
    left_out |= {"tax_eur", "exchange_rate"}  # those of another day
    return {name: value for name, value in entry.items() if name not in left_out and value is not None}


def copy_of_invoice(invoice: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry that a structured invoice, whatever file it came in, would be typed as."""
    lines = [_typed_line(line) for line in invoice.get("lines") or []]
    payment, buyer = invoice.get("payment") or {}, invoice.get("buyer") or {}
    reasons = [each.get("exemption") for each in invoice.get("vat") or [] if each.get("exemption")]
    found = {
        "kind": "AVOIR" if invoice.get("credit_note") else "FACTURE",
        "cadre": (invoice.get("cadre") or {}).get("cadre") or "A1",
        "currency": invoice.get("currency"),
        "recipient_siret": buyer.get("siret"),
        "code_service": buyer.get("code_service"),
        "engagement": invoice.get("engagement"),
        "contract": invoice.get("contract"),
        "payment_mode": None if invoice.get("credit_note") else payment.get("mode") or _MODES.get(payment.get("means") or "", ""),
        "type_tva": invoice.get("type_tva") or "TVA_SUR_DEBIT",
        "exemption_reason": reasons[0] if reasons else None,
        "lines": [line for line in lines if not typed.is_blank(line)],
    }
    return {name: value for name, value in found.items() if value is not None}


def _typed_line(line: Mapping[str, Any]) -> dict[str, str]:
    discounts = [Decimal(each["amount"]) for each in line.get("allowances") or [] if each.get("amount")]
    found = {
        "reference": line.get("reference"),
        "name": line.get("name"),
        "quantity": line.get("quantity"),
        "unit": line.get("unit"),
        "price": _unit_price(line),
        "discount": exact(sum(discounts)) if discounts else None,
        "rate": line.get("vat_rate"),
    }
    return {name: str(value) for name, value in found.items() if value is not None}


def _unit_price(line: Mapping[str, Any]) -> str | None:
    """Return the price of one: a file may give that of a hundred."""
    price, base = line.get("price"), Decimal(line.get("base_quantity") or 1)
    return exact((Decimal(price) / base).quantize(Decimal("0.000001"))) if price and base not in (0, 1) else price
