"""Whom to write to: asked of organisation and identity, once for all the events that had happened when it was asked.

Who may read is what it is when an event happens or later, so an answer that was asked after an event is good for that event, and
for no later one. In a burst, where events wait for each other, one answer serves many.
"""

import datetime
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pupitre_contracts import identity, organisation

from .model import Audience

#: Seconds after which an answer is forgotten whatever the clock says, which tests and the sandbox may move.
LONGEST = 5.0
MOST_KEPT = 500
Key = tuple[uuid.UUID, str]


@dataclass
class _Answer:
    users: list[identity.User] = field(default_factory=list)
    asked_at: datetime.datetime | None = None
    kept_since: float = 0.0
    turn: Any = field(default_factory=threading.Lock)

    def is_good_for(self, happened_at: datetime.datetime) -> bool:
        fresh = time.monotonic() - self.kept_since < LONGEST
        return fresh and self.asked_at is not None and self.asked_at > happened_at


class Readers:
    """The users of audiences, for all events of this process."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, _Answer] = OrderedDict()

    def of(self, scope: Any, audiences: Sequence[Audience]) -> list[list[identity.User]]:
        """Return the users of each audience, in its order, as they were after the event that ``scope`` handles."""
        return [self._of(scope, (audience.structure_id, audience.espace)) for audience in audiences]

    def _of(self, scope: Any, key: Key) -> list[identity.User]:
        answer = self._answers.get(key)
        if answer is None:
            answer = self._answers[key] = _Answer()
        self._answers.move_to_end(key)
        if len(self._answers) > MOST_KEPT:
            self._answers.popitem(last=False)
        with answer.turn:  # who comes while it is asked waits for that answer instead of asking too
            if not answer.is_good_for(scope.event_meta.time):
                asked_at, since = scope.clock.now(), time.monotonic()
                answer.users = _ask(scope, *key)
                answer.asked_at, answer.kept_since = asked_at, since
            return answer.users


def _ask(scope: Any, structure_id: uuid.UUID, espace: str) -> list[identity.User]:
    found = scope.bus.call(organisation.MembersOfEspace, structure_ids=[structure_id], espace=espace).structures
    wanted = sorted({user_id for structure in found for user_id in structure.user_ids})
    known = {user.user_id: user for user in scope.bus.call(identity.UsersByIds, user_ids=wanted).users} if wanted else {}
    return [known[user_id] for structure in found for user_id in structure.user_ids if user_id in known]
