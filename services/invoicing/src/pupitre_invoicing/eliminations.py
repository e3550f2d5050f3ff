"""Elimination lists as values: what their digest covers, their certificate, and what a verification finds of them (RS-74)."""

import hashlib
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pupitre_bus import audit
from pupitre_bus.chain import SealCheck, Sealer, canonical
from pupitre_contracts import errors
from pupitre_contracts import retention as contract

from . import history, queries, request_history, request_parties, request_queries, retention_bundles, retention_queries
from .model import civil_date
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


INVOICE, REQUEST = "invoice", "request"
#: Requests are about euros.
CURRENCY = "EUR"


def items_of(
    db: Any, rules: RetentionRules, rows: Sequence[Mapping[str, Any]], after: int, bundle_id: uuid.UUID | None = None
) -> Iterator[dict[str, Any]]:
    """Make the items of a list from rows of invoices, numbered from ``after`` + 1 on."""
    files = queries.kept_files_of(db, [row["invoice_id"] for row in rows])
    for position, row in enumerate(rows, after + 1):
        yield {
            "what": INVOICE,
            "bundle_id": bundle_id,
            "position": position,
            "term_on": rules.term_of(row),
            "state_sha256": history.state_digest(row, files[row["invoice_id"]]),
            **{name: row[name] for name in COPIED},
        }


def items_of_bundle(
    db: Any, rules: RetentionRules, bundle: retention_bundles.Bundle, after: int
) -> Iterator[dict[str, Any]]:
    """Make the items of what goes together: its invoices, then its requests."""
    yield from items_of(db, rules, bundle.invoices, after, bundle.bundle_id)
    files = request_queries.kept_files_of(db, [row["request_id"] for row in bundle.requests])
    for position, row in enumerate(bundle.requests, after + len(bundle.invoices) + 1):
        maker = request_parties.of_role(row["parties"], row["maker_role"]) or {}
        other = next(iter(others(row)), {})
        yield {
            "what": REQUEST,
            "bundle_id": bundle.bundle_id,
            "position": position,
            "term_on": rules.term_of_request(row),
            "state_sha256": request_history.state_digest(row, files[row["request_id"]]),
            "invoice_id": row["request_id"],
            "portal_number": row["portal_number"],
            "number": row["number"],
            "kind": f"{row['espace']}/{row['kind']}",
            "issue_date": civil_date(row["sent_at"] or row["created_at"]),
            "supplier_structure_id": row["maker_structure_id"],
            "supplier_identifier": maker.get("identifier"),
            "supplier_name": row["maker_name"],
            "recipient_structure_id": uuid.UUID(other["structure_id"]) if other else None,
            "recipient_siret": other.get("identifier"),
            "recipient_name": other.get("name"),
            "currency": CURRENCY,
            "gross": row["gross"],
            "original_sha256": "",
        }


def others(row: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the parties that see a request and are not its maker's structure, in the order of their roles."""
    mine = str(row["maker_structure_id"])
    return [each for each in row["parties"] if each["sees"] and each["structure_id"] not in (None, mine)]


def digest_of(items: Iterable[Mapping[str, Any]]) -> str:
    """Return the digest of a list: of what it says of its invoices, the state of each included."""
    whole = hashlib.sha256(_LIST_DOMAIN)
    for item in items:
        # What an item is counts where it is no invoice: lists of before held nothing else.
        named = {name: item[name] for name in ("what", "bundle_id")} if item["what"] != INVOICE else {}
        whole.update(canonical({name: item[name] for name in _DIGESTED} | named) + b"\n")
    return whole.hexdigest()


def stored_digest(db: Any, number: int, *conditions: Any) -> str:
    """Return :func:`digest_of` what is stored of a list."""
    return digest_of(item for page in retention_queries.item_pages(db, number, *conditions) for item in page)


def check(
    db: Any,
    rules: RetentionRules,
    today: Any,
    number: int,
    items: Sequence[Mapping[str, Any]],
    found: Mapping[Any, Any],
) -> None:
    """Raise ListChanged unless the invoices and requests ``found`` are as the items of the list say, and have reached their terms on
    ``today``, and nothing has come to what goes together."""
    ids = {what: [item["invoice_id"] for item in items if item["what"] == what] for what in (INVOICE, REQUEST)}
    files = queries.kept_files_of(db, ids[INVOICE]) | request_queries.kept_files_of(db, ids[REQUEST])
    for item in items:
        row, name = found.get(item["invoice_id"]), f"{item['number']} ({item['portal_number']})"
        digest, term_of = (
            (history.state_digest, rules.term_of)
            if item["what"] == INVOICE
            else (request_history.state_digest, rules.term_of_request)
        )
        if row is None or digest(row, files[item["invoice_id"]]) != item["state_sha256"]:
            raise errors.ListChanged(number=number, what=name)
        if term_of(row) > today:
            raise errors.ListChanged(number=number, what=f"{name}: {term_of(row)}")
    if ids[REQUEST] and (new := retention_bundles.left_out(db, number)) is not None:
        raise errors.ListChanged(number=number, what=new)


def check_holds(db: Any, number: int, *conditions: Any) -> None:
    """Raise UnderHold when an invoice or request of the list, not yet eliminated, is under a hold."""
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
    told = (
        "number",
        "digest",
        "invoices",
        "requests",
        "proposed_by",
        "proposed_at",
        "visa_by",
        "visa_reference",
        "visa_at",
    )
    told += ("eliminated_by", "eliminated_at", "withdrawn_by", "withdrawn_at")
    values = {name: row[name] for name in told if row[name] is not None}
    values |= {"format": _CERTIFICATE, "eliminated": count, "eliminated_digest": stored_digest(db, row["number"], done)}
    if kinds := retention_queries.eliminated_requests(db, row["number"]):
        values["eliminated_requests"] = kinds
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
