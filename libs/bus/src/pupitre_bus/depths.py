"""How many messages wait in a service's queues, and whether somebody consumes them, asked on a connection of its own."""

import logging
import time
from collections.abc import Iterable
from typing import Any

import eventlet
from eventlet.semaphore import Semaphore

from . import connection

log = logging.getLogger(__name__)

FRESH_SECONDS = 5.0
PATIENCE = 1.0


class Depths:
    """Counts the messages of ``queues``; an answer serves for 5 s, so that asking often costs the broker nothing.

    Only messages ready to be delivered are counted: those that a consumer holds are its own to tell.
    """

    def __init__(self, uri: str, queues: Iterable[str]) -> None:
        self._uri, self._queues = uri, list(queues)
        self._link: Any = None
        self._channel: Any = None
        self._asked_at = float("-inf")
        self._counts: dict[str, int] = {}
        self._consumers: dict[str, int] = {}
        self._turn = Semaphore(1)

    def counts(self) -> dict[str, int]:
        """Return queue name -> messages; nothing when the broker does not answer within a second."""
        with self._turn:
            if time.monotonic() - self._asked_at > FRESH_SECONDS:
                self._counts = self._ask()
                self._asked_at = time.monotonic()
            return self._counts

    def deserted(self) -> bool:
        """Whether a queue is there and, as far as the broker knows, nobody consumes it; False when the broker does not answer."""
        self.counts()
        return any(not count for count in self._consumers.values())

    def _ask(self) -> dict[str, int]:
        self._consumers = {}
        limit = eventlet.Timeout(PATIENCE)
        try:
            if self._link is None:
                # As a publisher's: between two questions nobody would answer the broker's heartbeats.
                self._link = connection.connect(self._uri, confirm=True)
                self._channel = self._link.channel()
            told = {name: self._channel.queue_declare(name, passive=True) for name in self._queues}
            self._consumers = {name: each.consumer_count for name, each in told.items()}
            return {name: each.message_count for name, each in told.items()}
        except eventlet.Timeout as fired:
            if fired is not limit:
                raise
        except connection.LOST as error:
            log.debug("queues of %s are not counted: %s", connection.shown(self._uri), error)
        finally:
            limit.cancel()
        self.close()
        return {}

    def close(self) -> None:
        """Drop the connection; the next question opens another."""
        link, self._link = self._link, None
        connection.drop(link)
