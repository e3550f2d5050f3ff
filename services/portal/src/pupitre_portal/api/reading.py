"""What Pupitre's own API reads of a request; nonsense is refused as ``invalid``, with the names of the fields."""

import json
from collections.abc import Mapping
from typing import Any

import marshmallow
from flask import request
from pupitre_contracts import errors

from . import factures
from .criteria import Unreadable


def body(schema: type[marshmallow.Schema], *, part: str = "body") -> dict[str, Any]:
    """Return the JSON object of the request, or of the ``part`` of a multipart one, read by ``schema``. Errors: invalid."""
    parsed = given(part=part)
    try:
        return schema(unknown=marshmallow.RAISE).load(parsed)
    except marshmallow.ValidationError as error:
        raise errors.Invalid(what="json", fields=error.normalized_messages()) from error


def given(*, part: str = "body") -> Any:
    """Return the JSON of the request, or of the ``part`` of a multipart one. Errors: invalid."""
    raw = request.form.get(part, "") if request.mimetype == "multipart/form-data" else request.get_data()
    try:
        # Decimals stay the texts that they are: what the schemas of espaces read is exact.
        parsed = json.loads(raw, parse_float=str, parse_constant=_no_number)
        _require_text(json.dumps(parsed, ensure_ascii=False))
    except (ValueError, RecursionError) as error:
        raise errors.Invalid(what="json", fields={"body": ["pas du JSON en UTF-8 / not JSON in UTF-8"]}) from error
    return parsed


def query(schema: type[marshmallow.Schema]) -> dict[str, Any]:
    """Return the parameters of the address, read by ``schema``; others are ignored, and blank ones as if they were not there. Errors:
    invalid."""
    return _texts(schema, request.args, "query")


def posted(schema: type[marshmallow.Schema]) -> dict[str, Any]:
    """Return the fields of a form, as :func:`query` those of an address. Errors: invalid."""
    return _texts(schema, request.form, "form")


def _texts(schema: type[marshmallow.Schema], given: Mapping[str, str], what: str) -> dict[str, Any]:
    try:
        return schema(unknown=marshmallow.EXCLUDE).load({name: text.strip() for name, text in given.items() if text.strip()})
    except marshmallow.ValidationError as error:
        raise errors.Invalid(what=what, fields=error.normalized_messages()) from error


def idempotency_key() -> str | None:
    """Return the key of a write, if the client gives one. Errors: invalid for one that is too long or has odd signs."""
    try:
        return factures.idempotency_key()
    except Unreadable as error:
        raise errors.Invalid(what="header", fields={"Idempotency-Key": [f"{error.french} / {error.english}"]}) from error


def _no_number(constant: str) -> Any:
    raise ValueError(f"{constant} is not JSON")


def _require_text(written: str) -> None:
    """Raise ValueError for signs that no text has: half a pair of surrogates, and the octet zero, which databases do not keep."""
    written.encode()
    if "\\u0000" in written:
        raise ValueError("the octet zero is no text")
