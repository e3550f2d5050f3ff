"""The operator's own way to call services: whoever holds the keys folder may act as the operator of this installation."""

import contextlib
from collections.abc import Iterator
from typing import Any

from pupitre_bus.accounts import OPERATOR
from pupitre_bus.actors import Actor, Keyring
from pupitre_bus.client import Bus
from pupitre_bus.settings import Settings
from pupitre_contracts.message import Call, Message

from . import keys, services


class OperatorBus:
    """A client whose every call is signed by the operator's key."""

    def __init__(self, bus: Bus, keyring: Keyring) -> None:
        self.bus, self.keyring = bus, keyring

    def token_for(self, audience: str) -> str:
        return self.keyring.sign(Actor.service(OPERATOR), audience)

    def call(self, call: type[Call], /, **values: Any) -> Message:
        """Call as the operator; ``idempotency_key`` and ``timeout`` go with the call."""
        return self.bus.call(call, credentials=self, **values)

    def call_on(self, service: str, call: type[Call], /, **values: Any) -> Message:
        return self.bus.call_on(service, call, credentials=self, **values)


@contextlib.contextmanager
def connected(settings: Settings, *needed: str, account: str = OPERATOR) -> Iterator[OperatorBus]:
    """Give a client of the installation that ``settings`` name; it is closed at the end.

    On RabbitMQ it calls the running services. The embedded run's bus is inside its process, so the ``needed`` services are
    started here for the time of the command, on the same databases; what they publish reaches the running process by its
    catch-up, within a minute. ``account`` is the one on the broker, where each service has its own.
    """
    keys.private(settings, OPERATOR)
    with _services_here(settings, needed) if settings.embedded else contextlib.nullcontext(settings.broker_uri(account)) as uri:
        with client(settings, uri, account) as bus:
            yield bus


@contextlib.contextmanager
def client(settings: Settings, uri: str, account: str = OPERATOR) -> Iterator[OperatorBus]:
    """Give a client on the bus at ``uri``, whose replies come to a queue named after ``account``."""
    bus = Bus(uri, account, patience=settings.call_patience)
    try:
        yield OperatorBus(bus, Keyring(settings.keys, OPERATOR))
    finally:
        bus.close()


@contextlib.contextmanager
def _services_here(settings: Settings, needed: tuple[str, ...]) -> Iterator[str]:
    from pupitre_bus import runner  # late: commands on a broker do without it

    host = runner.Host([services.load(name) for name in needed], runner.deployment_from(settings))
    host.start()
    try:
        yield runner.EMBEDDED_URI
    finally:
        host.stop()
