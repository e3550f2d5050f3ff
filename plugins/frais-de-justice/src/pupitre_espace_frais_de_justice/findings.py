"""Findings of the espace, made in one way."""

from __future__ import annotations

from pupitre_espaces import Finding, Label
from pupitre_espaces.values import Severity


def error(rule: str, term: str, message: Label, remedy: Label, line: int | None = None) -> Finding:
    """Return what keeps a mémoire from being sent; `line` counts from 1."""
    return _finding("error", rule, term, message, remedy, line)


def warning(rule: str, term: str, message: Label, remedy: Label, line: int | None = None) -> Finding:
    """Return what goes with it."""
    return _finding("warning", rule, term, message, remedy, line)


def _finding(severity: Severity, rule: str, term: str, message: Label, remedy: Label, line: int | None) -> Finding:
    if line is not None:
        message = Label(f"Ligne {line} : {message.fr}", f"Line {line}: {message.en}")
        term = f"{line}.{term}"
    return Finding(rule, severity, message, remedy, term=term)
