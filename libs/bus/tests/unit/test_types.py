from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_bus.types import Instant, Money
from sqlalchemy.dialects import postgresql, sqlite

DIALECTS = [sqlite.dialect(), postgresql.dialect()]
every_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)


@every_dialect
@given(units=st.integers(-(10**18) + 1, 10**18 - 1), scale=st.integers(0, 12))
def test_every_amount_that_fits_comes_back_exactly(dialect, units, scale):
    money, amount = Money(scale), Decimal(units).scaleb(-scale)
    assert money.process_result_value(money.process_bind_param(amount, dialect), dialect) == amount


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15))
def test_the_order_of_amounts_is_the_order_of_what_sqlite_keeps(amount):
    money = Money()
    assert (money.process_bind_param(amount, DIALECTS[0]) < 0) == (amount < 0)
    assert money.process_bind_param(amount, DIALECTS[0]) == amount * 100


@every_dialect
@pytest.mark.parametrize(
    "value",
    [1.5, True, "12.50", Decimal("0.001"), Decimal("NaN"), Decimal("Infinity"), Decimal(10**16), Decimal("1e400")],
    ids=str,
)
def test_an_amount_that_would_lose_something_is_refused(dialect, value):
    with pytest.raises(ValueError):
        Money().process_bind_param(value, dialect)


def test_trailing_zeros_beyond_the_scale_are_no_loss():
    assert Money().process_bind_param(Decimal("1.5000"), DIALECTS[0]) == 150


@every_dialect
def test_an_instant_comes_back_aware_and_in_utc(dialect):
    paris = datetime(2026, 7, 14, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    kept = Instant().process_bind_param(paris, dialect)
    assert Instant().process_result_value(kept, dialect) == datetime(2026, 7, 14, 10, 0, tzinfo=UTC)
    assert Instant().process_result_value(kept, dialect).tzinfo is UTC


@every_dialect
def test_a_naive_datetime_is_refused(dialect):
    with pytest.raises(ValueError):
        Instant().process_bind_param(datetime(2026, 7, 14), dialect)  # noqa: DTZ001
