"""Lists: filters live in the address, nonsense is named, pages are bounded."""

import datetime
import decimal
import uuid

import pytest
from portal_world import INVOICE, SUPPLIER, a_summary
from pupitre_contracts import errors, invoicing


@pytest.mark.requirement("R167")
def test_the_synthese_asks_only_for_what_awaits_the_user(browser, bus):
    browser.get("/factures-emises/")
    browser.get("/factures-recues/")
    issued, received = bus.requests(invoicing.SearchInvoices)
    assert [(asked.side, asked.work, asked.statuses) for asked in (issued, received)] == [
        ("issued", True, None),
        ("received", True, None),
    ]


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


@pytest.fixture
def drafts(bus):
    """A list of two drafts and an invoice that was sent."""
    ids = [uuid.UUID(int=number) for number in (201, 202)]
    found = [a_summary(invoice_id=each, status="BROUILLON", number=f"B-{each.int}") for each in ids]
    bus.answers[invoicing.SearchInvoices] = {"invoices": [*found, a_summary()], "total": 3}
    return [str(each) for each in ids]


@pytest.mark.requirement("R274")
def test_drafts_that_are_ticked_are_deleted_together(browser, bus, drafts):
    page = browser.get("/factures-emises/?onglet=tout").get_data(as_text=True)
    assert page.count('type="checkbox" name="facture"') == 2
    assert str(INVOICE) not in page.split("<tbody>")[0]
    answer = browser.post("/factures-emises/suppression", {"facture": [*drafts, drafts[0]]}, form_at="/factures-emises/?onglet=tout")
    assert answer.status_code == 302
    assert [str(request.invoice_id) for request in bus.requests(invoicing.DeleteDraft)] == drafts
    assert len(set(bus.keys(invoicing.DeleteDraft))) == 2
    assert "Brouillons supprimés : 2." in browser.get("/factures-emises/").get_data(as_text=True)


@pytest.mark.requirement("R274")
def test_what_can_not_be_deleted_stays_and_says_why(browser, bus, drafts):
    def delete(request):
        refused = errors.Forbidden(needed="MODIFICATION")
        return refused if str(request.invoice_id) == drafts[0] else {}

    bus.answers[invoicing.DeleteDraft] = delete
    browser.post("/factures-emises/suppression", {"facture": [*drafts, "x"]}, form_at="/factures-emises/?onglet=tout")
    page = browser.get("/factures-emises/").get_data(as_text=True).replace("&#39;", "'")
    assert "Brouillons supprimés : 1. Vous n'avez pas l'habilitation" in page
    assert "Introuvable" in page
    browser.post("/factures-emises/suppression", {}, form_at="/factures-emises/?onglet=tout")
    assert "Cochez au moins un brouillon" in browser.get("/factures-emises/").get_data(as_text=True)
    assert len(bus.requests(invoicing.DeleteDraft)) == 2


def test_received_invoices_and_lists_without_drafts_have_nothing_to_tick(browser, drafts):
    assert "checkbox" not in browser.get("/factures-recues/?onglet=tout").get_data(as_text=True)
