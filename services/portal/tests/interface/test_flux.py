"""Suivi des flux: what a deposit made by a program became, and what to correct in each refused invoice."""

import uuid

import pytest
from portal_world import NOW, SUPPLIER, TOWN, rights
from pupitre_contracts import errors, invoicing, organisation

NUMERO = "CPP0011100000000000000001"
PAGE = f"/factures-emises/flux/{NUMERO}"
FAULT = {
    "technical": False,
    "number": "F-9",
    "recipient_siret": "21750001600019",
    "file": "neuf.xml",
    "rule": "PUP-ROUTING-SERVICE-UNKNOWN",
    "term": "BT-10",
    "message": "Le code service est inconnu.",
    "remedy": "Corrigez le code.",
}


def a_flux(*faults, **changes):
    values = {
        "flux_id": uuid.UUID(int=40),
        "numero_flux": NUMERO,
        "structure_id": SUPPLIER,
        "syntaxe_flux": "IN_DP_E1_UBL_INVOICE",
        "code_interface": "FSO1100A",
        "file_name": "lot.tar.gz",
        "state": "IN_INTEGRE_PARTIEL",
        "state_at": NOW,
        "deposited_at": NOW,
        "total": 3,
        "accepted": 2,
        "refused": 1,
        "errors": [invoicing.FluxError(**fault) for fault in faults],
    }
    return invoicing.Flux(**(values | changes))


def show(browser, bus, *faults, **changes):
    bus.answers[invoicing.GetFlux] = {"flux": a_flux(*faults, **changes)}
    return browser.get(PAGE).get_data(as_text=True)


def test_the_list_shows_each_flux_with_its_state_in_words(browser, bus):
    bus.answers[invoicing.SearchFlux] = {"flux": [a_flux()], "total": 60}
    page = browser.get("/factures-emises/flux?page=2").get_data(as_text=True)
    assert bus.requests(invoicing.SearchFlux)[0].page == 2
    assert f'href="{PAGE}"' in page
    assert "Intégré partiellement" in page
    assert "IN_INTEGRE_PARTIEL" not in page
    assert "Page 2 sur 3" in page


def test_the_list_narrows_to_one_structure_and_forgives_nonsense(browser, bus):
    bus.answers[invoicing.SearchFlux] = {"flux": [], "total": 0}
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(), rights(TOWN, name="Ville")]}
    browser.get(f"/factures-emises/flux?structure={TOWN}")
    browser.get("/factures-emises/flux?structure=toutes")
    assert [request.structure_id for request in bus.requests(invoicing.SearchFlux)] == [TOWN, None]


def test_a_refused_invoice_is_shown_with_its_file_rule_term_and_remedy(browser, bus):
    page = show(browser, bus, FAULT)
    for words in (
        "Facture F-9",
        "neuf.xml",
        "Le code service est inconnu.",
        "Corrigez le code.",
        "Code service (BT-10)",
    ):
        assert words in page
    assert "PUP-ROUTING-SERVICE-UNKNOWN" in page
    assert f"flux={NUMERO}" in page


def test_a_problem_of_the_flux_itself_stands_apart(browser, bus):
    technical = {"technical": True, "rule": "PUP-FLUX-LOST", "message": "Le fichier est introuvable."}
    page = show(browser, bus, technical, state="IN_REJETE", accepted=0, refused=0, total=None)
    assert "Problèmes du flux lui-même" in page
    assert "Factures refusées</h2>" not in page


@pytest.mark.parametrize(
    "state, words",
    [
        ("IN_INTEGRE", "toutes les factures du flux sont envoyées"),
        ("IN_INTEGRE_PARTIEL", "ne les redéposez pas"),
        ("IN_REJETE", "déposez un nouveau flux"),
        ("IN_INCIDENTE", "Déposez le flux de nouveau"),
        ("IN_EN_COURS_TRAITEMENT_CPP", "Actualiser"),
    ],
)
def test_each_state_says_what_to_do(browser, bus, state, words):
    assert words in show(browser, bus, state=state)


def test_somebody_elses_flux_is_not_found(browser, bus):
    bus.answers[invoicing.GetFlux] = errors.NotFound(what=f"flux {NUMERO}")
    answer = browser.get(PAGE)
    assert answer.status_code == 404
    assert f"le flux {NUMERO}" in answer.get_data(as_text=True)


def test_the_invoices_of_a_flux_are_searched_by_its_number(browser, bus):
    browser.get(f"/factures-emises/?onglet=tout&flux={NUMERO}")
    assert bus.requests(invoicing.SearchInvoices)[0].numero_flux == NUMERO


def test_a_flux_is_shown_in_english_when_asked(browser, bus):
    bus.answers[invoicing.GetFlux] = {"flux": a_flux(FAULT)}
    page = browser.get(f"{PAGE}?lang=en").get_data(as_text=True)
    assert "Integrated in part" in page
    assert bus.requests(invoicing.GetFlux)[0].language == "en"
