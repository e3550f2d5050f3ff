"""Lists: filters live in the address, nonsense is named, pages are bounded."""

import csv
import datetime
import decimal
import io
import uuid
import zipfile

import pytest
from lxml import etree, html
from portal_world import INVOICE, SUPPLIER, a_summary
from pupitre_contracts import errors, invoice_search, invoicing, invoicing_entry, saved_filters


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
    assert (request.order_by, request.descending, request.page) == ("gross", False, 2)


def test_a_filter_that_makes_no_sense_is_named_and_left_out(browser, bus):
    answer = browser.get("/factures-emises/?onglet=tout&du=hier&gross_min=NaN&structure=x&page=zzz")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "Déposée du : écrivez une date" in page
    assert "écrivez un nombre" in page
    request = bus.requests(invoicing.SearchInvoices)[0]
    assert request.deposited_from is None
    assert request.page == 1


def test_the_pages_keep_the_filters(browser):
    page = browser.get("/factures-emises/?onglet=tout&number=F%26G&statut=REJETEE&statut=MANDATEE").get_data(as_text=True)
    assert "Page 1 sur 3" in page
    assert "number=F%26G&amp;statut=REJETEE&amp;statut=MANDATEE&amp;onglet=tout&amp;page=2&amp;apres=suite" in page
    assert 'rel="prev"' not in page


@pytest.mark.requirement("R275")
def test_one_page_leads_to_the_next_by_its_place(browser, bus):
    bus.answers[invoicing.SearchInvoices] = {
        "invoices": [a_summary()], "total": 10_000, "total_exact": False, "next": "suite", "previous": "avant"}
    page = browser.get("/factures-recues/?onglet=tout&page=7&apres=ici").get_data(as_text=True)
    [request] = bus.requests(invoicing.SearchInvoices)
    assert (request.after, request.before, request.page) == ("ici", None, 1)
    assert "Résultats 151 - 151 sur plus de 10000" in page
    assert "page=6&amp;avant=avant" in page and "page=8&amp;apres=suite" in page


#: What the address of the page writes, and what invoicing is asked.
FILTERS = {
    "number=F*": {"number": "F*"},
    "text=quai": {"text": "quai"},
    "fournisseur=Duv*": {"supplier": "Duv*"},
    "destinataire=217*": {"recipient": "217*"},
    "service=VOIRIE": {"code_service": "VOIRIE"},
    "engagement=E-1": {"engagement": "E-1"},
    "marche=M-1": {"contract": "M-1"},
    "flux=CPP1": {"numero_flux": "CPP1"},
    "origine=F-1": {"origin": "F-1"},
    "valideur=Gros*": {"valideur": "Gros*"},
    "createur=Zo*": {"creator": "Zo*"},
    "statut=REJETEE&statut=MANDATEE": {"statuses": ["REJETEE", "MANDATEE"]},
    "type=AVOIR&type=ACOMPTE": {"kinds": ["AVOIR", "ACOMPTE"]},
    "cadre=A1": {"cadre": "A1"},
    "mode=UPLOAD_API": {"deposit_mode": "UPLOAD_API"},
    "facture_du=01/02/2026": {"issued_from": datetime.date(2026, 2, 1)},
    "facture_au=2026-02-28": {"issued_to": datetime.date(2026, 2, 28)},
    "statut_du=2026-07-01": {"status_from": datetime.datetime(2026, 6, 30, 22, tzinfo=datetime.UTC)},
    "statut_au=2026-07-01": {"status_to": datetime.datetime(2026, 7, 1, 21, 59, 59, 999999, tzinfo=datetime.UTC)},
    "du=2026-01-01": {"deposited_from": datetime.datetime(2025, 12, 31, 23, tzinfo=datetime.UTC)},
    "au=2026-01-31": {"deposited_to": datetime.datetime(2026, 1, 31, 22, 59, 59, 999999, tzinfo=datetime.UTC)},
    **{f"{name}=1%20000,50": {name: decimal.Decimal("1000.50")}
       for name in ("net_min", "net_max", "gross_min", "gross_max", "due_min", "due_max")},
    "archives=oui": {"archived": True},
    "archives=non": {"archived": False},
}


@pytest.mark.requirement("R270")
@pytest.mark.parametrize("query", FILTERS)
def test_each_filter_of_the_page_is_asked_and_shown_again(browser, bus, query):
    page = browser.get(f"/factures-emises/?onglet=tout&{query}").get_data(as_text=True)
    [request] = bus.requests(invoicing.SearchInvoices)
    given = {name: value for name, value in request.values.items() if value is not None}
    assert given.items() >= FILTERS[query].items()
    assert f'name="{query.partition("=")[0]}"' in page


@pytest.mark.parametrize("mode", [*invoicing_entry.ENTRY_MODES, "UPLOAD_PORTAIL", "UPLOAD_API"])
def test_each_way_in_which_invoices_come_can_be_chosen_and_has_a_name_in_both_languages(browser, bus, mode):
    bus.answers[invoicing.SearchInvoices] = {"invoices": [a_summary(deposit_mode=mode)], "total": 1}
    names = set()
    for language in ("fr", "en"):
        page = html.fromstring(browser.get(f"/factures-emises/?onglet=tout&mode={mode}&lang={language}").data)
        [option] = page.xpath(f"//select[@name='mode']/option[@value='{mode}' and @selected]")
        names.add(option.text.strip())
        written = browser.get("/factures-emises/export.csv?onglet=tout").get_data(as_text=True)
        assert option.text.strip() in written
    assert len(names) == 2 and mode not in names


def test_what_the_page_finds_is_what_its_file_has(browser, bus):
    query = "onglet=tout&fournisseur=Duv*&statut=REJETEE&tri=gross&ordre=asc"
    browser.get(f"/factures-recues/?{query}")
    shown = bus.requests(invoicing.SearchInvoices)[0]
    answers = [{"invoices": [a_summary(number="=1+1")], "total": 2, "next": "suite"}, {"invoices": [a_summary(number="F-2")], "total": 2}]
    bus.answers[invoicing.SearchInvoices] = lambda request: answers.pop(0)
    answer = browser.get(f"/factures-recues/export.csv?{query}")
    rows = answer.get_data(as_text=True).splitlines()
    first, second = bus.requests(invoicing.SearchInvoices)[1:]
    differs = {"page_size", "count_up_to", "after"}
    for asked in (first, second):
        assert {name: value for name, value in asked.values.items() if name not in differs} == {
            name: value for name, value in shown.values.items() if name not in differs}
    assert (first.after, second.after) == (None, "suite")
    assert [row.split(";")[0] for row in rows[1:]] == ["'=1+1", "F-2"]


def test_the_file_has_the_vat_in_euros_whatever_the_currency(browser, bus):
    found = [
        a_summary(number="F-1", vat=decimal.Decimal("20.00")),
        a_summary(number="F-2", currency="USD", vat=decimal.Decimal("41.00"), vat_eur=decimal.Decimal("38.11")),
        a_summary(number="F-3", currency="USD", vat=decimal.Decimal("41.00")),
    ]
    bus.answers[invoicing.SearchInvoices] = {"invoices": found, "total": 3}
    columns, *rows = csv.reader(io.StringIO(browser.get("/factures-emises/export.csv?onglet=tout").data.decode("utf-8-sig")), delimiter=";")
    places = columns.index("Montant de TVA"), columns.index("Total de la TVA en euros")
    assert [[row[place] for place in places] for row in rows] == [["20.00", "20.00"], ["41.00", "38.11"], ["41.00", ""]]


def test_the_sheet_has_dates_and_amounts_and_no_formula(browser, bus):
    bus.answers[invoicing.SearchInvoices] = {"invoices": [a_summary(number="=1+1")], "total": 1}
    content = browser.get("/factures-emises/export.xlsx?onglet=tout").get_data()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = etree.fromstring(book.read("xl/worksheets/sheet1.xml"))
        assert b"yyyy-mm-dd" in book.read("xl/styles.xml")
    assert not sheet.xpath("//*[local-name()='f']")
    cells = sheet.xpath("//*[local-name()='row'][2]/*[local-name()='c']")
    texts = ["".join(each.itertext()) for each in cells]
    assert texts[0] == "'=1+1"
    # Days are counted from the end of 1899: the invoice is of 14 March 2026.
    assert {str((datetime.date(2026, 3, 14) - datetime.date(1899, 12, 30)).days), "1234.56"} <= {
        text for each, text in zip(cells, texts, strict=True) if each.get("t") in (None, "n")}


def test_the_original_files_come_as_a_zip(browser, bus, blobs):
    sha256 = blobs.put(b"<Invoice/>")
    file = invoice_search.OriginalFile(
        invoice_id=INVOICE, portal_number=77, number="F/1", name="../f.xml", mime="application/xml", size=10, sha256=sha256)
    bus.answers[invoicing.SearchInvoices] = {"invoices": [a_summary()], "total": 1}
    bus.answers[invoice_search.OriginalFiles] = {"files": [file]}
    archive = zipfile.ZipFile(io.BytesIO(browser.get("/factures-emises/originaux.zip?onglet=tout").get_data()))
    assert archive.testzip() is None
    assert {name: archive.read(name) for name in archive.namelist()} == {"F-1-77/f.xml": b"<Invoice/>"}
    assert [request.invoice_ids for request in bus.requests(invoice_search.OriginalFiles)] == [[INVOICE]]
    bus.answers[invoicing.SearchInvoices] = {"invoices": [], "total": 0}
    none = browser.get("/factures-emises/originaux.zip?onglet=tout")
    assert (none.status_code, "aucune facture" in none.get_data(as_text=True)) == (422, True)


@pytest.fixture
def kept(bus):
    """A list with one filter of the user's, with which it begins."""
    one = saved_filters.SavedFilter(
        filter_id=uuid.UUID(int=7), list="factures-recues", name="À payer <b>", query="onglet=tout&due_min=1", default=True)
    bus.answers[saved_filters.ListSavedFilters] = {"filters": [one]}
    bus.answers[saved_filters.SaveFilter] = lambda request: {"filter": one}
    bus.answers[saved_filters.DeleteSavedFilter] = {}


def test_a_list_begins_with_the_filter_that_was_chosen(browser, bus, kept):
    answer = browser.get("/factures-recues/")
    assert answer.headers["Location"].endswith("/factures-recues/?onglet=tout&due_min=1")
    page = browser.get("/factures-recues/?onglet=synthese").get_data(as_text=True)
    assert "À payer &lt;b&gt;" in page


def test_a_filter_is_saved_without_the_place_in_the_list_and_deleted(browser, bus, kept):
    form = "/factures-recues/?onglet=tout&number=F*"
    query = "number=F%2A&page=3&apres=x&onglet=tout"
    browser.post("/filtres-enregistres/received", {"nom": " Mes  F ", "filtre": query, "defaut": "on"}, form_at=form)
    [saved] = bus.requests(saved_filters.SaveFilter)
    assert (saved.list, saved.name, saved.query, saved.default) == ("factures-recues", "Mes F", "number=F%2A&onglet=tout", True)
    browser.post("/filtres-enregistres/received/suppression", {"filtre": str(uuid.UUID(int=7))}, form_at=form)
    assert [request.filter_id for request in bus.requests(saved_filters.DeleteSavedFilter)] == [uuid.UUID(int=7)]


def test_without_the_service_of_the_filters_the_list_is_there(browser, bus):
    bus.answers[saved_filters.ListSavedFilters] = errors.TimedOut(service="identity")
    assert browser.get("/factures-recues/").status_code == 200


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
    assert (page.count("Choisir le brouillon"), page.count("Choisir la facture")) == (2, 1)
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


def test_lists_without_drafts_offer_no_deletion(browser, bus, drafts):
    assert "Supprimer les brouillons" in browser.get("/factures-emises/?onglet=tout").get_data(as_text=True)
    assert "Supprimer les brouillons" not in browser.get("/factures-recues/?onglet=tout").get_data(as_text=True)
    bus.answers[invoicing.SearchInvoices] = {"invoices": [a_summary()], "total": 1}
    assert "Supprimer les brouillons" not in browser.get("/factures-emises/?onglet=tout").get_data(as_text=True)
