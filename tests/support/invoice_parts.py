"""What the invoices of tests are made of, and the two functions that write XML."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from xml.sax.saxutils import escape, quoteattr

PROFILES = {
    "en16931": "urn:cen.eu:en16931:2017",
    "extended-ctc-fr": "urn:cen.eu:en16931:2017#conformant#urn.cpro.gouv.fr:1p0:extended-ctc-fr",
}
NOTES = (
    ("PMT", "Indemnité forfaitaire de 40 € pour frais de recouvrement."),
    ("PMD", "Pénalités de retard : trois fois le taux légal."),
    ("AAB", "Pas d'escompte pour paiement anticipé."),
)
CENT = Decimal("0.01")


def luhn_complete(digits: str) -> str:
    """`digits` followed by the digit that makes the Luhn sum right."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return digits + str(-total % 10)


def fictional_siret(seed: int, establishment: int = 1) -> str:
    """A SIRET that passes its checks and belongs to nobody that tests know; `seed` has at most 7 digits."""
    siren = luhn_complete(f"9{seed:07d}")
    return luhn_complete(f"{siren}{establishment:04d}")


@dataclass(frozen=True)
class Party:
    """A French seller or buyer, known by its SIRET."""

    siret: str
    name: str
    street: str = "1 rue des Tests"
    post_code: str = "33000"
    city: str = "Bordeaux"

    @property
    def siren(self) -> str:
        return self.siret[:9]

    @property
    def vat(self) -> str:
        """FR, key, SIREN (key = (12 + 3 × (SIREN mod 97)) mod 97)."""
        return f"FR{(12 + 3 * (int(self.siren) % 97)) % 97:02d}{self.siren}"


@dataclass(frozen=True)
class Line:
    """One line; the amount is quantity × price, rounded to the cent."""

    name: str = "Ramette A4"
    quantity: str = "10"
    price: str = "3.90"
    rate: str = "20"
    unit: str = "C62"

    @property
    def net(self) -> Decimal:
        return (Decimal(self.quantity) * Decimal(self.price)).quantize(CENT, ROUND_HALF_UP)


SELLER = Party(fictional_siret(1001), "Fournitures du Quai SARL")
BUYER = Party(fictional_siret(2001), "Commune d'Exempleville", "1 place de la Mairie", "33990", "Exempleville")


@dataclass(frozen=True)
class Parts:
    """What an invoice is made of."""

    number: str = "FA-2026-0001"
    issue_date: date = date(2026, 10, 1)
    due_date: date | None = None
    type_code: str = "380"
    cadre: str = "S1"
    profile: str = "en16931"
    seller: Party = SELLER
    buyer: Party = BUYER
    service: str | None = None
    engagement: str | None = None
    contract: str | None = None
    lines: tuple[Line, ...] = (
        Line(),
        Line("Maintenance", "3", "85.00", "20", "HUR"),
        Line("Livre", "2", "12.50", "5.5"),
    )
    preceding: tuple[str, date] | None = None
    iban: str = "FR7630006000011234567890189"
    prepaid: Decimal = Decimal("0.00")
    notes: tuple[tuple[str, str], ...] = NOTES
    attachments: tuple[tuple[str, str, bytes], ...] = field(default=())

    @property
    def due(self) -> date:
        return self.due_date or self.issue_date + timedelta(days=30)

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal("0.00"))

    @property
    def vat(self) -> list[tuple[str, Decimal, Decimal]]:
        """(rate, base, tax) for each rate, in the order of the lines."""
        bases: dict[str, Decimal] = {}
        for line in self.lines:
            bases[line.rate] = bases.get(line.rate, Decimal("0.00")) + line.net
        return [
            (rate, base, (base * Decimal(rate) / 100).quantize(CENT, ROUND_HALF_UP)) for rate, base in bases.items()
        ]

    @property
    def tax(self) -> Decimal:
        return sum((tax for _, _, tax in self.vat), Decimal("0.00"))

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def parts(**over: object) -> Parts:
    """The default parts with `over` applied; `lines` may be any sequence."""
    if "lines" in over:
        over["lines"] = tuple(over["lines"])  # type: ignore[arg-type]
    return replace(Parts(), **over)  # type: ignore[arg-type]


def tag(name: str, text: object | None, **attributes: str) -> str:
    """An element with escaped text, or nothing when the text is None."""
    if text is None:
        return ""
    quoted = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{quoted}>{escape(str(text))}</{name}>"


def wrap(name: str, *inner: str) -> str:
    """An element around others, or nothing when they are all empty."""
    content = "".join(inner)
    return f"<{name}>{content}</{name}>" if content else ""
