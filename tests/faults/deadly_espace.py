"""An espace that kills invoicing once, in the middle of the commit in which a request is sent: at the point that a file names.

``rows``: all rows are written but the events; ``events``: these too, and nothing is committed; ``committed``: before anybody is answered,
and the relay sees it. The file goes first, so that the process that comes back lives.
"""

import os
import signal
from pathlib import Path

from pupitre_bus import database
from pupitre_espaces import Label, Manifest, hookimpl

FILE = Path(os.environ["PUPITRE_ESPACE_MORTEL_FILE"])
SENT = "request.sent.v1"


@hookimpl
def espace_manifest():
    return Manifest("mortel", Label("Mortel", "Deadly"), Label("Espace des essais", "Espace of tests"))


def _die_at(point):
    if FILE.exists() and FILE.read_text() == point:
        FILE.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


_append, _wake = database.Transaction.append_events, database.Database.wake
_sent = set()


def _append_events(transaction):
    sends = any(event["type"] == SENT for event in transaction._events)
    if sends:
        _die_at("rows")
    appended = _append(transaction)
    if sends:
        _die_at("events")
        _sent.add(transaction.database)
    return appended


def _woken(of):
    # The moment after a commit that published something.
    if of in _sent:
        _sent.discard(of)
        _die_at("committed")
    _wake(of)


database.Transaction.append_events, database.Database.wake = _append_events, _woken
