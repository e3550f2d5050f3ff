"""Operations of an espace that programs call, under `/api/v1/espaces/<key>/`: what comes in and goes out is under schemas."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

import marshmallow

from .checks import KEBAB, require, require_types
from .context import EspaceContext
from .problems import WrongAnswer
from .values import Label

Method = Literal["get", "post", "put", "delete"]
METHODS: frozenset[str] = frozenset({"get", "post", "put", "delete"})
#: First segments of addresses below an espace that are the platform's own.
TAKEN: frozenset[str] = frozenset({"dossiers", "kinds", "requests"})
MOST_SEGMENTS = 6
#: Bytes of an answer, as JSON.
LARGEST_ANSWER = 1_000_000
#: Bytes that an operation may be sent: unless it says otherwise, and the most that it may say. A file of 10 MB in base64 fits in.
USUALLY_SENT, MOST_SENT = 1_000_000, 15_000_000

_PARAMETER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class InputRefused(Exception):
    """What was sent is not what the schema of the operation takes; `fields` says what is wrong, by field."""

    def __init__(self, fields: Mapping[str, Any]) -> None:
        super().__init__("the schema refuses what was sent")
        self.fields = fields


@dataclass(frozen=True, slots=True)
class OperationRequest:
    """One call of an operation: for whom, with what is in its path, and what was sent, read by the operation's schema."""

    context: EspaceContext
    path: Mapping[str, str] = field(default_factory=dict)
    given: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "path", MappingProxyType(dict(self.path)))


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `handle` gives the values that `gives` writes; raise `PortRefused("not-found", …)` and the like to refuse."""

    #: kebab-case, unique within the espace.
    key: str
    method: Method
    #: Segments in kebab-case, or parameters in braces: "bilan", "fiches/{numero}".
    path: str
    summary: Label
    handle: Callable[[OperationRequest], Mapping[str, Any]]
    gives: type[marshmallow.Schema]
    #: The JSON body of what writes, the parameters of the address of a "get"; None: nothing is read.
    takes: type[marshmallow.Schema] | None = None
    #: Bytes of the body that it takes, `MOST_SENT` at most (since 1.1).
    largest: int = USUALLY_SENT

    def __post_init__(self) -> None:
        require_types(self, key=str, method=str, path=str, summary=Label, handle=Callable)
        require(bool(KEBAB.fullmatch(self.key)) and len(self.key) <= 50, f"the operation {self.key!r} is not kebab-case")
        require(self.method in METHODS, f"the operation {self.key} has no method {self.method!r}")
        segments = self.path.split("/")
        for each in segments:
            is_segment = bool(KEBAB.fullmatch(each) or _PARAMETER.fullmatch(each))
            require(is_segment, f"the operation {self.key}: {each!r} is no segment of a path")
        require(len(segments) <= MOST_SEGMENTS, f"the operation {self.key} has more than {MOST_SEGMENTS} segments")
        require(KEBAB.fullmatch(segments[0]) is not None, f"the operation {self.key} begins with a parameter")
        require(segments[0] not in TAKEN, f"the operation {self.key}: {segments[0]} is the platform's own")
        require(len(set(self.parameters)) == len(self.parameters), f"the operation {self.key} names a parameter twice")
        for schema in (self.gives, *((self.takes,) if self.takes is not None else ())):
            is_schema = isinstance(schema, type) and issubclass(schema, marshmallow.Schema)
            require(is_schema, f"the operation {self.key}: takes and gives are marshmallow schemas")
        require_types(self, largest=int)
        require(0 < self.largest <= MOST_SENT, f"the operation {self.key} may be sent {MOST_SENT} bytes at most, not {self.largest}")
        require(self.method != "delete" or self.takes is None, f"the operation {self.key}: a delete takes nothing")

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters in the path."""
        return tuple(_PARAMETER.findall(self.path))

    @property
    def place(self) -> tuple[str, str]:
        """Method and path with its parameters unnamed: two operations of one place would be one address."""
        return self.method, _PARAMETER.sub("{}", self.path)

    @property
    def writes(self) -> bool:
        """Whether it needs the profile MODIFICATION; a "get" needs CONSULTATION."""
        return self.method != "get"


def perform(operation: Operation, request: OperationRequest, raw: Mapping[str, Any]) -> dict[str, Any]:
    """Read what was sent, call the operation, and return its answer as JSON. Raises InputRefused, and what the plugin raises."""
    try:
        given = operation.takes(unknown=marshmallow.RAISE).load(raw) if operation.takes is not None else {}
    except marshmallow.ValidationError as error:
        raise InputRefused(error.normalized_messages()) from error
    answer = operation.handle(OperationRequest(request.context, request.path, given))
    if not isinstance(answer, Mapping):
        raise WrongAnswer(f"the operation {operation.key} gives a mapping, not {type(answer).__name__}")
    written = json.dumps(operation.gives().dump(answer), ensure_ascii=False, allow_nan=False)
    if len(written.encode()) > LARGEST_ANSWER:
        raise WrongAnswer(f"the operation {operation.key} gives more than {LARGEST_ANSWER} bytes")
    return json.loads(written)
