"""Amounts as invoices write them: exact decimals, never floats, never more digits than a person would write."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal, localcontext

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)")
MAX_DIGITS = 60
CENT = Decimal("0.01")


def parse(text: str | None) -> Decimal | None:
    """The number a text holds (xs:decimal: no exponent, no comma, no blank inside), or None when it is not one."""
    if text is None or len(text) > MAX_DIGITS or not text.isascii() or not _NUMBER.fullmatch(text):
        return None
    return Decimal(text)


def product(quantity: Decimal, price: Decimal, base: Decimal) -> Decimal:
    """quantity × price ÷ base, rounded half up to the cent. `base` must not be zero."""
    with localcontext() as context:
        context.prec = 4 * MAX_DIGITS
        return (quantity * price / base).quantize(CENT, ROUND_HALF_UP)


def differ(one: Decimal, other: Decimal, tolerance: Decimal = CENT) -> bool:
    """Whether two amounts differ by more than the tolerance."""
    with localcontext() as context:
        context.prec = 4 * MAX_DIGITS
        return abs(one - other) > tolerance
