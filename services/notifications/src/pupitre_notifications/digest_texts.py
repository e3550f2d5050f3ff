"""What digests and recaps say, in French and English: plain text, a link to each object, and none to sign in by."""

import datetime
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from pupitre_contracts import identity

from . import reminder_texts
from .messages import FLUX_LABELS, STATUS_LABELS

#: A line about a request says all there is in its reader's language: kinds and statuses are the espaces'.
REQUEST = "request"
INVOICE, FLUX, MESSAGE, REMINDER = "invoice", "flux", "message", "reminder"
_SIDES = {"factures-emises": ("Factures émises", "Issued invoices"), "factures-recues": ("Factures reçues", "Received invoices")}
_END_FR = (
    "\n{public_url}/notifications/reglages : régler ou arrêter ces mails.\n"
    "Ce message est envoyé par Pupitre. Aucun lien ne vous demandera jamais votre mot de passe.\n"
)
_END_EN = (
    "\n{public_url}/notifications/reglages: change or stop these mails.\n"
    "This message was sent by Pupitre. No link will ever ask for your password.\n"
)


def digest(user: identity.User, rows: Sequence[Any], day: datetime.date, public_url: str) -> tuple[str, str]:
    """Return subject and body of the digest of a day; ``rows`` are lines in the order of their structures."""
    english = user.language == "en"
    subject = f"Your digest of {day:%d/%m/%Y}" if english else f"Votre récapitulatif du {day:%d/%m/%Y}"
    greeting = (
        f"Hello {user.given_name},\n\nThis is what happened since your last digest.\n"
        if english
        else f"Bonjour {user.given_name},\n\nVoici ce qui s'est passé depuis votre dernier récapitulatif.\n"
    )
    parts = [greeting]
    for name, own in itertools.groupby(rows, key=lambda row: row.structure_name):
        parts.append(f"\n{name}\n")
        parts += [f"- {_said(row, english)}\n  {public_url}{row.path}\n" for row in own]
    parts.append((_END_EN if english else _END_FR).format(public_url=public_url))
    return subject, "".join(parts)


def _said(row: Any, english: bool) -> str:
    if row.kind == MESSAGE:
        return f"Message: {row.about}" if english else f"Message : {row.about}"
    if row.kind == REQUEST:
        return row.about
    if row.kind == REMINDER:
        text = reminder_texts.LINES[row.status_to][english].format(about=row.about)
        return text[:1].upper() + text[1:]
    if row.kind == FLUX:
        outcome = FLUX_LABELS[row.status_to][english]
        return f"Flux {row.about}: {outcome}" if english else f"Flux {row.about} : {outcome}"
    change = f"{_status(row.status_from, english)} -> {_status(row.status_to, english)}"
    return f"Invoice no. {row.about}: {change}" if english else f"Facture n° {row.about} : {change}"


def recap(
    user: identity.User, structure_name: str, week: datetime.date, sides: Mapping[str, Mapping[str, int]], public_url: str
) -> tuple[str, str]:
    """Return subject and body of a structure's weekly recap; ``sides`` gives, for each espace, how often each status was reached."""
    english, last = user.language == "en", week + datetime.timedelta(days=6)
    span = f"{week:%d/%m/%Y} - {last:%d/%m/%Y}"
    subject = f"Week of {structure_name}: {span}" if english else f"Semaine de {structure_name} : {span}"
    greeting = (
        f"Hello {user.given_name},\n\nMovements on the invoices of {structure_name}, {span}.\n"
        if english
        else f"Bonjour {user.given_name},\n\nMouvements sur les factures de {structure_name}, {span}.\n"
    )
    parts = [greeting]
    for espace, counts in sorted(sides.items()):
        parts.append(f"\n{_SIDES[espace][english]}\n")
        separator = ": " if english else " : "
        parts += [f"- {_status(status, english)}{separator}{count}\n" for status, count in sorted(counts.items())]
        parts.append(f"  {public_url}/{espace}/\n")
    parts.append((_END_EN if english else _END_FR).format(public_url=public_url))
    return " ".join(subject.split()), "".join(parts)


def _status(status: str | None, english: bool) -> str:
    return STATUS_LABELS.get(status, (status, status))[english] if status else "-"
