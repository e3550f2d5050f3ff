"""SIGKILL in the middle of a flux, again and again: each invoice is sent exactly once."""

import contextlib
import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from pupitre_bus.blobs import BlobStore
from pupitre_bus.database import Database
from pupitre_bus.sealing import KeySealer
from pupitre_bus.testing import wait_until
from pupitre_invoicing.verification import verify

LOT = 200
PROCESS = Path(__file__).with_name("process_to_kill.py")


def count(file: Path, statement: str) -> int:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as db:
            return db.execute(statement).fetchone()[0]
    except sqlite3.OperationalError:  # there is no file, or no table yet
        return 0


def start(folder: Path, sha256: str, most: float = math.inf) -> subprocess.Popen:
    """Start the service, which judges at most so many files."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    process = subprocess.Popen(
        [sys.executable, str(PROCESS), str(folder), sha256, str(most)], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert process.stdout.readline().startswith("CPP001")
    return process


@pytest.mark.slow
@pytest.mark.faults
def test_a_process_killed_at_any_point_of_a_flux_sends_each_invoice_once(tmp_path, make_lot, make_file):
    content = make_lot({f"{n}.xml": make_file(f"K-{n}") for n in range(LOT)})
    sha256 = BlobStore.from_uri(tmp_path / "blobs").put(content)
    file = tmp_path / "invoicing.sqlite3"
    for reached in (0, 1, 23, 60):
        process = start(tmp_path, sha256, most=reached - count(file, "SELECT count(*) FROM invoice") + 40)
        wait_until(lambda: count(file, "SELECT count(*) FROM invoice") >= reached, every=0.005)  # noqa: B023
        process.send_signal(signal.SIGKILL)
        process.wait()
        _let_the_lease_run_out(file)
    assert count(file, "SELECT count(*) FROM invoice") < LOT

    assert start(tmp_path, sha256).wait(timeout=300) == 0
    assert count(file, "SELECT count(*) FROM invoice") == LOT
    assert count(file, "SELECT count(DISTINCT number_key) FROM invoice") == LOT
    assert count(file, "SELECT count(*) FROM flux_item WHERE outcome = 'accepted'") == LOT
    assert count(file, "SELECT count(*) FROM outbox WHERE type = 'invoice.submitted.v1'") == LOT
    assert count(file, "SELECT count(*) FROM outbox WHERE type = 'flux.processed.v1'") == 1
    _the_event_counts_all(file)
    _the_history_is_whole(tmp_path, file)


def _let_the_lease_run_out(file: Path) -> None:
    """The dead process held the lease of the work for some time still: pass that time."""
    with contextlib.closing(sqlite3.connect(file)) as db, db:
        db.execute("UPDATE lease SET until = last_run_at")


def _the_event_counts_all(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file)) as db:
        [body] = db.execute("SELECT body FROM outbox WHERE type = 'flux.processed.v1'").fetchone()
    assert (json.loads(body)["accepted"], json.loads(body)["refused"]) == (LOT, 0)


def _the_history_is_whole(folder: Path, file: Path) -> None:
    database = Database(f"sqlite:///{file}", "invoicing")
    with database.reading() as db:
        verdict = verify(db, KeySealer.from_file(folder / "keys" / "invoicing.key"))
    database.close()
    assert (verdict.lines, verdict.faults) == (2 * LOT, [])
