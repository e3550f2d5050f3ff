"""Elimination lists as values: what their digest covers, their certificate, and what a verification finds of them (RS-74)."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pupitre_bus import audit
from pupitre_bus.chain import SealCheck, Sealer, canonical
from pupitre_contracts import errors
from pupitre_contracts import retention as contract

from . import history, queries, retention_queries
from .retention_rules import RetentionRules
from .tables import elimination_item

_LIST_DOMAIN = b"pupitre-elimination-list-v1\n"
_CERTIFICATE = "pupitre-elimination-certificate-v1"

#: What a list says of an invoice, as the invoice's own row has it.
COPIED = (
    "invoice_id",
    "portal_number",
    "number",
    "kind",
    "issue_date",
    "supplier_structure_id",
    "supplier_identifier",
    "supplier_name",
    "recipient_structure_id",
    "recipient_siret",
    "recipient_name",
    "currency",
    "gross",
    "original_sha256",
)
_DIGESTED = ("position", "term_on", "state_sha256", *COPIED)


def items_of(db: Any, rules: RetentionRules, rows: Sequence[Mapping[str, Any]], after: int) -> Iterator[dict[str, Any]]:
    """Make the items of a list from rows of invoices, numbered from ``after`` + 1 on."""
    files = queries.kept_files_of(db, [row["invoice_id"] for row in rows])
    for position, row in enumerate(rows, after + 1):
        yield {
            "position": position,
            "term_on": rules.term_of(row),
            "state_sha256": history.state_digest(row, files[row["invoice_id"]]),
            **{name: row[name] for name in COPIED},
        }


def digest_of(items: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of a list: of what it says of its invoices, the state of each included."""
    whole = hashlib.sha256(_LIST_DOMAIN)
    for item in items:
        whole.update(canonical({name: item[name] for name in _DIGESTED}) + b"\n")
    return whole.hexdigest()


def stored_digest(db: Any, number: int, *conditions: Any) -> str:
    """Return :func:`digest_of` what is stored of a list."""
    return digest_of(item for page in retention_queries.item_pages(db, number, *conditions) for item in page)


def check(db: Any, rules: RetentionRules, today: Any, number: int, items: Sequence[Mapping[str, Any]], found: Mapping[Any, Any]) -> None:
    """Raise ListChanged unless the invoices ``found`` are as the items of the list say, and have reached their terms on ``today``."""
    files = queries.kept_files_of(db, list(found))
    for item in items:
        row, name = found.get(item["invoice_id"]), f"{item['number']} ({item['portal_number']})"
        if row is None or history.state_digest(row, files[item["invoice_id"]]) != item["state_sha256"]:
            raise errors.ListChanged(number=number, what=name)
        if rules.term_of(row) > today:
            raise errors.ListChanged(number=number, what=f"{name}: {rules.term_of(row)}")


def check_holds(db: Any, number: int, *conditions: Any) -> None:
    """Raise UnderHold when an invoice of the list, not yet eliminated, is under a hold."""
    count, hold = retention_queries.holds_on(db, number, *conditions)
    if count:
        raise errors.UnderHold(number=number, count=count, hold=hold)


def shown(db: Any, row: Mapping[str, Any]) -> contract.EliminationList:
    """Return a list as callers get to see it."""
    eliminated, sums = retention_queries.sums(db, row["number"])
    amounts = [contract.Amount(currency=currency, gross=gross) for currency, gross in sums.items()]
    stored = {name: row[name] for name in contract.EliminationList.declared if name in row}
    return contract.EliminationList(**stored, eliminated=eliminated, amounts=amounts)


def certificate(db: Any, sealer: Sealer, row: Mapping[str, Any]) -> dict[str, str]:
    """Return the sealed statement of what was eliminated of a list; no statement where nothing was."""
    done = elimination_item.c.eliminated_at.is_not(None)
    count, _ = retention_queries.sums(db, row["number"])
    if not count:
        return {}
    told = ("number", "digest", "invoices", "proposed_by", "proposed_at", "visa_by", "visa_reference", "visa_at")
    told += ("eliminated_by", "eliminated_at", "withdrawn_by", "withdrawn_at")
    values = {name: row[name] for name in told if row[name] is not None}
    values |= {"format": _CERTIFICATE, "eliminated": count, "eliminated_digest": stored_digest(db, row["number"], done)}
    statement = str(audit.text(values))
    return {"certificate": statement, "seal": sealer.seal(_sealed(statement))}


def faults(db: Any, sealer: SealCheck) -> Iterator[str]:
    """Give what is wrong with the lists: an item changed since the proposal, a certificate that the service did not seal."""
    before = None
    while rows := retention_queries.list_rows(db, before, retention_queries.PAGE):
        for row in rows:
            before = row["number"]
            if stored_digest(db, row["number"]) != row["digest"]:
                yield f"elimination-list-altered {row['number']}"
            if row["certificate"] is not None and not sealer.check(_sealed(row["certificate"]), row["seal"] or ""):
                yield f"elimination-certificate-altered {row['number']}"
            time.sleep(0)


def _sealed(statement: str) -> bytes:
    return f"{_CERTIFICATE}\n{statement}".encode()
