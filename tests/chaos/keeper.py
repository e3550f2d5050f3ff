"""Keeps the broker's exchanges and queues there, the ledger's included: what `pupitre up` does beside its processes.

``python -m chaos.keeper`` runs until SIGTERM. It is started, killed and started again like any process of the installation, and
nobody else declares a queue after the installation: a broker that lost its data, or a queue that hangs, is its affair.
"""

import logging
import signal
import sys
from typing import Any

import pupitre_bus.patch  # first of all
from pupitre_bus import topology
from pupitre_bus.accounts import ADMIN

from . import ledger


def main() -> int:
    """Serve the installation that the environment names."""
    from pupitre import configuration

    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", stream=sys.stderr)
    asked = []

    def ask(*_: Any) -> None:
        asked.append(True)

    signal.signal(signal.SIGTERM, ask)
    pupitre_bus.patch.start_ticker()
    topology.keep(configuration.load().broker_uri(ADMIN), lambda: bool(asked), ledger.subscriptions())
    return 0


if __name__ == "__main__":
    sys.exit(main())
