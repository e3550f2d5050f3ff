"""SIGKILL in the middle of sending a request of an espace, and of a passage of time: all of it is there once, or nothing."""

import contextlib
import json
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
from pupitre_invoicing.verification import verify

pytestmark = [pytest.mark.slow, pytest.mark.faults]

PROCESS = Path(__file__).with_name("requests_to_kill.py")
DAYS = 24
NOTHING = {"invoice": 0, "invoice_content": 0, "document": 0, "delay_event": 0}
#: The request's own start of the délai, and the one that its invoice takes over; the invoice's file and three of the request.
ALL = {"invoice": 1, "invoice_content": 1, "document": 4, "delay_event": 2}


def run(folder, hours, point, what, kind, given=None):
    """Do one thing in a process of its own; return what it says, None where it was killed at its point."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, str(PROCESS), str(folder), str(hours), point, what, kind]
    done = subprocess.run(
        words, input=json.dumps(given) + "\n", capture_output=True, env=environment, text=True, timeout=300, check=False
    )
    if point != "never":
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert done.stdout == ""
        return None
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def rows(folder, statement):
    with contextlib.closing(sqlite3.connect(f"file:{folder / 'invoicing.sqlite3'}?mode=ro", uri=True)) as db:
        return db.execute(statement).fetchall()


def counts(folder):
    return {name: rows(folder, f"SELECT count(*) FROM {name}")[0][0] for name in NOTHING}


def events(folder):
    return sorted(kind for (kind,) in rows(folder, "SELECT type FROM outbox WHERE type LIKE 'request.%' OR type LIKE 'invoice.%'"))


def intact(folder):
    database = Database(f"sqlite:///{folder / 'invoicing.sqlite3'}", "invoicing")
    with database.reading() as db:
        verdict = verify(db, KeySealer.from_file(folder / "keys" / "invoicing.key"), files=BlobStore.from_uri(folder / "blobs"))
    database.close()
    return verdict.faults == [] and verdict.lines > 0


#: What others are told of a request that was sent, and of all until it has become an invoice.
SENT = ["request.moved.v1", "request.sent.v1"]
HANDED_OVER = ["invoice.moved.v1", "invoice.moved.v1", "invoice.submitted.v1", "request.moved.v1", *SENT]


@pytest.mark.parametrize("point", ["files", "rows", "events", "committed"])
def test_a_request_whose_sending_was_killed_is_sent_wholly_once_or_not_at_all(tmp_path, point):
    draft = run(tmp_path, 0, "never", "draft", "livraison")
    assert (counts(tmp_path), events(tmp_path)) == (NOTHING, [])

    run(tmp_path, 1, point, "send", "livraison", draft)
    [(status, lines)] = rows(tmp_path, "SELECT status, json_array_length(lines) FROM request")
    there = point == "committed"
    assert (status, lines) == ("MISE_A_DISPOSITION" if there else "BROUILLON", 2)
    assert (counts(tmp_path), events(tmp_path)) == ((ALL, HANDED_OVER) if there else (NOTHING, []))
    assert intact(tmp_path)

    first, again = run(tmp_path, 2, "never", "send", "livraison", draft)
    assert first == again
    assert (first["status"], first["request_id"], len(first["lines"])) == ("MISE_A_DISPOSITION", draft["request_id"], 2)
    assert sorted(each["name"] for each in first["documents"]) == ["bon.pdf", "l.pdf", "recap.txt"]
    assert (counts(tmp_path), events(tmp_path)) == (ALL, HANDED_OVER)
    assert rows(tmp_path, "SELECT count(*) FROM outbox WHERE published_at IS NULL") == [(0,)]
    assert intact(tmp_path)


@pytest.mark.parametrize("point", ["rows", "events", "committed"])
def test_a_passage_of_time_that_was_killed_is_made_once(tmp_path, point):
    draft = run(tmp_path, 0, "never", "draft", "attente")
    run(tmp_path, 1, "never", "send", "attente", draft)
    assert (counts(tmp_path)["invoice"], events(tmp_path)) == (0, SENT)

    run(tmp_path, 12 * DAYS, point, "pass-time", "attente")
    there = point == "committed"
    assert rows(tmp_path, "SELECT status FROM request") == [("MISE_A_DISPOSITION" if there else "DEPOSEE",)]
    assert (counts(tmp_path)["invoice"], events(tmp_path)) == ((1, HANDED_OVER) if there else (0, SENT))
    assert intact(tmp_path)

    for hours in (12 * DAYS + 2, 12 * DAYS + 4):
        run(tmp_path, hours, "never", "pass-time", "attente")
        assert rows(tmp_path, "SELECT status FROM request") == [("MISE_A_DISPOSITION",)]
        assert (counts(tmp_path), events(tmp_path)) == (ALL, HANDED_OVER)
    assert intact(tmp_path)
