"""What hostile clients cost a running portal with its default limits: the figures F21 and RS-31 of docs/proof."""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import malformed, slow_clients
from support.installation import Installation, until

ROUNDS = 400
WARM_UP = 5
HALF_OPEN, UPLOADS = 300, 20
PAGES = 100


def measure() -> Iterator[str]:
    """Start an embedded installation and play both against it."""
    with tempfile.TemporaryDirectory() as folder:
        portal = Installation(Path(folder) / "state")
        try:
            portal.start()
            yield from _slow_clients(portal)
            yield from _malformed(portal)
        finally:
            portal.close()


def _slow_clients(portal: Installation) -> Iterator[str]:
    quiet = sorted(_page(portal.port) for _ in range(PAGES))
    outcome = slow_clients.play(portal.port, HALF_OPEN, UPLOADS, patience=120)
    assert not outcome.refused, outcome.refused
    yield f"a page with no other client: median {_ms(statistics.median(quiet))}, p95 {_ms(quiet[int(PAGES * 0.95) - 1])}"
    yield (
        f"{HALF_OPEN} half-open connections and {UPLOADS} slow uploads: page p95 {_ms(outcome.p95)}, "
        f"longest {_ms(max(outcome.pages))} over {len(outcome.pages)} requests"
    )
    yield f"half-open connections closed: {len(outcome.half_open)} of {HALF_OPEN}, the last after {max(outcome.half_open):.1f} s"


def _page(port: int) -> float:
    began = time.perf_counter()
    assert requests.get(f"http://127.0.0.1:{port}/connexion", timeout=30).status_code == 200
    return time.perf_counter() - began


def _malformed(portal: Installation) -> Iterator[str]:
    faults = _rounds(portal.port, WARM_UP)
    before, began = malformed.Footprint.of(portal.process.pid), time.perf_counter()
    faults += _rounds(portal.port, ROUNDS)
    seconds = time.perf_counter() - began
    until(lambda: malformed.Footprint.of(portal.process.pid).files <= before.files, 30, "descriptors given back")
    after = malformed.Footprint.of(portal.process.pid)
    assert portal.is_ready()
    yield (
        f"{len(malformed.CASES)} malformed requests and resets x {ROUNDS} = {len(malformed.CASES) * ROUNDS} in {seconds:.0f} s: "
        f"alive, {len(faults)} wrong answers, descriptors {after.files - before.files:+d}, "
        f"memory {(after.memory - before.memory) / 1e6:+.1f} MB"
    )


def _rounds(port: int, count: int) -> list[str]:
    played = ((case, malformed.exchange(port, case)) for _ in range(count) for case in malformed.CASES)
    return [fault for case, answer in played if (fault := malformed.fault(case, answer))]


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
