"""What visitors see of the espace: deadlines, rates, the card, the help, the mail."""

from datetime import UTC, datetime

import pytest
from pupitre_espace_remboursement_tic import hooks
from pupitre_espaces import Ports
from pupitre_espaces.testing import FixedClock, a_context, a_host, problems_of
from pupitre_espaces.testing import a_request as a_page_request
from tic_requests import FARM, OFFICE, a_request

KEY = "remboursement-tic"


class Kept:
    """The port of requests, over those of a desk."""

    def __init__(self, *requests):
        self._views = [each.view() for each in requests]

    def search(self, *, kind="", status="", text="", to_do=False, limit=50):
        assert kind == "demande"
        return tuple(self._views[:limit])

    def count(self, *, kind="", status="", to_do=False):
        assert to_do
        return len(self._views)


def around(*requests, now=datetime(2024, 3, 15, tzinfo=UTC), structure=FARM):
    return {"ports": Ports(requests=Kept(*requests)), "clock": FixedClock(now), "structure": structure}


def the_card(**given):
    [(_, [card])] = a_host(hooks).call("espace_cards", context=a_context(**given))
    return card.text.fr


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


@pytest.mark.requirement("R210")
def test_deadlines_count_the_days_of_each_year():
    body = a_host(hooks).page(KEY, "echeances", a_page_request(KEY, **around())).body
    assert "31/12/2026" in body
    assert "1021 jours" in body
    assert "dont GNR : 31/12/2024 (291 jours)" in body
    assert "form.year=2023" in body
    assert "clos" in body


def test_deadlines_show_what_was_sent_and_offer_nothing_to_who_may_only_read(desk):
    sent = desk.send(a_request(desk))
    body = a_host(hooks).page(KEY, "echeances", a_page_request(KEY, **around(sent))).body
    assert f"{sent.number} : Mise à disposition" in body
    assert "form.year=2023" not in body
    reader = a_page_request(KEY, profile="CONSULTATION", **around())
    assert "demandes/nouvelle" not in a_host(hooks).page(KEY, "echeances", reader).body
    office = a_page_request(KEY, **around(structure=OFFICE))
    assert "demandes/nouvelle" not in a_host(hooks).page(KEY, "echeances", office).body


def test_a_request_that_came_to_nothing_leaves_its_year_open(desk):
    sent = desk.send(a_request(desk))
    desk.move(sent, "instructeur", "REJETEE", motive_code="NON_ELIGIBLE")
    assert "form.year=2023" in a_host(hooks).page(KEY, "echeances", a_page_request(KEY, **around(sent))).body


def test_an_advance_to_settle_is_announced():
    late = around(now=datetime(2025, 12, 1, tzinfo=UTC))
    assert "même sans ligne" in a_host(hooks).page(KEY, "echeances", a_page_request(KEY, **late)).body


def test_rates_are_shown_by_year_and_missing_ones_named():
    host = a_host(hooks)
    assert "7,83 EUR / MWh" in host.page(KEY, "taux", a_page_request(KEY, query={"year": "2023"})).body
    assert "7.83 EUR / MWh" in host.page(KEY, "taux", a_page_request(KEY, "en", query={"year": "2023"})).body
    assert "est renseigné pour 2017" in host.page(KEY, "taux", a_page_request(KEY, query={"year": "2017"})).body


@pytest.mark.parametrize("nonsense", ["<b>", "1", "²", "99999", ""])
def test_a_year_that_is_none_shows_the_year_before(nonsense):
    request = a_page_request(KEY, query={"year": nonsense}, **around())
    assert 'value="2023"' in a_host(hooks).page(KEY, "taux", request).body


def test_the_card_names_the_year_that_ends_first(desk):
    assert the_card(**around()).startswith("La demande 2021 se dépose jusqu'au 31/12/2024")
    sent = [
        desk.send(a_request(desk, year=year, lines=(), attachments=a_request(desk).attachments))
        for year in ("2021", "2022")
    ]
    assert the_card(**around(*sent)).startswith("La demande 2023 se dépose")


def test_the_card_of_the_service_counts_what_it_has_to_examine(desk):
    assert the_card(**around(desk.send(a_request(desk)), structure=OFFICE)) == "Demandes à instruire : 1."
    assert the_card(structure=OFFICE, ports=Ports()) == "Instruire les demandes de remboursement."


def test_a_card_without_ports_still_counts_the_days():
    assert "se dépose jusqu'au" in the_card(ports=Ports(), clock=FixedClock(datetime(2024, 3, 15, tzinfo=UTC)))


def test_the_help_says_how_a_centre_deposits_for_a_farmer():
    [(_, articles)] = a_host(hooks).call("espace_articles")
    assert [each.slug for each in articles] == [
        "deposer-une-demande-de-remboursement",
        "delais-taux-et-avance",
        "deposer-pour-un-agriculteur",
    ]
    assert "rattachement" in articles[2].body_fr


def test_the_opening_is_announced_in_both_languages():
    host = a_host(hooks, "notifications")
    for language, words in (("fr", "Préparez le RIB"), ("en", "Have the RIB")):
        [(key, mail)] = host.messages("espace.opened.v1", language, {"structure_name": "GAEC des Prés"})
        assert key == KEY
        assert "GAEC des Prés" in mail.subject
        assert words in mail.body
