"""Every service stopped in order and started again, one after the other, while a supplier goes on depositing."""

import itertools
import os
import re
import signal
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import requests

from support import mailbox
from support.installation import Installation, until
from support.machine import UBL
from support.story import Story

SERVICES = ("notifications", "invoicing", "organisation", "identity", "portal")
STOP_SECONDS = 25
BACK_SECONDS = 120
#: What a patient client tries again: nobody there, or nobody behind the portal.
TRY_AGAIN = (502, 503, 504)
PAUSE_SECONDS = 0.5
_NUMBER = re.compile(r"ROLL-\w+-\d+")


@dataclass
class Rolled:
    """``stops`` are the seconds from SIGTERM to the end of a process, ``retries`` what the client had to try again."""

    stops: dict[str, list[float]] = field(default_factory=dict)
    deposits: int = 0
    retries: int = 0

    @property
    def longest(self) -> float:
        return max(each for stops in self.stops.values() for each in stops)


class Depositor:
    """Deposits one invoice after the other, each with its own key, until told to stop; it sees through every restart."""

    def __init__(self, story: Story) -> None:
        self._story, self._machine = story, story.machine
        self._run, self._numbers = uuid.uuid4().hex[:6].upper(), itertools.count(1)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.fluxes: dict[str, str] = {}
        self.retries = 0
        self.errors: list[str] = []
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(BACK_SECONDS)

    def _work(self) -> None:
        while not self._stopping.is_set():
            number = f"ROLL-{self._run}-{next(self._numbers)}"
            flux = self._deposited(number)
            if flux is None:
                return
            self.fluxes[number] = flux
            self._stopping.wait(PAUSE_SECONDS)

    def _deposited(self, number: str) -> str | None:
        body = self._machine.flux(self._story.invoice(number), f"{number}.xml", UBL)
        until_ = time.monotonic() + BACK_SECONDS
        while time.monotonic() < until_:
            try:
                answer = self._machine.post("factures/v1/deposer/flux", body, headers={"Idempotency-Key": number})
            except requests.RequestException:
                pass
            else:
                if answer.status_code == 200 and answer.json()["codeRetour"] == 0:
                    return answer.json()["numeroFluxDepot"]
                if answer.status_code not in TRY_AGAIN:
                    self.errors.append(f"{number}: {answer.status_code} {answer.text[:300]}")
                    return None
            self.retries += 1
            threading.Event().wait(PAUSE_SECONDS)
        self.errors.append(f"{number}: no answer within {BACK_SECONDS} s")
        return None


def roll(installation: Installation, rounds: int, services: Iterable[str] = SERVICES) -> Rolled:
    """Restart each service ``rounds`` times under deposits. Asserts that no client saw an error that a repetition did not
    mend, that every process ended in order and in time, and that each deposit is one invoice and each mail was sent once."""
    story = Story(installation)
    depositor, outcome = Depositor(story), Rolled()
    try:
        until(lambda: depositor.fluxes, BACK_SECONDS, "a first deposit")
        for _, service in itertools.product(range(rounds), services):
            outcome.stops.setdefault(service, []).append(_restarted(installation, service))
            assert not depositor.errors, depositor.errors
    finally:
        depositor.stop()
    assert not depositor.errors, depositor.errors
    codes = re.findall(r"^(\w+) +\| ended with code (-?\d+)", installation.log.read_text("utf-8", "replace"), re.MULTILINE)
    assert [each for each in codes[-rounds * len(outcome.stops) :] if each[1] != "0"] == []
    outcome.deposits, outcome.retries = len(depositor.fluxes), depositor.retries
    _assert_each_once(story, depositor.fluxes)
    return outcome


def _restarted(installation: Installation, service: str) -> float:
    """Stop a service in order, wait until another process of it is ready, and return how long the first one took to end."""
    pid, started = installation.pid_of(service), time.monotonic()
    os.kill(pid, signal.SIGTERM)
    until(lambda: pid not in installation.pids(), STOP_SECONDS, f"{service} stopped", pause=0.05)
    taken = time.monotonic() - started
    # In this order: for a moment after the end of a process, readiness is what was seen before it.
    until(lambda: _pid(installation, service), BACK_SECONDS, f"another process of {service}")
    until(installation.is_ready, BACK_SECONDS, f"ready after {service}")
    return taken


def _pid(installation: Installation, service: str) -> int | None:
    try:
        return installation.pid_of(service)
    except AssertionError:
        return None


def _assert_each_once(story: Story, fluxes: dict[str, str]) -> None:
    for flux in fluxes.values():
        assert story.machine.settled(flux)["etatCourantDepotFlux"] == "IN_INTEGRE"
    found = Counter(each["numeroFacture"] for number in fluxes for each in story.machine.issued(numeroFacture=number))
    assert found == Counter(dict.fromkeys(fluxes, 1))
    state, each = story.installation.state, len(story.people(story.supplier)) + len(story.people(story.easy))
    expected = each * len(fluxes)
    until(lambda: sum(map(len, _told(state, fluxes).values())) >= expected, BACK_SECONDS, f"{expected} mails", pause=1)
    for number, mails in _told(state, fluxes).items():
        assert len(set(mails)) == len(mails) == each, number


def _told(state: Path, numbers: Iterable[str]) -> dict[str, list[str]]:
    """Which mails are about which invoice: their Message-IDs, by the number in their subject. One reading of the mailbox, which
    holds thousands."""
    found: dict[str, list[str]] = {number: [] for number in numbers}
    for mail in mailbox.mails(state):
        for word in _NUMBER.findall(mail["Subject"]):
            if word in found:
                found[word].append(mail["Message-ID"])
    return found
