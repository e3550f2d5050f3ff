"""Rates by fuel and day, amounts to the cent, and the data that an operator may put in place of ours."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_espace_remboursement_tic import hooks, reference
from pupitre_espace_remboursement_tic.request_form import MOST
from pupitre_espaces import dated
from pupitre_espaces.testing import a_host
from pupitre_espaces.testing import a_request as a_page_request
from pupitre_espaces.testing_desk import Desk
from tic_requests import LINE, a_request

OURS = reference.load()
SIZES = {"L": 1, "HL": 100, "KG": 1, "QUINTAL": 100, "TONNE": 1000, "MWH": 1}
SMALL = """
[fuels.GNR]
fr = "Gazole"
en = "Gas oil"
units = ["HL", "L"]

[[rates]]
fuel = "GNR"
from = 2017-01-01
until = 2017-06-30
rate = 10.00
per = "HL"

[[rates]]
fuel = "GNR"
from = 2017-07-01
rate = 20
per = "HL"

[[deadlines]]
years = 3
"""


@pytest.fixture
def data_file(tmp_path, monkeypatch):
    """Return a function that puts an operator's file in place of ours, and forget what was read before."""

    def put(text):
        path = tmp_path / "rates.toml"
        path.write_text(text)
        monkeypatch.setenv(reference.DATA, str(path))
        hooks._reference.cache_clear()

    yield put
    hooks._reference.cache_clear()


@pytest.mark.requirement("R210")
@pytest.mark.parametrize(
    "fuel, day, rate, per",
    [
        ("GNR", date(2007, 1, 1), "5.00", "HL"),
        ("GNR", date(2015, 12, 31), "6.98", "HL"),
        ("GNR", date(2019, 1, 1), "14.96", "HL"),
        ("GNR", date(2023, 12, 31), "14.96", "HL"),
        ("FIOUL_LOURD", date(2019, 12, 31), "137.65", "TONNE"),
        ("FIOUL_LOURD", date(2022, 12, 31), "13.765", "QUINTAL"),
        ("FIOUL_LOURD", date(2023, 1, 1), "13.76", "QUINTAL"),
        ("GPL", date(2018, 4, 1), "57.2", "TONNE"),
        ("GPL", date(2021, 1, 1), "5.72", "QUINTAL"),
        ("GAZ_COMBUSTIBLE", date(2021, 12, 31), "7.89", "MWH"),
        ("GAZ_COMBUSTIBLE", date(2022, 1, 1), "7.87", "MWH"),
        ("GAZ_COMBUSTIBLE", date(2023, 1, 1), "7.83", "MWH"),
        ("GAZ_CARBURANT", date(2022, 7, 14), "4.69", "MWH"),
    ],
)
def test_the_rate_is_that_of_the_fuel_on_the_day_of_delivery(fuel, day, rate, per):
    found = OURS.rate(fuel, day)
    assert (found.value, found.per) == (Decimal(rate), per)


@pytest.mark.parametrize(
    "fuel, day",
    [
        ("GPL", date(2018, 3, 31)),
        ("GNR", date(2018, 12, 31)),
        ("FIOUL_LOURD", date(2020, 6, 1)),
        ("GNR", date(2024, 1, 1)),
        ("GAZ_CARBURANT", date(2020, 12, 31)),
    ],
)
def test_a_day_of_which_nobody_knows_the_rate_has_none(fuel, day):
    assert OURS.rate(fuel, day) is None


def test_the_rate_that_nobody_confirmed_is_marked():
    assert OURS.unchecked() == ["GNR 2020"]
    body = (
        a_host(hooks)
        .page("remboursement-tic", "taux", a_page_request("remboursement-tic", query={"year": "2020"}))
        .body
    )
    assert "à confirmer" in body


@given(
    st.sampled_from(["GNR", "FIOUL_LOURD", "GPL", "GAZ_COMBUSTIBLE", "GAZ_CARBURANT"]),
    st.dates(date(2021, 1, 1), date(2023, 12, 31)),
    st.integers(1, int(MOST * 100)).map(lambda cents: Decimal(cents) / 100),
    st.data(),
)
def test_an_amount_is_volume_times_rate_to_the_cent_half_up(fuel, day, volume, data):
    unit = data.draw(st.sampled_from(OURS.units(fuel)))
    rate = OURS.rate(fuel, day)
    amount = rate.amount(volume, unit)
    exact = volume * SIZES[unit] * rate.value / SIZES[rate.per]
    assert amount == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert abs(amount - exact) <= Decimal("0.005")


def test_half_a_cent_is_rounded_up():
    assert reference.Rate(Decimal("0.10"), "HL", True).amount(Decimal("0.05"), "HL") == Decimal("0.01")
    assert OURS.rate("FIOUL_LOURD", date(2022, 1, 1)).amount(Decimal(1), "QUINTAL") == Decimal("13.77")


@given(st.lists(st.integers(1, 99_999_999).map(lambda cents: f"{cents / 100:.2f}"), min_size=1, max_size=30))
def test_the_total_is_the_sum_of_the_lines(volumes):
    desk = Desk(hooks, datetime(2024, 3, 15, tzinfo=UTC))
    request = a_request(desk, lines=[LINE | {"volume": volume} for volume in volumes])
    amounts = [line["amount"] for line in request.completed.lines]
    assert len(amounts) == len(volumes)
    assert request.completed.amounts.gross == sum(amounts)


@given(st.dates(date(2017, 1, 1), date(2017, 12, 31)))
def test_a_rate_changes_on_its_first_day(day):
    found = reference.Reference(tomllib.loads(SMALL, parse_float=Decimal)).rate("GNR", day)
    assert found.value == (10 if day < date(2017, 7, 1) else 20)


@pytest.mark.requirement("R210")
def test_an_operator_fills_in_a_rate_that_was_missing(data_file):
    data_file(SMALL)
    desk = Desk(hooks, datetime(2018, 3, 15, tzinfo=UTC))
    request = a_request(
        desk, year="2017", lines=[LINE | {"delivered": "2017-06-30"}, LINE | {"delivered": "2017-07-01"}]
    )
    assert desk.errors(request) == []
    assert [line["amount"] for line in request.completed.lines] == [Decimal("125.00"), Decimal("250.00")]


@pytest.mark.parametrize(
    "text, why",
    [
        (SMALL.replace("2017-07-01", "2017-06-30"), "two rows hold on 2017-06-30"),
        (SMALL.replace('per = "HL"', 'per = "BARREL"', 1), "no rate per unit"),
        (SMALL.replace("rate = 20", "rate = -1"), "no rate per unit"),
        (SMALL.replace('units = ["HL", "L"]', 'units = ["BARREL"]'), "unknown units BARREL"),
        (SMALL.replace('fuel = "GNR"', 'fuel = "CHARBON"', 1), "unknown fuels CHARBON"),
        (SMALL.replace("years = 3", "from = 2030-01-01\nyears = 3"), "deadlines: none"),
        (SMALL.replace("[[rates]]", "[[prices]]"), "KeyError"),
        ("fuels = ", "rates.toml"),
    ],
)
def test_wrong_data_are_named_and_make_the_espace_ill(data_file, text, why):
    data_file(text)
    health = {key: (well, detail) for key, well, detail in a_host(hooks, "invoicing").health()}
    well, detail = health["remboursement-tic"]
    assert not well
    assert why in detail
    assert a_host(hooks, "invoicing").kinds() == {}


def test_our_data_cover_every_day_at_most_once():
    day = date(2007, 1, 1)
    while day < date(2027, 1, 1):
        for fuel in OURS.fuels:
            rows = [row for row in OURS._of(fuel, "rates") if dated.holding([row], day)]
            assert len(rows) <= 1
        day += timedelta(days=13)


@pytest.mark.requirement("R211")
@pytest.mark.parametrize(
    "given_name, french, english",
    [
        (None, "Remboursements de taxes", "Tax refunds"),
        ("new", "Remboursements de taxes", "Tax refunds"),
        ("old", "Demande de remboursement TIC", "TIC refund requests"),
        ("Accises|Excise", "Accises", "Excise"),
        ("Accises", "Accises", "Accises"),
    ],
)
def test_the_name_of_the_espace_is_the_operator_s_choice(monkeypatch, given_name, french, english):
    if given_name:
        monkeypatch.setenv(reference.NAME, given_name)
    [installed] = a_host(hooks).catalogue()
    assert (installed.manifest.label.fr, installed.manifest.label.en) == (french, english)
    assert installed.key == "remboursement-tic"
