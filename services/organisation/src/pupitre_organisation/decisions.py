"""Decisions on requests: each for itself, and what was approved takes effect at once (R106, R141, R154, R155)."""

import uuid
from typing import Any

from pupitre_contracts import rattachements
from pupitre_contracts.errors import EspaceClosed, Invalid, NotFound, PupitreError, RequestDecided

from . import access, applications, model, queries, repository, requests
from .habilitations import give, require_level
from .rattachements import attach_in, check_services, missing_levels

MOST_DECIDED = 200


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


def _decided(tx: Any, scope: Any, approbation_id: uuid.UUID, decision: str, motive: str | None) -> rattachements.Outcome:
    """Decide one request, or say why it is left as it is; what it says is all that a stranger to the structure learns."""
    actor = access.signature(scope.actor)
    try:
        row = queries.approbation(tx, approbation_id, lock=True)
        _require_may_decide(tx, scope, approbation_id, row)
        if row.state != model.DEMANDE:
            raise RequestDecided(number=row.number)
        if decision == model.APPROUVE:
            _grant(tx, scope, actor, row)
        if not repository.decide(tx, actor, row.approbation_id, decision, motive):
            raise RequestDecided(number=row.number)
    except PupitreError as error:
        return rattachements.Outcome(
            approbation_id=approbation_id, done=False, why_fr=error.message("fr"), why_en=error.message("en")
        )
    requests.log_decision(tx, actor, row, decision, motive)
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


def _require_may_decide(tx: Any, scope: Any, approbation_id: uuid.UUID, row: Any | None) -> None:
    """Raise NotFound for who may not know of the request, Forbidden for who may and is not the one to decide it."""
    what = f"approbation {approbation_id}"
    if row is None:
        raise NotFound(what=what)
    access.require(tx, scope.actor, "decide_approbations", row.structure_id, what=what)
    if any(wish["espace"] == applications.ORGANISATION for wish in row.wishes):
        access.require(tx, scope.actor, "decide_approbations: organisation", row.structure_id, what=what)
    if access.user_id(scope.actor) == row.user_id:
        access.require(tx, scope.actor, "decide_approbations: one's own", row.structure_id, what=what)


def _grant(tx: Any, scope: Any, actor: str, row: Any) -> None:
    """Let what was asked for take effect (R154). Raises, before anything is written, when it no longer can."""
    structure = queries.structure_row(tx, row.structure_id, lock=True)
    link = queries.rattachement(tx, row.structure_id, row.user_id)
    if row.kind == model.RATTACHEMENT:
        services = [uuid.UUID(each) for each in row.structure_service_ids or ()]
        check_services(tx, row.structure_id, services)
        if not missing_levels(tx, link, services):
            raise requests.pointless("l'utilisateur est déjà rattaché", "the user is attached already")
        days = {"starts_on": row.starts_on, "ends_on": row.ends_on}
        attach_in(tx, scope, structure, row.user_id, link.role if link else model.US, link, services=services, **days)
        return
    if link is None:
        raise requests.pointless("l'utilisateur n'est plus rattaché", "the user is no longer attached")
    opened, wishes = queries.open_espaces(tx, [row.structure_id])[row.structure_id], requests.loaded(row.wishes)
    for wish in wishes:
        if wish["espace"] not in opened:
            raise EspaceClosed(espace=wish["espace"], structure=structure.name)
        require_level(tx, link, wish.get("structure_service_id"))
    for wish in wishes:
        service = wish.get("structure_service_id")
        give(tx, actor, link, wish["espace"], opened[wish["espace"]], wish["profile"], service, starts_on=row.starts_on)
