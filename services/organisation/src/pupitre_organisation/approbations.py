"""Requests for rattachements and habilitations, and the decisions on them (R100 to R109, R138, R150 to R155)."""

import uuid
from collections.abc import Iterable
from typing import Any

from pupitre_contracts import identity, rattachements
from pupitre_contracts.errors import (
    EspaceClosed,
    Forbidden,
    Invalid,
    NotFound,
    PupitreError,
    RequestDecided,
    RequestPointless,
)

from . import access, facts, model, queries, repository, tables
from .rattachements import attach_in

MOST_DECIDED = 200


def ask_rattachement(request: Any, scope: Any) -> rattachements.AskRattachement.Reply:
    user_id, actor = _asking(scope), access.signature(scope.actor)
    comment = model.checked_comment("comment", request.comment, required=True)
    model.checked_days(request.starts_on, request.ends_on, model.today(scope.clock.now()))
    author = people(scope, [user_id])
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        if queries.rattachement(tx, structure.structure_id, user_id) is not None:
            raise _pointless("vous êtes déjà rattaché à cette structure", "you are attached to this structure already")
        days = {"starts_on": request.starts_on, "ends_on": request.ends_on}
        row = _add(tx, actor, structure, user_id, model.RATTACHEMENT, comment=comment, wishes=[], **days)
        tx.publish(rattachements.RattachementRequested(**_told(tx, row), comment=comment))
        return tx.answer(rattachements.AskRattachement.Reply(approbation=_message(row, author)))


def ask_habilitation(request: Any, scope: Any) -> rattachements.AskHabilitation.Reply:
    user_id, actor = _asking(scope), access.signature(scope.actor)
    comment = model.checked_comment("comment", request.comment, required=False)
    if not request.wishes or len({wish.espace for wish in request.wishes}) != len(request.wishes):
        fault = "un profil par espace, au moins un / one profile for each espace, at least one"
        raise Invalid(what="approbation", fields={"wishes": [fault]})
    author = people(scope, [user_id])
    with scope.begin() as tx:
        structure = queries.structure_row(tx, request.structure_id, lock=True)
        if queries.rattachement(tx, structure.structure_id, user_id) is None:
            raise NotFound(what=f"structure {request.structure_id}")
        opened = queries.open_espaces(tx, [structure.structure_id])[structure.structure_id]
        for wish in request.wishes:
            if wish.espace not in opened:
                raise EspaceClosed(espace=wish.espace, structure=structure.name)
        wishes = [wish.dump() for wish in request.wishes]
        row = _add(tx, actor, structure, user_id, model.HABILITATION, comment=comment, wishes=wishes)
        tx.publish(rattachements.HabilitationRequested(**_told(tx, row), wishes=request.wishes, comment=comment))
        return tx.answer(rattachements.AskHabilitation.Reply(approbation=_message(row, author)))


def list_approbations(request: Any, scope: Any) -> rattachements.ListApprobations.Reply:
    user_id, table = _asking(scope), tables.approbation
    size = max(1, min(request.page_size, model.LARGEST_PAGE))
    with scope.reading() as db:
        managed = access.managed_structures(db, scope.actor)
        where = [table.c.structure_id.in_(managed) if request.side == "to_decide" else table.c.user_id == user_id]
        if request.state is not None:
            where.append(table.c.state == request.state)
        rows, total = queries.approbations(db, *where, page=max(1, request.page), size=size)
        waiting = queries.approbations_waiting(db, managed)
    authors = people(scope, [row.user_id for row in rows])
    shown = [_message(row, authors) for row in rows]
    return rattachements.ListApprobations.Reply(approbations=shown, total=total, waiting=waiting)


def get_approbation(request: Any, scope: Any) -> rattachements.GetApprobation.Reply:
    user_id = _asking(scope)
    with scope.reading() as db:
        row = queries.approbation(db, request.approbation_id)
        if row is None or (row.user_id != user_id and row.structure_id not in access.managed_structures(db, scope.actor)):
            raise NotFound(what=f"approbation {request.approbation_id}")
    return rattachements.GetApprobation.Reply(approbation=_message(row, people(scope, [row.user_id])))


def decide_approbations(request: Any, scope: Any) -> rattachements.DecideApprobations.Reply:
    if not 0 < len(request.approbation_ids) <= MOST_DECIDED:
        fault = f"de 1 à {MOST_DECIDED} demandes / 1 to {MOST_DECIDED} requests"
        raise Invalid(what="approbation", fields={"approbation_ids": [fault]})
    motive = model.checked_comment("motive", request.motive, required=request.decision == model.REFUSE)
    with scope.begin() as tx:
        # In one order for everybody, so that two decisions on the same requests never wait for each other.
        found = {each: _decided(tx, scope, each, request.decision, motive) for each in sorted(set(request.approbation_ids), key=str)}
        outcomes = [found[each] for each in dict.fromkeys(request.approbation_ids)]
        return tx.answer(rattachements.DecideApprobations.Reply(outcomes=outcomes))


def cancel_approbation(request: Any, scope: Any) -> rattachements.CancelApprobation.Reply:
    user_id, actor = _asking(scope), access.signature(scope.actor)
    author = people(scope, [user_id])
    with scope.begin() as tx:
        row = queries.approbation(tx, request.approbation_id, lock=True)
        if row is None or row.user_id != user_id:
            raise NotFound(what=f"approbation {request.approbation_id}")
        if row.state != model.DEMANDE:
            raise RequestDecided(number=row.number)
        repository.decide(tx, actor, row.approbation_id, model.ANNULE, None)
        told = {"object": f"approbation:{row.number}", "before": {"state": row.state}, "after": {"state": model.ANNULE}}
        repository.log(tx, actor, "approbation.cancelled", row.structure_id, **told)
        row = queries.approbation(tx, request.approbation_id)
        return tx.answer(rattachements.CancelApprobation.Reply(approbation=_message(row, author)))


def _decided(tx: Any, scope: Any, approbation_id: uuid.UUID, decision: str, motive: str | None) -> rattachements.Outcome:
    """Decide one request, or say why it is left as it is; what it says is all that a stranger to the structure learns."""
    actor = access.signature(scope.actor)
    try:
        row = queries.approbation(tx, approbation_id, lock=True)
        operates = access.is_operator(scope.actor)
        if row is None or not (operates or row.structure_id in access.managed_structures(tx, scope.actor)):
            raise NotFound(what=f"approbation {approbation_id}")
        if row.state != model.DEMANDE:
            raise RequestDecided(number=row.number)
        if decision == model.APPROUVE:
            _grant(tx, scope, actor, row)
    except PupitreError as error:
        return rattachements.Outcome(
            approbation_id=approbation_id, done=False, why_fr=error.message("fr"), why_en=error.message("en")
        )
    repository.decide(tx, actor, row.approbation_id, decision, motive)
    told = {"before": {"state": row.state}, "after": {"state": decision, **({"motive": motive} if motive else {})}}
    repository.log(tx, actor, f"approbation.{decision.lower()}", row.structure_id, object=f"approbation:{row.number}", **told)
    tx.publish(
        rattachements.ApprobationDecided(
            approbation_id=row.approbation_id,
            number=row.number,
            kind=row.kind,
            structure_id=row.structure_id,
            structure_name=row.structure_name,
            user_id=row.user_id,
            state=decision,
            motive=motive,
            decided_by=actor,
        )
    )
    return rattachements.Outcome(approbation_id=approbation_id, done=True)


def _grant(tx: Any, scope: Any, actor: str, row: Any) -> None:
    """Let what was asked for take effect (R154). Raises, before anything is written, when it no longer can."""
    structure = queries.structure_row(tx, row.structure_id, lock=True)
    link = queries.rattachement(tx, row.structure_id, row.user_id)
    if row.kind == model.RATTACHEMENT:
        if link is not None:
            raise _pointless("l'utilisateur est déjà rattaché", "the user is attached already")
        attach_in(tx, scope, structure, row.user_id, model.US, starts_on=row.starts_on, ends_on=row.ends_on)
        return
    if link is None:
        raise _pointless("l'utilisateur n'est plus rattaché", "the user is no longer attached")
    opened = queries.open_espaces(tx, [row.structure_id])[row.structure_id]
    for wish in row.wishes:
        if wish["espace"] not in opened:
            raise EspaceClosed(espace=wish["espace"], structure=structure.name)
    for wish in row.wishes:
        open_espace_id = opened[wish["espace"]]
        before = facts.of_rattachement(tx, row.structure_id, row.user_id)
        repository.set_habilitation(tx, actor, row.structure_id, link.rattachement_id, open_espace_id, wish["profile"])
        told = {"before": before, "after": facts.of_rattachement(tx, row.structure_id, row.user_id), "espace": wish["espace"]}
        repository.log(tx, actor, "habilitation.given", row.structure_id, object=f"user:{row.user_id}", **told)


def _add(tx: Any, actor: str, structure: Any, user_id: uuid.UUID, kind: str, **values: Any) -> Any:
    number, approbation_id = repository.next_number(tx, "approbation"), uuid.uuid4()
    stored = {"approbation_id": approbation_id, "number": number, "kind": kind, "structure_id": structure.structure_id, **values}
    if not repository.add_approbation(tx, {**stored, "user_id": user_id}):
        raise _pointless("une demande de rattachement à cette structure est en cours", "a request for this rattachement waits already")
    told = {"object": f"approbation:{number}", "after": {"state": model.DEMANDE, "user_id": user_id, "wishes": values["wishes"]}}
    repository.log(tx, actor, f"{kind.lower()}.requested", structure.structure_id, **told)
    return queries.approbation(tx, approbation_id)


def _told(tx: Any, row: Any) -> dict[str, Any]:
    return {
        "approbation_id": row.approbation_id,
        "number": row.number,
        "structure_id": row.structure_id,
        "structure_name": row.structure_name,
        "user_id": row.user_id,
        "approver_ids": queries.gestionnaires(tx, row.structure_id),
    }


def people(scope: Any, user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, identity.User]:
    """Return users by id, asked of identity at once; who is gone is left out."""
    wanted = sorted(set(user_ids))
    return {user.user_id: user for user in scope.bus.call(identity.UsersByIds, user_ids=wanted).users} if wanted else {}


def _message(row: Any, authors: dict[uuid.UUID, identity.User]) -> rattachements.Approbation:
    author = authors.get(row.user_id)
    names = ("approbation_id", "number", "kind", "state", "structure_id", "structure_identifier", "structure_name", "user_id")
    told = ("comment", "starts_on", "ends_on", "asked_at", "decided_at", "decided_by", "motive")
    return rattachements.Approbation(
        **{name: getattr(row, name) for name in (*names, *told)},
        user_name=f"{author.given_name} {author.family_name}" if author else "?",
        user_email=author.email if author else "?",
        wishes=[rattachements.Wish(**wish) for wish in row.wishes],
    )


def _asking(scope: Any) -> uuid.UUID:
    """Return the user who asks. Raises Forbidden for a technical account or a service."""
    user_id = access.user_id(scope.actor)
    if user_id is None:
        raise Forbidden(needed="user account")
    return user_id


def _pointless(why_fr: str, why_en: str) -> RequestPointless:
    return RequestPointless(why_fr=why_fr, why_en=why_en)
