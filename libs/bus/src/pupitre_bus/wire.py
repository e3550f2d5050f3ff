"""What a request and a reply look like on the bus: AMQP properties, headers, and strict JSON bodies."""

import hashlib
import json
import time
from typing import Any, NoReturn

from pupitre_contracts import errors

CONTENT_TYPE = "application/vnd.pupitre.rpc"
ACTOR = "nameko.actor"
CORRELATION = "nameko.correlation_id"
IDEMPOTENCY_KEY = "nameko.idempotency_key"
DEADLINE = "nameko.deadline"
"""Milliseconds since the epoch after which nobody waits for the reply."""

LARGEST = 32 * 1024 * 1024


class Malformed(Exception):
    """A body that is not the strict JSON object this bus sends."""


def dump(value: dict[str, Any]) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError) as error:
        raise errors.Invalid(what="message", fields={"_schema": [str(error)]}) from error


def load(body: bytes) -> dict[str, Any]:
    """Read a body; raises :class:`Malformed` for anything but a JSON object without NaN or infinities, of 32 MiB at
    most.
    """
    if len(body) > LARGEST:
        raise Malformed(f"{len(body)} bytes")
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from error
    if not isinstance(value, dict):
        raise Malformed("not an object")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def fingerprint(method: str, request: dict[str, Any]) -> str:
    """SHA-256 of a call and its values, the same whatever the order of the fields."""
    canonical = json.dumps([method, request], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def deadline(seconds: float) -> int:
    return int((time.time() + seconds) * 1000)


def is_late(headers: dict[str, Any]) -> bool:
    value = headers.get(DEADLINE)
    return isinstance(value, int) and time.time() * 1000 > value


def result(value: dict[str, Any]) -> bytes:
    return dump({"result": value})


def failure(error: errors.PupitreError) -> bytes:
    """The error's code and details; details that JSON cannot carry travel as text."""
    return json.dumps({"error": error.dump()}, ensure_ascii=False, default=str).encode("utf-8", "replace")
