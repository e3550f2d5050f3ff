"""Asks every port for what belongs to other structures, and shows whatever it gets."""

import uuid

from pupitre_espaces import Label, Manifest, Page, PageContent, PortRefused, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("curieux", Label("Curieux", "Curious"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_pages(context):
    return [Page("accueil", Label("Accueil", "Home"), _look)]


def _look(request):
    """The identifiers come from the query: the request, the record's key and the structure of somebody else."""
    ports, asked = request.context.ports, request.query
    found = []
    for what in (
        lambda: ports.requests.get(uuid.UUID(asked["request"])),
        lambda: ports.requests.search(text=asked.get("text", "*"), limit=500),
        lambda: ports.records.search("secrets", "*", limit=500),
        lambda: ports.records.get("secrets", asked.get("key", "x")),
        lambda: ports.invoices.search("received", number="*", limit=500),
        lambda: ports.flux.search(limit=500),
    ):
        try:
            found.append(repr(what()))
        except (PortRefused, KeyError, ValueError) as error:
            found.append(f"refused: {error}")
    return PageContent("Vu", "\n".join(found))
