"""Who sees a request, and as what: a party of the actor's structures, with his right in the espace where its role works (R101).

The right counts at the level of the service that the party names, where the role names one. A foreign request is not there; one of the
actor's own structure, where he has not the espace, is forbidden.
"""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from pupitre_contracts import errors

from . import request_queries
from .request_kinds import Known
from .request_tables import BROUILLON
from .rights import READ, WRITE, Rights


def roles(allowed: Rights, row: Mapping[str, Any]) -> dict[str, str]:
    """Return the roles in which the actor sees a request, each with his profile there: the best of those that he has for the structures
    in the role."""
    seen: dict[str, str] = {}
    for each in row["parties"]:
        if each["sees"] and each["structure_id"] is not None:
            service = uuid.UUID(each["structure_service_id"]) if each["structure_service_id"] else None
            profile = allowed.level(uuid.UUID(each["structure_id"]), each["espace"], service)
            if profile is not None and seen.get(each["role"]) != WRITE:
                seen[each["role"]] = profile
    return seen


def acting(allowed: Rights, row: Mapping[str, Any], role: str) -> Mapping[str, Any]:
    """Return the party in whose name the actor acts in a role where he has MODIFICATION: his own where several have the role."""
    mine = ({**row, "parties": [each]} for each in row["parties"] if each["role"] == role)
    return next(each["parties"][0] for each in mine if roles(allowed, each).get(role) == WRITE)


def sees_lines(row: Mapping[str, Any], seen: Iterable[str]) -> bool:
    """Tell whether one of these roles sees the lines of a request, and their files."""
    among = set(seen)
    # Requests of before say nothing of it, and hide nothing.
    return any(each.get("sees_lines", True) for each in row["parties"] if each["role"] in among)


def visible(allowed: Rights, row: Mapping[str, Any] | None, request_id: uuid.UUID) -> dict[str, str]:
    """Return the roles in which the actor sees a request. Raises NotFound or Forbidden."""
    what = f"request {request_id}"
    if row is None:
        raise errors.NotFound(what=what)
    seen = roles(allowed, row)
    if seen:
        return seen
    for each in row["parties"]:
        if each["sees"] and each["structure_id"] is not None:
            structure_id = uuid.UUID(each["structure_id"])
            if allowed.attached(structure_id) and allowed.espace(structure_id, each["espace"]) is None:
                raise errors.Forbidden(needed=f"{each['espace']}, {READ}")
    raise errors.NotFound(what=what)


def draft_of(db: Any, allowed: Rights, request: Any) -> Mapping[str, Any]:
    """Return the draft ``request_id`` at ``version``, as its maker may change it. Raises NotFound, Forbidden, Conflict, and
    TransitionForbidden for what is no draft any more."""
    row = request_queries.row(db, request.request_id)
    seen = visible(allowed, row, request.request_id)
    require(seen, row, row["maker_role"])
    if row["status"] != BROUILLON:
        raise errors.TransitionForbidden(status_from=row["status"], status_to=BROUILLON, allowed="")
    check_version(row, request.version)
    return row


def require(seen: Mapping[str, str], row: Mapping[str, Any], role: str) -> None:
    """Raise Forbidden unless the actor has MODIFICATION in that role."""
    if seen.get(role) != WRITE:
        espace = next((each["espace"] for each in row["parties"] if each["role"] == role), row["espace"])
        raise errors.Forbidden(needed=f"{espace}, {WRITE}")


def check_version(row: Mapping[str, Any], version: int | None) -> None:
    """Raise Conflict for another version than the one that the caller saw."""
    if row["version"] != version:
        raise errors.Conflict(what=f"request {row['number'] or row['portal_number']}")


def require_maker(allowed: Rights, known: Known, role: str, structure_id: uuid.UUID, service: str | None) -> None:
    """Raise Forbidden unless the actor may deposit for a structure in a role, at that service where the role names one."""
    espace = known.espace_of(known.role(role))
    if allowed.level(structure_id, espace, uuid.UUID(service) if service else None) != WRITE:
        raise errors.Forbidden(needed=f"{espace}, {WRITE}")
