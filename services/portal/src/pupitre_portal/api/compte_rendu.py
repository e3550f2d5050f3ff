"""The compte rendu of a flux as a document for people: what was deposited, what became of each file, what to correct.

`drawing` makes an accessible PDF of it. What one file, and all of them, may fill is bounded; the files for spreadsheets have every problem.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pupitre_contracts import flux_report, invoicing
from pupitre_paper.fonts import MISSING
from pupitre_paper.parts import Part, document, facts, heading, listing, missing, paragraph, subheading, title

from .criteria import PARIS

MOST_ERRORS, FEWEST_ERRORS = 20, 2
"""Problems of one file, or of the flux itself, that are drawn; where many files are refused, fewer of each, and never none."""
MOST_IN_ALL = 1_000
LONGEST_TEXT = 600

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
    "foot": ("Compte rendu de flux", "Report on a flux"),
    "missing": (
        "Le signe \ufffd tient la place d'un caractère que les polices de ce PDF ne savent pas dessiner.",
        "The sign \ufffd stands for a character that the fonts of this PDF cannot draw.",
    ),
    "more": ("… et {count} autres problèmes de ce fichier.", "… and {count} more problems of this file."),
}


def document_of(flux: invoicing.Flux, files: Sequence[flux_report.FluxFile], language: str) -> dict[str, Any]:
    """Return the compte rendu of ``flux`` in ``fr`` or ``en``, to be drawn; the same flux in the same state gives the same."""
    parts = list(_parts(flux, files, language))
    if missing(parts, MISSING):
        parts.append(paragraph(_label("missing", language), small=True))
    return document(
        parts,
        title=_label("title", language, numero=flux.numero_flux),
        author="Pupitre",
        footer=_label("foot", language),
        day=flux.deposited_at.astimezone(PARIS).date().isoformat(),
        lang=language,
    )


def _parts(flux: invoicing.Flux, files: Sequence[flux_report.FluxFile], language: str) -> Iterator[Part]:
    yield title(_label("title", language, numero=flux.numero_flux))
    yield from facts(_facts(flux, language))
    technical = [error for error in flux.errors if error.technical]
    refused = [file for file in files if file.outcome == "refused"]
    if technical or refused:
        yield heading(_label("errors", language))
    if technical:
        yield subheading(_label("technical", language))
        yield from _errors(technical, MOST_ERRORS, language)
    most = max(FEWEST_ERRORS, min(MOST_ERRORS, MOST_IN_ALL // max(len(refused), 1)))
    for file in refused:
        yield subheading(_label("invoice", language, which=_which(file)))
        yield from _errors(file.errors, most, language)
    for outcome, named in (("accepted", "sent"), ("pending", "waiting")):
        listed = [file for file in files if file.outcome == outcome]
        if listed:
            yield heading(f"{_label(named, language)} ({len(listed)})")
            yield listing(_which(file) for file in listed)


def _errors(errors: Sequence[invoicing.FluxError], most: int, language: str) -> Iterator[Part]:
    for error in errors[:most]:
        value = _label("read", language, value=error.value) if error.value else None
        rule = _label("rule", language, rule=error.rule)
        first = _label("first", language, number=error.first_flux) if error.first_flux else None
        what = " – ".join(each for each in (error.code, error.field or error.term, value) if each) or rule
        remedy = _label("remedy", language, words=error.remedy) if error.remedy else None
        for text in (what, error.message, remedy):
            if text:
                yield paragraph(text, length=LONGEST_TEXT)
        where = ", ".join(each for each in (rule, error.term, error.location, first) if each)
        yield paragraph(where, small=True, length=LONGEST_TEXT)
    if len(errors) > most:
        yield paragraph(_label("more", language, count=len(errors) - most))


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
