"""The hooks that this espace implements."""

from __future__ import annotations

from collections.abc import Iterable

from pupitre_espaces import (
    Article,
    Card,
    EspaceContext,
    Health,
    InvoiceCadre,
    Label,
    Manifest,
    Page,
    dated,
    hookimpl,
)

from . import articles, cadres, pages

KEY = "factures-a-valider"
NAME = Label("Factures à valider", "Invoices to validate")


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(
        key=KEY,
        label=NAME,
        description=Label(
            "Valider les demandes de paiement des sous-traitants et des cotraitants avant qu'elles ne partent à l'acheteur.",
            "Validate the payment requests of sub-contractors and joint contractors before they go to the buyer.",
        ),
        structure_types=frozenset({"private", "public"}),
        by_default=False,
        api_version="1.0",
    )


@hookimpl
def espace_cadres() -> Iterable[InvoiceCadre]:
    return cadres.all_cadres()


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("a-valider", Label("À valider", "To validate"), pages.to_validate)


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    yield Card(NAME, pages.said(context))


@hookimpl
def espace_articles() -> Iterable[Article]:
    return articles.all_articles()


@hookimpl
def espace_health() -> Health:
    try:
        cadres.all_cadres()
    except dated.WrongData as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True)
