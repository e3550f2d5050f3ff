"""One service is stopped: the pages that need it say which one in words, and the rest works."""

import pytest
from portal_world import INVOICE
from pupitre_contracts import errors, invoicing

PAGE = f"/factures-emises/{INVOICE}"


@pytest.mark.parametrize(
    "service, address, name",
    [
        ("invoicing", "/factures-emises/", "facturation"),
        ("invoicing", PAGE, "facturation"),
        ("organisation", "/structures/", "organisation"),
        ("organisation", "/annuaire/", "organisation"),
        ("notifications", "/notifications", "notifications"),
        ("identity", "/", "identité"),
    ],
)
def test_a_page_says_which_service_is_missing(browser, bus, service, address, name):
    bus.down.add(service)
    answer = browser.get(address)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert name in page
    assert "momentanément indisponible" in page


@pytest.mark.parametrize(
    "service, address",
    [
        ("invoicing", "/"),
        ("invoicing", "/structures/"),
        ("invoicing", "/notifications"),
        ("organisation", "/"),
        ("organisation", "/notifications"),
        ("organisation", PAGE),
        ("notifications", "/"),
        ("notifications", "/factures-emises/"),
        ("identity", "/validation"),
        ("identity", "/sante"),
        ("identity", "/connexion"),
    ],
)
def test_a_page_that_can_do_without_it_is_shown(browser, bus, service, address):
    bus.down.add(service)
    assert browser.get(address).status_code == 200


def test_the_home_page_says_what_it_could_not_get(browser, bus):
    bus.down.add("invoicing")
    page = browser.get("/").get_data(as_text=True)
    assert "facturation" in page
    assert "Atelier Duval" in page


def test_a_service_too_slow_is_said_to_be(browser, bus):
    bus.answers[invoicing.SearchInvoices] = errors.TimedOut(service="invoicing")
    answer = browser.get("/factures-emises/?lang=en")
    assert answer.status_code == 504
    assert "invoicing” did not answer in time" in answer.get_data(as_text=True)


def test_ready_only_when_every_service_is_well(visitor, app, bus):
    assert visitor.get("/readyz").json["ready"] is True
    app.extensions["pupitre"].health._asked_at = float("-inf")
    bus.down.add("notifications")
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    (told,) = answer.json["not_ready"]
    assert (told["service"], told["check"], told["detail"]) == ("notifications", "answers", "service-unavailable")
    assert "ne va pas depuis 20" in told["message"]
    assert visitor.get("/livez").status_code == 200


def test_not_ready_before_the_demonstration_has_its_data(visitor, options):
    options.demo_file.unlink()
    answer = visitor.get("/readyz")
    assert answer.status_code == 503
    assert answer.json["not_ready"][0]["check"] == "seed"


def test_the_health_page_says_in_words_what_does_not_work(browser, bus):
    bus.down.add("notifications")
    page = browser.get("/sante").get_data(as_text=True)
    assert "le service répond" in page
    assert "en panne" in page
