"""What visitors see of the espace: deadlines, the calculator, the card, the help, the mail; and data that are wrong."""

from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files

import pytest
from memoires import COURT, INTERPRETER, a_memoire
from pupitre_espace_frais_de_justice import hooks, tariff
from pupitre_espaces import Download, PageRequest, Ports
from pupitre_espaces.testing import FixedClock, a_context, a_host, problems_of
from pupitre_espaces.testing import a_request as a_page_request
from support.drawn import structure_of
from workbooks import cells, reckoned

KEY, DETAIL = "frais-de-justice", "detail-des-frais-divers"
NOW = datetime(2024, 9, 2, 9, tzinfo=UTC)
OURS = files("pupitre_espace_frais_de_justice").joinpath("tariff.toml").read_text()


class Kept:
    """The port of requests, over those of a desk."""

    def __init__(self, *requests):
        self._views = [each.view() for each in requests]

    def search(self, *, kind="", status="", text="", to_do=False, limit=50):
        return tuple(each for each in self._views if kind == "memoire" and status in ("", each.status))

    def count(self, *, kind="", status="", to_do=False):
        assert to_do
        return len(self._views)


def around(*requests, now=NOW, structure=INTERPRETER):
    return {"ports": Ports(requests=Kept(*requests)), "clock": FixedClock(now), "structure": structure}


def sent(language="fr", query=None, **form):
    context = a_context(language, clock=FixedClock(NOW))
    return PageRequest(context, "CONSULTATION", lambda slug: f"/espaces/{KEY}/{slug}", query or {}, form)


def the_card(**given):
    [(_, [card])] = a_host(hooks).call("espace_cards", context=a_context(**given))
    return card.text.fr


@pytest.fixture
def data_file(tmp_path, monkeypatch):
    """Return a function that puts an operator's file in place of ours, and forget what was read before."""

    def put(text):
        path = tmp_path / "tariff.toml"
        path.write_text(text)
        monkeypatch.setenv(tariff.DATA, str(path))
        hooks._tariff.cache_clear()

    yield put
    hooks._tariff.cache_clear()


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


def test_deadlines_count_the_days_of_drafts_soonest_first(desk):
    later, sooner = (
        a_memoire(desk, number="LATER"),
        a_memoire(desk, number="SOONER", mission_end="2024-03-01", decided=""),
    )
    gone = desk.send(a_memoire(desk, number="SENT"))
    lost = a_memoire(desk, number="LOST", mission_end="2023-03-01", mission_start="", decided="")
    body = a_host(hooks).page(KEY, "echeances", a_page_request(KEY, **around(later, sooner, gone, lost))).body
    assert body.index("LOST") < body.index("SOONER") < body.index("LATER")
    assert "183 jours" in body
    assert "forclos" in body
    assert "SENT" not in body
    assert "Aucun mémoire" in a_host(hooks).page(KEY, "echeances", a_page_request(KEY, **around())).body


def test_the_card_names_the_draft_that_is_lost_first(desk):
    text = the_card(**around(a_memoire(desk, number="M-1"), now=datetime(2025, 2, 22, tzinfo=UTC)))
    assert text == "Mémoire M-1 : reste 10 jours avant la forclusion (04/03/2025)."
    assert the_card(**around()) == the_card(ports=Ports()) == "Un mémoire s'envoie dans l'année qui suit la mission."
    assert the_card(**around(desk.send(a_memoire(desk)), structure=COURT)) == "Mémoires à traiter : 1."
    assert the_card(structure=COURT, ports=Ports()) == "Certifier et taxer les mémoires."


@pytest.mark.requirement("R202")
@pytest.mark.parametrize("language, total", [("fr", "MONTANT TOTAL"), ("en", "TOTAL")])
def test_the_detail_gives_the_bordereau_to_be_filled_in(language, total):
    answer = a_host(hooks).page(KEY, DETAIL, sent(language, {"bordereau": "vierge"}))
    assert isinstance(answer, Download)
    assert answer.name == "bordereau-frais-divers.xlsx"
    found = cells(answer.content)
    assert found["A30"][0].startswith(total)
    assert reckoned(found) == 0


@pytest.mark.requirement("R202")
def test_the_calculator_does_the_same_sum():
    host, entered = (
        a_host(hooks),
        {"on": "2024-03-04", "kilometres": "2100", "vehicle": "CV5", "meals": "2", "tolls": "7,10"},
    )
    page = host.submit(KEY, DETAIL, sent(**entered, give="reckon"))
    assert "727.10 EUR" in page.body
    book = host.submit(KEY, DETAIL, sent(**entered, give="xlsx"))
    assert reckoned(cells(book.content)) == Decimal("727.10") == Decimal(cells(book.content)["F30"][0])
    drawn = structure_of(host.submit(KEY, DETAIL, sent(**entered, give="pdf")).content)
    assert [each.text for each in drawn.root.every("TD")][-1] == "727,10"


def test_the_calculator_keeps_what_was_typed_and_says_what_is_wrong():
    host = a_host(hooks)
    wrong = host.submit(KEY, DETAIL, sent(on="2024-03-04", meals="beaucoup", kilometres="<b>9")).body
    assert "Repas" in wrong and "Kilomètres" in wrong and "pas un nombre" in wrong
    assert "<b>" not in wrong
    assert 'value="beaucoup"' in wrong
    assert tariff.DATA in host.submit(KEY, DETAIL, sent(on="2010-03-04")).body
    english = host.submit(KEY, DETAIL, sent("en", on="2024-03-04", vehicle="CV8", kilometres="10"))
    assert "4.50 EUR" in english.body
    assert '<option value="CV8" selected>' in english.body


def test_the_help_explains_expenses_and_the_year():
    [(_, articles)] = a_host(hooks).call("espace_articles")
    assert [each.slug for each in articles] == ["deposer-un-memoire", "frais-divers", "forclusion-et-memoires-groupes"]
    assert "F30" in articles[1].body_fr
    assert "F30" in articles[1].body_en


def test_the_opening_is_announced_in_both_languages():
    host = a_host(hooks, "notifications")
    for language, words in (("fr", "la réquisition"), ("en", "the requisition")):
        [(_, mail)] = host.messages("espace.opened.v1", language, {"structure_name": "Atelier"})
        assert words in mail.body


def test_an_operator_s_tariff_comes_before_ours(data_file, desk):
    assert a_memoire(desk).completed.lines[0]["price"] == 30
    data_file(OURS.replace("price = 30.00", "price = 33.00"))
    assert a_memoire(type(desk)(hooks, NOW)).completed.lines[0]["price"] == 33


def test_a_price_that_nobody_filled_in_says_who_can(data_file, desk):
    data_file(OURS.replace("from = 2009-03-01, price = 30.00", "from = 2024-06-01, price = 30.00"))
    memoire = a_memoire(type(desk)(hooks, NOW))
    assert [each.rule for each in memoire.findings] == ["tariff-missing"]
    assert tariff.DATA in memoire.findings[0].remedy.fr


@pytest.mark.parametrize(
    "old, new, why",
    [
        ("until = 2021-12-31", "until = 2022-01-01", "kilometres: two rows hold on 2022-01-01"),
        ("nights = [70, 90, 110]", "nights = [70, 90]", "three rates of nights"),
        ("CV8 = [0.41, 0.50, 0.29]", "CV8 = [0.41]", "three rates for each vehicle"),
        ('categories = ["TRADUCTEUR"]', 'categories = ["ORACLE"]', "unknown categories ORACLE"),
        ('vat = ["20", "0"]', "vat = []", "no rate of VAT"),
        ('vat = ["20", "0"]', 'vat = ["much"]', "InvalidOperation"),
        ('severity = "warning"', 'severity = "hint"', "documents: Réquisition"),
        ("[[stays]]", "[[stay]]", "KeyError"),
    ],
)
def test_wrong_data_are_named_and_make_the_espace_ill(data_file, old, new, why):
    assert old in OURS
    data_file(OURS.replace(old, new, 1) if old != "[[stays]]" else OURS.replace(old, new))
    [(key, well, detail)] = a_host(hooks, "invoicing").health()
    assert (key, well) == ("frais-de-justice", False)
    assert why in detail
