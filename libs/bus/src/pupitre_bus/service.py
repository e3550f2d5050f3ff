"""The base of every service: a plain nameko service class whose methods are marked with ``@rpc``, ``@on_event``,
``@every``.
"""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

import kombu
from pupitre_contracts import platform

from . import calls, events, feed, guests, retention, timers
from .admission import Admission
from .core import RuntimeProvider
from .health import health

_FORGET = "forget-old"


class Handlers(NamedTuple):
    """What a service class answers, hears and does by itself."""

    calls: dict
    events: dict
    timers: list


class Service:
    """Derive, set ``name`` and ``package`` (where tables, migrations and settings live), and mark methods.

    ``build_resources(settings)`` runs once per process; its result is ``scope.resources``, is closed with ``close()``
    if it has one, and may report problems with ``health()`` as (name, ok, detail) triples. ``with_database = False``
    is for a service that owns no data: it has neither outbox nor inbox.
    """

    name: ClassVar[str]
    package: ClassVar[str | None] = None
    with_database: ClassVar[bool] = True
    #: Who may ask for what, asked before a call runs; calls that every service answers have rules of their own.
    admission: ClassVar[Admission | None] = None
    runtime = RuntimeProvider()

    @staticmethod
    def build_resources(settings: Any) -> Any:
        return None

    @classmethod
    def handlers(cls) -> Handlers:
        """The marked methods; what needs a database is left out of a service without one."""
        found = Handlers(calls.calls_of(cls), events.events_of(cls), timers.timers_of(cls))
        if cls.with_database:
            return found
        own_timers = [timer for timer in found.timers if timer.lease != _FORGET]
        if found.events or own_timers:
            raise TypeError(f"{cls.__name__} has no database, so it can neither hear events nor hold leases")
        return found._replace(timers=[],
            calls={name: entry for name, entry in found.calls.items() if entry[0] not in _NEED_DATABASE}
        )

    @classmethod
    def guests_method(cls) -> str | None:
        """The name of the method that serves guests (:mod:`pupitre_bus.guests`), None without one."""
        return guests.method_of(cls)

    @calls.CallsEntrypoint.decorator
    def answer_call(self, message: kombu.Message) -> bytes | None:
        return calls.answer(self.runtime, self, message)

    @events.EventsEntrypoint.decorator
    def take_event(self, take: Callable[[Any], Any], since: float | None = None) -> Any:
        return self.runtime.wait_out(self, take, since)

    @timers.TimersEntrypoint.decorator
    def run_timer(self, timer: timers.Timer) -> None:
        timers.work(self.runtime, self, timer)

    @timers.every(seconds=3600, lease=_FORGET)
    def forget_old(self, scope):
        lasting = [method for method, (call, _) in self.runtime.calls.items() if call.lasting]
        retention.forget_old(scope, lasting)

    @calls.rpc(platform.EventsAfter)
    def events_after(self, request, scope):
        return feed.events_after(request, scope)

    @calls.rpc(platform.Health)
    def health(self, request, scope):
        return health(self.runtime)

    @calls.rpc(platform.DeadLetters)
    def dead_letters(self, request, scope):
        return feed.dead_letters(request, scope)

    @calls.rpc(platform.DeadLetterDetail)
    def dead_letter_detail(self, request, scope):
        return feed.dead_letter(request, scope)

    @calls.rpc(platform.RetryDeadLetter)
    def retry_dead_letter(self, request, scope):
        return feed.retry_dead_letter(request, scope, self.runtime.intake, self)


_NEED_DATABASE = {platform.EventsAfter, platform.DeadLetters, platform.DeadLetterDetail, platform.RetryDeadLetter}
