"""The number that is proposed for a document: that of the first one of its dossier, with a suffix (D.3)."""

from __future__ import annotations

from itertools import count

from pupitre_espaces import RequestDraft

from .cadres import SUFFIXES


def propose(draft: RequestDraft) -> str:
    """Return the number to propose, one that is not taken; nothing for the first document, whose number is its maker's own."""
    if not draft.dossier:
        return ""
    first = draft.dossier[0]
    suffix = SUFFIXES.get(draft.cadre) if draft.cadre != first.cadre else None
    number = f"{first.number}-{suffix}" if suffix else first.number
    taken = draft.taken_numbers | {each.number for each in draft.dossier}
    return next(each for n in count(1) if (each := number if n == 1 else f"{number}-{n}") not in taken)
