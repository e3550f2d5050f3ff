"""What callers see of an entry."""

from collections.abc import Iterable, Mapping
from typing import Any

from pupitre_contracts import invoicing as contract
from pupitre_contracts import invoicing_entry as calls

from . import currencies, queries, typed, vat_rates, views
from .messages import Finding
from .model import civil_date
from .typed import Read


def state(
    db: Any,
    row: Mapping[str, Any],
    kept: Mapping[str, Any],
    read: Read,
    findings: Iterable[Finding],
    supplier: Any,
    scope: Any,
    language: str,
) -> calls.EntryState:
    """Return an entry as its page shows it."""
    territory, today = territory_of(supplier), civil_date(scope.clock.now())
    joined = [each for each in queries.documents(db, row["invoice_id"]) if each["kind"] == "document"]
    return calls.EntryState(
        invoice=contract.InvoiceSummary(**views.summary(row, scope)),
        entry=calls.Entry.load(kept["typed"]),
        totals=_totals(read, typed.currency_of(kept["typed"]) != currencies.EUR),
        findings=[finding.shown(language) for finding in findings],
        documents=[views.shown_document(each) for each in joined],
        confirmed=kept["confirmed"],
        territory=territory,
        rates=vat_rates.rates(territory, today),
        currencies=currencies.accepted(read.values["issue_date"] or today),
        saved_at=kept["saved_at"],
        saved_by=kept["saved_by"],
    )


def territory_of(supplier: Any) -> str:
    return vat_rates.territory_of(supplier.address.postal_code, supplier.address.country)


def _totals(read: Read, foreign: bool) -> calls.EntryTotals:
    sums = read.sums
    in_euros = {"tax_eur": read.tax_eur} if foreign and read.tax_eur is not None else {}
    return calls.EntryTotals(
        lines=[line.net if line is not None else None for line in read.lines],
        vat=[calls.EntryVat(rate=each.rate, category=each.category, base=each.base, amount=each.amount) for each in sums.vat],
        net=sums.net,
        tax=sums.tax,
        gross=sums.gross,
        due=sums.due,
        **in_euros,
    )
