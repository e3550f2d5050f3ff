"""The circuits of validation that plugins put before the lifecycle of an invoice, and the one place where tables are found by name.

While others validate an invoice its ``lifecycle`` is ``<espace>:<cadre>@<prelude>``. Once it is handed over it follows the table of
the ordinary invoice, and needs the plugin no more.
"""

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import errors
from pupitre_espaces import lifecycle as engine
from pupitre_espaces.invoice_cadres import HANDED, SUPPLIER, InvoiceCadre
from pupitre_espaces.requests import Role

from . import lifecycle
from .lifecycle import LABELS


@dataclass(frozen=True, slots=True)
class Circuit:
    """The way of one invoice to its recipient: the cadre that an espace gives, and the prelude that the invoice follows."""

    espace: str
    cadre: InvoiceCadre
    table: engine.Lifecycle

    @property
    def name(self) -> str:
        """What an invoice keeps of it."""
        return f"{self.espace}:{self.cadre.code}@{self.table.name}"

    @property
    def begins(self) -> engine.Transition:
        """The row by which sending takes an invoice out of the draft."""
        return next(row for row in self.table.transitions if row.source is None)

    @property
    def roles(self) -> tuple[Role, ...]:
        return self.cadre.roles

    def espace_of(self, role: Role) -> str:
        """Return where a role works."""
        return role.espace or self.espace

    def awaits(self, status: str) -> frozenset[str]:
        """Return the roles, the supplier's among them, that an invoice at ``status`` waits for."""
        return self.table.awaits(status, self.cadre.code)


def of_cadre(host: Any, code: str, day: datetime.date) -> Circuit | None:
    """Return the circuit of the invoices that are sent on ``day`` with a cadre; None for a cadre without validation."""
    found = host.cadres().get(code)
    if found is None:
        return None
    espace, cadre = found
    valid = [each for each in (cadre.prelude, *cadre.earlier) if each.valid_from <= day]
    return Circuit(espace, cadre, max(valid, key=lambda each: each.valid_from, default=cadre.prelude))


def in_validation(row: Mapping[str, Any]) -> bool:
    """Tell whether others validate an invoice that was sent, and its recipient does not know of it."""
    return "@" in row["lifecycle"]


def of_row(host: Any, row: Mapping[str, Any]) -> Circuit | None:
    """Return the circuit of an invoice in validation; None where its plugin, or the prelude in it, is not there."""
    espace, _, rest = row["lifecycle"].partition(":")
    code, _, name = rest.partition("@")
    found = host.cadres().get(code)
    if found is None or found[0] != espace:
        return None
    try:
        return Circuit(espace, found[1], found[1].table(name))
    except KeyError:
        return None


def required(host: Any, row: Mapping[str, Any]) -> Circuit:
    """Return the circuit of an invoice in validation. Raises EspaceSilent where its plugin is not there."""
    found = of_row(host, row)
    if found is None:
        raise errors.EspaceSilent(espace=row["lifecycle"].partition(":")[0])
    return found


def table_of(row: Mapping[str, Any]) -> lifecycle.Lifecycle:
    """Return the portal's own table that an invoice follows. Raises TransitionForbidden for one in validation."""
    if in_validation(row):
        lifecycle.forbid(row["status"], HANDED, ())
    return lifecycle.LIFECYCLES[row["lifecycle"]]


def label(host: Any, row: Mapping[str, Any], status: str | None = None) -> tuple[str, str]:
    """Return the French and English name of a status of an invoice, its own unless another is asked."""
    status = status or row["status"]
    if status not in LABELS and in_validation(row) and (circuit := of_row(host, row)) is not None:
        found = circuit.table.label(status)
        if found is not None:
            return found.fr, found.en
    return LABELS.get(status, (status, status))


def awaiting_supplier(host: Any) -> frozenset[str]:
    """Return the statuses of preludes that wait for the supplier: work for him."""
    return frozenset(
        row.source
        for _, cadre in host.cadres().values()
        for table in (cadre.prelude, *cadre.earlier)
        for row in table.transitions
        if row.who == SUPPLIER and row.source is not None and row.awaited
    )


def of_espace(host: Any, espace: str) -> Iterator[tuple[str, InvoiceCadre]]:
    """Give the cadres in which a role works in an espace, each with the espace that it comes from."""
    for key, cadre in host.cadres().values():
        if any((role.espace or key) == espace for role in cadre.roles):
            yield key, cadre
