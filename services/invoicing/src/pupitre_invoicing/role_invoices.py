"""The list of invoices that wait for those who validate them, or did (R170)."""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts import invoice_parties as contract

from . import party_queries, rights, views


def search(request: contract.SearchInvoicesOfRole.Request, scope: Any) -> contract.SearchInvoicesOfRole.Reply:
    """List invoices that name structures of the actor as one who validates, within what he may see."""
    allowed = rights.ask(scope)
    within = _within(allowed, request.structure_id, dict.fromkeys([request.espace, *(request.also or ())]))
    with scope.reading() as db:
        found, total = party_queries.search(db, within, request) if any(within.values()) else ([], 0)
    invoices = [
        contract.AssignedInvoice(**views.summary(row, scope), parties=[views.party(each) for each in row["parties"]]) for row in found
    ]
    return contract.SearchInvoicesOfRole.Reply(invoices=invoices, total=total)


def _within(
    allowed: rights.Rights, structure_id: uuid.UUID | None, espaces: Collection[str]
) -> dict[str, list[uuid.UUID]]:
    """Return the structures to search by espace. Raises what `rights.searchable` raises where the structure asked for has none of these."""
    within, refused = {}, None
    for espace in espaces:
        try:
            within[espace] = _whole(rights.searchable(allowed, espace, structure_id))
        except errors.Forbidden as error:
            refused = refused or error
    if refused is not None and not within:
        raise refused
    return within


def _whole(searched: Mapping[uuid.UUID, list[uuid.UUID] | None]) -> list[uuid.UUID]:
    """Return the structures of which all is seen. What waits for a structure belongs to none of its services: a right that is limited to
    some does not open it."""
    return [structure_id for structure_id, services in searched.items() if services is None]
