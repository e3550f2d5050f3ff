"""What the page says of the DUME, where it leads, and what wrong data do."""

from datetime import UTC, datetime

import pytest
from pupitre_espace_dume import hooks, services, texts
from pupitre_espaces.testing import FixedClock, a_host, a_request, problems_of

TWO = """
[[services]]
until = 2026-03-31
url = "https://ancien.exemple.fr/dume?a=1&b=2"
fr = "Ancien <service>"
en = "Former <service>"

[[services]]
from = 2026-04-01
url = "https://nouveau.exemple.fr/"
fr = "Nouveau service"
en = "New service"
"""


@pytest.fixture(autouse=True)
def _read_again():
    services.load.cache_clear()
    yield
    services.load.cache_clear()


@pytest.fixture
def data(tmp_path, monkeypatch):
    def put(text):
        (tmp_path / "services.toml").write_text(text, "utf-8")
        monkeypatch.setenv(services.SETTING, str(tmp_path / "services.toml"))

    return put


def body(language="fr", at=datetime(2026, 3, 31, 12, tzinfo=UTC)):
    return a_host(hooks).page("dume", "", a_request("dume", language, "CONSULTATION", clock=FixedClock(at))).body


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_says_what_the_document_is_and_pretends_to_no_service(language):
    said = body(language)
    assert "2016/7" in said and "R. 2143-4" in said
    assert texts.NONE.text(language).replace("'", "&#x27;") in said
    assert "href" not in said


def test_it_leads_to_the_service_of_the_day_in_france_and_names_its_host(data):
    data(TWO)
    before, after = body(), body("en", datetime(2026, 3, 31, 22, 30, tzinfo=UTC))
    assert 'href="https://ancien.exemple.fr/dume?a=1&amp;b=2" rel="external noopener noreferrer"' in before
    assert "Ouvrir : Ancien &lt;service&gt;" in before and "ancien.exemple.fr." in before
    assert 'href="https://nouveau.exemple.fr/"' in after and "Open: New service" in after


@pytest.mark.parametrize(
    "text, why",
    [
        ("services = 3", "no list of services"),
        ("", "no list of services"),
        ("[[services]]\nfr = 'a'\nen = 'b'", "url"),
        ("[[services]]\nurl = 3\nfr = 'a'\nen = 'b'", services.SETTING),
        ("[[services]]\nurl = 'https://a.fr/'\nfr = 'a'", "en"),
        ("[[services]]\nurl = 'http://a.fr/'\nfr = 'a'\nen = 'b'", "https"),
        ("[[services]]\nurl = 'javascript:alert(1)'\nfr = 'a'\nen = 'b'", "https"),
        ("[[services]]\nurl = 'https:///x'\nfr = 'a'\nen = 'b'", "https"),
        ("[[services]]\nurl = 'https://x@a.fr/'\nfr = 'a'\nen = 'b'", "nobody"),
        ("[[services]]\nurl = 'https://a.fr/ b'\nfr = 'a'\nen = 'b'", "blanks"),
        (TWO.replace("2026-04-01", "2026-03-31"), "two rows hold on 2026-03-31"),
        ("[[services]", services.SETTING),
    ],
)
def test_wrong_data_are_named_when_the_process_starts_and_lead_nowhere(data, text, why):
    data(text)
    [(_, well, detail)] = a_host(hooks).health()
    assert (well, why in detail) == (False, True), detail
    assert "href" not in body()


def test_a_file_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setenv(services.SETTING, "/nowhere/services.toml")
    [(_, well, detail)] = a_host(hooks).health()
    assert (well, "/nowhere/services.toml" in detail) == (False, True)
