"""The PDF of a request: the proof that the claimant keeps. The same request gives the same bytes."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from pupitre_espaces import RequestDraft

from .reference import UNITS, Reference

LEFT, TOP, BOTTOM, STEP = 40, 800, 60, 13
#: Where the columns of a line begin, and how many signs each may have.
COLUMNS = ((40, 22), (160, 10), (225, 26), (365, 12), (410, 12), (470, 12), (520, 14))
TEXTS = {
    "fr": {
        "title": "Demande de remboursement de taxes sur les carburants",
        "claimant": "Demandeur",
        "examiner": "Service instructeur",
        "number": "Numéro",
        "year": "Année",
        "bank": "Coordonnées bancaires",
        "attested": "Attestation sur l'honneur (entreprise non en difficulté) : {said}",
        "advance": "Avance demandée : {percent}, soit {amount}",
        "total": "Total demandé",
        "none": "Aucune livraison : demande à zéro.",
        "heads": ("Facture", "Livraison", "Carburant", "Volume", "Unité", "Taux", "Montant"),
        "page": "page {page}",
        "yes": "oui",
        "no": "non",
    },
    "en": {
        "title": "Request for a refund of taxes on fuels",
        "claimant": "Claimant",
        "examiner": "Examining service",
        "number": "Number",
        "year": "Year",
        "bank": "Bank details",
        "attested": "Certified on honour (not a firm in difficulty): {said}",
        "advance": "Advance asked for: {percent}, that is {amount}",
        "total": "Total asked for",
        "none": "No delivery: a request of zero.",
        "heads": ("Invoice", "Delivery", "Fuel", "Volume", "Unit", "Rate", "Amount"),
        "page": "page {page}",
        "yes": "yes",
        "no": "no",
    },
}


def draw(
    draft: RequestDraft,
    form: Mapping[str, Any],
    lines: list[dict[str, Any]],
    total: Decimal,
    reference: Reference,
) -> bytes:
    """Return the request as a PDF of A4 pages, in the language of who saves it."""
    from reportlab.lib.pagesizes import A4
    from reportlab.pdfgen.canvas import Canvas

    words = TEXTS[draft.language]
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    canvas.setTitle(words["title"])
    page = _Page(canvas, words)
    page.write(words["title"], size=14)
    for text in _header(draft, form, words):
        page.write(text)
    page.write("")
    if lines:
        page.row(words["heads"])
        for line in lines:
            page.row(_cells(line, draft.language, reference))
    else:
        page.write(words["none"])
    page.write("")
    page.write(f"{words['total']} : {_euros(total)}", size=12)
    page.end()
    canvas.save()
    return out.getvalue()


def _header(draft: RequestDraft, form: Mapping[str, Any], words: Mapping[str, Any]) -> Iterator[str]:
    examiner = draft.party("instructeur")
    yield f"{words['number']} : {draft.number}" if draft.number else ""
    yield f"{words['claimant']} : {draft.structure.name} ({draft.structure.siret})"
    if examiner is not None:
        service = f", {examiner.code_service}" if examiner.code_service else ""
        yield f"{words['examiner']} : {examiner.structure.name} ({examiner.structure.siret}{service})"
    yield f"{words['year']} : {form['year']}"
    yield f"{words['bank']} : {form.get('bank_details', '')}"
    yield words["attested"].format(said=words["yes"] if form.get("attested") else words["no"])
    yield words["advance"].format(percent=form["advance_taken"], amount=_euros(form["advance_amount"]))


def _cells(line: Mapping[str, Any], language: str, reference: Reference) -> tuple[str, ...]:
    fuel, delivered = line.get("fuel"), line.get("delivered")
    unit = line.get("unit") or (reference.units(fuel)[0] if fuel else None)
    return (
        line.get("invoice", ""),
        delivered.isoformat() if delivered else "",
        reference.fuels[fuel].text("en" if language == "en" else "fr") if fuel else "",
        _number(line.get("volume")),
        UNITS[unit].fr if unit else "",
        _number(line.get("rate")),
        _euros(line["amount"]) if "amount" in line else "",
    )


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value:f}".replace(".", ",")


def _euros(value: Decimal) -> str:
    return f"{value:,.2f} EUR".replace(",", " ").replace(".", ",")


class _Page:
    """Writes from the top of a page to its foot, and goes on on the next one."""

    def __init__(self, canvas: Any, words: Mapping[str, Any]) -> None:
        self._canvas, self._words, self._y, self._number = canvas, words, TOP, 1

    def write(self, text: str, size: int = 10) -> None:
        self._next()
        self._canvas.setFont("Helvetica", size)
        self._canvas.drawString(LEFT, self._y, _plain(text)[:110])

    def row(self, cells: tuple[str, ...]) -> None:
        self._next()
        self._canvas.setFont("Helvetica", 8)
        for (left, most), cell in zip(COLUMNS, cells, strict=True):
            self._canvas.drawString(left, self._y, _plain(cell)[:most])

    def end(self) -> None:
        self._canvas.setFont("Helvetica", 8)
        self._canvas.drawRightString(555, 30, self._words["page"].format(page=self._number))
        self._canvas.showPage()

    def _next(self) -> None:
        self._y -= STEP
        if self._y < BOTTOM:
            self.end()
            self._y, self._number = TOP, self._number + 1


def _plain(text: str) -> str:
    """Return a text in the signs of the standard fonts, on one line."""
    return " ".join(text.split()).encode("cp1252", "replace").decode("cp1252")
