"""Reads of requests: one, a list, a dossier, how many wait, and where a file lies."""

from collections.abc import Iterable
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts import requests as contract

from . import request_queries, request_seeing, request_views, rights


def get_request(request: contract.GetRequest.Request, scope: Any) -> contract.GetRequest.Reply:
    """Read one request with its files, history, and what the actor may do with it."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = request_queries.row(db, request.request_id)
        seen = request_seeing.visible(allowed, row, request.request_id)
        return contract.GetRequest.Reply(request=request_views.request(db, row, seen, request.language, scope))


def search_requests(request: contract.SearchRequests.Request, scope: Any) -> contract.SearchRequests.Reply:
    """List requests in which the actor's structures have a role that works in the espace."""
    allowed = rights.ask(scope)
    within = rights.searchable(allowed, request.espace, request.structure_id)
    with scope.reading() as db:
        found = request_queries.search(db, request, within)
        shown = request_views.summaries(db, found.rows, allowed, with_form=request.with_form)
    return contract.SearchRequests.Reply(requests=shown, total=found.total, next=found.next, previous=found.previous)


def count_requests(request: contract.CountRequests.Request, scope: Any) -> contract.CountRequests.Reply:
    """Count the requests of the actor's structures, by espace: those of the kinds that the platform knows, or the one asked for."""
    allowed = rights.ask(scope)
    counts: list[contract.RequestCounts] = []
    with scope.reading() as db:
        for espace in [request.espace] if request.espace else _espaces(scope):
            rows = request_queries.counts(db, allowed.structures_with(espace), espace)
            counts += [contract.RequestCounts(espace=espace, **row) for row in rows]
    return contract.CountRequests.Reply(counts=counts)


def get_dossier(request: contract.GetDossier.Request, scope: Any) -> contract.GetDossier.Reply:
    """Read the pieces of a dossier that the actor sees, oldest first."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        rows = request_queries.dossier(db, request.dossier_id)
        seen = [(row, roles) for row in rows if (roles := request_seeing.roles(allowed, row))]
        if not seen:
            raise errors.NotFound(what=f"dossier {request.dossier_id}")
        pieces = [request_views.request(db, row, roles, request.language, scope) for row, roles in seen]
    return contract.GetDossier.Reply(
        dossier_id=request.dossier_id, dossier_number=seen[0][0]["dossier_number"], pieces=pieces
    )


def request_file(request: contract.RequestFile.Request, scope: Any) -> contract.RequestFile.Reply:
    """Tell where a file of a request lies."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = request_queries.row(db, request.request_id)
        seen = request_seeing.visible(allowed, row, request.request_id)
        documents = request_queries.documents(db, request.request_id)
    sees_lines = request_seeing.sees_lines(row, seen)
    shown = (each for each in documents if sees_lines or each["line"] is None)
    found = next((each for each in shown if each["document_id"] == request.document_id), None)
    if found is None:
        raise errors.NotFound(what=f"document {request.document_id}")
    return contract.RequestFile.Reply(document=request_views.document(found))


def _espaces(scope: Any) -> Iterable[str]:
    """Return the espaces in which the roles of requests work."""
    found = scope.resources.espaces.kinds()
    return sorted({role.espace or espace for (espace, _), kind in found.items() for role in kind.roles})
