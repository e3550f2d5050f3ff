"""The invoice as the portal uses it: one dictionary for UBL, CII and legacy files, amounts as written in the file."""

from __future__ import annotations

import re
from typing import Any

from .attachments import attachments
from .french import cadre_of
from .syntax import Syntax
from .terms import Reading

SIRET, SIREN, SERVICE, DIRECTORY = "0009", "0002", "0224", "0225"
CREDIT_NOTE_TYPES = ("381", "396", "261", "262", "502", "503", "532", "81", "83", "308", "420", "458")
# Payment means (UNTDID 4461) under the words of the Chorus Pro API; cards and the rest are AUTRE.
PAYMENT_MODES = {
    "30": "VIREMENT",
    "31": "VIREMENT",
    "42": "VIREMENT",
    "58": "VIREMENT",
    "49": "PRELEVEMENT",
    "59": "PRELEVEMENT",
    "20": "CHEQUE",
    "10": "ESPECE",
    "97": "REPORT",
}
# VAT point date code, UBL and CII writings.
_ON_INVOICE, _ON_PAYMENT = ("5", "3", "29", "35"), ("72", "432")
_FOURTEEN, _NINE = re.compile(r"\d{14}"), re.compile(r"\d{9}")


def structured(reading: Reading, syntax: Syntax) -> dict[str, Any]:
    """Everything the portal keeps of an invoice. Absent data are None or empty lists, never missing keys."""
    type_code = reading.one("BT-3")
    return {
        "number": reading.one("BT-1"),
        "type_code": type_code,
        "credit_note": syntax.format == "ubl-creditnote" or type_code in CREDIT_NOTE_TYPES,
        "issue_date": reading.one("BT-2"),
        "due_date": reading.one("BT-9"),
        "delivery_date": reading.one("BT-72"),
        "currency": reading.one("BT-5"),
        "accounting_currency": reading.one("BT-6"),
        "cadre": {"code": reading.one("BT-23"), "cadre": cadre_of(reading.one("BT-23"))},
        "profile": syntax.profile,
        "seller": _seller(reading),
        "buyer": _buyer(reading),
        "payee": {"name": reading.one("BT-59"), "identifier": reading.one("BT-60")} if reading.one("BT-59") else None,
        "engagement": reading.one("BT-13"),
        "contract": reading.one("BT-12"),
        "preceding": [{"number": part.one("BT-25"), "issue_date": part.one("BT-26")} for part in reading.group("BG-3")],
        "payment": _payment(reading),
        "type_tva": _type_tva(reading),
        "lines": [_line(part) for part in reading.group("BG-25")],
        "vat": [_vat(part) for part in reading.group("BG-23")],
        "allowances": [_adjustment(part, "92", "97", "95", "96") for part in reading.group("BG-20")],
        "charges": [_adjustment(part, "99", "104", "102", "103") for part in reading.group("BG-21")],
        "totals": {
            "lines": reading.one("BT-106"),
            "allowances": reading.one("BT-107"),
            "charges": reading.one("BT-108"),
            "net": reading.one("BT-109"),
            "vat": reading.one("BT-110"),
            "vat_accounting": reading.one("BT-111"),
            "gross": reading.one("BT-112"),
            "prepaid": reading.one("BT-113"),
            "rounding": reading.one("BT-114"),
            "due": reading.one("BT-115"),
        },
        "notes": [{"code": part.one("BT-21"), "text": part.one("BT-22")} for part in reading.group("BG-1")],
        "attachments": [attachment.dump() for attachment in attachments(reading)],
    }


def _seller(reading: Reading) -> dict[str, Any]:
    return _party(reading, "27", "28", "29", "30", "31", "34", ("35", "36", "162", "38", "37", "40"))


def _buyer(reading: Reading) -> dict[str, Any]:
    party = _party(reading, "44", "45", "46", "47", "48", "49", ("50", "51", "163", "53", "52", "55"))
    return {**party, "code_service": code_service(reading)}


def code_service(reading: Reading) -> str | None:
    """The recipient's service: the identifier 0224 first, which only EXTENDED profiles allow, else BT-10."""
    named = [value.text for value in reading.all("BT-46") if value.scheme == SERVICE]
    return named[0] if named else reading.one("BT-10")


def _party(
    reading: Reading,
    name: str,
    trading: str,
    party_id: str,
    legal: str,
    vat: str,
    endpoint: str,
    address: tuple[str, ...],
) -> dict[str, Any]:
    siret = siret_of(reading, f"BT-{party_id}", f"BT-{legal}", f"BT-{endpoint}")
    line1, line2, line3, post_code, city, country = (reading.one(f"BT-{number}") for number in address)
    electronic = reading.all(f"BT-{endpoint}")
    return {
        "name": reading.one(f"BT-{name}"),
        "trading_name": reading.one(f"BT-{trading}"),
        "siret": siret,
        "siren": siren_of(reading, f"BT-{legal}") or (siret[:9] if siret else None),
        "vat": reading.one(f"BT-{vat}"),
        "identifiers": [{"scheme": value.scheme, "value": value.text} for value in reading.all(f"BT-{party_id}")],
        "address": {"lines": [line for line in (line1, line2, line3) if line], "post_code": post_code, "city": city},
        "country": country,
        "electronic_address": {"scheme": electronic[0].scheme, "value": electronic[0].text} if electronic else None,
    }


def siret_of(reading: Reading, party_id: str, legal: str, endpoint: str) -> str | None:
    """The SIRET of a party: its identifier 0009; else 14 digits under a looser writing; else its electronic address."""
    for value in reading.all(party_id):
        if value.scheme == SIRET:
            return value.text.replace(" ", "")
    for value in (*reading.all(legal), *reading.all(party_id)):
        if value.scheme in (None, SIRET, SIREN, "1") and _FOURTEEN.fullmatch(value.text):
            return value.text
    for value in reading.all(endpoint):
        if value.scheme == SIRET and _FOURTEEN.fullmatch(value.text):
            return value.text
        parts = value.text.split("_")
        if value.scheme == DIRECTORY and len(parts) > 1 and _FOURTEEN.fullmatch(parts[1]):
            return parts[1]
    return None


def siren_of(reading: Reading, legal: str) -> str | None:
    """The SIREN of a party, from its legal identifier 0002; 14 digits there are an old habit, the first 9 count."""
    for value in reading.all(legal):
        text = value.text.replace(" ", "")
        if value.scheme in (None, SIREN) and (_NINE.fullmatch(text) or _FOURTEEN.fullmatch(text)):
            return text[:9]
    return None


def _payment(reading: Reading) -> dict[str, Any]:
    means = reading.one("BT-81")
    return {
        "means": means,
        "mode": PAYMENT_MODES.get(means, "AUTRE") if means else None,
        "iban": reading.one("BT-84"),
        "account_name": reading.one("BT-85"),
        "bic": reading.one("BT-86"),
        "reference": reading.one("BT-83"),
        "terms": reading.one("BT-20"),
    }


def _type_tva(reading: Reading) -> str | None:
    """When VAT falls due, in the words of the Chorus Pro API."""
    categories = {part.one("BT-118") for part in reading.group("BG-23")}
    if categories == {"E"}:
        return "EXONERATION"
    if categories == {"O"}:
        return "SANS_TVA"
    code = reading.one("BT-8")
    if code in _ON_PAYMENT:
        return "TVA_SUR_ENCAISSEMENT"
    return "TVA_SUR_DEBIT" if code in _ON_INVOICE else None


def _line(part: Reading) -> dict[str, Any]:
    return {
        "id": part.one("BT-126"),
        "name": part.one("BT-153"),
        "description": part.one("BT-154"),
        "note": part.one("BT-127"),
        "reference": part.one("BT-155"),
        "quantity": part.one("BT-129"),
        "unit": part.one("BT-130"),
        "price": part.one("BT-146"),
        "gross_price": part.one("BT-148"),
        "discount": part.one("BT-147"),
        "base_quantity": part.one("BT-149"),
        "net": part.one("BT-131"),
        "vat_category": part.one("BT-151"),
        "vat_rate": part.one("BT-152"),
        "allowances": [_adjustment(item, "136", "139") for item in part.group("BG-27")],
        "charges": [_adjustment(item, "141", "144") for item in part.group("BG-28")],
        "period": {"start": part.one("BT-134"), "end": part.one("BT-135")},
        "order_line": part.one("BT-132"),
    }


def _vat(part: Reading) -> dict[str, Any]:
    return {
        "category": part.one("BT-118"),
        "rate": part.one("BT-119"),
        "base": part.one("BT-116"),
        "amount": part.one("BT-117"),
        "exemption": part.one("BT-120"),
        "exemption_code": part.one("BT-121"),
    }


def _adjustment(part: Reading, amount: str, reason: str, category: str = "", rate: str = "") -> dict[str, Any]:
    return {
        "amount": part.one(f"BT-{amount}"),
        "reason": part.one(f"BT-{reason}"),
        "vat_category": part.one(f"BT-{category}"),
        "vat_rate": part.one(f"BT-{rate}"),
    }
