"""Nobody is shown a code of the machine: refusals, forms and empty pages speak to people."""

import io

import pytest
from portal_world import INVOICE, TERMS, TOWN, an_invoice, rights
from pupitre_contracts import errors, invoicing, organisation

ISSUED, RECEIVED = f"/factures-emises/{INVOICE}", f"/factures-recues/{INVOICE}"


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


def test_an_object_that_is_not_there_is_named_without_its_machine_identifier(browser, bus):
    bus.answers[invoicing.GetInvoice] = errors.NotFound(what=f"invoice {INVOICE}")
    page = words(browser.get(ISSUED))
    assert "Introuvable : la facture." in page
    assert f"invoice {INVOICE}" not in page


def test_a_missing_habilitation_is_named_in_words(browser, bus):
    bus.answers[invoicing.GetInvoice] = errors.Forbidden(needed="factures-recues, CONSULTATION")
    page = words(browser.get(RECEIVED))
    assert "Factures reçues, consultation" in page
    assert "CONSULTATION" not in page


@pytest.mark.parametrize("language, shown, hidden", [("fr", "10 Mo", "10 MB"), ("en", "10 MB", "10 Mo")])
def test_faults_of_fields_are_sentences_in_one_language(browser, bus, language, shown, hidden):
    bus.answers[invoicing.GetInvoice] = errors.Invalid(what="GetInvoice", fields={"a": ["jusqu'à 10 Mo / up to 10 MB"]})
    page = words(browser.get(f"{ISSUED}?lang={language}"))
    assert shown in page
    assert hidden not in page
    assert "{'a'" not in page


@pytest.mark.parametrize("address", ["/factures-emises/depot", "/validation"])
def test_an_empty_file_is_said_beside_its_field(browser, bus, address):
    data = {"file": (io.BytesIO(b""), "vide.xml"), "structure": "00000000-0000-0000-0000-000000000001"}
    answer = browser.post(address, data)
    assert answer.status_code == 422
    assert 'href="#file"' in words(answer)
    assert "Ce fichier est vide" in words(answer)
    assert not bus.requests(invoicing.PrepareInvoice)


def test_a_draft_with_an_error_says_at_the_top_that_it_cannot_be_sent(browser, bus):
    finding = invoicing.Finding(
        rule="PUP-1", severity="error", term="BT-13", message="Engagement absent", remedy="Ajoutez-le"
    )
    report = invoicing.Report(verdict="invalid", stage="routing", findings=[finding], terms=TERMS)
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(status="BROUILLON", report=report)}
    page = words(browser.get(ISSUED))
    assert "confirmez et envoyez" not in page
    assert page.index("Engagement absent") < page.index("Facture lisible</h2>")
    assert "Numéro d'engagement (BT-13)" in page


def test_somebody_who_may_only_read_is_told_so(browser, bus):
    bus.answers[organisation.RightsOfActor] = {
        "structures": [rights(TOWN, espaces=("factures-recues",), profile="CONSULTATION")]
    }
    assert "votre habilitation ne permet pas" in words(browser.get(RECEIVED))


def test_a_list_without_any_structure_says_why_it_is_empty(browser, bus):
    bus.answers[invoicing.SearchInvoices] = {"invoices": [], "total": 0}
    assert "réservé aux structures publiques" in words(browser.get("/factures-recues/"))


def test_an_espace_that_is_not_open_says_who_can_open_it(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights()]}
    answer = browser.get("/espaces/bonjour/")
    assert answer.status_code == 403
    assert "n'est ouvert pour aucune de vos structures" in words(answer)
    assert 'href="/structures/"' in words(answer)


@pytest.mark.parametrize("form", ["statut", "complement", "recyclage"])
def test_the_address_of_a_refused_form_leads_back_to_the_invoice(browser, form):
    answer = browser.get(f"{ISSUED}/{form}?lang=en")
    assert answer.headers["Location"] == f"{ISSUED}?lang=en"


def test_a_page_beyond_the_last_leads_to_the_last(browser, bus):
    bus.answers[invoicing.SearchInvoices] = {"invoices": [], "total": 60}
    answer = browser.get("/factures-emises/?onglet=tout&page=99")
    assert "page=3" in answer.headers["Location"]


def test_an_incident_number_is_only_shown_for_faults_of_the_portal(browser, bus):
    assert "Numéro d'incident" not in words(browser.get("/nulle-part"))
    bus.answers[invoicing.GetInvoice] = errors.Unavailable(service="invoicing")
    assert "Numéro d'incident" in words(browser.get(ISSUED))
