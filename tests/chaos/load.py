"""The load: the plan's tasks, done by several clients at once, and a reader that follows the event log from its beginning."""

import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import eventlet
from pupitre_bus.actors import Actor, Keyring
from pupitre_bus.blobs import BlobStore
from pupitre_bus.core import Credentials
from pupitre_contracts import errors, platform

from . import world
from .clients import BY_SUPPLIER, GaveUp, HttpClient, Refused, Repeating, RpcClient, flux_body
from .cluster import Cluster, Servers
from .journal import Journal
from .pages import PageClient
from .plan import Plan, Task

#: Lots that may wait at once: more would only make the drain longer.
OPEN_LOTS = 4
FEED_PAGE = 500
FEED_PAUSE = 1.0


class Load:
    """Does tasks until all are done, or until :meth:`stop`; what the product refused wrongly is in :attr:`refusals`."""

    def __init__(self, cluster: Cluster, plan: Plan, journal: Journal) -> None:
        self._cluster, self._plan, self._journal = cluster, plan, journal
        self._tasks: Iterator[Task] = iter(())
        self._over = threading.Event()
        self._ended = threading.Event()
        self._threads: list[Any] = []
        self._clients: list[RpcClient | None] = []
        self._repeating = Repeating(journal, self._ended.is_set)
        self._blobs = BlobStore.from_uri(cluster.state / "blobs")
        self._templates = cluster.world.templates()
        self._programs = [
            HttpClient(cluster.base_url, each.account, self._repeating) for each in cluster.world.suppliers
        ]
        # Made before the clock starts: the load must not take the processor from what it loads.
        over_http = [each for each in plan.all_tasks if each.is_lot or not isinstance(cluster, Servers)]
        self._bodies = {task.number: flux_body(self._files(task)) for task in over_http}
        #: Set by whoever watches the databases.
        self.open_lots = 0
        self.refusals: list[str] = []

    def _files(self, task: Task) -> dict[str, bytes]:
        template = self._templates[task.supplier, task.recipient]
        return {number: world.invoice_bytes(template, number) for number in task.numbers}

    def start(self, tasks: Iterable[Task]) -> None:
        """Have the clients do these tasks, beside what they may still be at."""
        self._over.clear()
        self._tasks = iter(tasks)
        keyring = Keyring(self._cluster.keys, "identity")
        for _ in range(self._plan.options.clients):
            rpc = (
                RpcClient(self._cluster.bus(), keyring, self._repeating) if isinstance(self._cluster, Servers) else None
            )
            self._threads.append(eventlet.spawn(self._work, rpc))

    @property
    def done(self) -> bool:
        """Whether no client has anything left to do."""
        return all(thread.dead for thread in self._threads)

    def stop(self) -> None:
        """Begin nothing new. Clients go on repeating what they do not know the outcome of."""
        self._over.set()

    def end(self) -> None:
        """Have every client give up what it still does not know."""
        self._over.set()
        self._ended.set()
        for thread in self._threads:
            thread.wait()

    def _work(self, rpc: RpcClient | None) -> None:
        for task in self._tasks:
            while task.is_lot and self.open_lots >= OPEN_LOTS and not self._over.is_set():
                eventlet.sleep(0.1)
            if self._over.is_set():
                return
            try:
                self._do(task, rpc)
            except GaveUp:
                pass
            except Refused as error:
                self.refusals.append(str(error))

    def _do(self, task: Task, rpc: RpcClient | None) -> None:
        if task.number in self._bodies:
            self.open_lots += task.is_lot
            self._programs[task.supplier].deposit(task.numbers, self._bodies[task.number], task.patient)
            if task.journey:
                self._move_on_pages(task)
            return
        supplier, recipient = (
            self._cluster.world.suppliers[task.supplier],
            self._cluster.world.recipients[task.recipient],
        )
        [(number, content)] = self._files(task).items()
        draft = rpc.prepare(supplier, number, self._blobs.put(content), len(content), patient=True)
        invoice = rpc.send(supplier, number, draft, task.patient)
        for to in task.journey:
            invoice = rpc.move(supplier, recipient, number, invoice, to, task.patient)

    def _move_on_pages(self, task: Task) -> None:
        """As people do, with a session each: what a client does at once, another must not sign out of."""
        world, base_url = self._cluster.world, self._cluster.base_url
        supplier = PageClient(base_url, world.suppliers[task.supplier].person, self._repeating)
        recipient = PageClient(base_url, world.recipients[task.recipient].person, self._repeating)
        for to in task.journey:
            (supplier if to in BY_SUPPLIER else recipient).move(task.numbers[0], to, task.patient)


class FeedReader:
    """Follows the event log of one service from its beginning, as a system outside would; :attr:`ids` is what it saw, in order."""

    def __init__(self, cluster: Servers, service: str = "invoicing") -> None:
        self._bus, self._service = cluster.bus(), service
        self._credentials = Credentials(Keyring(cluster.keys, "operator"), Actor.service("operator"))
        self.ids: list[str] = []
        self.after = 0
        self._stopping = threading.Event()
        self._thread = eventlet.spawn(self._follow)

    def stop(self) -> None:
        """Read what is left, then stop."""
        self._stopping.set()
        self._thread.wait()

    def _follow(self) -> None:
        deadline = float("inf")
        while True:
            try:
                page = self._bus.call_on(
                    self._service,
                    platform.EventsAfter,
                    credentials=self._credentials,
                    after=self.after,
                    limit=FEED_PAGE,
                )
            except errors.PupitreError:
                eventlet.sleep(0.2)
                page = None
            if page is not None:
                self.ids += [_id_of(text) for text in page.events]
                self.after = page.last
            if self._stopping.is_set():
                deadline = min(deadline, time.monotonic() + 10)
                if (page is not None and not page.events) or time.monotonic() > deadline:
                    return
            if page is None or len(page.events) < FEED_PAGE:
                eventlet.sleep(FEED_PAUSE)


def _id_of(text: str) -> str:
    """The ``id`` of a CloudEvents JSON text, without reading all of it."""
    start = text.index('"id":"') + 6
    return text[start : text.index('"', start)]
