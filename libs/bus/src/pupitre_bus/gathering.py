"""What waits for a worker, in the order in which it came, cut into what one worker takes at once."""

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """``method`` names who takes several of this kind together; None is taken alone."""

    method: str | None


W = TypeVar("W", bound=Waiting)


class Line(Generic[W]):
    """A line of what waits. Its head is what leaves next, with those right behind it that the same method takes together,
    up to ``most``: nothing overtakes.

    What finds the line at rest leaves at once. What comes within ``gather_seconds`` of a departure waits for their end,
    unless ``most`` are there before: under load a departure costs nearly as much for one as for many.
    """

    def __init__(self, most: int, gather_seconds: float, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._gather_seconds, self._now = most, gather_seconds, now
        self._waiting: deque[W] = deque()
        self._gather_until = float("-inf")

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, one: W) -> None:
        self._waiting.append(one)

    def put_first(self, several: Sequence[W]) -> None:
        """Have these leave before all others, in their order."""
        self._waiting.extendleft(reversed(several))

    def empty(self) -> list[W]:
        """Take everything out."""
        left = list(self._waiting)
        self._waiting.clear()
        return left

    def pause(self) -> float:
        """For how many seconds the head waits for company; 0 when it may leave."""
        alike = self._alike()
        if not alike or alike[0].method is None or len(alike) == self._most or len(alike) < len(self._waiting):
            return 0.0
        return max(0.0, self._gather_until - self._now())

    def next(self) -> list[W]:
        """Take out what one worker takes now; nothing while the head waits for company, or nothing is there."""
        if not self._waiting or self.pause():
            return []
        leaving = self._alike()
        for _ in leaving:
            self._waiting.popleft()
        if leaving[0].method is not None:
            self._gather_until = self._now() + self._gather_seconds
        return leaving

    def _alike(self) -> list[W]:
        return next(cut(self._waiting, self._most), [])


def cut(waiting: Iterable[W], most: int) -> Iterator[list[W]]:
    """Cut into runs, in order: up to ``most`` that one method takes together, or one that is taken alone."""
    run: list[W] = []
    for one in waiting:
        if run and (one.method is None or one.method != run[0].method or len(run) == most):
            yield run
            run = []
        run.append(one)
    if run:
        yield run
