"""CloudEvents 1.0 in structured JSON: the only form in which an event travels.

The bytes are made and read here, strictly, because a lenient reader loses events or lets a payload choose types: what
a consumer would refuse is refused at the producer, inside the transaction that publishes it (RS-08).
"""

import datetime
import json
import math
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import Invalid

CONTENT_TYPE = "application/cloudevents+json"
MAX_BYTES = 64 * 1024
MAX_DEPTH = 32
SOURCE_PREFIX = "/pupitre/"

_ATTRIBUTE_CHARACTERS = 1024


class Malformed(Exception):
    """The bytes are not an event that this bus would have sent."""


@dataclass(frozen=True)
class Envelope:
    """An event as received. ``feed_seq`` is its number in its source's log; ``source`` is the name of the service
    that owns it, ``body`` the bytes in which it came."""

    id: uuid.UUID
    source: str
    type: str
    subject: str
    subject_version: int
    feed_seq: int
    time: datetime.datetime
    data: dict[str, Any]
    correlation_id: str | None = None
    actor: str | None = None
    body: bytes = field(default=b"", repr=False, compare=False)


class Numbered(Protocol):
    """What :func:`encode` reads of a row of the outbox; ``body`` is the event's data as JSON text."""

    id: uuid.UUID
    source: str
    type: str
    subject: str
    subject_version: int
    feed_seq: int
    occurred_at: datetime.datetime
    body: str
    correlation_id: str | None
    actor: str | None


def encode(row: Numbered) -> bytes:
    """Return the bytes of an event that :func:`refuse_unfit` has let in."""
    return (_write(_attributes(row))[:-1] + ',"data":' + row.body + "}").encode()


def refuse_unfit(row: Numbered) -> None:
    """Raise :class:`errors.Invalid` for what :func:`decode` would refuse in an event whose ``body`` :func:`write_data` made: that
    was checked there, and what is left are the attributes and the size."""
    try:
        _read({**_attributes(row), "data": {}})
        size = len(encode(row))
        if size > MAX_BYTES:
            raise Malformed(f"{size} bytes; at most {MAX_BYTES}")
    except (Malformed, ValueError) as error:
        raise Invalid(what=row.type, fields={"_event": [str(error)]}) from error


def _attributes(row: Numbered) -> dict[str, Any]:
    attributes = {
        "specversion": "1.0",
        "id": str(row.id),
        "source": SOURCE_PREFIX + row.source,
        "type": row.type,
        "subject": row.subject,
        "time": row.occurred_at.astimezone(datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "datacontenttype": "application/json",
        "feedseq": row.feed_seq,
        "subjectversion": row.subject_version,
    }
    if row.correlation_id is not None:
        attributes["correlationid"] = row.correlation_id
    if row.actor is not None:
        attributes["actor"] = row.actor
    return attributes


def write_data(type_: str, data: Mapping[str, Any]) -> str:
    """Return an event's data as the JSON text that the outbox keeps. Raises :class:`errors.Invalid`."""
    try:
        check(data)
        return _write(data)
    except (Malformed, ValueError, TypeError) as error:
        raise Invalid(what=type_, fields={"_event": [str(error)]}) from error


def decode(body: bytes) -> Envelope:
    """Read the bytes of an event; raises :class:`Malformed`. Unknown extension attributes are tolerated, nothing else
    is."""
    if len(body) > MAX_BYTES:
        raise Malformed(f"{len(body)} bytes; at most {MAX_BYTES}")
    try:
        raw = json.loads(
            body.decode("utf-8", "strict"), parse_constant=_refuse_constant, object_pairs_hook=_without_duplicates
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(f"not strict JSON: {error}") from error
    if not isinstance(raw, dict):
        raise Malformed("not an object")
    check(raw, depth=0)
    return _read(raw, body)


def check(value: Any, depth: int = 1) -> None:
    """Raise :class:`Malformed` unless ``value`` survives JSON unchanged and fits every database: strings, exact whole
    numbers, finite numbers, booleans, null, lists, and objects with string keys, at most 32 levels deep."""
    if depth > MAX_DEPTH:
        raise Malformed(f"more than {MAX_DEPTH} levels")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int):
        if abs(value) >= 2**63:
            raise Malformed("a whole number beyond 64 bits; send it as text")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise Malformed("a number that is not finite")
    elif isinstance(value, list):
        for item in value:
            check(item, depth + 1)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise Malformed(f"a key that is not text: {key!r}")
            _check_text(key)
            check(item, depth + 1)
    else:
        raise Malformed(f"{type(value).__name__} does not exist in JSON")


def _check_text(text: str) -> None:
    if "\0" in text:
        raise Malformed("a NUL character")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise Malformed("half of a surrogate pair") from error


def _write(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("an object names a key twice")
    return result


def _read(raw: dict[str, Any], body: bytes = b"") -> Envelope:
    if raw.get("specversion") != "1.0":
        raise Malformed("specversion is not 1.0")
    if raw.get("datacontenttype", "application/json") != "application/json":
        raise Malformed("datacontenttype is not application/json")
    if not isinstance(raw.get("data"), dict):
        raise Malformed("data is not an object")
    source = _attribute(raw, "source")
    if not source.startswith(SOURCE_PREFIX) or len(source) == len(SOURCE_PREFIX):
        raise Malformed(f"source is not {SOURCE_PREFIX}<service>")
    return Envelope(
        id=_identifier(_attribute(raw, "id")),
        source=source.removeprefix(SOURCE_PREFIX),
        type=_attribute(raw, "type"),
        subject=_attribute(raw, "subject"),
        subject_version=_number(raw, "subjectversion"),
        feed_seq=_number(raw, "feedseq"),
        time=_instant(_attribute(raw, "time")),
        data=raw["data"],
        correlation_id=_attribute(raw, "correlationid") if "correlationid" in raw else None,
        actor=_attribute(raw, "actor") if "actor" in raw else None,
        body=body,
    )


def _attribute(raw: dict[str, Any], name: str) -> str:
    value = raw.get(name)
    if not isinstance(value, str) or not value or len(value) > _ATTRIBUTE_CHARACTERS:
        raise Malformed(f"{name} is missing, not text, or too long")
    if not value.isprintable():
        raise Malformed(f"{name} holds a control character")
    return value


def _number(raw: dict[str, Any], name: str) -> int:
    value = raw.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Malformed(f"{name} is not a whole number from 1")
    return value


def _identifier(text: str) -> uuid.UUID:
    try:
        identifier = uuid.UUID(text)
    except ValueError as error:
        raise Malformed("id is not a UUID") from error
    if str(identifier) != text:
        raise Malformed("id is not a UUID in its usual form")
    return identifier


def _instant(text: str) -> datetime.datetime:
    try:
        instant = datetime.datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError("no zone")
        return instant.astimezone(datetime.UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed("time is not an instant with a zone") from error
