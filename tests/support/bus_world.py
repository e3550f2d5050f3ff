"""The smallest world in which the bus can fail: a writer that publishes pages, and a reader that counts them."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import eventlet
import sqlalchemy as sa
from pupitre_bus import Service, on_event, outbox, parked, rpc, tables
from pupitre_bus.runner import Host
from pupitre_bus.testing import Bench, user, wait_until
from pupitre_contracts import errors
from pupitre_contracts.message import Call, Event, Message, fields

metadata = sa.MetaData()
effect = sa.Table(
    "effect", metadata, sa.Column("id", sa.Integer, primary_key=True), sa.Column("number", sa.Integer, nullable=False)
)


def _nothing(*_: Any) -> None:
    pass


class World:
    """Writer and reader on ``bench``; with a ``mark`` of letters and digits several worlds share a broker and a database.

    ``on_write`` is called with "before", "during" and "after" around the writer's commit, ``on_read(event)`` before the
    reader's transaction: that is where a test breaks something. With ``together`` the reader takes several pages at once;
    ``groups`` holds the numbers that it got each time.
    """

    def __init__(self, bench: Bench, mark: str = "", together: bool = False) -> None:
        self.bench = bench
        self.groups: list[list[int]] = []
        self.on_write: Callable[[str], Any] = _nothing
        self.on_read: Callable[[Event], Any] = _nothing
        self.writer, self.reader = f"writer{mark}", f"reader{mark}"
        self._define(self, mark)
        if together:
            self.Reader = self._reader_of_several(self, self.PageWritten)

    def _define(self, world: "World", mark: str) -> None:
        class PageWritten(Event):
            name, version, owner, subject_field = f"page{mark}.written", 1, world.writer, "book"

            book = fields.String(required=True)
            number = fields.Integer(required=True)

        class WritePages(Call):
            """Publish pages ``first`` to ``first + count - 1``. Errors: none."""

            service, writes = world.writer, True

            class Request(Message):
                first = fields.Integer(required=True)
                count = fields.Integer(required=True)
                books = fields.Integer()

            class Reply(Message):
                last = fields.Integer(required=True)

        class Writer(Service):
            name = world.writer

            @rpc(WritePages)
            def write_pages(self, request, scope):
                numbers, books = range(request.first, request.first + request.count), request.books or 1
                world.on_write("before")
                with scope.begin() as tx:
                    for number in numbers:
                        tx.publish(PageWritten(book=str(number % books), number=number))
                    tx.after_commit(lambda: world.on_write("after"))
                    reply = tx.answer({"last": numbers[-1]})
                    world.on_write("during")
                return reply

        class Reader(Service):
            name = world.reader
            metadata = metadata

            @on_event(PageWritten)
            def page_written(self, event, scope):
                world.on_read(event)
                with scope.begin() as tx:
                    tx.execute(effect.insert().values(number=event.number))

        self.PageWritten, self.WritePages, self.Writer, self.Reader = PageWritten, WritePages, Writer, Reader

    def _reader_of_several(self, world: "World", page_written: type[Event]) -> type[Service]:
        class Reader(Service):
            name = world.reader
            metadata = metadata

            @on_event(page_written, together=True)
            def pages_written(self, received, scope):
                world.groups.append([each.event.number for each in received])
                for each in received:
                    world.on_read(each.event)
                with scope.begin() as tx:
                    tx.execute(effect.insert(), [{"number": each.event.number} for each in received])

        return Reader

    def start(self, **changes: Any) -> Host:
        """Start both in one host."""
        return self.bench.start(self.Writer, self.Reader, **changes)

    def caller(self) -> Any:
        return self.bench.caller(user())

    def write(self, bus: Any, first: int, count: int, books: int = 1, seconds: float = 60) -> None:
        """Have the pages written, as a patient client does: again with the same key while the outcome is unknown."""
        key = f"{first}+{count}"

        def done() -> bool:
            try:
                return bool(bus.call(self.WritePages, first=first, count=count, books=books, idempotency_key=key))
            except errors.PupitreError as error:
                if error.status < 500 and not isinstance(error, errors.IdempotencyInProgress):
                    raise
                return False

        wait_until(done, seconds, every=0.1)

    def publish(self, numbers: Iterable[int], books: int = 1, slice_: int = 500) -> None:
        """Commit pages straight into the writer's outbox, whatever the broker does."""
        database, numbers = self.bench.database(self.writer), list(numbers)
        try:
            for start in range(0, len(numbers), slice_):
                with database.transaction() as tx:
                    for number in numbers[start : start + slice_]:
                        tx.publish(self.PageWritten(book=str(number % books), number=number))
                eventlet.sleep(0)
        finally:
            database.close()

    def read(self) -> list[int]:
        """The pages that had their effect, in the order of their effects."""
        return self._read(self.reader, lambda db: db.execute(sa.select(effect.c.number).order_by(effect.c.id)).scalars().all())

    def effects(self) -> Counter[int]:
        """How often each page had its effect."""
        return Counter(self.read())

    def count(self) -> int:
        """How many effects there are."""
        return self._read(self.reader, lambda db: db.execute(sa.select(sa.func.count()).select_from(effect)).scalar_one())

    def letters(self, *states: str) -> list[parked.Parked]:
        """Messages that failed, in one of these states, or in any."""
        database = self.bench.database(self.reader)
        try:
            return [letter for letter in parked.list(database, limit=10**6) if not states or letter.state in states]
        finally:
            database.close()

    def unpublished(self) -> int:
        """How many events have not left the writer."""
        return self._read(self.writer, lambda db: outbox.backlog(db).count)

    def wait_for(self, count: int, seconds: float = 60) -> None:
        """Wait until there are ``count`` effects."""
        wait_until(lambda: self.count() >= count, seconds, every=0.1)

    def assert_whole(self, numbers: Iterable[int]) -> None:
        """Every page had its effect, each once; nothing waits; the log has no gap; nothing failed for good."""
        found, expected = self.effects(), set(numbers)
        lost, twice = expected - set(found), [number for number, times in found.items() if times > 1]
        assert (sorted(lost)[:10], sorted(twice)[:10], sorted(set(found) - expected)[:10]) == ([], [], [])
        # An effect may come before the confirmation of what caused it: by the catch-up, or when the confirmation was cut off.
        wait_until(lambda: self.unpublished() == 0)
        assert self.letters(parked.RETRYING, parked.PARKED) == []
        log = self._read(
            self.writer,
            lambda db: db.execute(sa.select(tables.outbox.c.feed_seq).order_by(tables.outbox.c.feed_seq)).scalars().all(),
        )
        assert log == list(range(1, len(expected) + 1))

    def _read(self, service: str, read: Callable[[Any], Any]) -> Any:
        database = self.bench.database(service)
        try:
            with database.reading() as db:
                return read(db)
        finally:
            database.close()
