"""Clients that hold connections: half-open ones, headers that drip, uploads that crawl; and a page asked for meanwhile (RS-31)."""

import contextlib
import math
import socket
import threading
import time
from dataclasses import dataclass, field

import requests

HALF_OPEN = (b"", b"GET /connexion HTTP/1.1\r\nHost: x", b"GET /connexion HTTP/1.1\r\nHost: x\r\nX-Drip: ")
"""Nothing at all; part of the headers, then silence; part of the headers, then an octet now and then."""
DRIP_SECONDS = 0.5
UPLOAD = b"POST /api/v1/validations HTTP/1.1\r\nHost: x\r\nContent-Type: application/xml\r\nContent-Length: 5000000\r\n\r\n"
CRAWL = b"x" * 1000


@dataclass
class Outcome:
    """Seconds that each page took, that each half-open connection lived, and that each upload was let crawl."""

    pages: list[float] = field(default_factory=list)
    half_open: list[float] = field(default_factory=list)
    uploads: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def p95(self) -> float:
        return sorted(self.pages)[math.ceil(len(self.pages) * 0.95) - 1]


def play(port: int, half_open: int, uploads: int, patience: float, least_pages: int = 20) -> Outcome:
    """Hold all connections at once and ask for a page until every half-open one was closed; give up after ``patience`` seconds."""
    outcome, over = Outcome(), threading.Event()
    crawling = [threading.Thread(target=_crawl, args=(port, outcome, over)) for _ in range(uploads)]
    holding = [
        threading.Thread(target=_hold, args=(port, HALF_OPEN[n % len(HALF_OPEN)], n % len(HALF_OPEN) == 2, outcome, over))
        for n in range(half_open)
    ]
    for thread in (*crawling, *holding):
        thread.start()
    began = time.monotonic()
    while (any(each.is_alive() for each in holding) or len(outcome.pages) < least_pages) and not over.is_set():
        asked = time.monotonic()
        answer = requests.get(f"http://127.0.0.1:{port}/connexion", timeout=patience)
        outcome.pages.append(time.monotonic() - asked)
        if answer.status_code != 200:
            outcome.refused.append(f"page: {answer.status_code}")
        if time.monotonic() - began > patience:
            over.set()
    over.set()
    for thread in (*crawling, *holding):
        thread.join()
    return outcome


def _hold(port: int, first: bytes, drips: bool, outcome: Outcome, over: threading.Event) -> None:
    began = time.monotonic()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError), socket.create_connection(("127.0.0.1", port)) as held:
        held.sendall(first)
        held.settimeout(DRIP_SECONDS)
        while not over.is_set():
            try:
                if not held.recv(1000):
                    break
            except TimeoutError:
                if drips:
                    held.sendall(b"a")
    if not over.is_set():
        outcome.half_open.append(time.monotonic() - began)


def _crawl(port: int, outcome: Outcome, over: threading.Event) -> None:
    began = time.monotonic()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError), socket.create_connection(("127.0.0.1", port)) as held:
        held.sendall(UPLOAD)
        held.settimeout(0.1)
        while not over.is_set():
            held.sendall(CRAWL)
            with contextlib.suppress(TimeoutError):
                answer = held.recv(1000)
                if answer and b" 503 " not in answer[:20]:
                    outcome.refused.append(f"upload: {answer[:40]!r}")
                break
    outcome.uploads.append(time.monotonic() - began)
