"""Work that would hold the hub (a disk that syncs, a library in C), done in a thread of the system meanwhile."""

from collections.abc import Callable
from typing import Any

import eventlet
import eventlet.tpool


def off_hub(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what ``function(*arguments)`` returns, or raise what it raises; other greenthreads go on until then.

    The function must use nothing that belongs to the hub: no database, no bus, no lock of a greenthread.
    """
    return eventlet.tpool.execute(function, *arguments)


def off_hub_to_the_end(function: Callable[..., Any], *arguments: Any) -> Any:
    """As :func:`off_hub`, but whoever waits cannot leave before the function has ended: what he is told to raise meanwhile (a
    time-out, a kill) is raised then. For what must not be touched while it goes on.
    """
    work = eventlet.spawn(off_hub, function, *arguments)
    interruption: BaseException | None = None
    while True:
        try:
            result = work.wait()
            break
        except BaseException as error:
            if work.dead:
                raise
            interruption = error
    if interruption is not None:
        raise interruption
    return result
