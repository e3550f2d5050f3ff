"""What is asked for with a request, and who is paid by whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from . import vat
from .checks import require, require_types
from .vat import TaxedPart, VatAt, VatOfLines

_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Amounts:
    """Net, VAT and gross, in euros and to the cent."""

    net: Decimal
    vat: Decimal
    gross: Decimal

    def __post_init__(self) -> None:
        require_types(self, net=Decimal, vat=Decimal, gross=Decimal)
        for name in ("net", "vat", "gross"):
            value = getattr(self, name)
            require(
                value.is_finite() and value == value.quantize(_CENT),
                f"Amounts.{name} is an amount to the cent, not {value}",
            )
        require(self.net + self.vat == self.gross, "net and VAT make the gross amount")


@dataclass(frozen=True, slots=True)
class Payment:
    """How a request becomes an invoice in *Factures reçues*, at a passage with `hand_over`; names of fields are those of the form."""

    #: Keys of the roles that are paid and that pay.
    payee: str
    payer: str
    #: Fields of the form with the engagement number, the contract and the date of issue; None where the form has none.
    engagement: str | None = None
    contract: str | None = None
    issue_date: str | None = None
    #: Field of the form with what is to be paid where it is less than the gross amount (a retention).
    due: str | None = None
    #: Roles that are paid themselves where they are named, instead of `payee`: a sub-contractor with direct payment.
    instead: tuple[str, ...] = ()
    #: Where the request says what of it is taxed at which rate: fields of the form for each rate, or fields of its lines. The invoice then
    #: has a line for each rate; without it, or where nobody filled it in, one line at the rate that the VAT comes to. Since 1.1.
    vat: tuple[VatAt, ...] | VatOfLines = ()

    def __post_init__(self) -> None:
        require(not isinstance(self.instead, str), "Payment.instead is a tuple of roles, not one text")
        object.__setattr__(self, "instead", tuple(self.instead))
        if not isinstance(self.vat, VatOfLines):
            require(not isinstance(self.vat, VatAt), "Payment.vat is a tuple of VatAt, not one")
            object.__setattr__(self, "vat", tuple(self.vat))
            require(all(isinstance(each, VatAt) for each in self.vat), "Payment.vat holds VatAt, or is VatOfLines")

    @property
    def fields(self) -> frozenset[str]:
        """The fields of the form that it names."""
        named = {self.engagement, self.contract, self.issue_date, self.due}
        of_rates = () if isinstance(self.vat, VatOfLines) else self.vat
        return frozenset(named.union(*({each.base, each.vat} for each in of_rates)) - {None})

    @property
    def line_fields(self) -> frozenset[str]:
        """The fields of the lines that it names."""
        of_lines = self.vat if isinstance(self.vat, VatOfLines) else None
        return frozenset({of_lines.rate, of_lines.base, of_lines.vat} if of_lines is not None else ())

    def parts(self, form: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]) -> tuple[TaxedPart, ...]:
        """Return what of a request is taxed at which rate, the highest first; nothing where it does not say. Since 1.1."""
        return vat.parts(self.vat, form, lines)

    def paid(self, named: Collection[str]) -> str:
        """Return the role that is paid for a request on which these roles are named."""
        return next((each for each in self.instead if each in named), self.payee)
