"""The contracts as they are frozen: golden files of every call, event and error, and an example of every event.

``python -m support.contracts`` (``make freeze``) writes what is new and what was only widened; it refuses to write over a promise
that was broken: that is a new version.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pupitre_contracts import catalogue, errors
from pupitre_contracts.message import Call, Event

GOLDEN = Path(__file__).resolve().parents[1] / "contract" / "golden"
_WORDS = {
    "UUID": "0b6f2f3c-9a3e-4c59-8f5e-2a4d7e1c9b10",
    "Instant": "2026-10-01T08:30:00.000000Z",
    "Date": "2026-10-01",
    "Money": "1234.56",
    "Integer": 7,
    "Boolean": True,
    "Dict": {"BT-1": "FA-2026-0001"},
    "Raw": "text",
}


class Broken(Exception):
    """A change that those who rely on the contract would not survive."""


def described() -> dict[str, dict[str, Any]]:
    """Every contract in its frozen form, by the name of its golden file."""
    calls = {f"calls/{_called(call)}.json": call.describe() for call in catalogue.CALLS}
    events = {f"events/{event.type}.json": _event(event) for event in catalogue.EVENTS.values()}
    subscriptions = {name: sorted(event.type for event in heard) for name, heard in catalogue.SUBSCRIPTIONS.items()}
    return {
        **calls,
        **events,
        "errors.json": {code: each.status for code, each in sorted(errors.ALL.items()) if code},
        "subscriptions.json": subscriptions,
    }


def examples() -> dict[str, dict[str, Any]]:
    """An example of every event, made of its description, by the name of its file."""
    return {f"examples/{event.type}.json": _example(event.describe()) for event in catalogue.EVENTS.values()}


def frozen() -> dict[str, Any]:
    """What the golden files hold."""
    return {str(path.relative_to(GOLDEN)): json.loads(path.read_text()) for path in sorted(GOLDEN.rglob("*.json"))}


def broken(before: dict[str, Any], after: dict[str, Any], *, sent: bool) -> list[str]:
    """What in ``after`` somebody who relies on ``before`` would not survive; ``sent`` tells whether he reads or writes it.

    New optional fields are no break, in a message within the message neither. A required one is none either where Pupitre writes
    it.
    """
    found = [f"{name} was removed" for name in before.keys() - after.keys()]
    found += [
        f"{name} is new and required" for name in after.keys() - before.keys() if after[name]["required"] and not sent
    ]
    for name in sorted(before.keys() & after.keys()):
        found += _field_faults(name, before[name], after[name], sent=sent)
    return found


def _field_faults(name: str, before: dict[str, Any], after: dict[str, Any], *, sent: bool) -> list[str]:
    inner = {"fields", "items"}
    if {key: value for key, value in before.items() if key not in inner} != {
        key: value for key, value in after.items() if key not in inner
    }:
        return [f"{name} changed from {before} to {after}"]
    if "items" in before:
        return _field_faults(f"{name}[]", before["items"], after["items"], sent=sent)
    if "fields" in before:
        return [f"{name}.{fault}" for fault in broken(before["fields"], after["fields"], sent=sent)]
    return []


def freeze() -> list[str]:
    """Write the golden files; return the names of those that changed. Raises Broken, and then writes nothing."""
    before, after = frozen(), described()
    faults = [
        f"{name}: {fault}"
        for name in before.keys() & after.keys()
        for fault in _faults(name, before[name], after[name])
    ]
    if faults:
        raise Broken("\n".join(faults))
    wanted = {**after, **examples()}
    changed = [
        name
        for name, content in wanted.items()
        if before.get(name) != content and (name in after or name not in before)
    ]
    for name in changed:
        path = GOLDEN / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(wanted[name], ensure_ascii=False, indent=2, sort_keys=True) + "\n")
    return changed


def _faults(name: str, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    if name.startswith("events/"):
        return broken(before["fields"], after["fields"], sent=True) + _changed(before, after, "owner", "subject")
    if name.startswith("calls/"):
        asked, answered = (
            broken(before[part], after[part], sent=sent) for part, sent in (("request", False), ("reply", True))
        )
        return [*asked, *answered, *_changed(before, after, "service", "writes")]
    if name == "errors.json":
        return [
            f"{code} was removed or has another status" for code, status in before.items() if after.get(code) != status
        ]
    return []


def _changed(before: dict[str, Any], after: dict[str, Any], *names: str) -> list[str]:
    return [f"{name} changed" for name in names if before[name] != after[name]]


def _called(call: type[Call]) -> str:
    return f"{call.service or 'every-service'}.{call.method}"


def _event(event: type[Event]) -> dict[str, Any]:
    return {"owner": event.owner, "subject": event.subject_field, "fields": event.describe()}


def _example(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(name, field) for name, field in fields.items()}


def _value(name: str, field: dict[str, Any]) -> Any:
    if "choices" in field:
        return field["choices"][0]
    if "fields" in field:
        return _example(field["fields"])
    if "items" in field:
        return [_value(name, field["items"])]
    return _WORDS.get(field["type"], name.replace("_", " "))


def main() -> int:
    try:
        changed = freeze()
    except Broken as faults:
        sys.stderr.write(f"These changes break a frozen contract; publish a new version beside it instead:\n{faults}\n")
        return 1
    sys.stdout.write("".join(f"frozen: {name}\n" for name in changed) or "nothing to freeze\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
