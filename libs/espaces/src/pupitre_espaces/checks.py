"""What the values of this package check of themselves when they are made: every refusal is a ValueError."""

from __future__ import annotations

import re
from typing import Any

KEBAB = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def require(condition: bool, message: str) -> None:
    """Raise ValueError with the message unless the condition holds."""
    if not condition:
        raise ValueError(message)


def require_types(value: Any, **types: type | tuple[type, ...]) -> None:
    """Raise ValueError unless each named field of the value has the type."""
    for name, expected in types.items():
        given = getattr(value, name)
        if not isinstance(given, expected):
            wanted = " or ".join(each.__name__ for each in (expected if isinstance(expected, tuple) else (expected,)))
            raise ValueError(  # every refusal of a value is a ValueError
                f"{type(value).__name__}.{name} must be {wanted}, not {type(given).__name__}"
            )
