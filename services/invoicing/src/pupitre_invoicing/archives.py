"""What is archived: what is finished since a civil year that is closed (R160). It is found and read as all else is."""

import datetime
from collections.abc import Mapping
from typing import Any

from .lifecycle import LIFECYCLES
from .model import civil_date, year_begins

#: Statuses that nothing leaves, of every lifecycle; what was deleted is no invoice any more.
FINISHED = frozenset(status for lifecycle in LIFECYCLES.values() for status in lifecycle.final) - {"SUPPRIMEE"}


def year_began(now: datetime.datetime) -> datetime.datetime:
    """Return when the current civil year began in France: what was finished before is archived."""
    return year_begins(civil_date(now).year)


def is_archived(row: Mapping[str, Any], now: datetime.datetime) -> bool:
    """Tell whether an invoice is archived."""
    return row["status"] in FINISHED and row["status_at"] < year_began(now)
