"""What the platform lends to plugins. A port is made for one espace, one structure and one user, and reaches nothing of any other.

Whoever owns the data answers, for the user in whose name the plugin works: what he may not, the plugin may not. Every port may raise
:class:`PortRefused`, which a plugin may let pass: its page then says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from .requests import RequestView
    from .values import Label

#: Invoices that the structure issued, received, or is named to validate before their recipient has them.
Side = Literal["issued", "received", "validating"]


class PortRefused(Exception):
    """The platform refused what was asked through a port, or cannot tell now; `code` is stable, the text is for people."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Clock(Protocol):
    """The time of the platform, which the sandbox and tests move; plugins never ask the system."""

    def now(self) -> datetime:
        """Return the present instant, timezone-aware, in UTC."""
        ...


class SystemClock:
    """The clock of a process that was given none."""

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Record:
    """A document of an espace: JSON of at most 64 kB, under a key of a collection. `version` counts its changes from 1."""

    collection: str
    key: str
    document: Mapping[str, Any]
    version: int
    changed_at: datetime
    changed_by: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "document", MappingProxyType(dict(self.document)))


class Records(Protocol):
    """The documents that an espace keeps for a structure. Collections and keys are kebab-case."""

    def get(self, collection: str, key: str) -> Record | None:
        """Return one document, or None."""
        ...

    def put(self, collection: str, key: str, document: Mapping[str, Any], *, version: int | None = None) -> Record:
        """Keep a document; with `version`, only in place of that version (0: only a new one), else PortRefused "conflict"."""
        ...

    def delete(self, collection: str, key: str) -> None:
        """Forget a document; one that is not there is no error."""
        ...

    def search(self, collection: str, text: str = "", *, limit: int = 50, after: str = "") -> tuple[Record, ...]:
        """Return documents by key, those that hold `text` (case and accents aside, `*` for anything); `after` is the last key seen."""
        ...


class Requests(Protocol):
    """The requests of this espace in which the structure has a role, read only: moves are the platform's pages and API."""

    def search(
        self, *, kind: str = "", status: str = "", text: str = "", to_do: bool = False, limit: int = 50
    ) -> tuple[RequestView, ...]:
        """Return the newest requests that the user sees."""
        ...

    def get(self, request_id: UUID) -> RequestView | None:
        """Return one request; None for what is not there, or not for him."""
        ...

    def count(self, *, kind: str = "", status: str = "", to_do: bool = False) -> int:
        """Return how many the user sees."""
        ...


@dataclass(frozen=True, slots=True)
class InvoiceView:
    """An invoice as lists show it. Money is exact, in `currency`."""

    id: UUID
    number: str
    cadre: str
    status: str
    status_label: Label
    issue_date: date | None
    supplier_name: str
    recipient_name: str
    engagement: str | None
    currency: str
    gross: Decimal | None
    #: Counts all invoices of the platform from 1, in the order in which they were made. This and what follows: since 1.1.
    portal_number: int | None = None
    code_service: str | None = None
    supplier_siret: str | None = None
    #: Last day to pay in time; None while the délai global de paiement does not run.
    due_on: date | None = None
    #: When it came to its recipient, the last time that it did; not in lists.
    received_at: datetime | None = None


class Invoices(Protocol):
    """The ordinary invoices of the structure, read only, as far as the user sees them in *Factures émises*, in *Factures reçues*, or in the
    espace in which he validates them."""

    def search(
        self, side: Side, *, number: str = "", status: str = "", engagement: str = "", limit: int = 20
    ) -> tuple[InvoiceView, ...]:
        """Return the newest invoices that fit, `*` for anything."""
        ...

    def count(self, side: Side, *, status: str = "") -> int:
        """Return how many there are."""
        ...

    def get(self, invoice_id: UUID) -> InvoiceView | None:
        """Return one that the structure issued or received; None for what is not there, or not for him. Since 1.1."""
        ...


@dataclass(frozen=True, slots=True)
class Member:
    """A user of the structure with a habilitation in the espace: `may_act` with the profile MODIFICATION for the whole structure. Since
    1.1."""

    id: str
    name: str
    may_act: bool


class Members(Protocol):
    """The users of the structure who have a habilitation in the espace, for who manages the structure's users. Since 1.1."""

    def all(self) -> tuple[Member, ...]:
        """Return them by name, 200 at most. Raises PortRefused "forbidden" for a user who does not manage them."""
        ...


@dataclass(frozen=True, slots=True)
class FluxView:
    """A deposited file and what became of it; `state` is the reference's code (IN_INTEGRE, …)."""

    numero: str
    state: str
    syntax: str
    file_name: str
    deposited_at: datetime
    total: int | None
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class FluxFault:
    """One error of a flux: for one invoice (`number`, `file`) or, without them, for the flux itself."""

    code: str
    code_label: str
    field: str
    value: str
    rule: str
    message: str
    remedy: str
    number: str | None = None
    file: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What validation says of one file, without storing it; `findings` are in the user's language."""

    verdict: Literal["valid", "invalid", "error"]
    stage: str | None
    format: str | None
    profile: str | None
    findings: tuple[tuple[str, str, str, str], ...]
    terms: Mapping[str, str | None] = field(default_factory=dict)


class Flux(Protocol):
    """The flux that the structure deposited, and the check of a file without deposit."""

    def search(self, *, limit: int = 50, after: str = "") -> tuple[FluxView, ...]:
        """Return the newest flux; `after` is the last number seen."""
        ...

    def faults(self, numero: str) -> tuple[FluxFault, ...]:
        """Return the errors of one flux."""
        ...

    def check(self, name: str, content: bytes) -> Verdict:
        """Judge one file as a deposit would; nothing is kept. `findings` are (rule, severity, message, remedy)."""
        ...


class NoPort:
    """Stands where the platform lends nothing: any use is refused."""

    def __getattr__(self, name: str) -> Any:
        raise PortRefused("no-port", f"this host lends no port with {name}")


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one call; those that a host has not refuse every use."""

    records: Records = field(default_factory=NoPort)
    requests: Requests = field(default_factory=NoPort)
    invoices: Invoices = field(default_factory=NoPort)
    flux: Flux = field(default_factory=NoPort)
    members: Members = field(default_factory=NoPort)
