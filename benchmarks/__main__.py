"""Run every benchmark, or what is named on the command line: `python -m benchmarks [NAME…]`; an unknown name prints all names.

Whole installations and the trials take minutes each and run only when they are named.
"""

import os
import platform
import sys

import pupitre_bus.patch  # noqa: F401  first of all: what is imported before it would block the hub

from . import annuaire, delivery, engine, enumeration, events, flux, history, http, pdf, search, validation

ALL = {"engine": engine.measure, "validation": validation.measure, "events": events.measure, "pdf": pdf.measure}
TRIALS = {
    "enumeration": enumeration.measure,
    "history": history.measure,
    "annuaire": annuaire.measure,
    "search": search.measure,
    "http": http.measure,
    "flux": flux.measure,
    "singles": flux.singles,
    "network": delivery.network,
    "feed": delivery.feed,
    "copies": delivery.copies,
    "poison": delivery.poison,
    "wipe": delivery.wipe,
    "rolling": delivery.rolling,
}


def main(names: list[str]) -> None:
    known = ALL | TRIALS
    if not known.keys() >= set(names):
        sys.exit(f"benchmarks: {', '.join(ALL)}; only when named: {', '.join(TRIALS)}")
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    for name in names or ALL:
        for line in known[name]():
            print(f"{name}: {line}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
