"""Reading a structure's audit history (RS-22): for its gestionnaires, and for operators."""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from pupitre_bus import audit
from pupitre_contracts import history

from . import access, model, people, tables

_USER = re.compile(r"user:([0-9a-f-]{36})")
_USER_ID = re.compile(r"(?:^|\.)user_id$")


def list_history(request: Any, scope: Any) -> history.ListHistory.Reply:
    size = max(1, min(request.page_size, model.LARGEST_PAGE))
    with scope.reading() as db:
        access.require(db, scope.actor, "list_history", request.structure_id, day=model.today(scope.clock.now()))
        page = max(1, request.page)
        rows, total = audit.lines_of(db, tables.HISTORY, request.structure_id, page=page, size=size)
    return history.ListHistory.Reply(lines=shown(scope, rows), total=total)


def shown(scope: Any, rows: list[dict[str, Any]]) -> list[history.HistoryLine]:
    """Return lines as people read them, with the names that accounts bear now."""
    names = {str(key): people.name(each) for key, each in people.by_id(scope, _named(rows)).items()}
    return [_line(row, names) for row in rows]


def _named(rows: list[dict[str, Any]]) -> set[uuid.UUID]:
    """The users whom some lines name."""
    found = {uuid.UUID(each) for row in rows for text in (row["actor"], row["object"]) for each in _USER.findall(text)}
    for row in rows:
        for held in (row["before"], row["after"]):
            found |= {uuid.UUID(value) for what, value in _flat(held) if _USER_ID.search(what)}
            found |= {uuid.UUID(user) for user in _keyed_by_user(held)}
    return found


def _line(row: Mapping[str, Any], names: Mapping[str, str]) -> history.HistoryLine:
    before, after = ({what: _text(value) for what, value in _flat(row[held])} for held in ("before", "after"))
    changed = [what for what in {**before, **after} if before.get(what) != after.get(what)]
    return history.HistoryLine(
        number=row["number"],
        at=row["at"],
        actor=row["actor"],
        actor_name=_name(row["actor"], names),
        action=row["action"],
        object=row["object"],
        object_name=_name(row["object"], names),
        changes=[
            history.Change(
                what=_shown(what, names), before=_value(what, before, names), after=_value(what, after, names)
            )
            for what in sorted(changed)
        ],
        noted=[history.Noted(what=what, value=_text(value)) for what, value in sorted(_flat(row["detail"]))],
        digest=row["digest"],
    )


def _flat(held: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Give the values of nested mappings, each under the names that lead to it."""
    for name, value in (held or {}).items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        elif value is not None:
            yield f"{prefix}{name}", value


def _keyed_by_user(held: Any) -> list[str]:
    return [part for what, _ in _flat(held) for part in what.split(".") if _USER.fullmatch(f"user:{part}")]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)


def _name(text: str, names: Mapping[str, str]) -> str | None:
    found = _USER.match(text)
    return names.get(found[1]) if found is not None else None


def _shown(what: str, names: Mapping[str, str]) -> str:
    return ".".join(names.get(part, part) for part in what.split("."))


def _value(what: str, values: Mapping[str, str], names: Mapping[str, str]) -> str | None:
    value = values.get(what)
    return names.get(value, value) if value is not None and _USER_ID.search(what) else value
