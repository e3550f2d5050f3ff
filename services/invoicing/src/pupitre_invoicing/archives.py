"""What is finished, and what is archived: finished since a civil year that is closed (R160). It is found and read as all else is."""

import datetime
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from pupitre_espaces import lifecycle as engine
from pupitre_espaces.invoice_cadres import HANDED

from . import circuits
from .lifecycle import LIFECYCLES
from .model import civil_date, year_begins
from .request_tables import request
from .tables import invoice

#: Statuses that nothing leaves, of every lifecycle of the portal's own; what was deleted is no invoice any more.
FINISHED = frozenset(status for lifecycle in LIFECYCLES.values() for status in lifecycle.final) - {"SUPPRIMEE"}


def year_began(now: datetime.datetime) -> datetime.datetime:
    """Return when the current civil year began in France: what was finished before is archived."""
    return year_begins(civil_date(now).year)


class Finished:
    """The statuses in which invoices have come to their end: those of the portal, and in the preludes of the espaces that are installed
    those that nothing leaves, the refusal of a valideur for instance."""

    def __init__(self, host: Any) -> None:
        self._preludes: dict[str, frozenset[str]] = {}
        for code, (espace, cadre) in host.cadres().items():
            for table in (cadre.prelude, *cadre.earlier):
                name = circuits.Circuit(espace, cadre, table).name
                self._preludes[name] = _final(table, code) - {HANDED}

    def where(self) -> Any:
        """Return the condition that an invoice is finished."""
        preludes = (
            sa.and_(invoice.c.lifecycle == name, invoice.c.status.in_(sorted(statuses)))
            for name, statuses in self._preludes.items()
            if statuses
        )
        return sa.or_(invoice.c.status.in_(sorted(FINISHED)), *preludes)

    def holds(self, row: Mapping[str, Any]) -> bool:
        """Tell whether an invoice is finished."""
        return row["status"] in FINISHED or row["status"] in self._preludes.get(row["lifecycle"], ())

    def is_archived(self, row: Mapping[str, Any], now: datetime.datetime) -> bool:
        """Tell whether an invoice is archived."""
        return self.holds(row) and row["status_at"] < year_began(now)


def requests_finished(host: Any) -> Any:
    """Return the condition that nothing can be done with a request any more. One whose espace is not installed is never finished: nobody
    knows what might still be done with it."""
    ends = [
        sa.and_(
            request.c.espace == espace,
            request.c.kind == key,
            request.c.lifecycle == table.name,
            request.c.cadre == cadre.code,
            request.c.status.in_(sorted(_final(table, cadre.code))),
        )
        for (espace, key), kind in host.kinds().items()
        for table in kind.lifecycles
        for cadre in kind.cadres
    ]
    return sa.or_(sa.false(), *ends)


def _final(table: engine.Lifecycle, cadre: str) -> frozenset[str]:
    """Return the statuses that nothing leaves with a cadre."""
    return table.statuses - {row.source for row in table.transitions if row.is_for(cadre)}
