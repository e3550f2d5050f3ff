"""Rules: which invoices are validated within, from when, and by whom. A rule is never changed: it ends, and another one begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from pupitre_espaces import EspaceContext, InvoiceView, Label
from pupitre_espaces.ports import Record

from . import words

COLLECTION = "regles"
#: Rules that a structure may have, those that ended among them: all are read at once.
MOST = 200
#: Where the moment stands at which the espace was last opened: what came before is not caught, since nobody was told of it.
OPENING = ("espace", "ouverture")
_EURO = "EUR"


@dataclass(frozen=True, slots=True)
class Validator:
    """A user of the structure who may validate."""

    id: str
    name: str

    def stored(self) -> dict[str, str]:
        return {"id": self.id, "name": self.name}


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; what it leaves out it takes whatever it is. `steps` are validated one after the other, each by one of its validators."""

    key: str
    steps: tuple[tuple[Validator, ...], ...]
    since: datetime
    made_by: str
    code_service: str | None = None
    #: In euros, all taxes included.
    from_amount: Decimal | None = None
    supplier_siret: str | None = None
    until: datetime | None = None
    ended_by: str | None = None

    @property
    def label(self) -> Label:
        """What people know it by: its number, and which invoices it takes."""
        number = self.key.rpartition("-")[2].lstrip("0")
        parts = {"fr": [], "en": []}
        if self.code_service:
            parts["fr"].append(f"service {self.code_service}")
            parts["en"].append(f"service {self.code_service}")
        if self.supplier_siret:
            parts["fr"].append(f"fournisseur {self.supplier_siret}")
            parts["en"].append(f"supplier {self.supplier_siret}")
        if self.from_amount is not None:
            parts["fr"].append(f"dès {words.money(self.from_amount, _EURO, 'fr')} TTC")
            parts["en"].append(f"from {words.money(self.from_amount, _EURO, 'en')} incl. tax")
        what = {"fr": ", ".join(parts["fr"]) or "toutes les factures", "en": ", ".join(parts["en"]) or "all invoices"}
        return Label(f"règle {number} ({what['fr']})", f"rule {number} ({what['en']})")

    def takes(self, invoice: InvoiceView) -> bool:
        """Tell whether it is for this invoice, of those that came while it was in force."""
        came = invoice.received_at
        if came is None or came < self.since or (self.until is not None and came >= self.until):
            return False
        if self.code_service is not None and (invoice.code_service or "").casefold() != self.code_service.casefold():
            return False
        if self.supplier_siret is not None and invoice.supplier_siret != self.supplier_siret:
            return False
        return self.from_amount is None or _reaches(invoice, self.from_amount)

    @property
    def strictness(self) -> tuple[int, Decimal, bool, bool, datetime]:
        """By which one rule goes before another: more steps, a higher amount, more precise, newer."""
        return (
            len(self.steps),
            self.from_amount or Decimal(0),
            self.supplier_siret is not None,
            self.code_service is not None,
            self.since,
        )

    def stored(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return {
            "code_service": self.code_service,
            "from_amount": str(self.from_amount) if self.from_amount is not None else None,
            "supplier_siret": self.supplier_siret,
            "steps": [[each.stored() for each in step] for step in self.steps],
            "since": self.since.isoformat(),
            "made_by": self.made_by,
            "until": self.until.isoformat() if self.until else None,
            "ended_by": self.ended_by,
        }


def read(record: Record) -> Rule:
    """Return a rule as it was kept."""
    kept = record.document
    return Rule(
        key=record.key,
        steps=tuple(tuple(Validator(each["id"], each["name"]) for each in step) for step in kept["steps"]),
        since=datetime.fromisoformat(kept["since"]),
        made_by=kept["made_by"],
        code_service=kept["code_service"],
        from_amount=Decimal(kept["from_amount"]) if kept["from_amount"] is not None else None,
        supplier_siret=kept["supplier_siret"],
        until=datetime.fromisoformat(kept["until"]) if kept["until"] else None,
        ended_by=kept["ended_by"],
    )


def all_of(context: EspaceContext) -> tuple[Rule, ...]:
    """Return every rule of the structure, in the order in which they were made."""
    return tuple(read(each) for each in context.ports.records.search(COLLECTION, limit=MOST))


def next_key(rules: tuple[Rule, ...]) -> str:
    """Return the key of a new rule."""
    last = int(rules[-1].key.rpartition("-")[2]) if rules else 0
    return f"regle-{last + 1:04}"


def catching(context: EspaceContext, invoice: InvoiceView) -> Rule | None:
    """Return the rule by which an invoice is to be validated, the strictest of those that take it; None: it passes without.

    It says the same whenever it is asked: what counts is what was in force when the invoice came.
    """
    found = [each for each in all_of(context) if each.takes(invoice)]
    if not found or _came_before_opening(context, invoice):
        return None
    return max(found, key=lambda each: each.strictness)


def _came_before_opening(context: EspaceContext, invoice: InvoiceView) -> bool:
    opening: Mapping[str, Any] | None = getattr(context.ports.records.get(*OPENING), "document", None)
    return opening is not None and invoice.received_at < datetime.fromisoformat(opening["at"])


def _reaches(invoice: InvoiceView, amount: Decimal) -> bool:
    """An amount that cannot be compared, in another currency or unread, reaches every threshold."""
    return invoice.gross is None or invoice.currency != _EURO or abs(invoice.gross) >= amount
