"""How this espace says what is wrong with a document."""

from __future__ import annotations

from pupitre_espaces import Finding, Label
from pupitre_espaces.values import Severity


def say(
    rule: str, severity: Severity, message: tuple[str, str], remedy: tuple[str, str], term: str | None = None
) -> Finding:
    """Return a finding; message and remedy are French, then English."""
    return Finding(rule, severity, Label(*message), Label(*remedy), term=term)
