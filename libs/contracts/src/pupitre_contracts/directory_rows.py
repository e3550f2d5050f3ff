"""The annuaire as rows of a file: one for each service of a structure, one for a structure without services (R262).

The download of the API and the files of the flux FAR37 are made of these rows: their content is the same.
"""

from typing import Any

__all__ = ["COLUMNS", "rows_of"]

COLUMNS = (
    "identifier_type", "identifier", "name", "label", "active", "line", "complement", "postal_code", "city", "country",
    "requires_service", "requires_engagement", "requires_service_or_engagement", "payment_not_reported", "receives_edi", "moa_presence",
    "code_service", "service_label", "service_active", "service_starts_on", "service_ends_on", "service_requires_engagement", "change",
)  # fmt: skip
"""The names are those that `pupitre structures import` reads."""

_FACTS = ("identifier_type", "identifier", "name", "label")
_ADDRESS = ("line", "complement", "postal_code", "city", "country")
_DEMANDS = ("requires_service", "requires_engagement", "requires_service_or_engagement", "payment_not_reported", "receives_edi")


def rows_of(entry: Any) -> list[list[Any]]:
    """Return the rows of one structure (a ``DirectoryEntry``)."""
    demands = entry.parameters
    head = [
        *(getattr(entry, name) for name in _FACTS),
        _flag(entry.active),
        *(getattr(entry.address, name) for name in _ADDRESS),
        *(_flag(getattr(demands, name)) for name in _DEMANDS),
        demands.moa_presence,
    ]
    services = [
        [each.code, each.label, _flag(each.enabled), each.starts_on, each.ends_on, _flag(each.requires_engagement)]
        for each in entry.services
    ]
    return [[*head, *service, entry.change] for service in services or [[None] * 6]]


def _flag(value: bool | None) -> str:
    return "true" if value else "false"
