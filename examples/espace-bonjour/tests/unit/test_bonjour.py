"""The tests that an author of an espace writes; the tutorial shows them."""

from pupitre_espace_bonjour import hooks
from pupitre_espaces.testing import a_host, a_request, a_structure, problems_of


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


def test_the_page_greets_the_user_in_french():
    content = a_host(hooks).page("bonjour", "", a_request("bonjour"))
    assert content.title == "Bonjour"
    assert "Bonjour Camille Duval !" in content.body
    assert "15 mars 2024" in content.body


def test_the_page_greets_the_user_in_english():
    content = a_host(hooks).page("bonjour", "accueil", a_request("bonjour", "en"))
    assert "Hello Camille Duval!" in content.body
    assert "2024-03-15" in content.body


def test_the_page_greets_when_nobody_in_person_acts():
    content = a_host(hooks).page("bonjour", "", a_request("bonjour", user=None))
    assert "Bonjour !" in content.body


def test_the_name_of_a_structure_is_text_never_markup():
    request = a_request("bonjour", structure=a_structure(name="<script>alert(1)</script>"))
    body = a_host(hooks).page("bonjour", "", request).body
    assert "<script>" not in body
    assert "&lt;script&gt;" in body


def test_its_opening_is_announced_by_mail_in_both_languages():
    host = a_host(hooks, "notifications")
    values = {"structure_name": "Mairie de Lille"}
    [(key, french)] = host.messages("espace.opened.v1", "fr", values)
    [(_, english)] = host.messages("espace.opened.v1", "en", values)
    assert key == "bonjour"
    assert french.subject == "L'espace Bonjour est ouvert pour Mairie de Lille"
    assert english.subject == "The espace Hello is open for Mairie de Lille"


def test_other_events_bring_no_mail():
    assert a_host(hooks, "notifications").messages("espace.closed.v1", "fr", {"structure_name": "x"}) == []
