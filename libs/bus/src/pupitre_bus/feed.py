"""The calls that every service answers: its event log, its health, and its failed messages."""

import uuid
from typing import TYPE_CHECKING, Any

from pupitre_contracts import errors, platform

from . import outbox, parked

if TYPE_CHECKING:
    from .scope import Scope

LARGEST_PAGE = 500


def only_platform(scope: "Scope") -> None:
    """Raise :class:`errors.Forbidden` unless a service, or an operator's command, asks in its own name."""
    if scope.actor.kind != "service" or scope.actor.behalf_of is not None:
        raise errors.Forbidden(needed="service")


def events_after(request: Any, scope: "Scope") -> Any:
    only_platform(scope)
    limit = max(1, min(request.limit or LARGEST_PAGE, LARGEST_PAGE))
    with scope.reading() as db:
        page = outbox.feed(db, max(0, request.after), limit, request.types)
    return platform.EventsAfter.Reply(events=[event.decode() for event in page.events], head=page.head, last=page.last)


def dead_letters(request: Any, scope: "Scope") -> Any:
    only_platform(scope)
    letters = parked.list(scope.database, request.state, max(1, min(request.limit or 100, 1000)))
    return platform.DeadLetters.Reply(letters=[_letter(letter, whole=False) for letter in letters])


def dead_letter(request: Any, scope: "Scope") -> Any:
    only_platform(scope)
    return platform.DeadLetterDetail.Reply(letter=_letter(parked.show(scope.database, _id(request.id)), whole=True))


def retry_dead_letter(request: Any, scope: "Scope", intake: Any, service: Any) -> Any:
    only_platform(scope)
    letter = parked.retry(scope.database, _id(request.id), scope.actor.reference)
    # A guest's is taken in its turn.
    if intake is not None and letter.state == parked.RETRYING and not parked.guest_of(letter.consumer):
        intake.take(service, letter.body, parked_id=letter.id)
    return platform.RetryDeadLetter.Reply(letter=_letter(parked.show(scope.database, letter.id), whole=False))


def _id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError as error:
        raise errors.NotFound(what=f"message {text}") from error


def _letter(letter: parked.Parked, whole: bool) -> platform.DeadLetter:
    values = {
        "id": str(letter.id),
        "consumer": letter.consumer,
        "event_id": str(letter.event_id) if letter.event_id else None,
        "type": letter.type,
        # Callers know three states: what waits for a guest will be taken by itself, as what failed is tried again.
        "state": parked.RETRYING if letter.state == parked.WAITING else letter.state,
        "error": letter.error if whole else (letter.error.strip().splitlines() or [""])[-1],
        "attempts": letter.attempts,
        "first_at": letter.first_at,
        "last_at": letter.last_at,
        "next_at": letter.next_at,
        "body": letter.body.decode("utf-8", "replace") if whole else None,
    }
    return platform.DeadLetter(**{name: value for name, value in values.items() if value is not None})
