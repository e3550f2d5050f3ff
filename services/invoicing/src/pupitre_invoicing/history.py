"""The audit history of invoices: one chain per supplier's structure, and every act on its invoices is a line of it, the
recipient's acts included (RS-22). How lines are chained is in :mod:`pupitre_bus.chain`.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pupitre_bus.chain import ORIGIN, Chain, Sealer, canonical

from .tables import history, history_anchor, history_anchored, history_head

__all__ = ["CHAIN", "ORIGIN", "Line", "Sealer", "append", "append_all", "canonical", "digest_of", "head_message", "state_digest"]

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

CHAIN = Chain(
    lines=history,
    head=history_head,
    anchor=history_anchor,
    anchored=history_anchored,
    key="structure_id",
    hashed=_HASHED,
    domain="pupitre-history",
)
digest_of = CHAIN.digest_of
head_message = CHAIN.head_message


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


def state_digest(invoice: Mapping[str, Any], documents: Iterable[str]) -> str:
    """Return the digest of an invoice's state: its row, and the SHA-256 of its files."""
    state = {name: invoice[name] for name in _STATE}
    return hashlib.sha256(canonical({**state, "documents": sorted(documents)})).hexdigest()


def append(tx: Any, sealer: Sealer, structure_id: uuid.UUID, lines: Sequence[Line]) -> None:
    """Add ``lines`` to the structure's chain in the open transaction; writers of one chain take turns on its head."""
    append_all(tx, sealer, {structure_id: lines})


def append_all(tx: Any, sealer: Sealer, lines: Mapping[uuid.UUID, Sequence[Line]]) -> None:
    """As :func:`append`, to the chains of several structures."""
    rows = {key: [{name: getattr(line, name) for name in line.__dataclass_fields__} for line in of] for key, of in lines.items()}
    CHAIN.append(tx, sealer, rows)
