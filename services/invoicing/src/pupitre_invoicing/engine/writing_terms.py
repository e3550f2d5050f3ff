"""The dictionary form of an invoice (`invoice.structured`) under its business terms, as the reader would have found them."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lxml import etree

from .invoice import SERVICE, SIREN, SIRET
from .terms import Reading, Value

GUIDELINES = {
    "en16931": "urn:cen.eu:en16931:2017",
    "extended-ctc-fr": "urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr",
    "facturx-extended": "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended",
}
# Type of VAT in the words of the Chorus Pro API, as BT-8.
_VAT_POINT = {"TVA_SUR_DEBIT": "5", "TVA_SUR_ENCAISSEMENT": "432"}
_NOWHERE = etree.Element("none")

_HEADER = {
    "BT-1": "number",
    "BT-2": "issue_date",
    "BT-3": "type_code",
    "BT-5": "currency",
    "BT-6": "accounting_currency",
    "BT-9": "due_date",
    "BT-12": "contract",
    "BT-13": "engagement",
    "BT-20": "payment.terms",
    "BT-23": "cadre.code",
    "BT-59": "payee.name",
    "BT-72": "delivery_date",
    "BT-81": "payment.means",
    "BT-83": "payment.reference",
    "BT-84": "payment.iban",
    "BT-85": "payment.account_name",
    "BT-86": "payment.bic",
    "BT-106": "totals.lines",
    "BT-107": "totals.allowances",
    "BT-108": "totals.charges",
    "BT-109": "totals.net",
    "BT-110": "totals.vat",
    "BT-111": "totals.vat_accounting",
    "BT-112": "totals.gross",
    "BT-113": "totals.prepaid",
    "BT-114": "totals.rounding",
    "BT-115": "totals.due",
}
_LINE = {
    "BT-126": "id",
    "BT-127": "note",
    "BT-129": "quantity",
    "BT-130": "unit",
    "BT-131": "net",
    "BT-132": "order_line",
    "BT-134": "period.start",
    "BT-135": "period.end",
    "BT-146": "price",
    "BT-147": "discount",
    "BT-148": "gross_price",
    "BT-149": "base_quantity",
    "BT-151": "vat_category",
    "BT-152": "vat_rate",
    "BT-153": "name",
    "BT-154": "description",
    "BT-155": "reference",
}
_VAT = {
    "BT-116": "base",
    "BT-117": "amount",
    "BT-118": "category",
    "BT-119": "rate",
    "BT-120": "exemption",
    "BT-121": "exemption_code",
}
_ADJUSTMENT = ("amount", "vat_category", "vat_rate", "reason")
_PARTIES = {
    "seller": ("BT-27", "BT-28", "BT-29", "BT-30", "BT-31", "BT-34", "35 36 162 38 37 40"),
    "buyer": ("BT-44", "BT-45", "BT-46", "BT-47", "BT-48", "BT-49", "50 51 163 53 52 55"),
}
#: What BR-FR-24 lets an identifier of the buyer be written with; a code service with other signs stands in BT-10 alone.
_IDENTIFIER = re.compile(r"[A-Za-z0-9_.-]+")


def reading_of(invoice: Mapping[str, Any], contents: Sequence[bytes | None] = ()) -> Reading:
    """The terms of an invoice. `contents` are the bytes of its attachments, in their order; None where there are none."""
    reading = _rows(invoice, _HEADER)
    profile = invoice.get("profile") or "en16931"
    _say(reading, "BT-24", GUIDELINES.get(profile, GUIDELINES["en16931"]))
    _say(reading, "BT-8", _VAT_POINT.get(invoice.get("type_tva") or ""))
    _say(reading, "BT-60", _found(invoice, "payee.identifier"))
    for side, numbers in _PARTIES.items():
        _party(reading, invoice.get(side) or {}, numbers, side == "buyer" and profile == "extended-ctc-fr")
    _say(reading, "BT-10", _found(invoice, "buyer.code_service"))
    groups = {
        "BG-1": [_rows(note, {"BT-21": "code", "BT-22": "text"}) for note in _items(invoice, "notes")],
        "BG-3": [_rows(each, {"BT-25": "number", "BT-26": "issue_date"}) for each in _items(invoice, "preceding")],
        "BG-20": [_adjustment(each, "92", "95", "96", "97") for each in _items(invoice, "allowances")],
        "BG-21": [_adjustment(each, "99", "102", "103", "104") for each in _items(invoice, "charges")],
        "BG-23": [_rows(each, _VAT) for each in _items(invoice, "vat")],
        "BG-24": [
            _attachment(each, contents[index] if index < len(contents) else None, index)
            for index, each in enumerate(_items(invoice, "attachments"))
        ],
        "BG-25": [_line(each, index) for index, each in enumerate(_items(invoice, "lines"), 1)],
    }
    reading.groups = {name: parts for name, parts in groups.items() if parts}
    return reading


def _items(invoice: Mapping[str, Any], name: str) -> Iterable[Mapping[str, Any]]:
    return invoice.get(name) or ()


def _found(source: Mapping[str, Any], path: str) -> Any:
    value: Any = source
    for name in path.split("."):
        value = (value or {}).get(name)
    return value


def _say(reading: Reading, term: str, text: object, scheme: str | None = None) -> None:
    if text is not None and (clean := str(text).strip()):
        reading.values.setdefault(term, []).append(Value(clean, scheme, _NOWHERE))


def _rows(source: Mapping[str, Any], rows: Mapping[str, str]) -> Reading:
    reading = Reading()
    for term, path in rows.items():
        _say(reading, term, _found(source, path))
    return reading


def _party(reading: Reading, party: Mapping[str, Any], numbers: tuple[str, ...], with_service: bool) -> None:
    name, trading, party_id, legal, vat, endpoint, address = numbers
    _say(reading, name, party.get("name"))
    if party.get("trading_name") != party.get("name"):
        _say(reading, trading, party.get("trading_name"))
    identifiers = {
        (each.get("scheme"), str(each["value"])) for each in party.get("identifiers") or () if each.get("value")
    }
    siret, siren, service = party.get("siret"), party.get("siren"), party.get("code_service")
    if siret and not any(scheme == SIRET for scheme, _ in identifiers):
        identifiers = {each for each in identifiers if each[1] != siret} | {(SIRET, siret)}
    if with_service and service and _IDENTIFIER.fullmatch(service) and not any(scheme == SERVICE for scheme, _ in identifiers):
        identifiers.add((SERVICE, service))
    if not with_service:
        # One identifier of the buyer is all that EN 16931 allows: the service is in BT-10.
        identifiers = {each for each in identifiers if each[0] != SERVICE}
    for scheme, value in sorted(identifiers, key=lambda each: (each[0] != SIRET, each[0] or "", each[1])):
        _say(reading, party_id, value, scheme)
    _say(reading, legal, siren or (siret[:9] if siret else None), SIREN)
    _say(reading, vat, party.get("vat"))
    electronic = party.get("electronic_address") or {}
    _say(reading, endpoint, electronic.get("value"), electronic.get("scheme"))
    place = party.get("address") or {}
    lines = [*(place.get("lines") or ())]
    texts = [*lines[:2], *[None] * (2 - len(lines[:2])), ", ".join(lines[2:]) or None]
    parts = [*texts, place.get("post_code"), place.get("city"), party.get("country")]
    for number, text in zip(address.split(), parts, strict=True):
        _say(reading, f"BT-{number}", text)


def _adjustment(source: Mapping[str, Any], *numbers: str) -> Reading:
    names = _ADJUSTMENT if len(numbers) == 4 else ("amount", "reason")
    return _rows(source, {f"BT-{number}": name for number, name in zip(numbers, names, strict=True)})


def _line(source: Mapping[str, Any], place: int) -> Reading:
    reading = _rows({"id": str(place), **{name: value for name, value in source.items() if value is not None}}, _LINE)
    reading.groups = {
        name: parts
        for name, parts in (
            ("BG-27", [_adjustment(each, "136", "139") for each in _items(source, "allowances")]),
            ("BG-28", [_adjustment(each, "141", "144") for each in _items(source, "charges")]),
        )
        if parts
    }
    return reading


def _attachment(source: Mapping[str, Any], content: bytes | None, place: int) -> Reading:
    reading = _rows(source, {"BT-122": "reference", "BT-123": "description", "BT-124": "url"})
    if not reading.one("BT-122"):
        _say(reading, "BT-122", source.get("name") or f"PJ{place + 1}")
    if content is not None:
        element = etree.Element("file", mimeCode=source.get("mime") or "", filename=source.get("name") or "")
        element.text = base64.b64encode(content).decode()
        reading.values["BT-125"] = [Value("", None, element)]
    return reading
