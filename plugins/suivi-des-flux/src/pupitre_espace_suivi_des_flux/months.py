"""How many flux were processed in each month, and with what outcome: counted as they end, and kept."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from pupitre_espaces import EspaceContext, EspaceEvent

PARIS = ZoneInfo("Europe/Paris")
KEPT = "mois"
#: Months that are shown, the newest first.
SHOWN = 12
#: More months than an installation will see: the port gives them by key, the oldest first.
_ALL = 200


def count(event: EspaceEvent, context: EspaceContext) -> None:
    """Add a flux that was processed to its month in France. Each is told once, so that nothing is counted twice."""
    month = f"m-{event.at.astimezone(PARIS):%Y-%m}"
    records = context.ports.records
    before = records.get(KEPT, month)
    totals = before.document if before else {"flux": 0, "accepted": 0, "refused": 0}
    records.put(
        KEPT,
        month,
        {
            "flux": totals["flux"] + 1,
            "accepted": totals["accepted"] + event.data["accepted"],
            "refused": totals["refused"] + event.data["refused"],
        },
    )


def newest(context: EspaceContext) -> list[tuple[str, dict[str, Any]]]:
    """Return the last months in which flux were processed, the newest first, as (year and month, totals). Raises PortRefused."""
    found = context.ports.records.search(KEPT, limit=_ALL)
    return [(each.key.removeprefix("m-"), dict(each.document)) for each in reversed(found[-SHOWN:])]
