"""The short way through a message: values that plainly fit their fields are taken as they are.

marshmallow wraps and dispatches for every value of every message, which costs more than all that is done with most of
them. The short way only ever says yes: whatever it does not know at once, and all that is refused, goes to marshmallow,
whose verdicts and texts are the contract's.
"""

import datetime
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import marshmallow

from . import errors
from . import fields as contract_fields

Converter = Callable[[Any], Any]


class _NotPlain(Exception):
    """A value that marshmallow has to judge."""


_LONG_WAY = (
    _NotPlain, marshmallow.ValidationError, errors.Invalid, ValueError, TypeError, AttributeError, ArithmeticError,
)


class Plain:
    """The short ways of one message: ``fields`` are those of its schema, by name."""

    def __init__(self, fields: Mapping[str, marshmallow.fields.Field]) -> None:
        self._makers = {name: _maker(field) for name, field in fields.items()}
        self._readers = {name: _reader(field) for name, field in fields.items()}
        self._writers = [(name, _writer(field)) for name, field in fields.items()]
        self._nullable = frozenset(name for name, field in fields.items() if field.allow_none)
        self._needed = frozenset(name for name, field in fields.items() if field.required or callable(field.load_default))
        self._blank = {name: _default(field) for name, field in fields.items()}

    def made(self, values: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return all values of a message made of these Python values; None: not the short way."""
        try:
            makers = [(name, self._makers[name], value) for name, value in values.items()]
            return self._completed({name: make(value) for name, make, value in makers if value is not None})
        except (KeyError, *_LONG_WAY):
            return None

    def read(self, raw: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return all values of a message whose JSON form is ``raw``; None: not the short way."""
        try:
            return self._completed(
                {
                    name: None if value is None and name in self._nullable else self._readers[name](value)
                    for name, value in raw.items()
                }
            )
        except (KeyError, *_LONG_WAY):
            return None

    def written(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the JSON form of a message's own values; absent ones are left out."""
        return {
            name: value if write is None else write(value)
            for name, write in self._writers
            if (value := values[name]) is not None
        }

    def _completed(self, found: dict[str, Any]) -> dict[str, Any] | None:
        return {**self._blank, **found} if found.keys() >= self._needed else None


def _default(field: marshmallow.fields.Field) -> Any:
    return None if field.load_default is marshmallow.missing else field.load_default


def _maker(field: marshmallow.fields.Field) -> Converter:
    """Return what turns a Python value into the one that a message keeps."""
    kind = type(field)
    if kind is contract_fields.Nested:
        return lambda value: value if type(value) is field.message else _remade(field, value)
    if kind is contract_fields.List and not field.validators:
        return _of_all(_maker(field.inner), list, tuple)
    if kind in _KEPT and not field.validators:
        return _of_type(_KEPT[kind])
    if kind is contract_fields.Choice and len(field.validators) == 1:
        return _of_choices(field.choices)
    if kind is contract_fields.Instant and not field.validators:
        return field._aware
    return lambda value: field.deserialize(field._serialize(value, field.name, None))


def _reader(field: marshmallow.fields.Field) -> Converter:
    """Return what turns a JSON value into the one that a message keeps."""
    kind = type(field)
    if kind is contract_fields.Nested:
        return field.message.load
    if kind is contract_fields.List and not field.validators:
        return _of_all(_reader(field.inner), list)
    if kind in _SAME_IN_JSON and not field.validators:
        return _of_type(_KEPT[kind])
    if kind is contract_fields.Choice and len(field.validators) == 1:
        return _of_choices(field.choices)
    if kind in _FROM_TEXT and not field.validators:
        return _from_text(_FROM_TEXT[kind])
    return field.deserialize


def _writer(field: marshmallow.fields.Field) -> Converter | None:
    """Return what turns a message's value into its JSON form; None: it is that already."""
    kind = type(field)
    if kind in _SAME_IN_JSON or kind is contract_fields.Choice:
        return None
    if kind is contract_fields.UUID:
        return str
    if kind is contract_fields.Nested:
        return lambda value: value.dump()
    if kind is contract_fields.List:
        write = _writer(field.inner)
        return list if write is None else lambda value: [write(each) for each in value]
    return lambda value: field._serialize(value, field.name, None)


#: What a message keeps of a field whose value is of this very type: the value itself.
_KEPT = {
    contract_fields.String: str,
    contract_fields.Integer: int,
    contract_fields.Boolean: bool,
    contract_fields.UUID: uuid.UUID,
    contract_fields.Date: datetime.date,
}
_SAME_IN_JSON = (contract_fields.String, contract_fields.Integer, contract_fields.Boolean)
_FROM_TEXT: dict[type, Converter] = {
    contract_fields.UUID: uuid.UUID,
    contract_fields.Date: datetime.date.fromisoformat,
}


def _of_type(kind: type) -> Converter:
    def keep(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise _NotPlain

    return keep


def _of_choices(choices: tuple[str, ...]) -> Converter:
    def keep(value: Any) -> Any:
        if type(value) is str and value in choices:
            return value
        raise _NotPlain

    return keep


def _of_all(convert: Converter, *kinds: type) -> Converter:
    def each(value: Any) -> list:
        if type(value) in kinds:
            return [convert(one) for one in value]
        raise _NotPlain

    return each


def _from_text(convert: Converter) -> Converter:
    def read(value: Any) -> Any:
        if type(value) is str:
            return convert(value)
        raise _NotPlain

    return read


def _remade(field: contract_fields.Nested, value: Any) -> Any:
    if type(value) is dict:
        return field.message(**value)
    raise _NotPlain
