"""Whom to write to: asked of organisation and identity, once for all the events that had happened when it was asked.

Who may read is what it is when an event happens or later, so an answer that was asked after an event is good for that event, and
for no later one. In a burst, where events wait for each other, one answer serves many.
"""

import datetime
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import identity, organisation

from .model import Audience

#: Seconds after which an answer is forgotten whatever the clock says, which tests and the sandbox may move.
LONGEST = 5.0
MOST_KEPT = 500
MOST_ASKED = 500
Key = tuple[uuid.UUID, str, uuid.UUID | None]


@dataclass(frozen=True)
class _Answer:
    users: list[identity.User]
    asked_at: datetime.datetime
    kept_since: float

    def is_good_for(self, happened_at: datetime.datetime) -> bool:
        return time.monotonic() - self.kept_since < LONGEST and self.asked_at > happened_at


class Readers:
    """The users of audiences, for all events of this process."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, _Answer] = OrderedDict()
        self._turn = threading.Lock()

    def of(self, scope: Any, audiences: Sequence[Audience], happened_at: datetime.datetime) -> list[list[identity.User]]:
        """Return the users of each audience, in its order, as they were after ``happened_at``, when the last of the events that
        concern them happened. All that must be asked is asked together."""
        keys = [(audience.structure_id, audience.espace, audience.structure_service_id) for audience in audiences]
        with self._turn:  # who comes while it is asked waits for that answer instead of asking too
            good = {key: answer.users for key in keys if (answer := self._answers.get(key)) and answer.is_good_for(happened_at)}
            stale = sorted({*keys} - good.keys(), key=str)
            if stale:
                asked_at, since = scope.clock.now(), time.monotonic()
                asked = ask(scope, stale)
                self._keep({key: _Answer(users, asked_at, since) for key, users in asked.items()})
                good |= asked
        return [good[key] for key in keys]

    def _keep(self, answers: dict[Key, _Answer]) -> None:
        for key, answer in answers.items():
            self._answers[key] = answer
            self._answers.move_to_end(key)
        while len(self._answers) > MOST_KEPT:
            self._answers.popitem(last=False)


def ask(scope: Any, keys: Sequence[Key]) -> dict[Key, list[identity.User]]:
    """Ask now who has a habilitation in each espace of each structure."""
    members: dict[Key, list[uuid.UUID]] = {}
    for espace in sorted({espace for _, espace, _ in keys}):
        structure_ids = list(dict.fromkeys(structure_id for structure_id, of, _ in keys if of == espace))
        found = scope.bus.call(organisation.MembersOfEspace, structure_ids=structure_ids, espace=espace).structures
        by_id = {structure.structure_id: structure for structure in found}
        members |= {key: _reading(by_id[key[0]], key[2]) for key in keys if key[1] == espace and key[0] in by_id}
    known = people(scope, {user_id for user_ids in members.values() for user_id in user_ids})
    return {key: [known[user_id] for user_id in members.get(key, ()) if user_id in known] for key in keys}


def people(scope: Any, user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, identity.User]:
    """Ask identity for users by their identifiers, as many at a time as it answers; who can't sign in is left out."""
    wanted, known = sorted(user_ids), {}
    for start in range(0, len(wanted), MOST_ASKED):
        found = scope.bus.call(identity.UsersByIds, user_ids=wanted[start : start + MOST_ASKED]).users
        known |= {user.user_id: user for user in found if user.active is not False}
    return known


def _reading(structure: organisation.StructureMembers, structure_service_id: uuid.UUID | None) -> list[uuid.UUID]:
    """Return who may read what concerns a service of the structure, or without one the structure itself."""
    limited = structure.limited or ()
    return [*structure.user_ids, *(each.user_id for each in limited if structure_service_id in each.structure_service_ids)]
