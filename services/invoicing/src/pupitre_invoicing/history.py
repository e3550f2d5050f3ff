"""The audit history: lines that are only ever added, chained by hashes so that tampering shows (RS-22).

There is one chain per supplier's structure, and every act on its invoices is a line of it, the recipient's acts
included. The chain's head tells how long it is and how it ends; its seal is a signature with a key kept outside the
database.
"""

import datetime
import decimal
import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from .tables import history, history_head

DOMAIN = b"pupitre-history-v1\n"
SEAL_DOMAIN = b"pupitre-history-head-v1\n"
ORIGIN = "0" * 64

_HASHED = (
    "structure_id",
    "number",
    "previous",
    "invoice_id",
    "at",
    "actor",
    "actor_name",
    "structure_name",
    "action",
    "status_from",
    "status_to",
    "motive",
    "comment",
    "before",
    "after",
)
#: What an invoice's state is, for the hashes before and after an act.
_STATE = (
    "invoice_id",
    "portal_number",
    "lifecycle",
    "number",
    "kind",
    "cadre",
    "status",
    "version",
    "issue_date",
    "deposited_at",
    "supplier_structure_id",
    "supplier_identifier",
    "supplier_name",
    "recipient_structure_id",
    "recipient_siret",
    "structure_service_id",
    "code_service",
    "engagement",
    "contract",
    "currency",
    "net",
    "vat",
    "gross",
    "due",
    "deposit_mode",
    "numero_flux",
    "original_sha256",
    "receipt_sha256",
    "receipt_at",
)
_CENT = decimal.Decimal("0.01")


class Sealer(Protocol):
    """Signs the heads of chains, and checks the signatures."""

    def seal(self, message: bytes) -> str: ...

    def check(self, message: bytes, seal: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Line:
    """One act to be written. ``before`` and ``after`` are digests of the invoice's state; None: it did not exist."""

    invoice_id: uuid.UUID
    actor: str
    action: str
    actor_name: str | None = None
    structure_name: str | None = None
    status_from: str | None = None
    status_to: str | None = None
    motive: str | None = None
    comment: str | None = None
    before: str | None = None
    after: str | None = None


def canonical(values: Mapping[str, Any]) -> bytes:
    """Return the one text of these values that is hashed: sorted keys, no blanks, exact amounts, instants in UTC."""
    return json.dumps(
        {key: _plain(value) for key, value in values.items()}, sort_keys=True, separators=(",", ":")
    ).encode()


def digest_of(line: Mapping[str, Any]) -> str:
    """Return the hash that a stored line must carry; it covers the hash of the line before."""
    return hashlib.sha256(DOMAIN + canonical({name: line[name] for name in _HASHED})).hexdigest()


def state_digest(invoice: Mapping[str, Any], documents: Iterable[str]) -> str:
    """Return the digest of an invoice's state: its row, and the SHA-256 of its files."""
    state = {name: invoice[name] for name in _STATE}
    return hashlib.sha256(canonical({**state, "documents": sorted(documents)})).hexdigest()


def head_message(structure_id: uuid.UUID, number: int, digest: str) -> bytes:
    """Return what the seal of a head signs."""
    return SEAL_DOMAIN + canonical({"structure_id": structure_id, "number": number, "digest": digest})


def append(tx: Any, sealer: Sealer, structure_id: uuid.UUID, lines: Sequence[Line]) -> None:
    """Add ``lines`` to the structure's chain in the open transaction; writers of one chain take turns on its head."""
    tx.insert_once(history_head, structure_id=structure_id, number=0, digest=ORIGIN, seal="")
    head = tx.execute(_LOCK_HEAD, {"of_structure": structure_id}).one()
    number, digest = head.number, head.digest
    rows = []
    for line in lines:
        number += 1
        row = {name: getattr(line, name) for name in line.__dataclass_fields__}
        row |= {"structure_id": structure_id, "number": number, "previous": digest, "at": tx.now}
        digest = row["digest"] = digest_of(row)
        rows.append(row)
    tx.execute(_INSERT, rows)
    seal = sealer.seal(head_message(structure_id, number, digest))
    tx.execute(_MOVE_HEAD, {"of_structure": structure_id, "to_number": number, "to_digest": digest, "to_seal": seal})


_MINE = history_head.c.structure_id == sa.bindparam("of_structure")
_LOCK_HEAD = sa.select(history_head).where(_MINE).with_for_update()
_INSERT = history.insert()
_MOVE_HEAD = (
    history_head.update()
    .where(_MINE)
    .values(number=sa.bindparam("to_number"), digest=sa.bindparam("to_digest"), seal=sa.bindparam("to_seal"))
)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, str | int):  # nearly all: a verification asks this millions of times
        return value
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return format(value.quantize(_CENT), "f")
    if isinstance(value, uuid.UUID):
        return str(value)
    return value
