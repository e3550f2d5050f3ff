"""The last days that the delays give for a document. The portal reckons them, and decides nothing: they are shown as indicative."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from pupitre_espaces import Label, RequestView
from pupitre_espaces.lifecycle import PARIS, due_at

from .cadres import TO_HOLDER
from .delays import Delay, Delays, holding
from .dossier_rules import counts

INDICATIVE = Label("indicatif", "indicative")


@dataclass(frozen=True, slots=True)
class LegalDate:
    """The last day on which something may be done in time."""

    what: Label
    last_day: date


def of(piece: RequestView, known: tuple[Delays, ...]) -> LegalDate | None:
    """Return the date that runs from a document; None where none does, or the document does not count any more."""
    if piece.sent_at is None or not counts(piece) or piece.status == "ASSOCIEE":
        return None
    sent = piece.sent_at
    delays = holding(known, sent.astimezone(PARIS).date())
    found = _DATES.get(piece.cadre)
    if piece.cadre in TO_HOLDER:
        found = (
            "answer",
            Label("Réponse du titulaire au décompte général", "Answer of the holder to the general account"),
        )
    if found is None:
        return None
    delay: Delay = getattr(delays, found[0])
    if not delay.days:
        return None
    return LegalDate(found[1], due_at(sent, delay.days).astimezone(PARIS).date() - timedelta(days=1))


_MONTHLY = ("monthly", Label("État d'acompte par la MOE", "État d'acompte by the MOE"))
_GENERAL = ("general", Label("Notification du décompte général", "Notification of the general account"))
_DATES = {
    "A4": _MONTHLY,
    "A7": _GENERAL,
    "A22": ("tacit", Label("Réponse de la MOA à la procédure tacite", "Answer of the MOA to the tacit procedure")),
}
