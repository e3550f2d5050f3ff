"""What is asked for with a request, and who is paid by whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from .checks import require, require_types

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

    def __post_init__(self) -> None:
        require(not isinstance(self.instead, str), "Payment.instead is a tuple of roles, not one text")
        object.__setattr__(self, "instead", tuple(self.instead))

    def paid(self, named: Collection[str]) -> str:
        """Return the role that is paid for a request on which these roles are named."""
        return next((each for each in self.instead if each in named), self.payee)
