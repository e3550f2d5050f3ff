"""What an invoice comes to: the identities of H.10, exact decimals rounded half up to the smallest unit of the currency,
the cent where nothing else is said (``places``).

Line before tax = round(quantity × unit price) − discount. Base of a rate = sum of its lines; TVA of a rate = round(base × rate). Total with
tax = total before tax + TVA; to pay = total with tax − global discount (on the total with tax) − what was paid already.
"""

import decimal
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

CENT = Decimal("0.01")
_HUNDRED = Decimal(100)
#: Digits kept on the way: a quantity, a price and a rate of 19 positions each (H.10), multiplied.
_PRECISION = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One line that can be computed. ``rate`` is a percentage; ``category`` the code of EN 16931 for how it is taxed (S, E, O)."""

    quantity: Decimal
    price: Decimal
    rate: Decimal
    category: str = "S"
    discount: Decimal = Decimal(0)
    places: int = 2

    @property
    def net(self) -> Decimal:
        """The line's amount before tax, its discount taken off."""
        with decimal.localcontext(prec=_PRECISION):
            return rounded(self.quantity * self.price, self.places) - self.discount


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of the recapitulation of TVA."""

    category: str
    rate: Decimal
    base: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """Amounts in the invoice's currency, with its decimals."""

    vat: tuple[Rate, ...]
    net: Decimal
    tax: Decimal
    gross: Decimal
    due: Decimal


def rounded(amount: Decimal, places: int = 2) -> Decimal:
    """Return an amount rounded half up to so many decimals, the cent by default."""
    with decimal.localcontext(prec=_PRECISION):
        return amount.quantize(Decimal(1).scaleb(-places), decimal.ROUND_HALF_UP)


def total(
    lines: Iterable[Line], global_discount: Decimal = Decimal(0), prepaid: Decimal = Decimal(0), places: int = 2
) -> Totals:
    """Add up ``lines``; ``global_discount`` and ``prepaid`` are amounts with tax. The highest rate comes first in the recapitulation."""
    zero = rounded(Decimal(0), places)
    bases: dict[tuple[str, Decimal], Decimal] = {}
    with decimal.localcontext(prec=_PRECISION):
        for line in lines:
            # 20 and 20.00 are one rate.
            key = (line.category, line.rate.normalize())
            bases[key] = bases.get(key, zero) + line.net
        rates = tuple(
            Rate(category, rate, base, rounded(base * rate / _HUNDRED, places))
            for (category, rate), base in sorted(bases.items(), key=lambda item: (-item[0][1], item[0][0]))
        )
        net = sum((each.base for each in rates), zero)
        tax = sum((each.amount for each in rates), zero)
        gross = net + tax
        return Totals(rates, net, tax, gross, gross - global_discount - prepaid)
