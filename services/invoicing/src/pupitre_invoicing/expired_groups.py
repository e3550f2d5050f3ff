"""What has reached its term, counted by structure, civil year and currency (RS-74)."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pupitre_contracts import retention as contract

from .eliminations import CURRENCY, others
from .retention_bundles import Bundle


def with_bundles(
    alone: Sequence[Mapping[str, Any]], bundles: Iterable[Bundle], asked: contract.ListExpired.Request
) -> list[dict[str, Any]]:
    """Add what goes together to the groups of invoices that came of no request, in the order in which they are listed. The amounts are
    those of invoices; a request counts with every structure of the side."""
    groups: dict[tuple[Any, int, str], dict[str, Any]] = {}
    for row in alone:
        counted = {name: row[name] for name in contract.ExpiredInvoices.declared if name in row}
        values = {**counted, "year": row["kept_year"], "gross": row["gross"] or 0, "requests": 0}
        groups[row["structure_id"], row["kept_year"], row["currency"]] = values
    for bundle in bundles:
        for each in _told(bundle, asked.side):
            if asked.structure_id is not None and asked.structure_id not in _parties(bundle):
                continue
            key = (each["structure_id"], bundle.year, each["currency"])
            blank = {"gross": 0, "invoices": 0, "requests": 0, "held": 0, "listed": 0}
            found = groups.setdefault(key, {**each, **blank, "year": bundle.year})
            for name in ("gross", "invoices", "requests"):
                found[name] += each[name]
            found["held"] += bundle.held
            found["listed"] += bundle.listed
    return sorted(groups.values(), key=lambda each: (each["year"], each["identifier"] or "", each["currency"]))


def _told(bundle: Bundle, side: str) -> Iterator[dict[str, Any]]:
    """Give each invoice and request of a bundle as its structures of a side count it."""
    for row in bundle.invoices:
        of, identifier = ("recipient", "recipient_siret") if side == "received" else ("supplier", "supplier_identifier")
        gross = -(row["gross"] or 0) if row["kind"] == "AVOIR" else row["gross"] or 0
        who = {"structure_id": row[f"{of}_structure_id"], "identifier": row[identifier], "name": row[f"{of}_name"]}
        yield {**who, "currency": row["currency"], "gross": gross, "invoices": 1, "requests": 0}
    for row in bundle.requests:
        parties = (
            others(row)
            if side == "received"
            else [each for each in row["parties"] if each["role"] == row["maker_role"]]
        )
        for party in {each["structure_id"]: each for each in parties}.values():
            who = {
                "structure_id": uuid.UUID(party["structure_id"]),
                "identifier": party["identifier"],
                "name": party["name"],
            }
            yield {**who, "currency": CURRENCY, "gross": 0, "invoices": 0, "requests": 1}


def _parties(bundle: Bundle) -> set[uuid.UUID]:
    return {
        uuid.UUID(each["structure_id"])
        for row in bundle.requests
        for each in row["parties"]
        if each["structure_id"] is not None
    }
