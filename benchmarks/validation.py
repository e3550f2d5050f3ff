"""How many invoices a second the engine judges, in its worker processes, warm."""

import datetime
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import eventlet
from pupitre_bus.workers import WorkerPool

FILES, WORKERS = 400, 2


def measure() -> Iterator[str]:
    """Judge the same UBL invoice ``FILES`` times from as many greenthreads as there are workers, after one warm-up each."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from support import invoice_factory

    content = invoice_factory.ubl()
    header = {"op": "check", "lang": "fr", "today": datetime.datetime.now(datetime.UTC).date().isoformat()}
    pool = WorkerPool(["-m", "pupitre_invoicing.engine"], size=WORKERS, timeout=30, memory_mb=1536, recycle=10_000)
    try:
        threads = eventlet.GreenPool(WORKERS)
        list(threads.imap(lambda _: pool.run(header, content), range(WORKERS * 2)))
        started = time.perf_counter()
        verdicts = [report["verdict"] for report, _ in threads.imap(lambda _: pool.run(header, content), range(FILES))]
        seconds = time.perf_counter() - started
    finally:
        pool.close()
    valid = verdicts.count("valid")
    yield f"{FILES / seconds:.0f} files/s ({valid} of {FILES} valid, {len(content)} octets each, {WORKERS} workers, {seconds:.1f} s)"
