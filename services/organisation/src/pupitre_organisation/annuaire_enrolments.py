"""Which structures get the annuaire's files: as requests of espaces ask, and until they end it (R262)."""

import logging
import uuid
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import annuaire_files as contract
from pupitre_contracts import requests
from pupitre_contracts.errors import NotFound
from pupitre_espaces.lifecycle import ANNUAIRE_SUBSCRIBE, ANNUAIRE_UNSUBSCRIBE

from . import access, model, queries, repository, tables

log = logging.getLogger(__name__)

#: What the manifest of an espace must name in `may_ask`.
OWNED = "annuaire"

#: Transactions that make a file and those that subscribe take turns on this: nobody is left out who subscribed before the commit.
TURNS = "annuaire files"

_table, _file = tables.annuaire_enrolment, tables.annuaire_file


def take_effect(event: requests.RequestEffectAsked, scope: Any) -> None:
    """Open or end an enrolment, as a passage of a request asks; an espace that may not is refused, and that is logged."""
    if event.effect not in (ANNUAIRE_SUBSCRIBE, ANNUAIRE_UNSUBSCRIBE):
        return
    if OWNED not in scope.resources.may_ask_of(event.espace):
        log.warning("the espace %s asks for %s , which its manifest may not: refused (%r)", event.espace, event.effect, OWNED)
        return
    actor = f"{event.actor} via {scope.actor.reference}"
    with scope.begin() as tx:
        tx.take_turns(TURNS)
        queries.structure_row(tx, event.structure_id, lock=True)
        last = _last_of(tx, event)
        if event.effect == ANNUAIRE_UNSUBSCRIBE:
            if last is not None and last.ended_at is None:
                _end(tx, actor, last, for_good=False)
        elif last is None or (last.ended_at is not None and not last.ended_for_good):
            _open(tx, actor, event)
            _give_what_is_there(tx, event.structure_id, scope.resources.schedule)


def end_annuaire_enrolment(request: Any, scope: Any) -> contract.EndAnnuaireEnrolment.Reply:
    actor, what = access.signature(scope.actor), f"enrolment {request.enrolment_id}"
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require(tx, scope.actor, "end_annuaire_enrolment", request.structure_id, what=what)
        this = (_table.c.structure_id == request.structure_id, _table.c.enrolment_id == request.enrolment_id)
        row = tx.execute(sa.select(_table).where(*this)).first()
        if row is None:
            raise NotFound(what=what)
        if row.ended_at is None:
            _end(tx, actor, row, for_good=True)
            row = tx.execute(sa.select(_table).where(*this)).one()
        return tx.answer(contract.EndAnnuaireEnrolment.Reply(enrolment=_message(row)))


def all_of(db: Any, structure_id: uuid.UUID) -> list[contract.AnnuaireEnrolment]:
    """Return a structure's enrolments, the newest first: for whoever may list them."""
    mine = sa.select(_table).where(_table.c.structure_id == structure_id)
    return [_message(row) for row in db.execute(mine.order_by(_table.c.started_at.desc()).limit(model.LARGEST_PAGE))]


def subscribers(db: Any) -> list[uuid.UUID]:
    """Return the structures that subscribe now, each once."""
    query = sa.select(_table.c.structure_id).where(_table.c.ended_at.is_(None)).distinct()
    return sorted(db.execute(query).scalars(), key=str)


def gestionnaires(db: Any, structure_ids: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Return the gestionnaires principaux of structures, each once."""
    link = tables.rattachement
    held = (link.c.structure_id.in_(structure_ids), link.c.role == model.GP, link.c.ended_at.is_(None))
    return sorted(db.execute(sa.select(link.c.user_id).where(*held).distinct()).scalars(), key=str)


def _last_of(tx: Any, event: requests.RequestEffectAsked) -> Any | None:
    of_request = (_table.c.structure_id == event.structure_id, _table.c.request_id == event.request_id)
    newest = (_table.c.ended_at.is_(None).desc(), _table.c.started_at.desc())
    return tx.execute(sa.select(_table).where(*of_request).order_by(*newest).limit(1)).first()


def _open(tx: Any, actor: str, event: requests.RequestEffectAsked) -> None:
    enrolment_id, structure_id = uuid.uuid4(), event.structure_id
    values = {"espace": event.espace, "request_id": event.request_id, "asked_in": event.number, "started_at": tx.now}
    row = {"enrolment_id": enrolment_id, "structure_id": structure_id, "ended_for_good": False, **values}
    repository.add_annuaire_enrolment(tx, actor, row)
    told = {"espace": event.espace, "asked_in": event.number}
    repository.log(tx, actor, "annuaire.subscribed", structure_id, object=f"annuaire:{enrolment_id}", after=told)


def _give_what_is_there(tx: Any, structure_id: uuid.UUID, schedule: Any) -> None:
    """Give a new subscriber the whole annuaire of this week, if it was made, and the changes since; otherwise it is made now.

    The transaction has taken its turn.
    """
    since = schedule.full_since(schedule.due_on(tx.now))
    whole = sa.select(sa.func.max(_file.c.due_on)).where(_file.c.kind == contract.COMPLETE, _file.c.due_on >= since)
    first = tx.execute(whole).scalar_one()
    if first is None:
        return
    for file_id in tx.execute(sa.select(_file.c.file_id).where(_file.c.due_on >= first)).scalars().all():
        tx.insert_once(tables.annuaire_delivery, file_id=file_id, structure_id=structure_id, delivered_at=tx.now)


def _end(tx: Any, actor: str, row: Any, *, for_good: bool) -> None:
    repository.end_annuaire_enrolment(tx, actor, row.enrolment_id, for_good)
    told = {"espace": row.espace, "asked_in": row.asked_in}
    what = f"annuaire:{row.enrolment_id}"
    repository.log(tx, actor, "annuaire.unsubscribed", row.structure_id, object=what, before=told, after={"for_good": for_good})


def _message(row: Any) -> contract.AnnuaireEnrolment:
    return contract.AnnuaireEnrolment(**{name: getattr(row, name) for name in contract.AnnuaireEnrolment.declared})
