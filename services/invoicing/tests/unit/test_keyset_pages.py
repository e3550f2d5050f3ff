"""Pages by keyset: every invoice that was there comes exactly once and in order, whatever comes in between two pages."""

import datetime
import uuid
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_contracts.invoice_search import SORTS
from pupitre_espaces.host import Host
from pupitre_invoicing import archives, searching
from pupitre_invoicing.tables import invoice, metadata

NOW = datetime.datetime(2026, 11, 2, 9, tzinfo=datetime.UTC)
OWN = [uuid.UUID(int=number) for number in (1, 2, 3)]
TIMES = st.integers(0, 4).map(lambda days: NOW - datetime.timedelta(days=days))
AMOUNTS = st.none() | st.integers(0, 4).map(lambda cents: Decimal(cents).scaleb(-2))
ROWS = st.fixed_dictionaries(
    {
        "supplier_structure_id": st.sampled_from(OWN),
        "deposited_at": st.none() | TIMES,
        "status_at": TIMES,
        "issue_date": st.integers(1, 4).map(lambda day: datetime.date(2026, 1, day)),
        "gross": AMOUNTS,
        "net": AMOUNTS,
        "due": AMOUNTS,
    }
)


class Shelf:
    """A table of invoices of three structures, in memory."""

    def __init__(self, rows):
        self.db = sa.create_engine("sqlite://").connect()
        metadata.create_all(self.db)
        self.numbers = 0
        self.add(rows)

    def add(self, rows):
        for row in rows:
            self.numbers += 1
            same = {"lifecycle": "invoice", "kind": "FACTURE", "cadre": "A1", "status": "MISE_A_DISPOSITION", "version": 1,
                    "created_at": NOW, "supplier_name": "S", "currency": "EUR", "deposit_mode": "UPLOAD_API", "searched": "",
                    "original_sha256": "0" * 64}
            number = f"F-{self.numbers % 5}-{self.numbers}"
            self.db.execute(invoice.insert().values(
                **row, **same, invoice_id=uuid.uuid4(), number=number, number_key=number.casefold()))

    def all(self):
        return set(self.db.execute(sa.select(invoice.c.portal_number)).scalars())

    def page(self, scope, **values):
        request = contract.SearchInvoices.Request(side="issued", **values)
        return searching.search(self.db, request, dict.fromkeys(scope), NOW, archives.Finished(Host("invoicing", discover=False)))


def in_order(rows, sort, descending):
    filled = [row for row in rows if row[sort] is not None]
    keys = [(row[sort], row["portal_number"]) for row in filled]
    return rows == filled + [row for row in rows if row[sort] is None] and keys == sorted(keys, reverse=descending)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROWS, max_size=12), st.lists(ROWS, max_size=4), st.sampled_from(SORTS), st.booleans(), st.integers(1, 5), st.integers(1, 3))
def test_every_row_comes_once_and_in_order_whatever_comes_in(rows, later, sort, descending, size, structures):
    shelf, scope = Shelf(rows), OWN[:structures]
    there = {row["portal_number"] for row in shelf.page(scope, page_size=100).rows}
    asked = {"order_by": sort, "descending": descending, "page_size": size}
    seen, pages, cursor = [], [], {}
    while True:
        found = shelf.page(scope, **asked, **cursor)
        seen += found.rows
        pages.append(found)
        if found.next is None:
            break
        cursor = {"after": found.next}
        shelf.add(later[:1])
        later = later[1:]
    numbers = [row["portal_number"] for row in seen]
    assert len(numbers) == len(set(numbers))
    assert there <= set(numbers) <= shelf.all()
    assert in_order(seen, sort, descending)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ROWS, max_size=12), st.sampled_from(SORTS), st.booleans(), st.integers(1, 5), st.integers(1, 3))
def test_the_way_back_and_numbered_pages_show_the_same_pages(rows, sort, descending, size, structures):
    shelf, scope = Shelf(rows), OWN[:structures]
    asked = {"order_by": sort, "descending": descending, "page_size": size}
    pages = [shelf.page(scope, **asked)]
    while pages[-1].next:
        pages.append(shelf.page(scope, **asked, after=pages[-1].next))
    assert pages[0].previous is None
    for number, page in enumerate(pages):
        assert shelf.page(scope, **asked, page=number + 1).rows == page.rows
        if number:
            back = shelf.page(scope, **asked, before=page.previous)
            assert back.rows == pages[number - 1].rows
            assert (back.previous is None) == (number == 1)


def test_a_count_ends_where_it_was_told_to():
    row = {"supplier_structure_id": OWN[0], "deposited_at": NOW, "status_at": NOW, "issue_date": NOW.date()}
    shelf = Shelf([row] * 5)
    found = shelf.page(OWN[:1], count_up_to=5)
    assert (found.total, found.exact) == (5, True)
    found = shelf.page(OWN[:1], count_up_to=4)
    assert (found.total, found.exact) == (4, False)


@pytest.mark.parametrize("cursor", ["x", "!", "W10=", "bnVsbA==", "WyJncm9zcyIsIHRydWUsICIxLjAwIiwgMV0="])
def test_what_is_no_page_of_this_search_is_refused(cursor):
    with pytest.raises(errors.Invalid) as refused:
        Shelf([]).page(OWN[:1], after=cursor)
    assert "after" in refused.value.details["fields"]


def test_numbered_pages_end_at_a_depth_and_say_how_to_go_on():
    with pytest.raises(errors.Invalid) as refused:
        Shelf([]).page(OWN[:1], page=102, page_size=1000)
    assert "next" in refused.value.details["fields"]["page"][0]
