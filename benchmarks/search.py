"""The search of invoices at its size: 200 000 invoices of one supplier among 40 000 of others, each main criterion and pages at depth, on
both databases, as the service itself runs them (query, count to 10 000 and rows; without bus and HTTP).

PUPITRE_BENCH_INVOICES and PUPITRE_BENCH_SEED change how many and which.
"""

import datetime
import os
import random
import statistics
import tempfile
import time
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from pupitre_bus import migrations
from pupitre_bus.database import Database
from pupitre_bus.testing import Absent, ServerSpace
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import searching, storing
from pupitre_invoicing.tables import invoice

INVOICES = int(os.environ.get("PUPITRE_BENCH_INVOICES", "200000"))
SEED = int(os.environ.get("PUPITRE_BENCH_SEED", "270"))
OTHERS = 20
SEARCHES = 40
SLICE = 2000
OWN = uuid.UUID(int=1)
NOW = datetime.datetime(2026, 11, 2, 9, tzinfo=datetime.UTC)
_STATUSES = ["MISE_A_DISPOSITION", "MANDATEE", "MISE_EN_PAIEMENT", "REJETEE", "SUSPENDUE"]
_WEIGHTS = [20, 10, 60, 5, 1]

CRITERIA: dict[str, dict[str, Any]] = {
    "no criterion": {},
    "to treat (SUSPENDUE)": {"statuses": ["BROUILLON", "A_RECYCLER", "SUSPENDUE"]},
    "number, whole": {"number": "F-123456"},
    "number, F-1234*": {"number": "F-1234*"},
    "number, *3456": {"number": "*3456"},
    "recipient, *clairmont 7*": {"recipient": "*clairmont 7*"},
    "recipient, SIRET": {"recipient": "20000007000012"},
    "engagement, whole": {"engagement": "BC-77777"},
    "contract, M-*/17": {"contract": "M-*/17"},
    "text, anywhere": {"text": "clairmont 7"},
    "nothing found": {"text": "xylophone"},
    "deposited in a month": {"deposited_from": NOW - datetime.timedelta(days=60), "deposited_to": NOW - datetime.timedelta(days=30)},
    "issued in a month": {"issued_from": datetime.date(2025, 3, 1), "issued_to": datetime.date(2025, 3, 31)},
    "TTC from 9 990": {"gross_min": Decimal("9990")},
    "archived": {"archived": True},
    "by TTC": {"order_by": "gross"},
    "by date of invoice": {"order_by": "issue_date", "descending": False},
}


def measure() -> Iterator[str]:
    """Fill, search and turn pages, on both databases."""
    yield f"seed {SEED}, {INVOICES} invoices of one supplier, {INVOICES // 5} of {OTHERS} others, {SEARCHES} searches each"
    with tempfile.TemporaryDirectory() as folder:
        yield from _measured("SQLite", f"sqlite:///{folder}/invoicing.sqlite3")
    try:
        space = ServerSpace()
    except Absent as absent:
        yield f"PostgreSQL: not measured, no {absent}"
        return
    try:
        yield from _measured("PostgreSQL", space.database_uri)
    finally:
        space.close()


def _measured(name: str, uri: str) -> Iterator[str]:
    migrations.upgrade("pupitre_invoicing", uri, "invoicing")
    database = Database(uri, "invoicing")
    try:
        began = time.perf_counter()
        _fill(database)
        yield f"{name}: filled in {time.perf_counter() - began:.0f} s, load average {os.getloadavg()[0]:.0f}"
        for what, values in CRITERIA.items():
            total, spread = _spread(database, [values] * SEARCHES)
            yield f"{name}: {what}: {spread}, {total} found"
        yield f"{name}: 500 pages of 100 by keyset: {_walked(database)}"
        pages = [{"page": 1 + number * 90_000 // SEARCHES // 100, "page_size": 100} for number in range(SEARCHES)]
        yield f"{name}: numbered pages to 90 000 deep: {_spread(database, pages)[1]}"
    finally:
        database.close()


def _fill(database: Database) -> None:
    chance = random.Random(SEED)
    rows: list[dict[str, Any]] = []
    for number in range(INVOICES + INVOICES // 5):
        rows.append(_row(chance, number))
        if len(rows) == SLICE:
            _insert(database, rows)
            rows = []
    if rows:
        _insert(database, rows)
    if not database.on_sqlite:
        with database.transaction() as tx:
            tx.execute(sa.text("ANALYZE invoice"))


def _insert(database: Database, rows: list[dict[str, Any]]) -> None:
    with database.transaction() as tx:
        tx.execute(invoice.insert(), rows)


def _row(chance: random.Random, number: int) -> dict[str, Any]:
    recipient = chance.randrange(300)
    at = NOW - datetime.timedelta(seconds=chance.randrange(3 * 365 * 86400))
    amount = Decimal(chance.randrange(1_000_000)).scaleb(-2)
    values = {
        "number": f"F-{number}",
        "supplier_name": "Fournitures du Quai",
        "supplier_identifier": "90000001000012",
        "recipient_name": f"Commune de Clairmont {recipient}",
        "recipient_siret": f"{20000000 + recipient:08d}000012",
        "code_service": f"SERVICE-{recipient % 7}",
        "engagement": f"BC-{number}",
        "contract": f"M-{number % 4000}/{number % 50}",
    }
    return {
        **values,
        **storing.search_values(values),
        "invoice_id": uuid.UUID(int=chance.getrandbits(128)),
        "lifecycle": "invoice",
        "number_key": values["number"].casefold(),
        "kind": "FACTURE",
        "cadre": "A1",
        "status": chance.choices(_STATUSES, _WEIGHTS)[0],
        "version": 2,
        "issue_date": at.date(),
        "created_at": at,
        "deposited_at": at,
        "status_at": at + datetime.timedelta(days=20),
        "supplier_structure_id": OWN if number < INVOICES else uuid.UUID(int=2 + number % OTHERS),
        "recipient_structure_id": uuid.UUID(int=1000 + recipient),
        "currency": "EUR",
        "net": amount,
        "vat": amount,
        "gross": amount,
        "due": amount,
        "deposit_mode": "UPLOAD_API",
        "original_sha256": f"{number:064x}",
    }


def _search(database: Database, values: dict[str, Any]) -> searching.Found:
    request = contract.SearchInvoices.Request(side="issued", **{"page_size": 25, **values})
    with database.reading() as db:
        return searching.search(db, request, {OWN: None}, NOW)


def _spread(database: Database, several: list[dict[str, Any]]) -> tuple[str, str]:
    found = _search(database, several[0])
    times = []
    for values in several:
        began = time.perf_counter()
        _search(database, values)
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    total = str(found.total) if found.exact else f"more than {found.total}"
    return total, f"median {statistics.median(times):.0f} ms, p95 {times[int(len(times) * 0.95) - 1]:.0f} ms"


def _walked(database: Database) -> str:
    times, cursor, page = [], {}, 0
    while page < 500:
        began = time.perf_counter()
        found = _search(database, {"page_size": 100, **cursor})
        times.append((time.perf_counter() - began) * 1000)
        page += 1
        if found.next is None:
            break
        cursor = {"after": found.next}
    first, last = statistics.median(times[:50]), statistics.median(times[-50:])
    return f"{page} pages, median of the first 50 {first:.0f} ms, of the last 50 {last:.0f} ms, worst {max(times):.0f} ms"
