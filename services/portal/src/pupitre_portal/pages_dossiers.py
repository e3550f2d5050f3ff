"""The page of a dossier: its pieces, what happened to them in the order of time, and the amounts from stage to stage."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, render_template
from pupitre_contracts import errors
from pupitre_contracts import requests as calls

from . import bus, espace_visit, kinds, pages_requests, request_words
from .languages import current, gettext
from .sessions import signed_in

blueprint = Blueprint("dossiers", __name__)

_PAID = frozenset({"MISE_EN_PAIEMENT", "PAYEE", "PAYE"})


@dataclass(frozen=True)
class Moment:
    """One line of the history of one piece."""

    piece: Any
    entry: Any
    words: str


@dataclass(frozen=True)
class Stage:
    """An amount of the dossier: who claimed it, admitted it or paid it, and how much more or less than the one before."""

    label: str
    gross: Decimal
    difference: Decimal | None


@blueprint.get("/espaces/<key>/dossiers/<uuid:dossier_id>")
@signed_in
def show(key: str, dossier_id: uuid.UUID) -> str:
    """Show the pieces of a dossier that the user sees. Errors: not-found."""
    seen = pages_requests.visit(key)
    found = bus.call(calls.GetDossier, dossier_id=dossier_id, language=current())
    if not any(seen.key == each.espace or any(party.espace == seen.key for party in each.parties) for each in found.pieces):
        raise errors.NotFound(what=gettext("dossier"))
    return render_template(
        "dossier.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, None),
        dossier=found,
        moments=moments(found.pieces),
        stages=stages(found.pieces),
    )


def moments(pieces: Sequence[Any]) -> list[Moment]:
    """Return what happened to all pieces, oldest first."""
    found = []
    for piece in pieces:
        kind = kinds.find(piece.espace, piece.kind)
        found += [Moment(piece, entry, request_words.history(kind, entry)) for entry in piece.history]
    return sorted(found, key=lambda each: each.entry.at)


def stages(pieces: Sequence[Any]) -> list[Stage]:
    """Return the amounts by stage: what the first piece claims, what each that follows admits, and what was paid in the end."""
    shown: list[Stage] = []
    amounts = [each for each in pieces if each.gross is not None and each.sent_at is not None]
    for index, piece in enumerate(amounts):
        party = next((each for each in piece.parties if each.role == piece.maker_role), None)
        role = request_words.both(party, "role_label") if party else piece.maker_name
        text = gettext("demandé par %(role)s", role=role) if index == 0 else gettext("admis par %(role)s", role=role)
        shown.append(Stage(f"{text} ({piece.cadre})", piece.gross, piece.gross - shown[-1].gross if shown else None))
    paid = next((each for each in reversed(amounts) if each.invoice_status in _PAID), None)
    if paid is not None:
        shown.append(Stage(gettext("payé"), paid.gross, paid.gross - shown[-1].gross))
    return shown
