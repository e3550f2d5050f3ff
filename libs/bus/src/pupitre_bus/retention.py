"""What a service forgets, in slices, so that no transaction is long: what can no longer be needed to recognise a
repetition."""

import datetime
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING

from . import idempotency, inbox, parked

if TYPE_CHECKING:
    from .database import Transaction
    from .scope import Scope

INBOX_DAYS = 30
"""Longer than a message can wait in a queue, on the retry ladder or as a dead letter that an operator retries."""
ANSWER_DAYS = 30
"""Longer than any form or program repeats a request. A key that comes later is a new request, and what it asks for
meets the state that the first one made: a version that has changed, a number that is taken. Calls whose answers are
``lasting`` are exempt: they are kept as long as what they made."""
SLICE = 1000


def forget_old(scope: "Scope", lasting: Collection[str] = ()) -> int:
    """Delete old inbox rows, answers to idempotency keys and messages handled at last, and return how many rows."""
    now = scope.clock.now()
    inbox_before, answer_before = (now - datetime.timedelta(days=days) for days in (INBOX_DAYS, ANSWER_DAYS))
    return (
        _in_slices(scope, lambda tx: inbox.forget(tx, inbox_before, SLICE))
        + _in_slices(scope, lambda tx: idempotency.forget(tx, answer_before, lasting, SLICE))
        + _in_slices(scope, lambda tx: parked.forget_done(tx, inbox_before, SLICE))
    )


def _in_slices(scope: "Scope", forget: "Callable[[Transaction], int]") -> int:
    forgotten = 0
    while True:
        with scope.begin() as tx:
            slice_size = forget(tx)
        forgotten += slice_size
        if slice_size < SLICE:
            return forgotten
