"""Column types that mean the same on SQLite and PostgreSQL."""

import datetime
import decimal
from typing import Any

import sqlalchemy as sa


class Instant(sa.types.TypeDecorator):
    """A moment, always an aware datetime in UTC; a naive datetime is refused.

    PostgreSQL keeps ``timestamptz``; SQLite keeps fixed-width UTC text, so that comparison and order are those of time.
    """

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime.datetime | None, dialect: sa.Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"an instant needs a zone: {value!r}")
        utc = value.astimezone(datetime.UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: datetime.datetime | None, dialect: sa.Dialect) -> datetime.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            return value.replace(tzinfo=datetime.UTC)
        return value.astimezone(datetime.UTC)


class Money(sa.types.TypeDecorator):
    """An exact decimal with ``scale`` decimals and 18 digits in all; sums and comparisons in SQL are exact too.

    PostgreSQL keeps ``numeric``; SQLite, which would make it a float, keeps an integer of the smallest unit. A float, a
    value that is not finite, one with more decimals than ``scale`` or with too many digits is refused with ValueError:
    rounding is a business decision and is never made here.
    """

    DIGITS = 18

    impl = sa.Numeric
    cache_ok = True

    def __init__(self, scale: int = 2) -> None:
        super().__init__(self.DIGITS, scale)
        self.scale = scale

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(sa.Numeric(self.DIGITS, self.scale))
        return dialect.type_descriptor(sa.BigInteger())

    def process_bind_param(self, value: decimal.Decimal | int | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        units = self._units(value)
        return _from_units(units, self.scale) if dialect.name == "postgresql" else units

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> decimal.Decimal | None:
        if value is None:
            return None
        return decimal.Decimal(value) if dialect.name == "postgresql" else _from_units(int(value), self.scale)

    def _units(self, value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, decimal.Decimal | int):
            raise ValueError(f"an amount is an exact decimal, not {type(value).__name__}")
        exact = decimal.Decimal(value)
        if not exact.is_finite() or exact.adjusted() > self.DIGITS - self.scale:
            raise ValueError(f"an amount has at most {self.DIGITS - self.scale} digits before the point: {value}")
        sign, digits, exponent = exact.as_tuple()
        whole = int("".join(map(str, digits)))
        shift = exponent + self.scale
        if shift >= 0:
            units = whole * 10**shift
        else:
            units, rest = divmod(whole, 10**-shift)
            if rest:
                raise ValueError(f"an amount has at most {self.scale} decimals: {value}")
        if units >= 10**self.DIGITS:
            raise ValueError(f"an amount has at most {self.DIGITS - self.scale} digits before the point: {value}")
        return -units if sign else units


def _from_units(units: int, scale: int) -> decimal.Decimal:
    return decimal.Decimal((int(units < 0), tuple(map(int, str(abs(units)))), -scale))


#: A key that counts upwards: SQLite only counts on its own INTEGER.
Sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")
