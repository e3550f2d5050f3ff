"""The identities of H.10, for whatever lines and currencies there are."""

import datetime
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_invoicing import currencies, totals, typed
from pupitre_invoicing.totals import Line, total

CENT = Decimal("0.01")
quantities = st.decimals(0, 100_000, places=4)
prices = st.decimals(0, 1_000_000, places=6)
rates = st.sampled_from(["20", "10", "5.5", "2.1", "20.00", "0"]).map(Decimal)
amounts = st.decimals(0, 1000, places=2)
lines = st.lists(st.builds(Line, quantity=quantities, price=prices, rate=rates, discount=amounts), max_size=12)


def half_up(exact: Fraction) -> Decimal:
    """Round to the cent by whole numbers alone."""
    cents = (abs(exact) * 200 + 1) // 2
    return Decimal(int(cents) * (1 if exact >= 0 else -1)) / 100


def exact(amount: Decimal) -> Fraction:
    return Fraction(amount)


@given(quantities, prices, amounts)
def test_a_line_is_quantity_times_price_rounded_half_up_less_its_discount(quantity, price, discount):
    line = Line(quantity, price, Decimal(20), discount=discount)
    assert line.net == half_up(exact(quantity) * exact(price)) - discount


@given(lines, amounts, amounts)
def test_the_base_of_a_rate_is_the_sum_of_its_lines_and_its_tax_is_rounded_once(found, discount, prepaid):
    made = total(found, discount, prepaid)
    for each in made.vat:
        own = [line.net for line in found if line.rate == each.rate]
        assert each.base == sum(own, Decimal(0))
        assert each.amount == half_up(exact(each.base) * exact(each.rate) / 100)


@given(lines, amounts, amounts)
def test_the_totals_follow_from_the_rates(found, discount, prepaid):
    made = total(found, discount, prepaid)
    assert made.net == sum((line.net for line in found), Decimal(0))
    assert made.tax == sum((each.amount for each in made.vat), Decimal(0))
    assert made.gross == made.net + made.tax
    assert made.due == made.gross - discount - prepaid
    assert all(amount == amount.quantize(CENT, ROUND_HALF_UP) for amount in (made.net, made.tax, made.gross, made.due))


@given(lines, st.randoms())
def test_the_order_of_lines_changes_no_total(found, random):
    mixed = list(found)
    random.shuffle(mixed)
    assert total(mixed) == total(found)


def test_one_rate_written_in_two_ways_is_one_row():
    made = total([Line(Decimal(1), Decimal(10), Decimal("20")), Line(Decimal(1), Decimal(5), Decimal("20.00"))])
    assert [(each.rate, each.base, each.amount) for each in made.vat] == [(Decimal(20), Decimal("15.00"), Decimal("3.00"))]


@pytest.mark.parametrize("quantity, price, net", [("1", "0.005", "0.01"), ("3", "0.333333", "1.00"), ("0.5", "0.01", "0.01")])
def test_halves_go_up(quantity, price, net):
    assert Line(Decimal(quantity), Decimal(price), Decimal(0)).net == Decimal(net)


def test_nothing_comes_to_nothing():
    assert totals.total(()) == totals.Totals((), Decimal("0.00"), Decimal("0.00"), Decimal("0.00"), Decimal("0.00"))


# Currencies

DAY = datetime.date(2026, 10, 1)
PLACES = st.sampled_from(["EUR", "USD", "JPY", "XAF", "TND", "KWD"])


def unit_half_up(exact: Fraction, places: int) -> Decimal:
    """Round to the smallest unit by whole numbers alone."""
    units = (abs(exact) * 2 * 10**places + 1) // 2
    return Decimal(int(units) * (1 if exact >= 0 else -1)).scaleb(-places)


@given(PLACES, st.lists(st.tuples(quantities, prices, rates), max_size=8))
def test_every_amount_of_a_currency_is_whole_in_its_smallest_unit_and_rounded_once(currency, found):
    places = currencies.places(currency, DAY)
    made = total([Line(*each, places=places) for each in found], places=places)
    nets = [unit_half_up(exact(quantity) * exact(price), places) for quantity, price, _ in found]
    assert made.net == sum(nets, Decimal(0))
    assert all(each.amount == unit_half_up(exact(each.base) * exact(each.rate) / 100, places) for each in made.vat)
    assert made.gross == made.net + made.tax == made.due
    amounts_of = [
        made.net,
        made.tax,
        made.gross,
        made.due,
        *(each.base for each in made.vat),
        *(each.amount for each in made.vat),
    ]
    assert {amount.as_tuple().exponent for amount in amounts_of} == {-places}


@given(st.sampled_from(["USD", "JPY", "TND"]), prices, st.decimals("0.00000001", 10_000, places=8))
def test_the_tax_in_euros_is_the_tax_at_the_rate_that_was_typed_rounded_to_the_cent(currency, price, rate):
    line = {"name": "x", "quantity": "1", "price": f"{price:f}", "rate": "20"}
    read = typed.read({"currency": currency, "exchange_rate": f"{rate:f}", "lines": [line]}, DAY)
    assert read.faults == []
    assert read.tax_eur == half_up(exact(read.sums.tax) * exact(rate))


def test_the_decimals_are_those_of_iso_4217_and_two_at_most():
    """BR-DEC-09 and those beside it of EN 16931 refuse three decimals, those of the dinar too."""
    assert {code: currencies.minor_units(DAY)[code] for code in ("EUR", "JPY", "TND", "XOF")} == {
        "EUR": 2,
        "JPY": 0,
        "TND": 3,
        "XOF": 0,
    }
    assert [currencies.places(code, DAY) for code in ("EUR", "JPY", "TND", "???", None)] == [2, 0, 2, 2, 2]
    assert currencies.accepted(DAY)[:3] == ["EUR", "AED", "AFN"]


def test_a_currency_is_offered_from_its_first_day_on():
    first = datetime.date(2025, 3, 31)
    assert "XCG" in currencies.accepted(first)
    assert "XCG" not in currencies.accepted(first - datetime.timedelta(days=1))
