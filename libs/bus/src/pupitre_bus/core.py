"""What one running service holds, built once per container and shared by its entrypoints and its dependency
provider.
"""

import logging
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nameko.extensions import DependencyProvider, SharedExtension
from pupitre_contracts import catalogue
from pupitre_contracts.message import Event

from . import connection, leases, topology
from .actors import Actor, Keyring
from .client import Bus
from .clock import Clock, SystemClock
from .database import Database
from .depths import Depths
from .relay import Relay
from .scope import Scope
from .sealing import KeySealer

if TYPE_CHECKING:
    from .consumer import DrainConsumer
    from .intake import Intake

log = logging.getLogger(__name__)


@dataclass
class Deployment:
    """Where the services of one process find their means; ``stopping`` tells whether the process was asked to stop."""

    amqp_uri: str
    database_uri: Callable[[str], str]
    keys: Path
    settings: Any = None
    clock: Clock = field(default_factory=SystemClock)
    subscriptions: Mapping[str, Iterable[type[Event]]] = field(default_factory=lambda: catalogue.SUBSCRIPTIONS)
    catch_up_seconds: float = 60
    first_look_seconds: float = 1
    """How long a service that starts waits for another to answer what it missed, before it takes new events."""
    stopping: Callable[[], bool] = lambda: False
    database: Callable[..., Database] = Database
    broker_uri: Callable[[str], str] | None = None
    """The broker's address with a service's own account; without it ``amqp_uri`` serves every service."""
    account_of: Callable[[str], str | None] = lambda service: None
    """The account that a service's events must come from; None where accounts are not told apart."""
    patience: float = 1
    """How many times longer than foreseen calls between services wait."""

    def uri_for(self, service: str) -> str:
        """The address by which ``service`` reaches the broker."""
        return self.broker_uri(service) if self.broker_uri is not None else self.amqp_uri


class Stopped(Exception):
    """The process was asked to stop before the service could start."""


class Credentials:
    """Signs for one actor; see :class:`pupitre_bus.client.Credentials`."""

    def __init__(self, keyring: Keyring, actor: Actor) -> None:
        self._keyring, self._actor = keyring, actor

    def token_for(self, audience: str) -> str:
        return self._keyring.sign(self._actor, audience)


class Runtime:
    """The database, keys, bus client, relay and resources of one service, and the tables of what it handles."""

    def __init__(self, service_class: type, deployment: Deployment) -> None:
        self.name: str = service_class.name
        self.service_class = service_class
        self.deployment = deployment
        self.amqp_uri = deployment.uri_for(self.name)
        self.clock = deployment.clock
        self.instance = f"{self.name}.{uuid.uuid4()}"
        self.calls, self.events, self.timers = service_class.handlers()
        self.guests_method: str | None = service_class.guests_method()
        self.consumers: list[DrainConsumer] = []
        self.intake: Intake | None = None
        self.wait_out: Callable[..., Any] | None = None
        self.depths: Depths | None = None
        self.migrated = False
        self.settings = deployment.settings
        self.keyring = Keyring(deployment.keys, self.name)  # on the machine's clock: tokens are not business time
        self.sealer = KeySealer.from_file(Path(deployment.keys) / f"{self.name}.key")
        self.database: Database | None = None
        self.relay: Relay | None = None
        if service_class.with_database:
            self.database = deployment.database(deployment.database_uri(self.name), self.name, deployment.clock)
            self.relay = Relay(self.database, self.amqp_uri, self._is_heard)
        in_transaction = self.database.in_transaction if self.database is not None else lambda: False
        self.bus = Bus(self.amqp_uri, self.name, in_transaction, deployment.patience)
        self.publishers: list[Any] = [self.bus, *([self.relay] if self.relay is not None else [])]
        """Whatever sends messages, each of which knows whether the broker takes its own."""
        self.resources = service_class.build_resources(self.settings)

    def _is_heard(self, event_type: str) -> bool:
        """Whether some service must get events of this type."""
        return any(event.type == event_type for events in self.deployment.subscriptions.values() for event in events)

    def silent_queues(self) -> list[str]:
        """The queues of which one at least does not answer: those that hear every type which the relay had to set aside."""
        aside = set(self.relay.aside) if self.relay is not None else set()
        if not aside:
            return []
        heard = {name: {event.type for event in events} for name, events in self.deployment.subscriptions.items()}
        suspects = [name for name, types in heard.items() if types >= aside] or [
            name for name, types in heard.items() if types & aside
        ]
        return sorted(topology.event_queue(name).name for name in suspects)

    @property
    def broker_blocked(self) -> bool:
        """Whether the broker takes no message at present, its disk or its memory being short."""
        return any(each.blocked for each in self.publishers)

    def scope(
        self, *, actor: Actor | None, correlation_id: str | None = None, key_seed: str | None = None, **means: Any
    ) -> Scope:
        """Make the scope of one piece of work; its calls are signed by this service on behalf of ``actor``."""
        correlation_id = correlation_id or str(uuid.uuid4())
        credentials = Credentials(self.keyring, Actor.service(self.name, behalf_of=actor))
        return Scope(
            database=self.database,
            clock=self.clock,
            settings=self.settings,
            resources=self.resources,
            bus=self.bus.acting(credentials, correlation_id, key_seed),
            actor=actor,
            correlation_id=correlation_id,
            sealer=self.sealer,
            **means,
        )

    def close(self) -> None:
        leases.forget(self.instance)
        if self.depths is not None:
            self.depths.close()
        for close in (self.bus.close, getattr(self.resources, "close", None), getattr(self.database, "close", None)):
            try:
                if close is not None:
                    close()
            except Exception:
                log.exception("%s: not closed cleanly", self.name)


class Core(SharedExtension):
    """Builds the :class:`Runtime` when the container starts, once the broker answers and its queues are as they must
    be.
    """

    runtime: Runtime | None = None

    def setup(self) -> None:
        deployment: Deployment = self.container.deployment
        service_class = self.container.service_cls
        amqp_uri = deployment.uri_for(service_class.name)
        if not connection.wait_for_broker(amqp_uri, deployment.stopping):
            raise Stopped
        if service_class.handlers().events:
            topology.verify(amqp_uri, service_class.name)
        self.runtime = Runtime(service_class, deployment)

    def start(self) -> None:
        if self.runtime.relay is not None:
            self.container.spawn_managed_thread(self.runtime.relay.run, identifier="relay")

    def stop(self) -> None:
        if self.runtime is not None:
            if self.runtime.relay is not None:
                self.runtime.relay.stop()
            self.runtime.close()

    kill = stop


class RuntimeProvider(DependencyProvider):
    """Gives a service instance its :class:`Runtime`."""

    core = Core()

    def get_dependency(self, worker_ctx: Any) -> Runtime:
        return self.core.runtime
