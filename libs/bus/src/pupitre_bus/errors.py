"""The errors that use cases and event handlers meet on the bus."""

from pupitre_contracts.errors import (
    ActorInvalid,
    ActorMissing,
    Conflict,
    Forbidden,
    IdempotencyInProgress,
    IdempotencyMismatch,
    Internal,
    Invalid,
    NotFound,
    PupitreError,
    TimedOut,
    Unavailable,
    UnknownCall,
)

__all__ = [
    "ActorInvalid",
    "ActorMissing",
    "Conflict",
    "Forbidden",
    "IdempotencyInProgress",
    "IdempotencyMismatch",
    "Internal",
    "Invalid",
    "NotFound",
    "Permanent",
    "PupitreError",
    "Resting",
    "TimedOut",
    "Unavailable",
    "UnknownCall",
]


class Permanent(Exception):
    """Raised by an event handler when trying again cannot help: the event is parked at once for an operator."""


class Resting(Exception):
    """Raised for a guest that takes nothing at present: what was handed on to it waits, and has not failed."""
