"""``make chaos``: play deposits and moves through the real processes while everything under them is broken, then check.

Exit codes: 0 green, 1 red, 2 the run could not begin. ``CHAOS="--help"`` lists the options.
"""

import argparse
import dataclasses
import logging
import signal
import sys
import tempfile
import time
from pathlib import Path

import eventlet.debug
import pupitre_bus.patch  # first of all: what is imported before it would block the hub
from pupitre_bus.testing import Absent

from . import plan, report
from .run import Run, folder_for

HELP = {
    "seed": "what everything is derived from",
    "invoices": "how many are deposited",
    "kills": "how many faults, spread over the deposits",
    "every": "instead: a fault every so many seconds",
    "wipes": "how often the broker's data are deleted, besides",
    "seconds": "when the faults end at the latest",
    "clients": "how many work at once",
    "lots": "share of the invoices that come in lots (flux)",
    "lot_size": "invoices of a lot",
    "lasting": "how many lasting faults, one after the other, each followed by a drain",
    "lasting_seconds": "how long each lasts",
    "only": "only faults of this kind",
    "lasting_only": "only these lasting faults, parted by commas, each with its seconds after a colon if others than --lasting-seconds",
    "megabytes": "put the database on a file system of that size, which can then be filled (database-full); needs root",
    "embedded": "the embedded run: one process, SQLite",
    "proxied": "all connections through fault proxies, and faults of the network among the others",
    "build": "a deliberately broken build, BF-1 to BF-5: the run must be red",
}


def main() -> int:
    pupitre_bus.patch.start_ticker()
    eventlet.debug.hub_exceptions(False)
    logging.basicConfig(level="CRITICAL")  # every lost connection is a warning, and losing them is the point
    arguments = _parser().parse_args()
    for number in (signal.SIGINT, signal.SIGTERM):
        # Also where the shell made this a background job, which ignores Ctrl-C: what was started must be ended.
        signal.signal(number, _interrupted)
    if arguments.controls:
        from .controls import run_all

        return run_all(Path(tempfile.mkdtemp(prefix="pupitre-chaos-")), _say)
    options = plan.Options(**{field.name: getattr(arguments, field.name) for field in dataclasses.fields(plan.Options)})
    derived = plan.derive(options, *((2, 1) if options.embedded else ()))
    folder = folder_for(arguments.journal or Path(tempfile.mkdtemp(prefix="pupitre-chaos-")), options)
    print(report.head(derived), flush=True)
    try:
        result = Run(derived, folder, _say).execute()
    except Absent as absent:
        print(f"cannot begin: there is no {absent}", file=sys.stderr)
        return 2
    print(report.tail(result), flush=True)
    return 1 if result.violations else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    for field in dataclasses.fields(plan.Options):
        flag = f"--{field.name.replace('_', '-')}"
        if isinstance(field.default, bool):
            parser.add_argument(flag, action="store_true", help=HELP[field.name])
        else:
            parser.add_argument(
                flag, type=type(field.default), default=field.default, help=f"{HELP[field.name]} (%(default)s)"
            )
    parser.add_argument("--journal", type=Path, help="folder for journals, logs and data (a new temporary one)")
    parser.add_argument(
        "--controls", action="store_true", help="run every deliberately broken build: each must be caught"
    )
    return parser


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def _say(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
