"""Whether the time of an answer tells which addresses have accounts: the figure RS-57 of docs/proof.

Each try is a pair, one address with and one without an account, in an order that alternates, so that what else the machine does meets
both alike. What counts is the median of the differences within the pairs, with the interval that holds it in 95 of 100 resamplings.
Processor time is told beside: it does not wait for anybody else.
"""

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pupitre_bus import settings
from pupitre_bus.actors import Actor
from pupitre_bus.testing import Bench, Embedded
from pupitre_contracts import account_life, errors, identity
from pupitre_identity.service import IdentityService

TRIES = int(os.environ.get("TRIES", "500"))
RESAMPLINGS = 2000
PASSWORD, WRONG = "sept bateaux verts dérivent", "une autre phrase assez longue"
KNOWN = "connue@exemple.invalid"


def measure() -> Iterator[str]:
    """Ask each anonymous call about an address with and one without an account, in turn, with the default hashes."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Embedded(Path(folder)), patience=10)
        bench.settings = settings.load("pupitre_identity", environ={"PUPITRE_STATE": folder})
        try:
            bench.start(IdentityService)
            operator, anybody = bench.caller(Actor.service("operator")), bench.caller()
            names = {"given_name": "Une", "family_name": "Personne", "password": PASSWORD}
            operator.call(identity.CreateUser, email=KNOWN, **names)
            for name, ask in _calls(anybody, names).items():
                yield f"{name}: {_compared(ask)}"
        finally:
            bench.close()


def _calls(anybody, names: dict[str, str]) -> dict[str, Callable[[str, str], None]]:
    def sign_in(email: str, network: str) -> None:
        try:
            anybody.call(identity.SignIn, email=email, password=WRONG, network=network)
        except errors.SignInRefused:
            return
        raise AssertionError("a wrong password was taken")

    return {
        "sign-in": sign_in,
        "reset": lambda email, network: anybody.call(identity.AskForLink, email=email, purpose="reset", network=network),
        "activation": lambda email, network: anybody.call(
            identity.AskForLink, email=email, purpose="activation", network=network
        ),
        "reactivation": lambda email, network: anybody.call(account_life.AskReactivation, email=email, network=network),
        "sign-up": lambda email, network: anybody.call(identity.SignUp, email=email, network=network, **names),
    }


def _compared(ask: Callable[[str, str], None]) -> str:
    """Every try comes from a network of its own, as no single one is let in so often."""
    pairs = [_pair(ask, number) for number in range(TRIES)]
    (known, known_cpu), (unknown, unknown_cpu) = ([_medians(each) for each in zip(*side, strict=True)] for side in zip(*pairs, strict=True))
    differences = [first[0] - second[0] for first, second in pairs]
    low, high = _interval(differences)
    cpu = _interval([first[1] - second[1] for first, second in pairs])
    return (
        f"{TRIES} pairs, median {known:.1f} ms with an account, {unknown:.1f} ms without; difference within a pair"
        f" {_medians(differences):+.2f} ms, 95 % between {low:+.2f} and {high:+.2f} (RS-57: at most 5 ms);"
        f" processor time {known_cpu:.1f} and {unknown_cpu:.1f} ms, difference between {cpu[0]:+.2f} and {cpu[1]:+.2f}"
    )


def _pair(ask: Callable[[str, str], None], number: int) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return (wall, processor) seconds for the known and for the unknown address."""
    network = f"10.{number // 250}.{number % 250}"
    tries = {KNOWN: f"{network}.1", f"inconnue-{number}@exemple.invalid": f"{network}.2"}
    asked = list(tries.items())
    found = {email: _timed(ask, email, source) for email, source in (asked if number % 2 else reversed(asked))}
    return found[asked[0][0]], found[asked[1][0]]


def _timed(ask: Callable[[str, str], None], email: str, network: str) -> tuple[float, float]:
    began, worked = time.perf_counter(), time.process_time()
    ask(email, network)
    return time.perf_counter() - began, time.process_time() - worked


def _medians(seconds: Sequence[float]) -> float:
    """Return the median, in milliseconds."""
    return statistics.median(seconds) * 1000


def _interval(seconds: Sequence[float]) -> tuple[float, float]:
    """Return the bounds, in milliseconds, between which 95 of 100 resamplings have their median."""
    draw = random.Random(1)
    found = sorted(_medians(draw.choices(seconds, k=len(seconds))) for _ in range(RESAMPLINGS))
    return found[int(0.025 * RESAMPLINGS)], found[int(0.975 * RESAMPLINGS) - 1]
