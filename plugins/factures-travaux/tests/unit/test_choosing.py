"""Three questions lead to one cadre."""

from dataclasses import replace

import pytest
from pupitre_espace_factures_travaux import choosing, hooks
from pupitre_espace_factures_travaux.cadres import BY_CODE
from pupitre_espace_factures_travaux.choosing import Answers
from pupitre_espaces.testing import a_host, a_request

H, J, S, E, A = "titulaire", "cotraitant", "sous-traitant", "moe", "moa"


@pytest.mark.parametrize(
    "answers, code",
    [
        (Answers(H, "mensuel"), "A4"),
        (Answers(H, "mensuel", moe_in_portal=False), "A5"),
        (Answers(H, "mensuel", moe_in_portal=False, moa="exclusivement"), "A5"),
        (Answers(H, "mensuel", moe_in_portal=False, moa="sans"), "A6"),
        (Answers(H, "mensuel", moa="sans"), "A4"),
        (Answers(H, "final"), "A7"),
        (Answers(H, "final", moe_in_portal=False), "A8"),
        (Answers(H, "general"), "A8"),
        (Answers(H, "tacite"), "A22"),
        (Answers(J, "mensuel"), "A13"),
        (Answers(J, "final"), "A14"),
        (Answers(J, "general"), None),
        (Answers(S, "mensuel"), "A10"),
        (Answers(S, "final"), "A10"),
        (Answers(S, "tacite"), None),
        (Answers(E, "mensuel"), "A15"),
        (Answers(E, "mensuel", moa="sans"), "A16"),
        (Answers(E, "final"), "A17"),
        (Answers(E, "final", moa="sans"), "A18"),
        (Answers(E, "tacite", moa="sans"), "A24"),
        (Answers(E, "tacite"), None),
        (Answers(A, "mensuel"), "A19"),
        (Answers(A, "final"), "A20"),
        (Answers(A, "general", moa="exclusivement"), "A20"),
        (Answers(A, "tacite"), "A25"),
        (Answers(A, "mensuel", moa="sans"), None),
        (Answers(H, "mensuel", works=False), None),
    ],
)
def test_the_answers_lead_to_one_cadre_of_who_asks(answers, code):
    found = choosing.choose(answers)
    assert found.code == code
    assert found.text.fr != found.text.en
    if code is not None:
        assert BY_CODE[code].maker == answers.who
        assert BY_CODE[code].offered


@pytest.mark.parametrize("who, other", [(H, "A1"), (S, "A9"), (J, "A12"), (E, "(A1)")])
def test_a_contract_that_is_not_of_works_leads_to_the_issued_invoices(who, other):
    found = choosing.choose(Answers(who, "mensuel", works=False))
    assert other in found.text.fr and "Factures émises" in found.text.fr


def test_what_is_deposited_from_another_document_says_from_which():
    assert "(A7, A11, A14, A17)" in choosing.choose(Answers(E, "final")).text.en


def page(language="fr", **query):
    return a_host(hooks).page("factures-travaux", "choisir", a_request("factures-travaux", language, query=query)).body


def test_the_page_asks_before_it_answers():
    body = page()
    for name in ("qui", "marche", "etape", "moe", "moa"):
        assert f'name="{name}"' in body and f'for="{name}"' in body
    assert "<h2>" not in body
    assert "<h2>" not in page(qui="pirate", marche="oui", etape="mensuel", moe="oui", moa="avec")


def test_the_structure_that_the_page_is_shown_for_is_kept():
    request = a_request("factures-travaux")
    kept = replace(request, address=lambda slug: f"{request.address(slug)}?structure=7")
    body = a_host(hooks).page("factures-travaux", "choisir", kept).body
    assert '<input type="hidden" name="structure" value="7">' in body


@pytest.mark.parametrize("language, said", [("fr", "Déposer avec ce cadre"), ("en", "Deposit with this cadre")])
def test_the_page_answers_with_a_link_to_the_deposit_and_keeps_the_answers(language, said):
    body = page(language, qui=H, marche="oui", etape="mensuel", moe="oui", moa="avec")
    assert "<h2>Cadre A4</h2>" in body
    assert 'href="/espaces/factures-travaux/demandes/nouvelle?kind=acompte&amp;cadre=A4"' in body and said in body
    assert '<option value="titulaire" selected>' in body


def test_the_page_has_no_link_for_what_is_deposited_from_another_document():
    body = page(qui=E, marche="oui", etape="mensuel", moe="oui", moa="avec")
    assert "<h2>Cadre A15</h2>" in body and "nouvelle" not in body
    assert "Pas de cadre dans cet espace" in page(qui=A, marche="oui", etape="mensuel", moe="oui", moa="sans")
