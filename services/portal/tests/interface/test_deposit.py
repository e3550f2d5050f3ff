"""Factures émises: a file becomes a draft, a draft is confirmed, a confirmed draft is sent."""

import io

import pytest
from portal_world import EVIL, INVOICE, SUPPLIER, TERMS, an_invoice, rights
from pupitre_contracts import errors, invoice_files, invoicing, organisation

PAGE = f"/factures-emises/{INVOICE}"
XML = b"<Invoice/>"


def a_file(content=XML, name="facture.xml"):
    return {"structure": str(SUPPLIER), "file": (io.BytesIO(content), name)}


def a_draft(**changes):
    return an_invoice(
        **({"status": "BROUILLON", "status_label_fr": "Brouillon", "deposited_at": None, "receipt_at": None} | changes)
    )


@pytest.mark.requirement("R162")
def test_a_valid_file_becomes_a_draft_and_its_page_says_that_it_is_not_sent(browser, bus, blobs):
    bus.answers[invoicing.GetInvoice] = {"invoice": a_draft()}
    answer = browser.post("/factures-emises/depot", a_file())
    assert answer.headers["Location"] == PAGE
    request = bus.requests(invoicing.PrepareInvoice)[0]
    assert blobs.get(request.sha256) == XML
    assert (request.name, request.size, request.structure_id) == ("facture.xml", len(XML), SUPPLIER)
    page = browser.get(PAGE).get_data(as_text=True)
    assert "le destinataire ne la voit pas" in page
    assert "Valider et envoyer" in page
    assert not bus.requests(invoicing.SendInvoice)


def test_the_page_shows_what_was_read(browser):
    page = browser.get(PAGE).get_data(as_text=True)
    for text in (
        "Atelier Duval",
        "3 rue du Lac",
        "Chaise",
        "1 234,56 €",
        "20 %",
        "Taux normal ou réduit",
        "Merci",
        "FR7612345",
        "VOIRIE",
        "E-88",
        "14/03/2026",
    ):
        assert text in page.replace("\u202f", " ").replace("\xa0", " "), text


def test_an_invalid_file_shows_every_problem_with_rule_term_and_remedy_and_keeps_no_invoice(browser, bus):
    findings = [
        invoicing.Finding(
            rule="BR-CO-15", severity="error", term="BT-112", message=f"Total faux {EVIL}", remedy="Recalculez."
        ),
        invoicing.Finding(rule="BR-FR-05", severity="warning", message="Mention absente"),
    ]
    bus.answers[invoicing.PrepareInvoice] = {
        "report": invoicing.Report(verdict="invalid", stage="schematron", findings=findings, terms=TERMS)
    }
    answer = browser.post("/factures-emises/depot", a_file())
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    for text in (
        "BR-CO-15",
        "BT-112",
        "Recalculez.",
        "BR-FR-05",
        "1 erreur bloquante",
        "1 avertissement",
        "règles de la facture",
    ):
        assert text in page
    assert EVIL not in page


def test_a_deposit_without_file_is_asked_for_one(browser, bus):
    answer = browser.post("/factures-emises/depot", {"structure": str(SUPPLIER)})
    assert answer.status_code == 422
    assert 'href="#file">Choisissez un fichier.' in answer.get_data(as_text=True)
    assert not bus.requests(invoicing.PrepareInvoice)


def test_an_empty_file_is_refused_in_words(browser, bus):
    answer = browser.post("/factures-emises/depot", a_file(b""))
    assert answer.status_code == 422
    assert not bus.requests(invoicing.PrepareInvoice)


def test_a_file_beyond_the_limit_is_refused_in_words(browser, bus):
    answer = browser.post("/factures-emises/depot", a_file(b"x" * 2_100_000))
    assert answer.status_code == 413
    assert "Fichier trop volumineux" in answer.get_data(as_text=True)
    assert not bus.requests(invoicing.PrepareInvoice)


def test_a_structure_of_others_cannot_be_chosen(browser, bus):
    answer = browser.post("/factures-emises/depot", {**a_file(), "structure": "00000000-0000-0000-0000-0000000000ff"})
    assert answer.status_code == 422
    assert not bus.requests(invoicing.PrepareInvoice)


def test_who_may_only_consult_is_offered_no_deposit(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(profile="CONSULTATION")]}
    assert "Déposer une facture" not in browser.get("/factures-emises/").get_data(as_text=True)
    assert browser.get("/factures-emises/depot").status_code == 403


@pytest.mark.requirement("R163")
def test_the_confirmation_lists_what_is_about_to_be_sent(browser, bus):
    bus.answers[invoicing.GetInvoice] = {"invoice": a_draft()}
    page = browser.get(f"{PAGE}/confirmation").get_data(as_text=True)
    for text in ("Confirmation d'envoi", "Confirmer et envoyer", "Ville de Test", "VOIRIE", "E-88", "1 234,56"):
        assert text in page.replace("\u202f", " ").replace("\xa0", " ").replace("&#39;", "'")


@pytest.mark.requirement("R164")
def test_sending_uses_the_version_confirmed_and_ends_on_a_recap_with_the_number(browser, bus):
    bus.answers[invoicing.GetInvoice] = {"invoice": a_draft(version=7)}
    answer = browser.post(f"{PAGE}/envoi", {"version": "7"}, form_at=f"{PAGE}/confirmation")
    assert answer.headers["Location"] == f"{PAGE}/recapitulatif"
    assert bus.requests(invoicing.SendInvoice)[0].version == 7
    assert bus.keys(invoicing.SendInvoice)[0]
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice()}
    page = browser.get(f"{PAGE}/recapitulatif").get_data(as_text=True)
    assert "F-2026-1 est validée et en cours d'acheminement" in page.replace("&#39;", "'")
    assert "ab" * 32 in page


def test_the_certificate_is_a_file_that_invoicing_makes(browser, bus):
    answer = browser.get(f"{PAGE}/certificat")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert bus.requests(invoice_files.ExportInvoice)[0].form == "certificate"


def test_a_draft_has_no_certificate(browser, bus):
    bus.answers[invoice_files.ExportInvoice] = errors.NotFound(what="certificate of deposit")
    assert browser.get(f"{PAGE}/certificat").status_code == 404


def test_a_refused_sending_says_why_on_the_confirmation(browser, bus):
    bus.answers[invoicing.GetInvoice] = {"invoice": a_draft()}
    bus.answers[invoicing.SendInvoice] = errors.InvoiceRefused(
        count=1,
        stage="routing",
        findings=[{"rule": "PUP-1", "message": "Service inactif", "remedy": "Changez-le", "term": "BT-10"}],
    )
    answer = browser.post(f"{PAGE}/envoi", {"version": "3"}, form_at=f"{PAGE}/confirmation")
    assert answer.status_code == 422
    assert "Service inactif" in answer.get_data(as_text=True)


def test_a_number_already_used_is_said_in_words(browser, bus):
    bus.answers[invoicing.GetInvoice] = {"invoice": a_draft()}
    bus.answers[invoicing.SendInvoice] = errors.DuplicateInvoice(number="F-2026-1")
    answer = browser.post(f"{PAGE}/envoi", {"version": "3"}, form_at=f"{PAGE}/confirmation")
    assert answer.status_code == 409
    assert "F-2026-1 a déjà été utilisé" in answer.get_data(as_text=True)


def test_a_draft_with_blocking_errors_is_not_offered_for_sending(browser, bus):
    finding = invoicing.Finding(rule="PUP-ROUTING", severity="error", message="SIRET inconnu")
    bus.answers[invoicing.GetInvoice] = {
        "invoice": a_draft(report=invoicing.Report(verdict="invalid", stage="routing", findings=[finding], terms=TERMS))
    }
    page = browser.get(PAGE).get_data(as_text=True)
    assert "ne peut pas être envoyée" in page
    assert "Valider et envoyer" not in page


def test_the_same_form_sent_twice_carries_the_same_key(browser, bus):
    bus.answers[invoicing.GetInvoice] = {"invoice": a_draft()}
    page = browser.get(f"{PAGE}/confirmation")
    fields = {name: browser._value(page, name) for name in ("csrf_token", "idempotency_key", "version")}
    for _ in range(2):
        browser.client.post(f"{PAGE}/envoi", data=fields)
    first, second = bus.keys(invoicing.SendInvoice)
    assert first == second == fields["idempotency_key"]


def test_a_draft_can_be_deleted(browser, bus):
    bus.answers[invoicing.GetInvoice] = {"invoice": a_draft()}
    answer = browser.post(f"{PAGE}/suppression", form_at=PAGE)
    assert answer.headers["Location"] == "/factures-emises/"
    assert bus.requests(invoicing.DeleteDraft)[0].invoice_id == INVOICE
