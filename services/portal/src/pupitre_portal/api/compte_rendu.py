"""The compte rendu of a flux as a PDF for people: what was deposited, what became of each file, what to correct.

It is drawn line by line with fonts that every reader has: about a millisecond for each file, so it is drawn in a thread and not on the hub.
What one file may fill is bounded; the files for spreadsheets have every problem of it.
"""

import io
import textwrap
from collections.abc import Iterable, Sequence

from pupitre_contracts import flux_report, invoicing
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from .criteria import PARIS

MOST_ERRORS = 20
"""Problems of one file, or of the flux itself, that are drawn."""
LONGEST_TEXT = 600

_FONT, _BOLD, _SIZE, _LEADING = "Helvetica", "Helvetica-Bold", 9, 13
_LEFT, _TOP, _BOTTOM, _VALUES = 50, A4[1] - 60, 60, 200
_WIDTH = A4[0] - 2 * _LEFT
_COLUMNS, _WIDE_COLUMNS = 104, 60

_STATES = {
    "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP": ("déposé, en attente de traitement", "deposited, waiting to be processed"),
    "IN_EN_COURS_TRAITEMENT_CPP": ("en cours de traitement", "being processed"),
    "IN_INTEGRE": ("intégré", "integrated"),
    "IN_INTEGRE_PARTIEL": ("intégré partiellement", "integrated in part"),
    "IN_REJETE": ("rejeté", "rejected"),
    "IN_INCIDENTE": ("non traité à la suite d'un incident, à déposer de nouveau", "not processed because of an incident, deposit it again"),
}
_LABELS = {
    "title": ("Compte rendu du flux {numero}", "Compte rendu of the flux {numero}"),
    "file": ("Fichier", "File"),
    "syntax": ("Syntaxe", "Syntax"),
    "deposited": ("Déposé le", "Deposited on"),
    "state": ("État", "State"),
    "state_at": ("Depuis le", "Since"),
    "total": ("Factures dans le flux", "Invoices in the flux"),
    "accepted": ("Factures envoyées", "Invoices sent"),
    "refused": ("Factures refusées", "Invoices refused"),
    "errors": ("À corriger", "To correct"),
    "technical": ("Flux", "Flux"),
    "invoice": ("Facture {which}", "Invoice {which}"),
    "sent": ("Envoyées", "Sent"),
    "waiting": ("En attente", "Waiting"),
    "remedy": ("Que faire : {words}", "What to do: {words}"),
    "rule": ("Règle {rule}", "Rule {rule}"),
    "first": ("Premier flux : {number}", "First flux: {number}"),
    "read": ("valeur lue : « {value} »", "value read: “{value}”"),
    "more": ("… et {count} autres problèmes de ce fichier.", "… and {count} more problems of this file."),
}


def pdf(flux: invoicing.Flux, files: Sequence[flux_report.FluxFile], language: str) -> bytes:
    """Return the compte rendu of ``flux`` in ``fr`` or ``en``; the same flux in the same state gives the same bytes."""
    target = io.BytesIO()
    page = _Page(target, _label("title", language, numero=flux.numero_flux))
    for name, value in _facts(flux, language):
        page.fact(name, value)
    technical = [error for error in flux.errors if error.technical]
    refused = [file for file in files if file.outcome == "refused"]
    if technical or refused:
        page.heading(_label("errors", language))
    if technical:
        page.strong(_label("technical", language))
        _draw_errors(page, technical, language)
    for file in refused:
        page.strong(_label("invoice", language, which=_which(file)))
        _draw_errors(page, file.errors, language)
    for outcome, title in (("accepted", "sent"), ("pending", "waiting")):
        listed = [file for file in files if file.outcome == outcome]
        if listed:
            page.heading(f"{_label(title, language)} ({len(listed)})")
        for file in listed:
            page.line(_which(file))
    page.close()
    return target.getvalue()


def _draw_errors(page: "_Page", errors: Sequence[invoicing.FluxError], language: str) -> None:
    for error in errors[:MOST_ERRORS]:
        value = _label("read", language, value=error.value) if error.value else None
        rule = _label("rule", language, rule=error.rule)
        first = _label("first", language, number=error.first_flux) if error.first_flux else None
        page.line(" – ".join(each for each in (error.code, error.field or error.term, value) if each) or rule)
        page.line(error.message)
        if error.remedy:
            page.line(_label("remedy", language, words=error.remedy))
        page.prose(", ".join(each for each in (rule, error.term, error.location, first) if each))
    if len(errors) > MOST_ERRORS:
        page.prose(_label("more", language, count=len(errors) - MOST_ERRORS))


def _which(file: flux_report.FluxFile) -> str:
    return " – ".join(each for each in (file.number, file.file_name) if each)


def sentence(error: invoicing.FluxError, *, with_rule: bool = False) -> str:
    """Say an error in one text: its rule where asked for, its code, the datum and its value, what is wrong, how to mend it."""
    rule = f"{error.rule}:" if with_rule else None
    code = f"[{error.code}]" if error.code else None
    about = " = ".join(each for each in (error.field, f"« {error.value} »" if error.value else None) if each)
    return " ".join(each for each in (rule, code, about and f"{about} –", error.message, error.remedy) if each)


def _label(name: str, language: str, **values: object) -> str:
    return _LABELS[name][language == "en"].format(**values)


def _facts(flux: invoicing.Flux, language: str) -> Iterable[tuple[str, str]]:
    words = _STATES.get(flux.state, (flux.state, flux.state))[language == "en"]
    facts = {
        "file": flux.file_name,
        "syntax": f"{flux.syntaxe_flux} ({flux.code_interface})",
        "deposited": flux.deposited_at.astimezone(PARIS).strftime("%Y-%m-%d %H:%M"),
        "state": f"{words} ({flux.state})",
        "state_at": flux.state_at.astimezone(PARIS).strftime("%Y-%m-%d %H:%M"),
        "total": None if flux.total is None else str(flux.total),
        "accepted": str(flux.accepted),
        "refused": str(flux.refused),
    }
    return [(_label(name, language), value) for name, value in facts.items() if value is not None]


class _Page:
    """Draws from top to bottom and turns the page when it is full."""

    def __init__(self, target: io.BytesIO, title: str) -> None:
        self._canvas = Canvas(target, pagesize=A4, invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setCreator("Pupitre")
        self._at = _TOP
        self._draw(_LEFT, title, _BOLD, 14)
        self._down(2 * _LEADING)

    def fact(self, name: str, value: str) -> None:
        self._draw(_LEFT, name, _BOLD)
        for line in _lines(value, _WIDTH - _VALUES + _LEFT):
            self._draw(_VALUES, line)
            self._down()

    def heading(self, words: str) -> None:
        self._down()
        self._draw(_LEFT, words, _BOLD, 11)
        self._down(1.5 * _LEADING)

    def strong(self, words: str) -> None:
        for line in _lines(words, _WIDTH):
            self._draw(_LEFT, line, _BOLD)
            self._down()

    def line(self, words: str) -> None:
        for line in _lines(words, _WIDTH):
            self._draw(_LEFT, line)
            self._down()

    def prose(self, words: str) -> None:
        self.line(words)
        self._down(_LEADING / 2)

    def close(self) -> None:
        self._canvas.save()

    def _draw(self, left: float, words: str, font: str = _FONT, size: float = _SIZE) -> None:
        self._canvas.setFont(font, size)
        self._canvas.drawString(left, self._at, _printable(words))

    def _down(self, points: float = _LEADING) -> None:
        self._at -= points
        if self._at < _BOTTOM:
            self._canvas.showPage()
            self._at = _TOP


def _lines(words: str, width: float) -> list[str]:
    """Break a text, shortened to what a page can bear, into lines that fit."""
    short = textwrap.shorten(_printable(words), LONGEST_TEXT, placeholder=" …")
    lines = textwrap.wrap(short, int(_COLUMNS * width / _WIDTH)) or [""]
    if all(stringWidth(line, _BOLD, _SIZE) <= width for line in lines):
        return lines
    return textwrap.wrap(short, int(_WIDE_COLUMNS * width / _WIDTH))


def _printable(words: str) -> str:
    """Keep what the standard fonts of PDF can show; texts of files may hold any character, even those that do nothing."""
    kept = "".join(sign if sign.isprintable() else " " for sign in words)
    return kept.encode("cp1252", "replace").decode("cp1252")
