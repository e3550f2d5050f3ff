"""The identities of H.10, for whatever lines there are."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_invoicing import totals
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
