"""What espaces are told of events: which structures one concerns, in what role, and the values that the plugin API promises.

``pupitre_espaces.events`` lists types and values; here they are taken from the events of the bus. Who is not named does not learn of it.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from pupitre_bus.scope import Received
from pupitre_contracts import catalogue
from pupitre_contracts.message import Event
from pupitre_espaces import EspaceEvent
from pupitre_espaces.events import EVENTS

#: The events of the bus that espaces may react to.
HEARD: tuple[type[Event], ...] = tuple(catalogue.EVENTS[type_] for type_ in EVENTS)
Roles = dict[uuid.UUID, set[str]]


def concerned(event: Event, espace: str) -> tuple[Roles, Roles]:
    """Return the structures that an event concerns in their roles: those to which the espace is told of it where it is open, and those to
    which it is told in any case, since a request of its own, or its own closing, concerns them."""
    if event.type.startswith("request."):
        return _of_request(event, espace)
    if event.type.startswith("espace."):
        return {}, {event.structure_id: {"structure"}} if event.espace == espace else {}
    return _CONCERNED[event.type](event), {}


def public(received: Received, roles: set[str]) -> EspaceEvent:
    """Return an event as an espace is told of it."""
    event, meta = received.event, received.meta
    kept = event.values
    data = {name: _told(kept.get(name), of) for name, of in EVENTS[event.type].fields.items()}
    return EspaceEvent(id=meta.id, type=event.type, at=meta.time, roles=frozenset(roles), data=data)


def _told(value: Any, of: type) -> Any:
    if value is None:
        return None
    return tuple(value) if of is tuple else of(value) if of is str else value


def _sides(event: Event) -> Roles:
    found: Roles = {}
    for role in ("supplier", "recipient"):
        structure_id = event.values.get(f"{role}_structure_id")
        if structure_id is not None:
            found.setdefault(structure_id, set()).add(role)
    return found


def _passed(event: Event) -> Roles:
    """Its supplier, those who validate it, and its recipient where the passage tells him."""
    found = _sides(event)
    for each in event.parties:
        found.setdefault(each.structure_id, set()).add(each.role)
    return found


def _mandat(event: Event) -> Roles:
    found: Roles = {event.structure_id: {"mandant"}}
    found.setdefault(event.mandataire_id, set()).add("mandataire")
    return found


def _structure(event: Event) -> Roles:
    return {event.structure_id: {"structure"}}


def _of_request(event: Event, espace: str) -> tuple[Roles, Roles]:
    """A request is told to the espace that brings it, for all who see it, and to those in which somebody sees it."""
    found: Roles = {}
    for each in event.parties or ():
        if espace in (event.espace, each.espace):
            found.setdefault(each.structure_id, set()).add(each.role)
    return ({}, found) if event.espace == espace else (found, {})


_CONCERNED: Mapping[str, Callable[[Event], Roles]] = {
    "invoice.submitted.v1": _sides,
    "invoice.moved.v1": _sides,
    "invoice.passed.v1": _passed,
    "invoice.eliminated.v1": _sides,
    "flux.processed.v1": _structure,
    "structure.changed.v1": _structure,
    "structure.activated.v1": _structure,
    "structure.inactivated.v1": _structure,
    "structure_service.created.v1": _structure,
    "structure_service.changed.v1": _structure,
    "mandat.given.v1": _mandat,
    "mandat.ended.v1": _mandat,
    "technical_account.created.v1": _structure,
    "technical_account.revoked.v1": _structure,
}
