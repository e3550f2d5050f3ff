"""Where a request says what of it is taxed at which rate, for the invoice of *Factures reçues* that it becomes.

A `Payment` names the fields; the amounts are the request's own, exact and to the cent. Nothing is divided or guessed: parts that do
not make up the request's amounts keep it from being sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from .checks import require, require_types
from .values import Finding, Label

_CENT, _ZERO = Decimal("0.01"), Decimal("0.00")
#: By how much the VAT of a rate may differ from its base multiplied by the rate, in euros: less than that much (EN 16931, BR-CO-17 in
#: its published rules), for invoices whose VAT was rounded line by line.
_TOLERATED = Decimal(1)
#: VATEX code of what the customer owes the VAT of himself: category AE of EN 16931; other untaxed amounts are of category E.
REVERSE_CHARGE = "VATEX-EU-AE"


class Amounts(Protocol):
    """Net, VAT and gross of a request."""

    net: Decimal
    vat: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class Exemption:
    """Why an amount bears no VAT: the reason (BT-120) and, where the VATEX list has one, its code (BT-121). Since 1.1."""

    reason: Label
    code: str = ""

    def __post_init__(self) -> None:
        require_types(self, reason=Label, code=str)


@dataclass(frozen=True, slots=True)
class VatAt:
    """One rate in percent, and the fields of the form with what is taxed at it and with the VAT. Since 1.1.

    Without a field `vat`, the VAT is the base multiplied by the rate, rounded half up to the cent.
    """

    rate: Decimal
    base: str
    vat: str | None = None
    #: Of the rate 0, and of it alone; without one, the reason is the name of the kind.
    exemption: Exemption | None = None

    def __post_init__(self) -> None:
        require_types(self, rate=Decimal, base=str, vat=(str, type(None)), exemption=(Exemption, type(None)))
        require(_is_rate(self.rate), f"VatAt.rate is a percentage from 0 to 100, not {self.rate}")
        require(self.exemption is None or not self.rate, f"{self.rate} % is a rate: it has no exemption")

    def of(self, form: Mapping[str, Any]) -> TaxedPart:
        """Return what a form says of this rate."""
        base = form.get(self.base) or _ZERO
        typed = form.get(self.vat) if self.vat is not None else None
        vat = typed if typed is not None else _ZERO if self.vat is not None else _taxed(base, self.rate)
        return TaxedPart(self.rate, base, vat, self.exemption)


@dataclass(frozen=True, slots=True)
class VatOfLines:
    """The fields of each line with its rate in percent, with what is taxed at it, and with the VAT. Since 1.1.

    `rate` is a number, or a choice whose codes are numbers. Lines without a base are left out.
    """

    rate: str
    base: str
    vat: str
    #: Of lines at the rate 0; without one, the reason is the name of the kind.
    exemption: Exemption | None = None

    def __post_init__(self) -> None:
        require_types(self, rate=str, base=str, vat=str, exemption=(Exemption, type(None)))

    def of(self, line: Mapping[str, Any]) -> TaxedPart | None:
        """Return what a line says; None for one without a rate or a base."""
        if line.get(self.rate) is None or line.get(self.base) is None:
            return None
        rate = Decimal(str(line[self.rate]))
        return TaxedPart(rate, line[self.base], line.get(self.vat) or _ZERO, None if rate else self.exemption)


@dataclass(frozen=True, slots=True)
class TaxedPart:
    """What of a request is taxed at one rate, in percent: base and VAT in euros, to the cent."""

    rate: Decimal
    base: Decimal
    vat: Decimal
    exemption: Exemption | None = None

    def __post_init__(self) -> None:
        require_types(self, rate=Decimal, base=Decimal, vat=Decimal)
        require(_is_rate(self.rate), f"a rate of VAT is a percentage from 0 to 100, not {self.rate}")
        for name in ("base", "vat"):
            value = getattr(self, name)
            require(value.is_finite() and value == value.quantize(_CENT), f"the {name} of a rate is an amount to the cent, not {value}")

    @property
    def category(self) -> str:
        """The code of EN 16931 for how it is taxed (BT-118): S, E for exempt, AE where the customer owes the VAT."""
        if self.rate:
            return "S"
        return "AE" if self.exemption is not None and self.exemption.code == REVERSE_CHARGE else "E"

    @property
    def is_of_its_rate(self) -> bool:
        """Whether the VAT is that of the rate, but for roundings."""
        difference = abs(self.vat - _taxed(self.base, self.rate))
        return difference < _TOLERATED if self.rate else not self.vat


def parts(
    source: tuple[VatAt, ...] | VatOfLines, form: Mapping[str, Any], lines: Iterable[Mapping[str, Any]]
) -> tuple[TaxedPart, ...]:
    """Return what is taxed at which rate, the highest first, each rate once; nothing where nobody filled it in."""
    if isinstance(source, VatOfLines):
        given = [part for line in lines if (part := source.of(line)) is not None]
    else:
        given = [each.of(form) for each in source]
    sums: dict[tuple[Decimal, str], TaxedPart] = {}
    for part in given:
        # 20 and 20.00 are one rate.
        key = (part.rate.normalize(), part.category)
        before = sums.get(key, TaxedPart(key[0], _ZERO, _ZERO, part.exemption))
        sums[key] = TaxedPart(key[0], before.base + part.base, before.vat + part.vat, before.exemption)
    found = (each for each in sums.values() if each.base or each.vat)
    return tuple(sorted(found, key=lambda each: (-each.rate, each.category)))


def check(found: Sequence[TaxedPart], amounts: Amounts | None) -> Iterable[Finding]:
    """Give what keeps a request from being sent: parts that do not make up its amounts, and VAT that is not that of its rate."""
    if not found or amounts is None:
        return
    base, vat = sum((each.base for each in found), _ZERO), sum((each.vat for each in found), _ZERO)
    divide = Label(
        "Répartissez exactement le total, ou laissez toutes les parts vides.",
        "Divide the total exactly, or leave all parts empty.",
    )
    correct = Label("Corrigez la TVA totale, ou les parts.", "Correct the whole VAT, or the parts.")
    for sums, whole, what, remedy in (
        (base, amounts.net, Label("Les parts par taux de TVA", "The parts by rate of VAT"), divide),
        (vat, amounts.vat, Label("Les TVA par taux", "The VAT by rate"), correct),
    ):
        if sums != whole:
            yield _error(
                Label(
                    f"{what.fr} font {_shown(sums)} €, et non {_shown(whole)} €.",
                    f"{what.en} make {sums:f} EUR, not {whole:f} EUR.",
                ),
                remedy,
            )
    for each in found:
        if not each.is_of_its_rate:
            yield _error(
                Label(
                    f"La TVA à {_shown(each.rate)} % est de {_shown(each.vat)} € pour une base de {_shown(each.base)} €.",
                    f"The VAT at {each.rate:f} % is {each.vat:f} EUR on a base of {each.base:f} EUR.",
                ),
                Label("Corrigez la base, le taux ou la TVA.", "Correct the base, the rate or the VAT."),
            )


def _is_rate(value: Decimal) -> bool:
    return value.is_finite() and 0 <= value <= 100


def _taxed(base: Decimal, rate: Decimal) -> Decimal:
    return (base * rate / 100).quantize(_CENT, ROUND_HALF_UP)


def _shown(value: Decimal) -> str:
    return f"{value:f}".replace(".", ",")


def _error(message: Label, remedy: Label) -> Finding:
    return Finding("vat-by-rate", "error", message, remedy, term="vat")
