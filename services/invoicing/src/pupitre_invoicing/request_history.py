"""The history of requests: lines of the chain of their maker's structure, beside those of its invoices (RS-22)."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from pupitre_bus.chain import canonical

from . import request_queries

#: What a request's state is, for the hashes before and after an act.
_STATE = (
    "request_id",
    "portal_number",
    "espace",
    "kind",
    "lifecycle",
    "cadre",
    "number",
    "status",
    "status_before",
    "version",
    "created_at",
    "sent_at",
    "status_at",
    "maker_structure_id",
    "maker_role",
    "maker_name",
    "parties",
    "form",
    "lines",
    "net",
    "vat",
    "gross",
    "once_value",
    "previous_id",
    "dossier_id",
    "dossier_number",
    "invoice_id",
)


def state_digest(row: Mapping[str, Any], files: Iterable[str]) -> str:
    """Return the digest of a request's state: its row, and the SHA-256 of its files."""
    state = {name: row[name] for name in _STATE}
    return hashlib.sha256(canonical({**state, "documents": sorted(files)})).hexdigest()


def digest(db: Any, row: Mapping[str, Any]) -> str:
    """Return the digest of a request's state as it is in the open transaction."""
    return state_digest(row, request_queries.kept_files(db, row["request_id"]))
