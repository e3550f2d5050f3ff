"""The list of invoices that wait for those who validate them, or did (R170)."""

from typing import Any

from pupitre_contracts import invoice_parties as contract

from . import party_queries, rights, views


def search(request: contract.SearchInvoicesOfRole.Request, scope: Any) -> contract.SearchInvoicesOfRole.Reply:
    """List invoices that name structures of the actor as one who validates, within what he may see."""
    allowed = rights.ask(scope)
    within = rights.searchable(allowed, request.espace, request.structure_id)
    # What waits for a structure belongs to none of its services: a right that is limited to some does not open it.
    whole = [structure_id for structure_id, services in within.items() if services is None]
    with scope.reading() as db:
        found, total = party_queries.search(db, request.espace, whole, request) if whole else ([], 0)
    invoices = [
        contract.AssignedInvoice(**views.summary(row, scope), parties=[views.party(each) for each in row["parties"]]) for row in found
    ]
    return contract.SearchInvoicesOfRole.Reply(invoices=invoices, total=total)
