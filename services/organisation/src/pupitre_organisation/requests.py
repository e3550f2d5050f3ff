"""Requests as they are stored, told and shown: made by a user, or by the portal when a structure adds an espace (R141)."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import identity, rattachements
from pupitre_contracts.errors import RequestPointless

from . import applications, model, people, queries, repository, standings, tables


def add(tx: Any, actor: str, structure: Any, user_id: uuid.UUID, kind: str, **values: Any) -> Any:
    """Store a request and return its row. Raises RequestPointless when one for the same rattachement waits."""
    number, approbation_id = repository.next_number(tx, "approbation"), uuid.uuid4()
    stored = {"approbation_id": approbation_id, "number": number, "kind": kind, "structure_id": structure.structure_id, **values}
    if not repository.add_approbation(tx, {**stored, "user_id": user_id}):
        raise pointless("une demande de rattachement à cette structure est en cours", "a request for this rattachement waits already")
    asked = {name: value for name, value in values.items() if value is not None and name not in ("comment", "generated_by")}
    told = {"object": f"approbation:{number}", "after": {"state": model.DEMANDE, "user_id": user_id, **asked}}
    repository.log(tx, actor, f"{kind.lower()}.requested", structure.structure_id, **told)
    return queries.approbation(tx, approbation_id)


def told(tx: Any, row: Any) -> dict[str, Any]:
    """Return what the events of every request tell: with those who may decide it."""
    return {
        "approbation_id": row.approbation_id,
        "number": row.number,
        "structure_id": row.structure_id,
        "structure_name": row.structure_name,
        "user_id": row.user_id,
        "approver_ids": standings.managers(tx, row.structure_id, "decide_approbations", model.today(tx.now)),
    }


def generate(tx: Any, actor: str, structure: Any, espace: str, links: Sequence[Any]) -> None:
    """Ask, in the name of each of these rattachements, for an espace that was added: one request each, at all of its levels (R141)."""
    services = queries.attached_services(tx, [link.rattachement_id for link in links])
    for link in links:
        levels = [None] if link.whole_structure else []
        levels += [str(row.structure_service_id) for row in services[link.rattachement_id] if not link.whole_structure]
        profile = applications.profile_asked_for(link.role)
        wishes = [{"espace": espace, "profile": profile, **({"structure_service_id": each} if each else {})} for each in levels]
        row = add(tx, actor, structure, link.user_id, model.HABILITATION, wishes=wishes, generated_by=actor)
        asked = [rattachements.Wish(**wish) for wish in loaded(wishes)]
        tx.publish(rattachements.HabilitationRequested(**told(tx, row), wishes=asked, generated_by=actor))


def withdraw(tx: Any, actor: str, structure_id: uuid.UUID, espace: str) -> int:
    """Take back what the portal asked for an espace that closes; return how many requests there were."""
    table = tables.approbation
    query = sa.select(table).where(
        table.c.structure_id == structure_id, table.c.state == model.DEMANDE, table.c.generated_by.is_not(None)
    )
    found = [row for row in tx.execute(query).all() if all(wish["espace"] == espace for wish in row.wishes)]
    gone = [row for row in found if repository.decide(tx, actor, row.approbation_id, model.ANNULE, None)]
    for row in gone:
        log_decision(tx, actor, row, model.ANNULE)
    return len(gone)


def log_decision(tx: Any, actor: str, row: Any, state: str, motive: str | None = None) -> None:
    """Add the line of a request that waits no longer."""
    action = "approbation.cancelled" if state == model.ANNULE else f"approbation.{state.lower()}"
    told = {"before": {"state": row.state}, "after": {"state": state, **({"motive": motive} if motive else {})}}
    repository.log(tx, actor, action, row.structure_id, object=f"approbation:{row.number}", **told)


def loaded(wishes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return stored wishes with their identifiers as such."""
    return [
        {**wish, "structure_service_id": uuid.UUID(wish["structure_service_id"])} if wish.get("structure_service_id") else dict(wish)
        for wish in wishes
    ]


def services_of(rows: Iterable[Any]) -> set[uuid.UUID]:
    """Return the services that requests are about."""
    wished = {uuid.UUID(wish["structure_service_id"]) for row in rows for wish in row.wishes if wish.get("structure_service_id")}
    return wished | {uuid.UUID(each) for row in rows for each in row.structure_service_ids or ()}


def message(
    row: Any,
    authors: Mapping[uuid.UUID, identity.User],
    services: Mapping[uuid.UUID, rattachements.NamedService],
    approvers: list[str] | None = None,
) -> rattachements.Approbation:
    author = authors.get(row.user_id)
    names = ("approbation_id", "number", "kind", "state", "structure_id", "structure_identifier", "structure_name", "user_id")
    more = ("comment", "starts_on", "ends_on", "asked_at", "decided_at", "decided_by", "motive", "generated_by")
    about = sorted((services[each] for each in services_of([row]) if each in services), key=lambda each: each.code)
    return rattachements.Approbation(
        **{name: getattr(row, name) for name in (*names, *more)},
        user_name=people.name(author),
        user_email=author.email if author else "?",
        wishes=[rattachements.Wish(**wish) for wish in loaded(row.wishes)],
        services=about,
        approvers=approvers,
    )


def pointless(why_fr: str, why_en: str) -> RequestPointless:
    return RequestPointless(why_fr=why_fr, why_en=why_en)
