"""Activating, inactivating and asking for structures: at once where the register agrees, else decided by the operator (R068, R069)."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from pupitre_contracts import identity, organisation, structures
from pupitre_contracts.errors import (
    MotiveNeeded,
    NotFound,
    RequestDecided,
    RequestPointless,
    StructureExists,
    StructureStateSame,
)

from . import access, model, people, queries, repository, sirene, tables, use_cases

_ACTIVE = {model.ACTIVATION: True, model.INACTIVATION: False}
_KIND = {"ACTIVE": model.ACTIVATION, "INACTIVE": model.INACTIVATION}
_table = tables.structure_request


def ask_structure_state(request: Any, scope: Any) -> structures.AskStructureState.Reply:
    kind, motive = _KIND[request.wanted], model.checked_comment("motive", request.motive, required=False)
    with scope.reading() as db:
        access.require_organisation_modification(db, scope.actor, request.structure_id, scope.clock.now())
        row = queries.structure_row(db, request.structure_id)
    said = sirene.state_of(scope.resources.sirene, row.identifier_type, row.identifier)
    known = _own_name(scope)
    with scope.begin() as tx:
        row = queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        if row.active == _ACTIVE[kind]:
            raise _same(row)
        waits = model.needs_decision(kind, row.type, said) and not access.is_operator(scope.actor)
        if waits and motive is None:
            raise _why(said, kind)
        asked = _stored(
            tx, scope, kind, row.identifier, row.name, motive, said, structure_id=row.structure_id, done=not waits
        )
        if not waits:
            apply_state(tx, access.signature(scope.actor), row, kind)
        structure = queries.whole_structure(tx, queries.structure_row(tx, row.structure_id), tx.now)
        shown = message(asked, scope.actor, known)
        return tx.answer(structures.AskStructureState.Reply(request=shown, structure=structure))


def ask_public_structure(request: Any, scope: Any) -> structures.AskPublicStructure.Reply:
    access.require_anywhere(scope.actor, "ask_public_structure", model.PUBLIC)
    motive = model.checked_comment("motive", request.motive, required=True)
    wanted = {"identifier": request.identifier, "name": request.name, "type": model.PUBLIC, "address": request.address.dump()}
    values = use_cases.structure_values(organisation.CreateStructure.Request.load(wanted), address_line_needed=True)
    identifier = values["identifier"]
    known, said = _own_name(scope), sirene.state_of(scope.resources.sirene, "SIRET", identifier)
    with scope.begin() as tx:
        if queries.structures_by_siret(tx, [identifier]):
            raise StructureExists(identifier=identifier)
        asked = _stored(tx, scope, model.CREATION, identifier, values["name"], motive, said, wanted=wanted)
        return tx.answer(structures.AskPublicStructure.Reply(request=message(asked, scope.actor, known)))


def decide_structure_request(request: Any, scope: Any) -> structures.DecideStructureRequest.Reply:
    access.require_anywhere(scope.actor, "decide_structure_request")
    motive = model.checked_comment("motive", request.motive, required=request.decision == model.REFUSE)
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        row = _locked(tx, request.number)
        if row.state != model.DEMANDE:
            raise RequestDecided(number=row.number)
        structure_id = row.structure_id
        if request.decision == model.APPROUVE and row.kind == model.CREATION:
            founder = row.user_id if request.requester_manages else None
            wanted = organisation.CreateStructure.Request.load(row.wanted)
            values = use_cases.structure_values(wanted, address_line_needed=True)
            structure_id = use_cases.created_in(tx, scope, values, founder).structure_id
        elif request.decision == model.APPROUVE:
            structure = queries.structure_row(tx, structure_id, lock=True)
            if structure.active != _ACTIVE[row.kind]:
                apply_state(tx, actor, structure, row.kind)
        decided = {"state": request.decision, "decided_by": actor, "decided_at": tx.now, "decision_motive": motive}
        repository.change_structure_request(tx, row.request_id, structure_id=structure_id, **decided)
        if structure_id is not None:
            detail = {"number": row.number, "kind": row.kind, "motive": motive}
            repository.log(tx, actor, f"structure_request.{request.decision.lower()}", structure_id, **detail)
        decided_row = _locked(tx, request.number)
        return tx.answer(structures.DecideStructureRequest.Reply(request=message(decided_row, scope.actor, {})))


def list_structure_requests(request: Any, scope: Any) -> structures.ListStructureRequests.Reply:
    where: list[Any] = []
    access.require_anywhere(scope.actor, "list_structure_requests", own=True)
    if not access.is_operator(scope.actor):
        where.append(_table.c.user_id == access.user_id(scope.actor))
    if request.state is not None:
        where.append(_table.c.state == request.state)
    size = max(1, min(request.page_size, model.LARGEST_PAGE))
    with scope.reading() as db:
        rows, total = queries.structure_requests(db, *where, page=max(1, request.page), size=size)
    known = people.by_id(scope, authors(rows))
    shown = [message(row, scope.actor, known) for row in rows]
    return structures.ListStructureRequests.Reply(requests=shown, total=total)


def rate_structure_request(request: Any, scope: Any) -> structures.RateStructureRequest.Reply:
    user_id, known = access.user_id(scope.actor), _own_name(scope)
    with scope.begin() as tx:
        own = (_table.c.request_id == request.request_id, _table.c.user_id == user_id)
        rows, _ = queries.structure_requests(tx, *own) if user_id is not None else ([], 0)
        what = f"request {request.request_id}"
        access.require_anywhere(scope.actor, "rate_structure_request", own=bool(rows), what=what)
        repository.change_structure_request(tx, request.request_id, rating=request.rating)
        if rows[0].structure_id is not None:
            told = {"number": rows[0].number, "rating": request.rating}
            repository.log(tx, access.signature(scope.actor), "structure_request.rated", rows[0].structure_id, **told)
        rated, _ = queries.structure_requests(tx, *own)
        return tx.answer(structures.RateStructureRequest.Reply(request=message(rated[0], scope.actor, known)))


def apply_state(tx: Any, actor: str, row: Any, kind: str) -> None:
    """Activate or inactivate a structure, with the line of the log and the event."""
    active = _ACTIVE[kind]
    repository.change_structure(tx, actor, row.structure_id, {"active": active})
    told = {"before": {"active": row.active}, "after": {"active": active}}
    repository.log(tx, actor, "structure.activated" if active else "structure.inactivated", row.structure_id, **told)
    named = {"structure_id": row.structure_id, "structure_name": row.name}
    if active:
        tx.publish(structures.StructureActivated(**named, activated_by=actor))
    else:
        tx.publish(structures.StructureInactivated(**named, inactivated_by=actor))


def authors(rows: Iterable[Any]) -> list[uuid.UUID]:
    return [row.user_id for row in rows if row.user_id is not None]


def person(user: identity.User) -> structures.Person:
    return structures.Person(given_name=user.given_name, family_name=user.family_name, email=user.email)


def message(row: Any, actor: Any, known: Mapping[uuid.UUID, identity.User]) -> structures.StructureRequest:
    told = ("request_id", "number", "kind", "state", "structure_id", "identifier", "structure_name", "motive", "sirene_state")
    done = ("asked_by", "asked_at", "decided_by", "decided_at", "decision_motive", "rating")
    user_id = access.user_id(actor)
    return structures.StructureRequest(
        **{name: getattr(row, name) for name in (*told, *done)},
        requester=person(known[row.user_id]) if row.user_id in known else None,
        mine=user_id is not None and row.user_id == user_id,
    )


def _stored(
    tx: Any, scope: Any, kind: str, identifier: str, name: str, motive: str | None, said: str, done: bool = False, **values: Any
) -> Any:
    actor, number, request_id = access.signature(scope.actor), repository.next_number(tx, "structure_request"), uuid.uuid4()
    decided = {"state": model.APPROUVE, "decided_by": actor, "decided_at": tx.now} if done else {"state": model.DEMANDE}
    row = {
        "request_id": request_id,
        "number": number,
        "kind": kind,
        "identifier": identifier,
        "structure_name": name,
        "motive": motive,
        "sirene_state": said,
        "user_id": access.user_id(scope.actor),
        "asked_by": actor,
        "wanted": {},
    }
    if not repository.add_structure_request(tx, {**row, **decided, **values}):
        raise RequestPointless(
            why_fr="une demande sur cette structure attend déjà une décision",
            why_en="a request about this structure waits for a decision already",
        )
    if "structure_id" in values:
        repository.log(tx, actor, "structure_request.asked", values["structure_id"], number=number, kind=kind, motive=motive)
    return queries.structure_requests(tx, _table.c.request_id == request_id)[0][0]


def _locked(tx: Any, number: int) -> Any:
    row = tx.execute(_table.select().where(_table.c.number == number).with_for_update()).one_or_none()
    if row is None:
        raise NotFound(what=f"request {number}")
    return row


def _own_name(scope: Any) -> dict[uuid.UUID, identity.User]:
    user_id = access.user_id(scope.actor)
    return people.by_id(scope, [user_id]) if user_id is not None else {}


def _same(row: Any) -> StructureStateSame:
    state_fr, state_en = ("active", "active") if row.active else ("inactive", "inactive")
    return StructureStateSame(structure=row.name, state_fr=state_fr, state_en=state_en)


def _why(said: str, kind: str) -> MotiveNeeded:
    if kind == model.ACTIVATION:
        return MotiveNeeded(why_fr="le SIRET est fermé dans la base SIRENE", why_en="the SIRET is closed in SIRENE")
    if said == model.SIRENE_OPEN:
        return MotiveNeeded(why_fr="le SIRET est toujours actif dans la base SIRENE", why_en="the SIRET is still active in SIRENE")
    return MotiveNeeded(
        why_fr="rien ne dit que le SIRET est fermé dans la base SIRENE", why_en="nothing says that the SIRET is closed in SIRENE"
    )
