"""Trials of what reaches a reader: the log read while it is written, copies in any order, and bodies that nobody can read.

Each asserts its outcome and returns its figures; a test runs a short form, `python -m benchmarks` the long one.
"""

import itertools
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import eventlet
import kombu
from pupitre_bus import connection, envelope, outbox, parked, topology
from pupitre_bus.actors import Actor
from pupitre_bus.testing import wait_until
from pupitre_contracts import platform

from support.bus_world import World

#: What nobody can read, and its content type.
POISON: dict[str, tuple[bytes, str | None]] = {
    "bad json": (b"{not json", "application/cloudevents+json"),
    "bad utf-8": (b"\xff\xfe{}", "application/cloudevents+json"),
    "pickle": (b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.", "application/x-python-serialize"),
    "unknown content type": (b"whatever", "application/x-unknown"),
    "no content type": (b"raw", None),
    "type trap": (b'{"__type__": "date", "__value__": "x"}', "application/json"),
    "nan": (b'{"specversion": NaN}', "application/json"),
    "empty": (b"", "application/cloudevents+json"),
    "too large": (b"x" * 1_000_000, "application/cloudevents+json"),
    "too deep": (b"[" * 5000 + b"]" * 5000, "application/cloudevents+json"),
}


@dataclass
class Figures:
    """``worst`` is the 99th percentile from commit to effect, in seconds, where it was asked for."""

    events: int
    seconds: float
    worst: float | None = None

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.events / self.seconds


def feed(world: World, count: int, writers: int = 8, seconds: float = 60, seed: int = 7) -> Figures:
    """``writers`` commit ``count`` events in transactions that overtake each other, while a reader follows the log from 0
    over the bus: it sees each number once, in order."""
    host = world.bench.start(world.Writer)
    database = host.runtime(world.writer).database
    chance, numbers = random.Random(seed), iter(range(1, count + 1))
    started, seen, last = time.monotonic(), [], 0

    def write(_: int) -> None:
        while chunk := list(itertools.islice(numbers, chance.randint(1, 4))):
            with database.transaction() as tx:
                for number in chunk:
                    tx.publish(world.PageWritten(book=str(number), number=number))
                if not database.on_sqlite:
                    eventlet.sleep(chance.choice((0, 0, 0.001, 0.01)))  # commits come in another order than inserts

    threads = [eventlet.spawn(write, writer) for writer in range(writers)]
    reader = world.bench.caller(Actor.service(world.reader))
    with eventlet.Timeout(seconds):
        while len(seen) < count:
            page = reader.call_on(world.writer, platform.EventsAfter, after=last)
            seen += [envelope.decode(text.encode()) for text in page.events]
            last = page.last
        for thread in threads:
            thread.wait()
    assert [event.feed_seq for event in seen] == list(range(1, count + 1)), "the log has a gap or lost its order"
    assert sorted(event.data["number"] for event in seen) == list(range(1, count + 1))
    return Figures(count, time.monotonic() - started)


def copies(world: World, count: int, times: int = 3, seconds: float = 60, seed: int = 7) -> Figures:
    """Every event lies ``times`` times in the queue, shuffled, before two instances begin to read: one effect each."""
    bench = world.bench
    for service in (world.Writer, world.Reader):
        bench.migrate(service)
        bench.backend.services.add(service.name)
        bench._served.add(service)
    topology.declare(bench.backend.amqp_uri, bench.subscriptions())
    world.publish(range(1, count + 1), books=count)
    database = bench.database(world.writer)
    bodies = []
    with outbox.leader(database) as lead:
        while rows := lead.take():
            bodies += [envelope.encode(row) for row in rows] * times
            lead.mark_published([row.id for row in rows])
    database.close()
    random.Random(seed).shuffle(bodies)
    with injecting(world) as inject:
        for body in bodies:
            inject(body)
    started = time.monotonic()
    hosts = [bench.start(world.Reader) for _ in range(2)]
    # Each delivery that is settled is an effect or a duplicate: nothing is left in the queue, nobody is still at it.
    intakes = [host.runtime(world.reader).intake for host in hosts]
    wait_until(lambda: world.count() + sum(each.duplicates for each in intakes) >= times * count, seconds, every=0.1)
    taken = time.monotonic() - started
    world.assert_whole(range(1, count + 1))
    assert all(host.failure() is None for host in hosts)
    return Figures(times * count, taken)


def poison(world: World, count: int, share: float = 0.01, rate: float | None = None, seconds: float = 60) -> Figures:
    """One message in a hundred (``share``) is poison of one of ten kinds: each ends parked with its body, all others have
    their effect, and no service ends. ``rate`` paces the writer, in events a second, to time each event."""
    host = world.start()
    bad = max(len(POISON), round(count * share))
    good = count - bad
    committed: dict[int, float] = {}
    delays: list[float] = []
    world.on_read = lambda event: delays.append(time.monotonic() - committed[event.number])
    kinds, sent, started = list(POISON.values()), [], time.monotonic()
    with injecting(world) as inject:
        for each in range(bad):
            body, kind = kinds[each % len(kinds)]
            sent.append(body + str(each).encode())  # no two alike: each must be kept
            inject(sent[-1], kind)
            numbers = range(each * good // bad + 1, (each + 1) * good // bad + 1)
            world.publish(numbers, books=good)
            committed.update(dict.fromkeys(numbers, time.monotonic()))
            if rate is not None:
                eventlet.sleep(max(0, started + numbers[-1] / rate - time.monotonic()))
    wait_until(lambda: world.count() == good and len(world.letters(parked.PARKED)) == bad, seconds, every=0.2)
    taken = time.monotonic() - started
    assert set(world.effects().values()) == {1}
    assert sorted(letter.body for letter in world.letters(parked.PARKED)) == sorted(sent)
    assert all(letter.error and letter.attempts == 1 for letter in world.letters())
    assert host.failure() is None
    return Figures(count, taken, sorted(delays)[int(len(delays) * 0.99)])


@contextmanager
def injecting(world: World) -> Iterator[Callable[..., None]]:
    """Gives a function that puts a body on the writer's exchange as anybody with the right to publish could."""
    # Confirmed: what a broker has not yet said to have may go with a connection that ends at once.
    with connection.connect(world.bench.backend.amqp_uri, confirm=True) as link:
        producer = kombu.Producer(link.channel(), auto_declare=False)

        def inject(body: bytes, kind: str | None = envelope.CONTENT_TYPE, **properties: Any) -> None:
            message = producer.channel.prepare_message(body, content_type=kind, headers={}, properties={}, **properties)
            producer.channel.basic_publish(message, exchange=f"{world.writer}.events", routing_key=world.PageWritten.type)

        yield inject
