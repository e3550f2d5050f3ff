"""SIGTERM under load: `pupitre run`, and `pupitre up` with a process per service, are gone within 25 seconds."""

import contextlib
import os
import signal
import socket
import threading
import time

import pytest
import requests
from support.installation import until
from support.machine import UBL, tar_gz
from support.slow_clients import UPLOAD
from support.story import Story

pytestmark = [pytest.mark.timeout(900), pytest.mark.faults, pytest.mark.slow, pytest.mark.e2e]

LOADED_SECONDS = 25
LOT = 60


@pytest.mark.requirement("RS-12")
def test_a_loaded_installation_stops_in_time(own_installation):
    own_installation.start()
    story = Story(own_installation)
    lot = tar_gz({f"{n}.xml": story.invoice(f"STOP-{n}") for n in range(LOT)})
    numero = story.machine.deposit(lot, "lot.tar.gz", UBL)
    over, served = threading.Event(), []
    clients = [threading.Thread(target=_ask, args=(own_installation.base_url, over, served)) for _ in range(8)]
    for client in clients:
        client.start()
    with contextlib.closing(socket.create_connection(("127.0.0.1", own_installation.port))) as upload:
        upload.sendall(UPLOAD + b"x" * 10_000)  # and then nothing: the server waits for the rest
        until(lambda: story.machine.count(numero) > 0, 100, "the lot begun", pause=0.05)
        until(lambda: len(served) > 20, 30, "clients served")
        began = time.monotonic()
        os.kill(own_installation.process.pid, signal.SIGTERM)
        code = own_installation.process.wait(LOADED_SECONDS + 20)
        seconds = time.monotonic() - began
    over.set()
    for client in clients:
        client.join()
    assert code == 0, own_installation.tail()
    assert seconds <= LOADED_SECONDS
    until(lambda: not own_installation.pids(), 10, "every process ended")


def _ask(base_url, over, served):
    while not over.is_set():
        with contextlib.suppress(requests.RequestException):
            requests.get(f"{base_url}/connexion", timeout=5)
            served.append(1)
        over.wait(0.02)
