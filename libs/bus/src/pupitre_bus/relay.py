"""The relay: publishes a database's outbox in feed order, one active relay per database, and never gives up."""

import logging
import random
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable

import eventlet

from . import envelope, outbox, topology
from .database import Database
from .publisher import Parcel, Publisher, Unanswered, Unroutable
from .silences import Silences

log = logging.getLogger(__name__)

POLL_SECONDS = 0.05
POLL_ALONE_SECONDS = 1.0
FOLLOW_SECONDS = 1.0
GATHER_SECONDS = 0.1
"""An event waits this long at most behind a round that has just begun; one that finds the relay idle does not wait."""
WINDOW = 200
LONGEST_BACKOFF = 0.8
STOP_SECONDS = 8


class Relay:
    """Publishes every committed event of ``database``, persistent and confirmed, and mandatory if somebody must hear it.

    It is woken by each commit of its own process and looks by itself every 50 ms for those of others, or every second while it
    knows of no other process of its service (as always on SQLite). ``is_heard(type)`` tells whether an event without any queue
    is a fault, retried until its queue exists, or simply an event that nobody asked for.

    A queue that hangs confirms nothing, and holds up whatever is published beside it: the types of events that it hears are
    set :attr:`aside`, with what follows them in their subjects, so that the others pass.
    """

    def __init__(self, database: Database, amqp_uri: str, is_heard: Callable[[str], bool]) -> None:
        self._database = database
        self._publisher = Publisher(amqp_uri)
        self._trials = Publisher(amqp_uri)
        self._trial: tuple[outbox.OutboxRow, eventlet.greenthread.GreenThread] | None = None
        self._silences = Silences()
        self._is_heard = is_heard
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._stopped.set()
        self._stopping = False
        self._failures = 0
        self.leading = False
        self.last_error: str | None = None
        database.on_outbox(self._wake.set)

    @property
    def blocked(self) -> bool:
        """Whether the broker takes no message at present, its disk or its memory being short."""
        return self._publisher.blocked

    @property
    def aside(self) -> list[str]:
        """The types of events that wait for a queue which does not answer."""
        return self._silences.aside

    def run(self) -> None:
        """Lead, or wait to lead, until stopped."""
        self._stopped.clear()
        try:
            while not self._stopping:
                try:
                    self._try_to_lead()
                except Exception as error:
                    self._failed(f"{type(error).__name__}: {error}")
                finally:
                    self.leading = False
        finally:
            if self._trial is not None:
                self._trial[1].kill()
            self._publisher.close()
            self._trials.close()
            self._stopped.set()

    def _try_to_lead(self) -> None:
        with outbox.leader(self._database, self._follow) as lead:
            if lead is None:
                self._follow()
                return
            self.leading = True
            while not self._stopping:
                self._wake.clear()
                started = time.monotonic()
                rows = lead.take(WINDOW, self._silences.aside)
                self._try_again(lead)
                if not rows:
                    calm = lead.alone() and self._trial is None
                    self._wake.wait(POLL_ALONE_SECONDS if calm else POLL_SECONDS)
                    continue
                self._publish(lead, rows)
                if len(rows) < WINDOW and not self._stopping:
                    # Under load a round costs as much for one event as for many: let some gather.
                    time.sleep(max(0, started + GATHER_SECONDS - time.monotonic()))

    def _follow(self) -> bool:
        """Wait before the lead is asked for again; False when it is no longer wanted."""
        self._sleep(FOLLOW_SECONDS)
        return not self._stopping

    def _publish(self, lead: "outbox.Lead", rows: list["outbox.OutboxRow"]) -> None:
        """Publish ``rows`` in windows that are confirmed together. No window holds two events of one subject, and a failed
        event holds back the later ones of its subject, so that their order stands whatever fails.
        """
        confirmed: list[uuid.UUID] = []
        failed: dict[str, tuple[outbox.OutboxRow, str]] = {}
        for window in _windows(rows, by_type=self._silences.doubtful):
            if self._stopping:
                break
            ready = [row for row in window if row.subject not in failed]
            faults = self._publish_window(self._publisher, ready)
            confirmed += [row.id for row in ready if row.id not in faults]
            failed |= {row.subject: (row, self._told(row, faults[row.id])) for row in ready if row.id in faults}
            if not self._heed(ready, faults) and faults and len(faults) == len(ready):
                break  # nothing passes: the others would only wait as long
        lead.mark_published(confirmed)
        if confirmed:
            self._failures, self.last_error = 0, None
        for row, error in failed.values():
            lead.mark_failed(row.id, error)
        if failed:
            self._failed(next(iter(failed.values()))[1])

    def _heed(self, rows: list["outbox.OutboxRow"], faults: dict[uuid.UUID, Exception]) -> bool:
        """Note which types were confirmed and which were not; return whether that is due to a queue and not to the broker."""
        answered = {row.type for row in rows if row.id not in faults}
        silent = {row.type for row in rows if isinstance(faults.get(row.id), Unanswered)} - answered
        for kind in answered:
            self._silences.answered(kind)
        if len(answered | silent) > 1:
            self._silences.doubt(silent)  # one of them keeps the confirms of the others from coming
        else:
            for kind in silent:
                if self._silences.unanswered(kind):
                    log.error("%s: no queue answers for %s, which waits from now on", self._database.name, kind)
        return bool(silent)

    def _try_again(self, lead: "outbox.Lead") -> None:
        """Try one event of a type set aside, beside the others: the first confirm brings the type back."""
        if self._trial is not None:
            row, trial = self._trial
            if not trial.dead:
                return
            self._trial = None
            if trial.wait():
                self._silences.postpone(row.type)
            else:
                lead.mark_published([row.id])
                self._silences.answered(row.type)
                log.warning("%s: %s is confirmed again", self._database.name, row.type)
        kind = self._silences.due()
        if kind is None:
            return
        row = lead.oldest(kind)
        if row is None:
            self._silences.answered(kind)
        else:
            self._trial = row, eventlet.spawn(self._publish_window, self._trials, [row])

    def _publish_window(
        self, publisher: Publisher, rows: list["outbox.OutboxRow"]
    ) -> dict[uuid.UUID, Exception]:
        """Publish events of different subjects, and return why some failed."""
        if not rows:
            return {}
        by_id = {str(row.id): row for row in rows}
        heard = {kind: self._is_heard(kind) for kind in {row.type for row in rows}}
        faults = publisher.publish_together(
            [Parcel(str(row.id), row.type, envelope.encode(row), heard[row.type]) for row in rows],
            exchange=topology.event_exchange(rows[0].source).name,
            content_type=envelope.CONTENT_TYPE,
        )
        return {
            by_id[id_].id: error
            for id_, error in faults.items()
            if not isinstance(error, Unroutable) or heard[by_id[id_].type]
        }

    @staticmethod
    def _told(row: "outbox.OutboxRow", error: Exception) -> str:
        if isinstance(error, Unroutable):
            return f"PublishFailed: a consumer of {row.type} has no queue, run `pupitre migrate` ({error})"
        return f"{type(error).__name__}: {error}"

    def _failed(self, error: str) -> None:
        if error != self.last_error:
            log.warning("%s: the relay is held up and keeps trying: %s", self._database.name, error)
        self.last_error = error
        self._failures += 1
        self._sleep(min(LONGEST_BACKOFF, 0.1 * 2 ** min(self._failures, 5)) * random.uniform(0.5, 1))  # noqa: S311  jitter, not a secret

    def _sleep(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self._stopping and (left := until - time.monotonic()) > 0:
            self._wake.wait(left) and self._wake.clear()

    def stop(self) -> None:
        """Finish the event being published, then leave; what remains is published by the next leader."""
        self._stopping = True
        self._wake.set()
        self._stopped.wait(STOP_SECONDS)


def _windows(rows: Iterable["outbox.OutboxRow"], by_type: bool = False) -> list[list["outbox.OutboxRow"]]:
    """Cut rows into windows in which no subject occurs twice: the first event of each subject, then the second, …; with
    ``by_type`` each window holds one type only."""
    windows: list[list[outbox.OutboxRow]] = []
    seen: dict[str, int] = defaultdict(int)
    for row in rows:
        if seen[row.subject] == len(windows):
            windows.append([])
        windows[seen[row.subject]].append(row)
        seen[row.subject] += 1
    if by_type:
        kinds = [dict.fromkeys(row.type for row in window) for window in windows]
        windows = [
            [row for row in window if row.type == kind] for window, found in zip(windows, kinds, strict=True) for kind in found
        ]
    return windows
