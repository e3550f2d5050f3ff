"""Requests for rattachements and habilitations: asking, following, taking back (R100 to R109, R138, R139, R150 to R153)."""

import uuid
from collections.abc import Mapping
from typing import Any

from pupitre_contracts import rattachements
from pupitre_contracts.errors import EspaceClosed, Forbidden, Invalid, NotFound, RequestDecided

from . import access, model, people, queries, repository, requests, standings, tables
from .habilitations import require_level
from .rattachements import check_services, missing_levels


def ask_rattachement(request: Any, scope: Any) -> rattachements.AskRattachement.Reply:
    user_id, actor = _asking(scope), access.signature(scope.actor)
    services = sorted(set(request.structure_service_ids or ()))
    comment = model.checked_comment("comment", request.comment, required=True)
    model.checked_days(request.starts_on, request.ends_on, model.today(scope.clock.now()))
    author = people.by_id(scope, [user_id])
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        access.require(tx, scope.actor, "ask_rattachement", request.structure_id, own=True)
        check_services(tx, request.structure_id, services)
        present = queries.rattachement(tx, structure.structure_id, user_id)
        if not missing_levels(tx, present, services):
            raise requests.pointless("vous y êtes déjà rattaché", "you are attached there already")
        values = {
            "comment": comment,
            "wishes": [],
            "starts_on": request.starts_on,
            "ends_on": request.ends_on,
            "structure_service_ids": [str(each) for each in services] or None,
        }
        row = requests.add(tx, actor, structure, user_id, model.RATTACHEMENT, **values)
        asked = requests.told(tx, row)
        tx.publish(rattachements.RattachementRequested(**asked, comment=comment, structure_service_ids=services or None))
        reply = requests.message(row, author, _named(tx, [row]))
        return tx.answer(rattachements.AskRattachement.Reply(approbation=reply))


def ask_habilitation(request: Any, scope: Any) -> rattachements.AskHabilitation.Reply:
    user_id, actor = _asking(scope), access.signature(scope.actor)
    comment = model.checked_comment("comment", request.comment, required=False)
    asked = {(wish.espace, wish.structure_service_id) for wish in request.wishes}
    if not request.wishes or len(asked) != len(request.wishes):
        fault = "un profil par espace et service, au moins un / one profile for each espace and service, at least one"
        raise Invalid(what="approbation", fields={"wishes": [fault]})
    author = people.by_id(scope, [user_id])
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        access.require(tx, scope.actor, "ask_habilitation", request.structure_id, own=True)
        link = queries.rattachement(tx, structure.structure_id, user_id)
        check_services(tx, structure.structure_id, {service for _, service in asked if service is not None})
        opened = queries.open_espaces(tx, [structure.structure_id])[structure.structure_id]
        for wish in request.wishes:
            if wish.espace not in opened:
                raise EspaceClosed(espace=wish.espace, structure=structure.name)
            require_level(tx, link, wish.structure_service_id)
        wishes = [wish.dump() for wish in request.wishes]
        values = {"comment": comment, "wishes": wishes, "starts_on": request.starts_on}
        row = requests.add(tx, actor, structure, user_id, model.HABILITATION, **values)
        tx.publish(rattachements.HabilitationRequested(**requests.told(tx, row), wishes=request.wishes, comment=comment))
        reply = requests.message(row, author, _named(tx, [row]))
        return tx.answer(rattachements.AskHabilitation.Reply(approbation=reply))


def list_approbations(request: Any, scope: Any) -> rattachements.ListApprobations.Reply:
    user_id, table = _asking(scope), tables.approbation
    size = max(1, min(request.page_size, model.LARGEST_PAGE))
    with scope.reading() as db:
        managed = access.managed_structures(db, scope.actor, model.today(scope.clock.now()))
        where = [table.c.structure_id.in_(managed) if request.side == "to_decide" else table.c.user_id == user_id]
        if request.state is not None:
            where.append(table.c.state == request.state)
        if request.structure_id is not None:
            where.append(table.c.structure_id == request.structure_id)
        page = max(1, request.page)
        rows, total = queries.approbations(db, *where, page=page, size=size, oldest_first=request.oldest_first)
        waiting, services = queries.approbations_waiting(db, managed), _named(db, rows, model.today(scope.clock.now()))
    authors = people.by_id(scope, [row.user_id for row in rows])
    shown = [requests.message(row, authors, services) for row in rows]
    return rattachements.ListApprobations.Reply(approbations=shown, total=total, waiting=waiting)


def get_approbation(request: Any, scope: Any) -> rattachements.GetApprobation.Reply:
    user_id, day, what = _asking(scope), model.today(scope.clock.now()), f"approbation {request.approbation_id}"
    with scope.reading() as db:
        row = queries.approbation(db, request.approbation_id)
        if row is None:
            raise NotFound(what=what)
        own = row.user_id == user_id
        access.require(db, scope.actor, "get_approbation", row.structure_id, own=own, day=day, what=what)
        deciding = standings.managers(db, row.structure_id, "decide_approbations", day)
        services = _named(db, [row], day)
    known = people.by_id(scope, [row.user_id, *deciding])
    approvers = [people.name(known[each]) for each in deciding if each in known]
    return rattachements.GetApprobation.Reply(approbation=requests.message(row, known, services, approvers))


def cancel_approbation(request: Any, scope: Any) -> rattachements.CancelApprobation.Reply:
    user_id, actor, what = _asking(scope), access.signature(scope.actor), f"approbation {request.approbation_id}"
    author = people.by_id(scope, [user_id])
    with scope.begin() as tx:
        row = queries.approbation(tx, request.approbation_id, lock=True)
        if row is None:
            raise NotFound(what=what)
        own = row.user_id == user_id
        access.require(tx, scope.actor, "cancel_approbation", row.structure_id, own=own, what=what)
        if row.state != model.DEMANDE or not repository.decide(tx, actor, row.approbation_id, model.ANNULE, None):
            raise RequestDecided(number=row.number)
        requests.log_decision(tx, actor, row, model.ANNULE)
        row = queries.approbation(tx, request.approbation_id)
        return tx.answer(rattachements.CancelApprobation.Reply(approbation=requests.message(row, author, _named(tx, [row]))))


def _named(db: Any, rows: list[Any], day: Any = None) -> Mapping[uuid.UUID, rattachements.NamedService]:
    """Return the services that requests are about, by id."""
    wanted = requests.services_of(rows)
    found = queries.services_by_ids(db, wanted) if wanted else []
    return {row.structure_service_id: people.named(row, day or model.today(db.now)) for row in found}


def _asking(scope: Any) -> uuid.UUID:
    """Return the user who asks. Raises Forbidden for a technical account or a service: requests are made by people."""
    user_id = access.user_id(scope.actor)
    if user_id is None:
        raise Forbidden(needed="user account")
    return user_id
