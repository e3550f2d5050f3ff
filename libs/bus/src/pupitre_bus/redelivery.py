"""Giving events of one service's log to one consumer once more, whatever the broker does: straight into the consumer's
database, by way of its retries."""

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import acts, envelope, inbox, outbox, parked

if TYPE_CHECKING:
    from .database import Database

PAGE = 200


@dataclass
class Plan:
    """What redelivering some events means to a consumer: ``missed`` it never had, ``handled`` had their effect,
    ``failing`` are among its failed messages. ``types`` counts the events by type."""

    missed: int = 0
    handled: int = 0
    failing: int = 0
    handed: int = 0
    types: dict[str, int] = field(default_factory=dict)

    @property
    def events(self) -> int:
        return self.missed + self.handled + self.failing


def plan(source: "Database", consumer: "Database", first: int, last: int | None, types: Collection[str]) -> Plan:
    """Tell what :func:`hand_over` would find, and change nothing. ``last`` None is the end of the log."""
    found = Plan()
    for page in _pages(source, first, last, types):
        with consumer.reading() as db:
            _sorted(db, consumer.name, page, found)
    return found


def hand_over(
    source: "Database",
    consumer: "Database",
    first: int,
    last: int | None,
    types: Collection[str],
    who: str,
    again: bool = False,
) -> Plan:
    """Give ``consumer`` the events numbered ``first`` to ``last`` that it never had; with ``again`` also those that had
    their effect, which then have it a second time. Those that failed there stay as they are: they are retried, not
    redelivered. A running consumer takes them in within seconds, a stopped one when it starts."""
    found = Plan()
    why = f"handed over from the log of {source.name} by {who}"
    for page in _pages(source, first, last, types):
        with consumer.transaction() as tx:
            missed, handled = _sorted(tx, consumer.name, page, found)
            if again:
                inbox.forget_ids(tx, consumer.name, handled)
            chosen = missed | handled if again else missed
            for event_id, body in page.items():
                if event_id in chosen:
                    found.handed += parked.hand_over(tx, consumer.name, event_id, body, why)
            if chosen:
                numbers = [envelope.decode(page[each]).feed_seq for each in chosen]
                subject = f"{source.name} {min(numbers)}-{max(numbers)}"
                what = f"{len(chosen)} event(s) handed to {consumer.name}"
                acts.record(tx, who, "replay-again" if again else "replay", subject, what)
    return found


def _pages(
    source: "Database", first: int, last: int | None, types: Collection[str]
) -> Iterator[dict[uuid.UUID, bytes]]:
    after = first - 1
    while True:
        with source.reading() as db:
            page = outbox.feed(db, after, PAGE, types or None)
        bodies = {(event := envelope.decode(body)).id: (event.feed_seq, body) for body in page.events}
        chosen = {id_: body for id_, (number, body) in bodies.items() if last is None or number <= last}
        if chosen:
            yield chosen
        if page.last >= page.head or len(chosen) < len(bodies):
            return
        after = page.last


def _sorted(
    db: Any, consumer: str, page: dict[uuid.UUID, bytes], found: Plan
) -> tuple[set[uuid.UUID], set[uuid.UUID]]:
    """Count a page into ``found``; return the ids of the events missed, and of those handled."""
    failing = parked.open_ids(db, consumer) & page.keys()
    handled = inbox.seen(db, consumer, page) - failing
    missed = page.keys() - failing - handled
    found.missed, found.handled = found.missed + len(missed), found.handled + len(handled)
    found.failing += len(failing)
    for body in page.values():
        type_ = envelope.decode(body).type
        found.types[type_] = found.types.get(type_, 0) + 1
    return set(missed), handled
