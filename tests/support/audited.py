"""The audit history of a service that a test runs: read, anchored, verified and tampered with as it is stored."""

import json
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pupitre_bus import audit, verification
from pupitre_bus.chain import Chain
from pupitre_bus.scope import Scope
from pupitre_bus.sealing import KeySealer
from pupitre_bus.write_once import WriteOnce

from support.tampering import Tampering, unprotected


class Audited:
    """``service`` runs on ``bench``; ``chain`` is where its lines are."""

    def __init__(self, bench: Any, service: str, chain: Chain) -> None:
        self.bench, self.service, self.chain = bench, service, chain
        self.sealer = KeySealer.from_file(Path(bench.backend.keys) / f"{service}.key")
        self.place = WriteOnce.from_uri(bench.settings.anchors)

    def lines(self, key: Any) -> list[dict[str, Any]]:
        """The lines of one chain, in order, with what they hold read back."""
        table = self.chain.lines
        with self._database() as database, database.reading() as db:
            rows = db.execute(sa.select(table).where(table.c[self.chain.key] == key).order_by(table.c.number)).mappings().all()
        return [{**row, **{name: json.loads(row[name] or "null") for name in ("detail", "before", "after")}} for row in rows]

    def anchor(self) -> None:
        with self._database() as database:
            scope = Scope(database=database, clock=self.bench.clock, settings=self.bench.settings, sealer=self.sealer)
            audit.anchor(scope, self.chain)

    def tamper(self, key: Any, way: Any) -> None:
        with self._database() as database, database.transaction() as tx:
            unprotected(tx)
            way(Tampering(self.chain, key, self.sealer), tx)

    def verdict(self) -> verification.Verdict:
        with self._database() as database, database.reading() as db:
            return verification.verify(db, self.chain, self.sealer, self.place)

    def faults(self) -> set[str]:
        return {fault.fault.split()[0] for fault in self.verdict().faults}

    def _database(self) -> Any:
        return _Opened(self.bench.database(self.service))


class _Opened:
    def __init__(self, database: Any) -> None:
        self.database = database

    def __enter__(self) -> Any:
        return self.database

    def __exit__(self, *error: Any) -> None:
        self.database.close()
