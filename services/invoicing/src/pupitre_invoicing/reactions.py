"""Espaces that react to events: whom an event is handed on to, and what one of them does with it.

Each plugin is a guest of this service (``pupitre_bus.guests``): its reactions run beside all else, one at a time, and what they keep is
committed with the event's row in the plugin's own inbox.
"""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from pupitre_bus import guests
from pupitre_bus.errors import Permanent, Resting
from pupitre_bus.scope import Received
from pupitre_contracts import errors, organisation
from pupitre_contracts.message import Event
from pupitre_espaces import EspaceContext, Structure
from pupitre_espaces.host import EspaceSilent

from . import public_events, reaction_ports

#: Structures that organisation tells of at once.
MOST_ASKED = 1000


def distribute(received: Sequence[Received], scope: Any) -> None:
    """Hand events on to the espaces that react to them, where they are open or a request of their own concerns a structure."""
    reacting = scope.resources.espaces.reactions()
    wanted = [
        (key, each.meta, *public_events.concerned(each.event, key))
        for each in received
        for key, reactions in reacting.items()
        if any(reaction.event == each.event.type for reaction in reactions)
    ]
    opened = _opened(scope, {structure_id for _, _, where_open, _ in wanted for structure_id in where_open})
    handed = [
        (key, meta)
        for key, meta, where_open, anyway in wanted
        if anyway or any(key in opened.get(structure_id, ()) for structure_id in where_open)
    ]
    with scope.begin() as tx:
        guests.hand_on(tx, scope.consumer, handed)


def _opened(scope: Any, structure_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Return which espaces structures have open: asked once for all the events of a batch, since most invoices concern no espace."""
    ids, found = sorted(structure_ids), {}
    for start in range(0, len(ids), MOST_ASKED):
        asked = scope.bus.call(organisation.EspacesOfStructures, structure_ids=ids[start : start + MOST_ASKED])
        found |= {each.structure_id: set(each.espaces) for each in asked.structures}
    return found


def react(espace: str, received: Received, scope: Any) -> None:
    """Have an espace react to an event, once for each structure concerned, and keep what it wrote, all of it or nothing.

    Raises Permanent for a plugin that is not installed any more, Resting for one that was set aside, ReactionFailed, and Conflict when
    what it read has been changed meanwhile.
    """
    host = scope.resources.espaces
    if not host.has(espace):
        raise Permanent(f"no installed espace has the key {espace}: install it again and retry, or let it be")
    told = _told(received.event, espace, scope)
    written = []
    for structure_id, (structure, roles) in sorted(told.items(), key=lambda each: str(each[0])):
        scope.see([structure_id])
        ports, records = reaction_ports.lent(scope, espace, structure)
        context = EspaceContext(structure=_shown(structure), user=None, language=reaction_ports.LANGUAGE, clock=scope.clock, ports=ports)
        try:
            host.react(espace, public_events.public(received, roles), context)
        except EspaceSilent as silent:
            raise Resting(str(silent)) from silent
        written.append((structure_id, records))
    scope.see(told)
    with scope.begin() as tx:
        for structure_id, records in written:
            reaction_ports.keep(tx, espace, structure_id, records.changes())


def _told(event: Event, espace: str, scope: Any) -> dict[uuid.UUID, tuple[organisation.Structure, set[str]]]:
    """Return the structures for which an espace is told of an event, with their roles in it."""
    where_open, anyway = public_events.concerned(event, espace)
    found = {}
    for structure_id, roles in (where_open | anyway).items():
        structure = _structure(scope, structure_id)
        if structure is not None and (structure_id in anyway or espace in structure.espaces):
            found[structure_id] = structure, roles
    return found


def _structure(scope: Any, structure_id: uuid.UUID) -> organisation.Structure | None:
    try:
        return scope.bus.call(organisation.GetStructure, structure_id=structure_id).structure
    except errors.NotFound:
        return None


def _shown(structure: organisation.Structure) -> Structure:
    return Structure(
        id=str(structure.structure_id), siret=structure.identifier, name=structure.name, type=structure.type.lower()
    )
