"""Amounts, dates and identifiers as people write them."""

import datetime
import decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from pupitre_portal import formats

app = Flask(__name__)


def french(write, *values):
    with app.test_request_context("/"):
        return write(*values).replace("\u202f", " ").replace("\xa0", " ")


def english(write, *values):
    with app.test_request_context("/?lang=en"):
        return write(*values)


@pytest.mark.parametrize(
    "amount, text",
    [
        ("1234.56", "1 234,56 €"),
        (decimal.Decimal("-0.5"), "-0,50 €"),
        ("10", "10,00 €"),
        ("0.123456", "0,123456 €"),
        (None, ""),
        ("pas un nombre", "pas un nombre"),
    ],
)
def test_amounts_are_written_the_french_way(amount, text):
    assert french(formats.money, amount) == text


@pytest.mark.parametrize(
    "amount, currency, text",
    [
        ("12", "JPY", "12 JPY"),
        ("12.5", "JPY", "12,5 JPY"),
        ("12.34", "TND", "12,340 TND"),
        ("12", "USD", "12,00 $US"),
        ("12.5", "ZZZ", "12,50 ZZZ"),
    ],
)
def test_no_decimal_of_an_amount_is_lost_in_a_currency_that_has_fewer(amount, currency, text):
    assert french(formats.money, amount, currency) == text


def test_amounts_are_written_the_english_way_in_english():
    assert english(formats.money, "1234.56") == "€1,234.56"


@pytest.mark.parametrize("currency", ["XXX?", "<b>", "ZZZ"])
def test_an_unknown_currency_never_breaks_a_page(currency):
    assert "1 234,56" in french(formats.money, "1234.56", currency)


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=2))
def test_every_amount_keeps_all_of_its_digits(amount):
    shown = french(formats.money, amount).removesuffix("€").replace(" ", "").replace(",", ".")
    assert decimal.Decimal(shown) == amount


@given(st.text(max_size=30))
def test_no_text_from_a_file_breaks_a_page(text):
    for write in (formats.money, formats.number, formats.percent, formats.day, formats.siret):
        assert isinstance(french(write, text), str)


def test_dates_are_day_month_year_and_instants_are_those_of_paris():
    assert french(formats.day, datetime.date(2026, 3, 4)) == "04/03/2026"
    assert french(formats.day, "2026-03-04") == "04/03/2026"
    late = datetime.datetime(2026, 7, 14, 22, 30, 5, tzinfo=datetime.UTC)
    assert french(formats.moment, late) == "15/07/2026 00:30"
    assert french(formats.moment, late, True) == "15/07/2026 00:30:05"


def test_rates_and_sizes():
    assert french(formats.percent, "5.50") == "5,5 %"
    assert french(formats.file_size, 1_234_567) == "1,2 Mo"
    assert english(formats.file_size, 12) == "12 B"


def test_a_siret_is_written_in_its_groups():
    assert french(formats.siret, "21750001600019") == "217 500 016 00019"
    assert french(formats.siret, "FR123") == "FR123"
