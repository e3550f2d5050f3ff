"""The field types of contracts: marshmallow's, tightened where the field of e-invoicing asks for it."""

import datetime
import decimal
from typing import Any

import marshmallow
from marshmallow import validate
from marshmallow.fields import UUID as _UUID
from marshmallow.fields import Boolean, Date, Dict, Field, Integer, List, Raw, String

__all__ = [
    "UUID", "Boolean", "Choice", "Date", "Dict", "Field", "Instant", "Integer", "List", "Money", "Nested", "Raw",
    "String", "describe",
]


class UUID(_UUID):
    """An identifier made by the service that owns the thing."""


class Money(Field):
    """An exact decimal (amount, quantity, price, rate), carried as a string; floats are refused in both directions."""

    default_error_messages = {"invalid": "Not an exact decimal."}

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return format(self._exact(value), "f")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> decimal.Decimal:
        return self._exact(value)

    def _exact(self, value: Any) -> decimal.Decimal:
        if isinstance(value, bool | float) or not isinstance(value, str | int | decimal.Decimal):
            raise self.make_error("invalid")
        try:
            exact = decimal.Decimal(value)
        except decimal.InvalidOperation as error:
            raise self.make_error("invalid") from error
        if not exact.is_finite() or exact.adjusted() > 30:
            raise self.make_error("invalid")
        return exact


class Instant(Field):
    """A moment: a datetime with a zone, carried in UTC as ISO 8601 with microseconds."""

    default_error_messages = {"invalid": "Not an instant with a time zone."}

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        if value is None:
            return None
        return self._aware(value).isoformat(timespec="microseconds").replace("+00:00", "Z")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime.datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        try:
            return self._aware(datetime.datetime.fromisoformat(value))
        except ValueError as error:
            raise self.make_error("invalid") from error

    def _aware(self, value: Any) -> datetime.datetime:
        if not isinstance(value, datetime.datetime) or value.tzinfo is None:
            raise self.make_error("invalid")
        return value.astimezone(datetime.UTC)


class Choice(String):
    """One word of a closed list."""

    def __init__(self, *choices: str, **kwargs: Any) -> None:
        super().__init__(validate=validate.OneOf(choices), **kwargs)
        self.choices = choices


class Nested(Field):
    """A message inside a message."""

    def __init__(self, message: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.message = message

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> dict | None:
        if value is None:
            return None
        if isinstance(value, dict):
            value = self.message(**value)
        return value.dump()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        from . import errors

        try:
            return self.message.load(value)
        except errors.Invalid as error:
            raise marshmallow.ValidationError(error.details["fields"]) from error


def describe(field: Field) -> dict[str, Any]:
    """Return what a frozen contract records of a field."""
    described: dict[str, Any] = {"type": type(field).__name__, "required": field.required}
    if field.allow_none and not field.required:
        described["nullable"] = True
    if isinstance(field, Choice):
        described["choices"] = sorted(field.choices)
    if isinstance(field, List):
        described["items"] = describe(field.inner)
    if isinstance(field, Nested):
        described["fields"] = field.message.describe()
    return described
