"""PDFs of the portal are drawn by a worker process: drawing takes its time, and would hold the hub.

``python -m pupitre_portal.drawing`` is that process.
"""

import json
from collections.abc import Callable
from typing import Any

from pupitre_bus import workers
from pupitre_contracts import errors

#: Draws a document made of `pupitre_paper.parts`; the same document gives the same octets.
Draw = Callable[[dict[str, Any]], bytes]
SECONDS, MEGABYTES, RECYCLE = 30, 1024, 200


def pool() -> workers.WorkerPool:
    """Return the worker; its process starts with the first document, and ``close()`` ends it."""
    return workers.WorkerPool(
        ["-m", "pupitre_portal.drawing"], size=1, timeout=SECONDS, memory_mb=MEGABYTES, recycle=RECYCLE
    )


def drawn_by(pool: workers.WorkerPool) -> Draw:
    """Return what has the worker draw. Errors: service-unavailable, when it does not."""

    def draw(document: dict[str, Any]) -> bytes:
        try:
            _, pdf = pool.run({}, json.dumps(document).encode())
        except (workers.WorkerTimeout, workers.WorkerDied, workers.WorkerFailed) as error:
            raise errors.Unavailable(service="portal") from error
        return pdf

    return draw


def drawn_here(document: dict[str, Any]) -> bytes:
    """Draw in this process: for the worker itself, and where nobody else waits."""
    from pupitre_paper import page  # 70 ms and 20 MB that the portal's own process is spared

    return page.drawn(document)


def handle(header: dict[str, Any], payload: bytes) -> tuple[dict[str, Any], bytes]:
    """In the worker: draw one document."""
    return {}, drawn_here(json.loads(payload))


if __name__ == "__main__":
    workers.serve(handle)
