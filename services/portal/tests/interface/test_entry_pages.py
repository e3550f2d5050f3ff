"""The pages where an invoice is typed: what they ask, what they send on, what they say; without a script and with one."""

import datetime
import io
import uuid
from decimal import Decimal

import pytest
from portal_world import INVOICE, NOW, SUPPLIER, TOWN, an_invoice, rights
from pupitre_contracts import (
    account_documents,
    bank_details,
    directory,
    errors,
    invoicing,
    organisation,
    structure_documents,
)
from pupitre_contracts import invoicing_entry as calls

PAGE = f"/factures-emises/{INVOICE}/saisie"
SIRET = "90000002000019"
ACCOUNT = uuid.UUID(int=77)


def a_state(findings=(), **changes):
    summary = {name: an_invoice().values[name] for name in invoicing.InvoiceSummary.declared}
    entry = changes.pop("entry", calls.Entry(number="F-1", recipient_siret=SIRET, lines=[calls.EntryLine(name="Chaise", rate="20")]))
    zero = Decimal("0.00")
    totals = calls.EntryTotals(lines=[None], vat=[], net=zero, tax=zero, gross=zero, due=zero)
    values = {
        "invoice": invoicing.InvoiceSummary(**{**summary, "status": "BROUILLON", "version": 4, "deposit_mode": "SAISIE_PORTAIL"}),
        "entry": entry,
        "totals": totals,
        "findings": list(findings),
        "documents": [],
        "confirmed": False,
        "territory": "METROPOLE",
        "rates": [Decimal(20), Decimal("5.5")],
        "saved_at": NOW,
        "saved_by": "Camille Duval",
    }
    return calls.EntryState(**(values | changes))


def an_entry(**parameters):
    service = organisation.StructureService(
        structure_service_id=uuid.uuid4(),
        portal_number=1,
        code="VOIRIE",
        label="Voirie",
        active=True,
        starts_on=datetime.date(2020, 1, 1),
        requires_engagement=True,
    )
    return directory.DirectoryEntry(
        structure_id=TOWN,
        portal_number=2,
        identifier_type="SIRET",
        identifier=SIRET,
        name="Commune d'Exempleville",
        type="PUBLIC",
        active=True,
        address=organisation.Address(city="Exempleville"),
        parameters=organisation.Parameters(**parameters),
        services=[service],
        change=1,
    )


def a_finding(location, message="Faux", rule="PUP-X", severity="error"):
    return invoicing.Finding(rule=rule, severity=severity, message=message, remedy="Corrigez.", location=location)


@pytest.fixture(autouse=True)
def answers(bus):
    account = {"bank_details_id": ACCOUNT, "portal_number": 1, "name": "Courant", "kind": "IBAN", "masked": "FR76 •••• 0189"}
    bus.answers |= {
        calls.GetEntry: {"state": a_state()},
        calls.SaveEntry: {"state": a_state()},
        directory.GetDirectoryEntry: {"entry": an_entry(requires_service=True)},
        bank_details.ListBankDetails: {"bank_details": [bank_details.BankDetailsSummary(**account, version=1)]},
        structure_documents.ListStructureDocuments: {"documents": []},
        account_documents.ListAccountDocuments: {"documents": [], "total": 0},
    }


def test_the_page_asks_what_the_recipient_demands_and_shows_how_to_invoice_him(browser):
    page = browser.get(PAGE).get_data(as_text=True)
    for text in ("Code service (obligatoire)", "Exigé par ce destinataire.", "Comment nous facturer", "VOIRIE, Voirie", "FR76 •••• 0189"):
        assert text in page
    assert "Brouillon non envoyé : le destinataire ne le voit pas." in page


def test_an_entry_in_another_currency_asks_for_its_tva_in_euros_and_sends_what_was_typed(browser, bus):
    zero = Decimal("0.00")
    sums = calls.EntryTotals(lines=[None], vat=[], net=zero, tax=zero, gross=zero, due=zero, tax_eur=Decimal("4.52"))
    entry = calls.Entry(currency="USD", exchange_rate="0,92", lines=[])
    bus.answers[calls.GetEntry] = {"state": a_state(entry=entry, totals=sums, currencies=["EUR", "CHF", "USD"])}
    page = browser.get(PAGE).get_data(as_text=True)
    assert '<option value="USD" selected>USD, dollar des États-Unis</option>' in page
    assert "Cours : euros pour 1 USD" in page
    assert '<output data-total="tax_eur">4,52' in page
    bus.answers[calls.GetEntry] = {"state": a_state()}
    page = browser.get(PAGE).get_data(as_text=True)
    assert '<option value="EUR" selected>EUR, euro</option>' in page
    assert "Total de la TVA en euros" not in page
    bus.answers[calls.SaveEntry] = {"state": a_state()}
    browser.post(PAGE, {"version": "4", "currency": "usd", "tax_eur": "4,52", "exchange_rate": "0,92"})
    [asked] = bus.requests(calls.SaveEntry)
    assert (asked.entry.currency, asked.entry.tax_eur, asked.entry.exchange_rate) == ("USD", "4,52", "0,92")


def test_a_page_just_begun_blames_for_nothing_and_a_confirmed_one_for_everything(browser, bus):
    told = [a_finding("number", "Il manque : le numéro", "PUP-ENTRY-MISSING"), a_finding("lines-1-price", "« x » n'est pas un nombre")]
    bus.answers[calls.GetEntry] = {"state": a_state(told)}
    page = browser.get(PAGE).get_data(as_text=True)
    assert "Il manque : le numéro" not in page
    assert 'id="lines-1-price-dit-1"' in page
    assert "Il reste 2 points à compléter" in page

    bus.answers[calls.ConfirmEntry] = {"state": a_state(told)}
    answer = browser.post(PAGE, {"action": "confirm", "version": "4"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#number"' in page
    assert 'aria-describedby="number-aide number-dit-1"' in page


def test_what_was_typed_goes_on_as_it_was_typed(browser, bus):
    typed = {
        "action": "save",
        "version": "4",
        "number": " F-9 ",
        "recipient_siret": "900 000 020 00019",
        "bank_details_id": str(ACCOUNT),
        "lines-1-name": "Chaise",
        "lines-1-quantity": "1,5",
        "lines-2-name": "Table",
        "lines-2-price": "abc",
    }
    answer = browser.post(PAGE, typed)
    assert answer.status_code == 302
    [request] = bus.requests(calls.SaveEntry)
    assert (request.invoice_id, request.version) == (INVOICE, 4)
    assert (request.entry.number, request.entry.recipient_siret, request.entry.bank_details_id) == ("F-9", SIRET, ACCOUNT)
    assert [(each.name, each.quantity, each.price) for each in request.entry.lines] == [("Chaise", "1,5", ""), ("Table", "", "abc")]


def test_lines_come_and_go_without_a_script(browser, bus):
    typed = {"version": "4", "lines-1-name": "Un", "lines-2-name": "Deux", "lines-3-name": "Trois", "lines-3-rate": "5,5"}
    browser.post(PAGE, {**typed, "action": "add"})
    browser.post(PAGE, {**typed, "action": "remove-2"})
    added, removed = bus.requests(calls.SaveEntry)
    assert [(each.name, each.rate) for each in added.entry.lines][2:] == [("Trois", "5,5"), ("", "5,5")]
    assert [each.name for each in removed.entry.lines] == ["Un", "Trois"]


def test_files_follow_their_line_when_another_goes(browser, bus):
    first, second = uuid.uuid4(), uuid.uuid4()
    typed = {"version": "4", "action": "remove-1", "lines-1-name": "Un", "lines-2-name": "Deux"}
    browser.post(PAGE, {**typed, f"document-{first}": "1", f"document-{second}": "2"})
    [request] = bus.requests(calls.SaveEntry)
    assert {each.document_id: each.line for each in request.document_changes} == {first: None, second: 1}


def test_the_page_that_saves_itself_is_told_the_version_and_the_amounts(browser, bus):
    answer = browser.post(PAGE, {"action": "autosave", "version": "4"}, headers={"X-Pupitre-Autosave": "1"})
    assert (answer.status_code, answer.json["version"], answer.json["totals"]["due"]) == (200, 4, "0,00\xa0€")
    bus.answers[calls.SaveEntry] = errors.Conflict(what="invoice")
    answer = browser.post(PAGE, {"action": "autosave", "version": "3"}, headers={"X-Pupitre-Autosave": "1"})
    assert (answer.status_code, answer.json["conflict"]) == (409, True)


def test_another_window_is_told_of_and_nothing_that_was_typed_is_lost(browser, bus):
    bus.answers[calls.SaveEntry] = errors.Conflict(what="invoice")
    answer = browser.post(PAGE, {"action": "save", "version": "3", "comment": "Ce que je viens de taper"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Ce brouillon a changé dans une autre fenêtre" in page
    assert "Ce que je viens de taper" in page
    assert 'name="version" value="4"' in page


def test_a_field_that_was_read_in_a_pdf_is_marked_until_it_is_changed(browser, bus):
    typed = {"version": "4", "read_in_pdf": "number engagement", "number": "F-1", "was-number": "F-1"}
    browser.post(PAGE, {**typed, "engagement": "EJ-2", "was-engagement": "EJ-1"})
    [request] = bus.requests(calls.SaveEntry)
    assert request.entry.read_in_pdf == ["number"]


def test_a_draft_that_is_sent_meanwhile_leads_to_its_invoice(browser, bus):
    bus.answers[calls.GetEntry] = errors.TransitionForbidden(status_from="DEPOSEE", status_to="BROUILLON", allowed="-")
    assert browser.get(PAGE).headers["Location"] == f"/factures-emises/{INVOICE}"


def test_the_beginning_needs_a_structure_and_a_recipient(browser, bus):
    answer = browser.post("/factures-emises/saisie", {"structure": str(SUPPLIER), "recipient_siret": ""})
    assert answer.status_code == 422
    assert not bus.requests(calls.SaveEntry)
    answer = browser.post("/factures-emises/saisie", {"structure": str(SUPPLIER), "recipient_siret": SIRET})
    assert answer.headers["Location"] == PAGE


def test_a_structure_of_others_cannot_be_chosen(browser, bus):
    answer = browser.post("/factures-emises/saisie", {"structure": str(uuid.uuid4()), "recipient_siret": SIRET})
    assert answer.status_code == 422
    assert not bus.requests(calls.SaveEntry)


@pytest.mark.parametrize("path", ["/factures-emises/saisie", "/factures-emises/depot-pdf"])
def test_who_may_only_read_is_not_led_to_type(browser, bus, path):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(profile="CONSULTATION")]}
    assert browser.get(path).status_code == 403
    assert "/factures-emises/saisie" not in browser.get("/factures-emises/").get_data(as_text=True)


def test_a_copy_is_a_new_draft(browser, bus):
    bus.answers[calls.CopyInvoice] = {"state": a_state()}
    assert browser.post(f"/factures-emises/{INVOICE}/copie", {}).headers["Location"] == PAGE
    bus.answers[calls.CopyInvoice] = errors.NotFound(what="invoice")
    answer = browser.post("/factures-emises/copie", {"structure": str(SUPPLIER)}, follow_redirects=True)
    assert "rien à copier" in answer.get_data(as_text=True)


def a_document(number, name):
    return account_documents.KeptDocument(
        document_id=uuid.UUID(int=number),
        designation=f"Pièce {number}",
        type="BON_LIVRAISON",
        name=name,
        mime="application/pdf",
        size=10,
        sha256=f"{number:064x}",
        added_at=NOW,
        version=1,
    )


@pytest.mark.requirement("R073")
@pytest.mark.requirement("R091")
def test_files_come_from_the_disk_from_ones_own_documents_and_from_the_structures(browser, bus, blobs):
    own, shared = a_document(1, "mien.pdf"), a_document(2, "partage.pdf")
    bus.answers[account_documents.ListAccountDocuments] = {"documents": [own], "total": 1}
    bus.answers[structure_documents.ListStructureDocuments] = {"documents": [shared]}
    page = browser.get(PAGE).get_data(as_text=True)
    assert "Pièce 1 (mien.pdf)" in page
    assert "Pièce 2 (partage.pdf)" in page
    chosen = {"kept": str(own.document_id), "shared": str(shared.document_id), "structure_id": str(SUPPLIER), "document_line": "2"}
    upload = (io.BytesIO(b"%PDF-1.4 x"), "disque.pdf")
    browser.post(PAGE, {"version": "4", "action": "attach", **chosen, "documents": upload})
    [request] = bus.requests(calls.SaveEntry)
    joined = [(each.name, each.type, each.line) for each in request.documents]
    assert joined == [("disque.pdf", None, 2), ("mien.pdf", "BON_LIVRAISON", 2), ("partage.pdf", "BON_LIVRAISON", 2)]
    assert blobs.get(request.documents[0].sha256) == b"%PDF-1.4 x"


def test_a_file_that_is_not_taken_is_refused_with_the_reason_and_what_was_typed_stays(browser, bus):
    upload = (io.BytesIO(b"MZ"), "programme.exe")
    answer = browser.post(PAGE, {"version": "4", "action": "attach", "comment": "Tapé", "documents": upload})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Ce type de fichier n" in page
    assert "Tapé" in page
    assert not bus.requests(calls.SaveEntry)


def test_a_pdf_is_read_and_opens_the_entry(browser, bus):
    entry = calls.Entry(number="F-9", read_in_pdf=["number"])
    read = {"entry": entry, "has_text": True, "structured": False, "amounts": {"net": "100.00"}}
    bus.answers[calls.ReadPdf] = read
    file = {"structure": str(SUPPLIER), "file": (io.BytesIO(b"%PDF-1.4 x"), "facture.pdf")}
    assert browser.post("/factures-emises/depot-pdf", file).headers["Location"] == PAGE
    [request] = bus.requests(calls.SaveEntry)
    assert (request.deposit_mode, request.entry.number, request.entry.read_in_pdf) == ("DEPOT_PDF_PORTAIL", "F-9", ["number"])
    assert [(each.name, each.type) for each in request.documents] == [("facture.pdf", "LISIBLE")]
    bus.answers[calls.ReadPdf] = {**read, "structured": True}
    file["file"] = (io.BytesIO(b"%PDF-1.4 x"), "facture.pdf")
    assert "Ce PDF est un Factur-X" in browser.post("/factures-emises/depot-pdf", file).get_data(as_text=True)


def test_the_currency_that_a_pdf_says_is_proposed_and_its_amounts_are_said_in_it(browser, bus):
    entry = calls.Entry(currency="USD", read_in_pdf=["currency"])
    bus.answers[calls.ReadPdf] = {
        "entry": entry, "has_text": True, "structured": False, "amounts": {"net": "100.00"}, "currency": "USD"
    }
    file = {"structure": str(SUPPLIER), "file": (io.BytesIO(b"%PDF-1.4 x"), "facture.pdf")}
    browser.post("/factures-emises/depot-pdf", file)
    [request] = bus.requests(calls.SaveEntry)
    assert (request.entry.currency, request.entry.read_in_pdf) == ("USD", ["currency"])
    page = browser.get(PAGE).get_data(as_text=True)
    assert "total HT 100,00 $US" in page.replace("\xa0", " ").replace("\u202f", " ")
