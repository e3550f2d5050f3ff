"""F22: how long the verification of a history of 100 000 lines takes, and whether tampering at random rows of it is found.

Lines, invoices and files of invoices are written as the service writes them; half of them are in one chain. Each tampering is done in
a transaction, by somebody who has the whole database: triggers are dropped, digests and heads recomputed where it says so. It is verified,
then rolled back. PUPITRE_BENCH_LINES and PUPITRE_BENCH_SEED change the size and the random rows.
"""

import datetime
import decimal
import hashlib
import os
import random
import resource
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pupitre_bus import anchors, migrations
from pupitre_bus.database import Database
from pupitre_bus.scope import Scope
from pupitre_bus.sealing import KeySealer
from pupitre_bus.testing import Absent, ServerSpace
from pupitre_bus.write_once import WriteOnce
from pupitre_invoicing import history as chain
from pupitre_invoicing import verification
from pupitre_invoicing.tables import document, history, history_anchor, history_head, invoice

LINES = int(os.environ.get("PUPITRE_BENCH_LINES", "100000"))
SEED = int(os.environ.get("PUPITRE_BENCH_SEED", "22"))
CHAINS = 50
PER_INVOICE = 3
SLICE = 1000


class Undo(Exception):
    """Rolls a tampering back."""


def measure() -> Iterator[str]:
    """Verify an intact history, then each way of tampering with it, on both databases."""
    yield f"seed {SEED}, {LINES} lines in {CHAINS} chains, half of them in one"
    with tempfile.TemporaryDirectory() as folder:
        yield from _measured("SQLite", f"sqlite:///{folder}/invoicing.sqlite3", Path(folder) / "sqlite-anchors")
        try:
            space = ServerSpace()
        except Absent as absent:
            yield f"PostgreSQL: not measured, no {absent}"
            return
        try:
            yield from _measured("PostgreSQL", space.database_uri, Path(folder) / "postgresql-anchors")
        finally:
            space.close()


def _measured(name: str, uri: str, place: Path) -> Iterator[str]:
    migrations.upgrade("pupitre_invoicing", uri, "invoicing")
    database = Database(uri, "invoicing")
    world = World(database, KeySealer(Ed25519PrivateKey.generate()), WriteOnce.from_uri(place))
    started = time.perf_counter()
    world.fill()
    yield f"{name}: filled in {time.perf_counter() - started:.0f} s"
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds, work, faults = world.verify()
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    spent = f"{seconds:.1f} s ({work:.1f} s of processor, {grown:.0f} MiB more at the peak)"
    yield f"{name}: intact, verified in {spent}: {', '.join(faults) or 'no fault'}"
    found = 0
    for kind, tampering in TAMPERINGS.items():
        random_rows = random.Random(f"{SEED} {kind}")
        seconds, work, faults = world.verify(lambda tx, do=tampering, rows=random_rows: do(world, tx, rows))
        found += bool(faults)
        yield f"{name}: {kind}: {'found' if faults else 'NOT FOUND'} in {seconds:.1f} s ({work:.1f} s of processor): {', '.join(faults)}"
    yield f"{name}: {found} of {len(TAMPERINGS)} found"
    database.close()


class World:
    """A database with a history, the key of its seals, and the place of its anchors."""

    def __init__(self, database: Database, sealer: KeySealer, place: WriteOnce) -> None:
        self.database, self.sealer, self.place = database, sealer, place
        self.structures = [uuid.UUID(int=number + 1) for number in range(CHAINS)]

    def fill(self) -> None:
        """Write chains, then an anchor of all of them; then one line more in each, which is in no anchor."""
        lines = {self.structures[0]: LINES // 2}
        for structure_id in self.structures[1:]:
            lines[structure_id] = LINES // 2 // (CHAINS - 1)
        for structure_id, count in lines.items():
            for start in range(0, count // PER_INVOICE, SLICE):
                with self.database.transaction() as tx:
                    self._store(tx, structure_id, range(start, min(start + SLICE, count // PER_INVOICE)))
        scope = Scope(database=self.database, clock=self.database.clock)
        anchors.make(scope, chain.CHAIN, self.sealer)
        anchors.publish(scope, chain.CHAIN, self.place)

    def _store(self, tx: Any, structure_id: uuid.UUID, numbers: range) -> None:
        rows = [_invoice(structure_id, number, tx.now) for number in numbers]
        tx.execute(invoice.insert(), rows)
        tx.execute(document.insert(), [_document(row, tx.now) for row in rows])
        ids = [row["invoice_id"] for row in rows]
        stored = tx.execute(sa.select(invoice).where(invoice.c.invoice_id.in_(ids))).mappings().all()
        lines = []
        for row in stored:
            digest = chain.state_digest(row, [row["original_sha256"]])
            common = {"invoice_id": row["invoice_id"], "actor": "user:3f0e2f3a-90a2-4c1c-8a1d-1d2f6a3f9b01", "actor_name": "Camille Durand"}
            lines += [
                chain.Line(**common, action="prepare", status_to="BROUILLON", after=digest),
                chain.Line(**common, action="send", status_from="BROUILLON", status_to="DEPOSEE", before=digest, after=digest),
                chain.Line(**common, action="route", status_from="DEPOSEE", status_to="MISE_A_DISPOSITION", before=digest, after=digest),
            ]
        chain.append(tx, self.sealer, structure_id, lines)

    def verify(self, tampering: Callable[[Any], None] | None = None) -> tuple[float, float, list[str]]:
        """Verify, after a tampering that is then undone; return seconds, those of this process's work, the kinds of faults."""
        if tampering is None:
            with self.database.reading() as db:
                return self._timed(db)
        found: tuple[float, float, list[str]] = (0, 0, [])
        try:
            with self.database.transaction() as tx:
                _unprotect(tx)
                tampering(tx)
                found = self._timed(tx)
                raise Undo
        except Undo:
            return found

    def _timed(self, db: Any) -> tuple[float, float, list[str]]:
        started, working = time.perf_counter(), time.process_time()
        verdict = verification.verify(db, self.sealer, self.place)
        return time.perf_counter() - started, time.process_time() - working, sorted({each.fault.split()[0] for each in verdict.faults})

    def chain_of(self, tx: Any, rows: random.Random) -> tuple[uuid.UUID, int]:
        """A chain, chosen as a random line would choose it, and the number of a line well inside it."""
        structure_id = self.structures[0] if rows.random() < 0.5 else rows.choice(self.structures)
        length = tx.execute(sa.select(history_head.c.number).where(history_head.c.structure_id == structure_id)).scalar_one()
        return structure_id, rows.randint(2, length - 2)


def _invoice(structure_id: uuid.UUID, number: int, now: datetime.datetime) -> dict[str, Any]:
    original = hashlib.sha256(f"{structure_id} {number}".encode()).hexdigest()
    return {
        "invoice_id": uuid.uuid4(),
        "lifecycle": "invoice",
        "number": f"F-{number}",
        "number_key": f"f-{number}",
        "kind": "FACTURE",
        "cadre": "A1",
        "status": "MISE_A_DISPOSITION",
        "version": 2,
        "issue_date": datetime.date(2026, 11, 1),
        "created_at": now,
        "deposited_at": now,
        "status_at": now,
        "supplier_structure_id": structure_id,
        "supplier_identifier": "90000001000012",
        "supplier_name": "Fournitures du Quai",
        "recipient_structure_id": uuid.UUID(int=1000),
        "recipient_siret": "90000002000019",
        "recipient_name": "Commune d'Exempleville",
        "currency": "EUR",
        "net": decimal.Decimal("100.00"),
        "vat": decimal.Decimal("20.00"),
        "gross": decimal.Decimal("120.00"),
        "due": decimal.Decimal("120.00"),
        "deposit_mode": "UPLOAD_API",
        "searched": f"f-{number} fournitures du quai",
        "original_sha256": original,
        "receipt_sha256": original,
        "receipt_at": now,
    }


def _document(row: dict[str, Any], now: datetime.datetime) -> dict[str, Any]:
    return {
        "document_id": uuid.uuid4(),
        "invoice_id": row["invoice_id"],
        "kind": "original",
        "language": "",
        "name": "facture.xml",
        "mime": "application/xml",
        "size": 5000,
        "sha256": row["original_sha256"],
        "added_at": now,
    }


def _unprotect(tx: Any) -> None:
    if tx.database.on_sqlite:
        for name in tx.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            tx.execute(sa.text(f"DROP TRIGGER {name}"))
    else:
        tx.execute(sa.text("ALTER TABLE history DISABLE TRIGGER ALL"))


def _line(structure_id: uuid.UUID, number: int) -> Any:
    return sa.and_(history.c.structure_id == structure_id, history.c.number == number)


def edit(world: World, tx: Any, rows: random.Random) -> None:
    tx.execute(history.update().where(_line(*world.chain_of(tx, rows))).values(motive="tout autre chose"))


def delete(world: World, tx: Any, rows: random.Random) -> None:
    tx.execute(history.delete().where(_line(*world.chain_of(tx, rows))))


def insert(world: World, tx: Any, rows: random.Random) -> None:
    """A line between two others: those after it are moved up by one, with their own digests."""
    structure_id, number = world.chain_of(tx, rows)
    source = tx.execute(sa.select(history).where(_line(structure_id, number))).mappings().one()
    after = (history.c.structure_id == structure_id, history.c.number > number)
    for shift in (10**9, 1 - 10**9):
        limit = () if shift > 0 else (history.c.number > 10**9,)
        tx.execute(history.update().where(*after, *limit).values(number=history.c.number + shift))
    added = {**source, "number": number + 1, "previous": source["digest"], "comment": "ajoutée"}
    tx.execute(history.insert().values(**added | {"digest": chain.digest_of(added)}))


def swap(world: World, tx: Any, rows: random.Random) -> None:
    structure_id, number = world.chain_of(tx, rows)
    for source, target in ((number, 0), (number + 1, number), (0, number + 1)):
        tx.execute(history.update().where(_line(structure_id, source)).values(number=target))


def cut_tail(world: World, tx: Any, rows: random.Random) -> None:
    structure_id, number = world.chain_of(tx, rows)
    tx.execute(history.delete().where(history.c.structure_id == structure_id, history.c.number > number))


def rewrite(world: World, tx: Any, rows: random.Random, sealer: KeySealer | None = None) -> None:
    """Change a line, then recompute every digest after it and the head; sealed by a key of their own, if none is given."""
    structure_id, number = world.chain_of(tx, rows)
    mine = history.c.structure_id == structure_id
    query = sa.select(history).where(mine, history.c.number >= number).order_by(history.c.number)
    later = [dict(row) for row in tx.execute(query).mappings()]
    later[0]["motive"] = "tout autre chose"
    previous = later[0]["previous"]
    for row in later:
        row["previous"] = previous
        previous = row["digest"] = chain.digest_of(row)
    tx.execute(history.delete().where(mine, history.c.number >= number))
    for start in range(0, len(later), SLICE):
        tx.execute(history.insert(), later[start : start + SLICE])
    sealer = sealer or KeySealer(Ed25519PrivateKey.generate())
    seal = sealer.seal(chain.head_message(structure_id, later[-1]["number"], previous))
    tx.execute(history_head.update().where(history_head.c.structure_id == structure_id).values(digest=previous, seal=seal))


def rewrite_with_the_key(world: World, tx: Any, rows: random.Random) -> None:
    rewrite(world, tx, rows, world.sealer)


def rewrite_with_the_key_and_cut_the_anchors(world: World, tx: Any, rows: random.Random) -> None:
    rewrite(world, tx, rows, world.sealer)
    tx.execute(history_anchor.delete())


TAMPERINGS: dict[str, Callable[[World, Any, random.Random], None]] = {
    "edit": edit,
    "delete": delete,
    "insert": insert,
    "swap": swap,
    "cut tail": cut_tail,
    "rewrite all, without the key": rewrite,
    "rewrite all, with the key": rewrite_with_the_key,
    "rewrite all, with the key, anchors' table emptied": rewrite_with_the_key_and_cut_the_anchors,
}
