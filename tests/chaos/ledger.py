"""A consumer whose effect nothing but the inbox protects: one row per event it took in, without any key.

The product's own consumer writes each mail under a key made of the event, so a second run of its handler changes nothing. Here it
shows at once: two rows. ``python -m chaos.ledger`` serves it, in as many processes as wanted.
"""

import logging
import sys
from typing import Any

import pupitre_bus.patch  # noqa: F401  first of all
import sqlalchemy as sa
from pupitre_bus import Service, on_event, runner, tables
from pupitre_bus.actors import Keyring
from pupitre_bus.database import Database
from pupitre_contracts import catalogue, invoicing

NAME = "ledger"
HEARD = (invoicing.InvoiceSubmitted,)
metadata = sa.MetaData()
entry = sa.Table(
    "entry",
    metadata,
    sa.Column("number", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("invoice_id", sa.Uuid, nullable=False),
)


class LedgerService(Service):
    """Counts the invoices that it hears of."""

    name = NAME

    @on_event(*HEARD)
    def submitted(self, event: invoicing.InvoiceSubmitted, scope: Any) -> None:
        with scope.begin() as tx:
            tx.execute(entry.insert().values(event_id=scope.event_meta.id, invoice_id=event.invoice_id))


def subscriptions() -> dict[str, tuple]:
    """Who hears what, the ledger included."""
    return {**catalogue.SUBSCRIPTIONS, NAME: HEARD}


def prepare(database_uri: str, keys: Any) -> None:
    """Make its key and its tables; its queue is declared with :func:`subscriptions`."""
    Keyring.create(keys, [NAME])
    database = Database(database_uri, NAME)
    with database.transaction() as tx:
        if not database.on_sqlite:
            tx.execute(sa.schema.CreateSchema(NAME, if_not_exists=True))
        tables.metadata.create_all(tx.connection)
        metadata.create_all(tx.connection)
    database.close()


def main() -> int:
    """Serve until SIGTERM, on the installation that the environment names."""
    from pupitre import configuration

    logging.basicConfig(level="WARNING", format="%(asctime)s %(levelname)-7s %(name)s: %(message)s", stream=sys.stderr)
    return runner.run([LedgerService], configuration.load())


if __name__ == "__main__":
    sys.exit(main())
