"""The entry of an invoice as a form: its fields, what was typed in them, and what is said at each."""

import re
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from flask import current_app
from pupitre_contracts import invoicing_entry as calls

from . import formats, invoice_cadres
from .forms import squeezed
from .languages import N_

KINDS = {"FACTURE": N_("Facture"), "AVOIR": N_("Avoir")}
CADRES = {"A1": N_("A1, facture d'un fournisseur"), "A2": N_("A2, facture déjà payée (carte d'achat)")}
PAYMENT_MODES = {
    "VIREMENT": N_("Virement"),
    "PRELEVEMENT": N_("Prélèvement"),
    "CHEQUE": N_("Chèque"),
    "ESPECE": N_("Espèces"),
    "REPORT": N_("Report"),
    "AUTRE": N_("Autre"),
}
TVA_TYPES = {
    "TVA_SUR_DEBIT": N_("TVA sur les débits"),
    "TVA_SUR_ENCAISSEMENT": N_("TVA sur les encaissements"),
    "EXONERATION": N_("Exonération de TVA"),
    "SANS_TVA": N_("Hors champ de la TVA"),
}
UNITS = {
    "C62": N_("unité"),
    "HUR": N_("heure"),
    "DAY": N_("jour"),
    "MON": N_("mois"),
    "ANN": N_("an"),
    "SET": N_("lot"),
    "KGM": N_("kilogramme"),
    "TNE": N_("tonne"),
    "MTR": N_("mètre"),
    "MTK": N_("mètre carré"),
    "MTQ": N_("mètre cube"),
    "LTR": N_("litre"),
    "KWH": N_("kilowattheure"),
    "KMT": N_("kilomètre"),
}
TERRITORIES = {
    "METROPOLE": N_("France métropolitaine"),
    "CORSE": N_("Corse"),
    "ANTILLES_REUNION": N_("Guadeloupe, Martinique et Réunion"),
    "GUYANE_MAYOTTE": N_("Guyane et Mayotte : pas de TVA"),
}
TEXTS = (
    "number", "kind", "cadre", "currency", "issue_date", "due_date", "delivery_date", "recipient_siret", "code_service", "engagement",
    "contract", "origin_number", "origin_date", "payment_mode", "type_tva", "exemption_reason", "seller_vat", "global_discount",
    "global_discount_reason", "prepaid", "tax_eur", "exchange_rate", "comment",
)  # fmt: skip
LINE_TEXTS = ("reference", "name", "quantity", "unit", "price", "discount", "rate")
LONGEST = 4000
_LINE = re.compile(r"lines-(\d{1,3})-([a-z]+)")
#: Findings that say no more than that something is still to be typed: a page that one has just begun does not blame for it.
UNFINISHED = (
    "PUP-ENTRY-MISSING",
    "PUP-ENTRY-NO-LINES",
    "PUP-ROUTING-SERVICE-REQUIRED",
    "PUP-ROUTING-ENGAGEMENT-REQUIRED",
    "PUP-ROUTING-ENGAGEMENT-REQUIRED-BY-SERVICE",
    "PUP-ROUTING-SERVICE-OR-ENGAGEMENT",
    "PUP-PARTY-MISSING",
)
NEW_LINES = 3


def entry_of(form: Mapping[str, str], without_line: int | None = None, more_lines: int = 0) -> calls.Entry:
    """Return what was typed in a form. ``without_line`` is left out, ``more_lines`` blank ones are added; a blank last line is kept, for
    the page to show it again."""
    values: dict[str, Any] = {name: form.get(name, "").strip()[:LONGEST] for name in TEXTS}
    values["recipient_siret"] = squeezed(values["recipient_siret"]) or ""
    values["currency"] = values["currency"].upper() or "EUR"
    values["kind"] = values["kind"] if values["kind"] in KINDS else "FACTURE"
    values["generate_number"] = bool(form.get("generate_number"))
    chosen = _identifier(form.get("bank_details_id", ""))
    if chosen is not None:
        values["bank_details_id"] = chosen
    lines = [line for position, line in sorted(_lines(form).items()) if position != without_line]
    lines += [{"unit": "C62", "rate": lines[-1].get("rate", "") if lines else ""} for _ in range(more_lines)]
    values["lines"] = [calls.EntryLine(**line) for line in lines[: calls.MOST_LINES]]
    read = [name for name in form.get("read_in_pdf", "").split() if form.get(name, "").strip() == form.get(f"was-{name}", "").strip()]
    if without_line is not None:
        read = [name for name in read if not name.startswith("lines-")]
    values["read_in_pdf"] = read
    named = invoice_cadres.typed(form)
    if named:
        values["parties"] = named
    return calls.Entry(**values)


def _lines(form: Mapping[str, str]) -> dict[int, dict[str, str]]:
    lines: dict[int, dict[str, str]] = {}
    for name, value in form.items():
        match = _LINE.fullmatch(name)
        if match and match[2] in LINE_TEXTS:
            lines.setdefault(int(match[1]), {})[match[2]] = value.strip()[:LONGEST]
    return lines


def document_changes(form: Mapping[str, str], removed_line: int | None = None) -> list[calls.DocumentChange]:
    """Return what is to become of the files that are joined already; those of a line that goes stay with the whole invoice, and those of
    later lines move up with them."""
    changes = []
    for name in form:
        identifier = _identifier(name.removeprefix("document-")) if name.startswith("document-") else None
        if identifier is not None:
            line = line_number(form.get(name, ""))
            if removed_line is not None and line is not None:
                line = None if line == removed_line else line - 1 if line > removed_line else line
            values = {"line": line} if line is not None else {}
            changes.append(calls.DocumentChange(document_id=identifier, remove=bool(form.get(f"remove-{identifier}")), **values))
    return changes


def line_number(text: str) -> int | None:
    """Return the line that a choice names, None for the whole invoice."""
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text) <= calls.MOST_LINES else None


def _identifier(text: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def by_field(findings: Iterable[Any], *, unfinished: bool) -> dict[str, list[Any]]:
    """Return findings by the field that they are shown at, "" for none; those that only say what is missing where ``unfinished``."""
    found: dict[str, list[Any]] = {}
    for each in findings:
        if unfinished or each.rule not in UNFINISHED:
            found.setdefault(each.location or "", []).append(each)
    return found


def currencies_shown(codes: Iterable[str], chosen: str) -> list[tuple[str, str]]:
    """Return the currencies to choose from with their names, and the one that was typed if it is none of them."""
    listed = list(codes)
    return [(code, formats.currency_name(code)) for code in ([*listed, chosen] if chosen not in listed else listed)]


def words() -> dict[str, Any]:
    """Return the lists that the form chooses from."""
    return {
        "kinds": KINDS,
        "cadres": {**CADRES, **invoice_cadres.offered()},
        "payment_modes": PAYMENT_MODES,
        "tva_types": TVA_TYPES,
        "units": UNITS,
        "territories": TERRITORIES,
        "most_upload": current_app.extensions["pupitre"].settings.max_upload,
    }
