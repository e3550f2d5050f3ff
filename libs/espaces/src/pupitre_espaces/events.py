"""The events of which espaces are told, and what of them: the public view, which is all that an espace gets.

Identifiers of structures are texts, as in `Structure.id`; amounts are exact and instants aware. What may be absent is None. Events about
people and their accounts are not among these, and notifications publishes none.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID

from .checks import require, require_types
from .context import EspaceContext


@dataclass(frozen=True, slots=True)
class EventKind:
    """A type of event: the service that publishes it, when it happens, its values by name, and which of them are always there."""

    type: str
    service: str
    when: str
    fields: Mapping[str, type]
    optional: frozenset[str] = frozenset()

    def check(self, data: Mapping[str, Any]) -> None:
        """Raise ValueError unless `data` has the values of this type of event, and no others."""
        unknown = sorted(set(data) - set(self.fields))
        require(not unknown, f"{self.type} has no value {', '.join(unknown)}")
        missing = sorted(set(self.fields) - set(data) - self.optional)
        require(not missing, f"{self.type} needs {', '.join(missing)}")
        for name, value in data.items():
            absent = value is None and name in self.optional
            require(absent or isinstance(value, self.fields[name]), f"{self.type}: {name} is {self.fields[name].__name__}")


_INVOICE = {"invoice_id": UUID, "portal_number": int, "number": str}
_SUPPLIER = {"supplier_structure_id": str, "supplier_name": str}
_RECIPIENT = {"recipient_structure_id": str, "recipient_name": str}
_MONEY = {"currency": str, "gross": Decimal}
_MOVED = {"status_from": str, "status_to": str, "by": str, "motive": str, "comment": str}
_REQUEST = {"request_id": UUID, "espace": str, "kind": str, "number": str, "maker_name": str}
_MAKER = {"portal_number": int, "cadre": str, "maker_structure_id": str}
_STRUCTURE = {"structure_id": str, "structure_name": str}
_SERVICE = {"structure_service_id": UUID, "structure_id": str, "code": str}
_MANDAT = {"mandat_id": UUID, "number": int, "structure_id": str, "structure_name": str, "mandataire_id": str, "mandataire_name": str}
_ACCOUNT = {"technical_account_id": UUID, "structure_id": str, "login": str}


def _kind(type: str, service: str, when: str, *fields: Mapping[str, Any], optional: str = "") -> EventKind:
    merged = {name: of for each in fields for name, of in each.items()}
    return EventKind(type, service, when, MappingProxyType(merged), frozenset(optional.split()))


#: Every event of which an espace may be told, by its type on the bus.
EVENTS: Mapping[str, EventKind] = MappingProxyType(
    {
        each.type: each
        for each in (
            _kind(
                "invoice.submitted.v1",
                "invoicing",
                "an invoice was sent and has come to its recipient",
                _INVOICE,
                {"kind": str, "cadre": str},
                _SUPPLIER,
                _RECIPIENT,
                {"code_service": str, "engagement": str},
                _MONEY,
                {"due": Decimal},
                optional="code_service engagement due",
            ),
            _kind(
                "invoice.moved.v1",
                "invoicing",
                "an invoice passed from one status to another",
                _INVOICE,
                _MOVED,
                _SUPPLIER,
                _RECIPIENT,
                _MONEY,
                optional="status_from motive comment",
            ),
            _kind(
                "invoice.passed.v1",
                "invoicing",
                "an invoice that others validate first passed from one status to another",
                _INVOICE,
                {"espace": str, "cadre": str},
                _MOVED,
                _SUPPLIER,
                _MONEY,
                optional="status_from motive comment",
            ),
            _kind(
                "invoice.eliminated.v1",
                "invoicing",
                "an invoice was eliminated at the end of keeping: whoever keeps a copy of it eliminates that too",
                _INVOICE,
            ),
            _kind(
                "flux.processed.v1",
                "invoicing",
                "every invoice of a flux has its outcome",
                {"flux_id": UUID, "numero_flux": str, "structure_id": str, "state": str, "accepted": int, "refused": int},
            ),
            _kind(
                "request.sent.v1",
                "invoicing",
                "a request was sent",
                _REQUEST,
                _MAKER,
                {"dossier_number": str, "net": Decimal, "vat": Decimal, "gross": Decimal},
                optional="dossier_number net vat gross",
            ),
            _kind(
                "request.moved.v1",
                "invoicing",
                "a request passed from one status to another; `invoice_id`: it became that invoice",
                _REQUEST,
                _MAKER,
                _MOVED,
                {"invoice_id": UUID},
                optional="motive comment invoice_id",
            ),
            _kind(
                "request.reminded.v1",
                "invoicing",
                "time runs out for those for whom a request is work",
                _REQUEST,
                {"status": str, "days_left": int, "due_at": datetime},
            ),
            _kind(
                "request.eliminated.v1",
                "invoicing",
                "a request was eliminated at the end of keeping: whoever keeps a copy of it eliminates that too",
                {name: of for name, of in _REQUEST.items() if name != "maker_name"},
                {"portal_number": int, "maker_structure_id": str},
            ),
            _kind("espace.opened.v1", "organisation", "the structure opened this espace", _STRUCTURE, {"espace": str}),
            _kind("espace.closed.v1", "organisation", "the structure closed this espace", _STRUCTURE, {"espace": str}),
            _kind("structure.changed.v1", "organisation", "general data of the structure changed", _STRUCTURE, {"changed": tuple}),
            _kind("structure.activated.v1", "organisation", "the structure takes part again", _STRUCTURE),
            _kind("structure.inactivated.v1", "organisation", "the structure neither receives nor issues any more", _STRUCTURE),
            _kind("structure_service.created.v1", "organisation", "the structure has one service more", _SERVICE),
            _kind(
                "structure_service.changed.v1",
                "organisation",
                "a service of the structure changed, or was switched on or off",
                _SERVICE,
                {"enabled": bool},
            ),
            _kind(
                "mandat.given.v1",
                "organisation",
                "a structure lets another one deposit for it",
                _MANDAT,
                {"starts_on": date, "ends_on": date},
                optional="ends_on",
            ),
            _kind("mandat.ended.v1", "organisation", "a mandat to deposit was revoked or given back", _MANDAT),
            _kind("technical_account.created.v1", "identity", "the structure got a technical account", _ACCOUNT),
            _kind("technical_account.revoked.v1", "identity", "a technical account opens nothing any more", _ACCOUNT),
        )
    }
)


@dataclass(frozen=True, slots=True)
class EspaceEvent:
    """An event as an espace is told of it, for one structure: `context.structure`."""

    id: UUID
    type: str
    at: datetime
    #: What the structure is to it: "supplier", "recipient", "mandant", "mandataire", keys of roles; "structure" where it is about itself.
    roles: frozenset[str]
    #: The values that `EVENTS` lists for the type, each of them; None for one that is absent.
    data: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require_types(self, id=UUID, type=str, at=datetime, data=Mapping)
        kind = known(self.type)
        kind.check(self.data)
        object.__setattr__(self, "roles", frozenset(self.roles))
        object.__setattr__(self, "data", MappingProxyType({name: self.data.get(name) for name in kind.fields}))


@dataclass(frozen=True, slots=True)
class Reaction:
    """What an espace does when an event happens; `react` returns nothing, and may be called again for an event whose attempt failed."""

    #: Its type, one of `EVENTS`, for instance "request.moved.v1".
    event: str
    react: Callable[[EspaceEvent, EspaceContext], None]

    def __post_init__(self) -> None:
        require_types(self, event=str, react=Callable)
        known(self.event)


def known(type: str) -> EventKind:
    """Return what is known of a type of event. Raises ValueError, with the one that was probably meant."""
    found = EVENTS.get(type)
    near = difflib.get_close_matches(type, EVENTS, 1)
    meant = f"; did you mean {near[0]}?" if near else "; docs/reference/hooks.md lists them"
    require(found is not None, f"espaces are told of no event {type!r}{meant}")
    return found
