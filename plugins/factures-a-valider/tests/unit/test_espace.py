"""The espace as hosts see it: its card, its page, its articles, its data."""

from types import SimpleNamespace

import pytest
from pupitre_espace_factures_a_valider import cadres, delays, hooks, pages
from pupitre_espaces import Ports
from pupitre_espaces.testing import a_context, a_host, a_request, problems_of


def ports(invoices=None, pieces=0):
    counts = invoices or {}
    return Ports(
        invoices=SimpleNamespace(count=lambda side, status: counts.get(status, 0) if side == "validating" else 99),
        requests=SimpleNamespace(count=lambda to_do: pieces if to_do else 99),
    )


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


@pytest.mark.parametrize(
    "invoices, pieces, said",
    [
        ({}, 0, ("Rien n'attend votre accord.", "Nothing waits for your accord.")),
        ({"A_VALIDER_1": 1}, 0, ("1 facture attend votre accord.", "1 invoice waits for your accord.")),
        (
            {"A_VALIDER_1": 1, "A_VALIDER_2": 2},
            1,
            (
                "3 factures et 1 pièce de travaux attendent votre accord.",
                "3 invoices and 1 works document wait for your accord.",
            ),
        ),
        ({}, 2, ("2 pièces de travaux attendent votre accord.", "2 works documents wait for your accord.")),
    ],
)
def test_the_card_counts_what_waits(invoices, pieces, said):
    [(_, [card])] = a_host(hooks).call("espace_cards", context=a_context(ports=ports(invoices, pieces)))
    assert (card.text.fr, card.text.en) == said


def test_the_page_is_there_when_nobody_can_count():
    content = a_host(hooks).page("factures-a-valider", "", a_request("factures-a-valider", "en", ports=Ports()))
    assert pages.UNCOUNTED.en in content.body and "no port" not in content.body


def test_the_card_is_there_when_nobody_can_count():
    [(_, [card])] = a_host(hooks).call("espace_cards", context=a_context(ports=Ports()))
    assert card.text.fr == "Les demandes de paiement qui attendent votre accord."


@pytest.mark.parametrize(
    "language, title, word", [("fr", "À valider", "réputée acceptée"), ("en", "To validate", "deemed accepted")]
)
def test_the_page_says_how_much_waits_and_for_how_long(language, title, word):
    request = a_request("factures-a-valider", language, ports=ports({"A_VALIDER_1": 4}))
    content = a_host(hooks).page("factures-a-valider", "", request)
    assert content.title == title
    assert pages.waiting(pages.Waiting(4, 0)).text(language) in content.body
    assert "15 " in content.body and word in content.body
    assert 'href="/espaces/factures-a-valider/demandes"' in content.body


def test_the_articles_tell_the_days_of_the_data():
    [(_, articles)] = a_host(hooks).call("espace_articles")
    assert [each.slug for each in articles] == ["valider", "delais-de-validation"]
    assert "15 jours" in articles[1].body_fr and "5 puis 2 jours" in articles[1].body_fr
    assert "15 days" in articles[1].body_en and "5 and 2 days" in articles[1].body_en


def test_an_operator_s_delays_hold_from_their_day_and_the_former_ones_stay(tmp_path, monkeypatch):
    file = tmp_path / "delays.toml"
    file.write_text(
        "[[subcontracting]]\nfrom = 2019-04-01\nuntil = 2025-12-31\ntacit_days = 15\nreminders = [5, 2]\n"
        "[[subcontracting]]\nfrom = 2026-01-01\ntacit_days = 21\nreminders = [7]\n"
        "[[joint]]\nfrom = 2019-04-01\ntacit_days = 30\nreminders = []\n"
    )
    monkeypatch.setenv(delays.SETTING, str(file))
    a9, a12 = cadres.all_cadres()
    assert a9.prelude.after("A_VALIDER_1", "A9").days == 21
    assert [each.after("A_VALIDER_1", "A9").days for each in a9.earlier] == [15]
    assert a12.prelude.after("A_VALIDER_1", "A12").days == 30
    assert a_host(hooks).health() == [("factures-a-valider", True, "")]


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "no delay of subcontracting"),
        ("[[subcontracting]]\nfrom = 2019-04-01\n", "a row lacks 'tacit_days'"),
        ("[[subcontracting", "delays.toml"),
    ],
)
def test_wrong_delays_make_the_espace_ill_and_say_so(tmp_path, monkeypatch, text, said):
    file = tmp_path / "delays.toml"
    file.write_text(text)
    monkeypatch.setenv(delays.SETTING, str(file))
    [(key, well, why)] = a_host(hooks).health()
    assert (key, well) == ("factures-a-valider", False)
    assert said in why
