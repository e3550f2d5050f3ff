"""Lists: filters live in the address, nonsense is named, pages are bounded."""

import datetime
import decimal

import pytest
from portal_world import SUPPLIER
from pupitre_contracts import invoicing


@pytest.mark.requirement("R167")
def test_the_synthese_asks_only_for_what_awaits_the_user(browser, bus):
    browser.get("/factures-emises/")
    browser.get("/factures-recues/")
    issued, received = bus.requests(invoicing.SearchInvoices)
    assert issued.statuses == ["BROUILLON", "A_RECYCLER", "SUSPENDUE"]
    assert "MISE_A_DISPOSITION" in received.statuses
    assert "BROUILLON" not in received.statuses


def test_filters_of_the_address_narrow_the_search(browser, bus):
    browser.get(
        f"/factures-emises/?onglet=tout&number=F-1&structure={SUPPLIER}&statut=REJETEE&du=2026-01-01&au=2026-01-31"
        "&gross_min=1%20000,50&tri=gross&ordre=asc&page=2"
    )
    request = bus.requests(invoicing.SearchInvoices)[0]
    assert (request.side, request.number, request.structure_id, request.statuses) == (
        "issued",
        "F-1",
        SUPPLIER,
        ["REJETEE"],
    )
    assert request.gross_min == decimal.Decimal("1000.50")
    assert request.deposited_from == datetime.datetime(2025, 12, 31, 23, tzinfo=datetime.UTC)
    assert (request.sort, request.descending, request.page) == ("gross", False, 2)


def test_a_filter_that_makes_no_sense_is_named_and_left_out(browser, bus):
    answer = browser.get("/factures-emises/?onglet=tout&du=hier&gross_min=NaN&structure=x&page=zzz")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Date de début" in page
    assert "écrivez un nombre" in page
    request = bus.requests(invoicing.SearchInvoices)[0]
    assert request.deposited_from is None
    assert request.page == 1


def test_the_pages_keep_the_filters(browser):
    page = browser.get("/factures-emises/?onglet=tout&number=F%26G").get_data(as_text=True)
    assert "Page 1 sur 3" in page
    assert "number=F%26G&amp;onglet=tout&amp;page=2" in page
