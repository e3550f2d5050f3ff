"""The classes every contract is made of.

A :class:`Message` is an immutable set of named values with a marshmallow schema; an :class:`Event` is a fact that its owner
publishes; a :class:`Call` is a request and its reply. Nothing here knows of a bus, a database or HTTP.
"""

import re
from collections.abc import Mapping
from typing import Any, ClassVar

import marshmallow

from . import errors, plain
from . import fields as contract_fields


class Message:
    """Named values, checked at construction.

    ``Message(**python_values)`` and ``Message.load(json_values)`` raise :class:`errors.Invalid` with the faulty fields;
    ``dump()`` gives what JSON can carry: amounts as decimal strings, instants as ISO 8601 in UTC.
    """

    schema: ClassVar[marshmallow.Schema]
    declared: ClassVar[dict[str, marshmallow.fields.Field]] = {}
    _plain: ClassVar[plain.Plain]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        own = {name: value for name, value in vars(cls).items() if isinstance(value, marshmallow.fields.Field)}
        for name in own:
            delattr(cls, name)
        cls.declared = {**cls.declared, **own}
        cls.schema = marshmallow.Schema.from_dict(dict(cls.declared), name=cls.__qualname__.replace(".", ""))(
            unknown=marshmallow.RAISE
        )
        cls._plain = plain.Plain(cls.schema.fields)

    def __init__(self, **values: Any) -> None:
        made = self._plain.made(values)
        self._set(made if made is not None else self._made(values))

    @classmethod
    def _made(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        unknown = values.keys() - cls.declared.keys()
        if unknown:
            raise errors.Invalid(what=cls.__qualname__, fields={name: ["unknown field"] for name in unknown})
        raw, faults = {}, {}
        for name, value in values.items():
            try:
                raw[name] = cls.schema.fields[name].serialize(name, _Values(values)) if value is not None else None
            except marshmallow.ValidationError as error:
                faults[name] = _jsonable(error.normalized_messages())
            except (ValueError, TypeError, AttributeError, ArithmeticError) as error:
                faults[name] = [str(error)]
        if faults:
            raise errors.Invalid(what=cls.__qualname__, fields=faults)
        return cls._checked({name: value for name, value in raw.items() if value is not None or cls.declared[name].required})

    @classmethod
    def load(cls, raw: Mapping[str, Any]) -> "Message":
        """Read what ``dump()`` wrote, strictly: an unknown or missing field is an error."""
        if not isinstance(raw, Mapping):
            raise errors.Invalid(what=cls.__qualname__, fields={"_schema": ["an object is expected"]})
        message = cls.__new__(cls)
        read = cls._plain.read(raw)
        message._set(read if read is not None else cls._checked(raw))
        return message

    @classmethod
    def _checked(cls, raw: Mapping[str, Any]) -> dict[str, Any]:
        try:
            found = cls.schema.load(raw)
        except marshmallow.ValidationError as error:
            raise errors.Invalid(what=cls.__qualname__, fields=_jsonable(error.normalized_messages())) from error
        return {name: found.get(name) for name in cls.declared}

    def _set(self, values: dict[str, Any]) -> None:
        object.__setattr__(self, "values", values)

    def dump(self) -> dict[str, Any]:
        """Return the JSON form; absent optional values are left out."""
        return self._plain.written(self.values)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["values"][name]
        except KeyError:
            raise AttributeError(f"{type(self).__qualname__} has no field {name!r}") from None

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{type(self).__qualname__} is immutable")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.values == self.values

    __hash__ = None

    def __repr__(self) -> str:
        shown = ", ".join(f"{name}={value!r}" for name, value in self.values.items() if value is not None)
        return f"{type(self).__qualname__}({shown})"

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """Return the frozen form of the contract: each field with its type, whether it is required, and its bounds."""
        return {name: contract_fields.describe(field) for name, field in sorted(cls.declared.items())}


class _Values:
    """Lets marshmallow read attributes of a plain dictionary, so that names such as ``items`` stay usable."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)


class Event(Message):
    """A fact in the past, published by its owner in the transaction that made it true.

    ``type`` is ``<subject>.<past participle>.v<n>``; ``subject`` is the identifier that orders events: two events of one
    subject arrive in the order of their commits. Duplicates are possible and carry the same event id.
    """

    name: ClassVar[str] = ""
    version: ClassVar[int] = 1
    owner: ClassVar[str] = ""
    subject_field: ClassVar[str] = ""
    type: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        hidden = cls.declared.keys() & {"type", "subject", "name", "version", "owner", "subject_field"}
        if hidden:
            raise TypeError(f"{cls.__qualname__}: a field may not be called {', '.join(sorted(hidden))}, as what every event has")
        cls.type = f"{cls.name}.v{cls.version}"

    @property
    def subject(self) -> str:
        return str(self.values[self.subject_field])


class Call:
    """A request to a service and its reply.

    ``writes`` calls take an idempotency key and answer a repeated key with the first answer. Time-outs are seconds.
    ``anonymous`` calls need no actor: signing in, and what anybody may ask. ``secret`` calls carry passwords or answer with
    secrets: nothing of them is kept, so a repeated key is worked on again. A ``lasting`` call's answer is kept for its key as
    long as what it made, others' for thirty days.
    """

    service: ClassVar[str | None] = None
    method: ClassVar[str] = ""
    writes: ClassVar[bool] = False
    anonymous: ClassVar[bool] = False
    secret: ClassVar[bool] = False
    lasting: ClassVar[bool] = False
    timeout: ClassVar[float | None] = None
    Request: ClassVar[type[Message]]
    Reply: ClassVar[type[Message]]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.method = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        if cls.timeout is None:
            cls.timeout = 5.0 if cls.writes else 2.0

    @classmethod
    def describe(cls) -> dict[str, Any]:
        return {
            "service": cls.service,
            "writes": cls.writes,
            "anonymous": cls.anonymous,
            "timeout": cls.timeout,
            "request": cls.Request.describe(),
            "reply": cls.Reply.describe(),
        }


def nested(message: type[Message], *, many: bool = False, **kwargs: Any) -> marshmallow.fields.Field:
    """A field that holds a message, or a list of them."""
    field = contract_fields.Nested(message)
    if many:
        return contract_fields.List(field, **kwargs)
    return contract_fields.Nested(message, **kwargs)


def _jsonable(messages: Any) -> Any:
    if isinstance(messages, Mapping):
        return {str(key): _jsonable(value) for key, value in messages.items()}
    if isinstance(messages, list | tuple):
        return [_jsonable(value) for value in messages]
    return str(messages)


fields = contract_fields
