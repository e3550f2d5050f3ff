"""Whether the time of an answer tells which addresses have accounts: the figure RS-57 of docs/proof."""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from pupitre_bus import settings
from pupitre_bus.actors import Actor
from pupitre_bus.testing import Bench, Embedded
from pupitre_contracts import account_life, errors, identity
from pupitre_identity.service import IdentityService

TRIES = 500
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
    known, unknown = [], []
    for number in range(TRIES):
        network = f"10.{number // 250}.{number % 250}"
        known.append(_timed(ask, KNOWN, f"{network}.1"))
        unknown.append(_timed(ask, f"inconnue-{number}@exemple.invalid", f"{network}.2"))
    first, second = statistics.median(known) * 1000, statistics.median(unknown) * 1000
    return (
        f"{TRIES} tries, median {first:.1f} ms with an account, {second:.1f} ms without, difference {abs(first - second):.2f} ms"
        f" (RS-57: < 5 ms)"
    )


def _timed(ask: Callable[[str, str], None], email: str, network: str) -> float:
    began = time.perf_counter()
    ask(email, network)
    return time.perf_counter() - began
