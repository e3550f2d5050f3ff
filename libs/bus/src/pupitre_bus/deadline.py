"""An end in time for code that yields to the hub, and a turn for others: what the hosts of espaces pass to their plugins' calls."""

import contextlib
from collections.abc import Iterator

import eventlet


@contextlib.contextmanager
def green_deadline(seconds: float) -> Iterator[None]:
    """Raise TimeoutError out of the block after ``seconds``. Code that never yields cannot be stopped."""
    timer = eventlet.Timeout(seconds)
    try:
        yield
    except eventlet.Timeout as expired:
        if expired is not timer:
            raise
        raise TimeoutError(f"no answer after {seconds:g} s") from None
    finally:
        timer.cancel()


def give_way() -> None:
    """Let whatever else is ready to run have its turn, in the midst of work that holds the hub for long."""
    eventlet.sleep(0)
