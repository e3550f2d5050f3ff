"""The hooks that this espace implements."""

from __future__ import annotations

from collections.abc import Iterable

from pupitre_espaces import (
    Article,
    Card,
    EspaceContext,
    Health,
    Label,
    Manifest,
    MessageTemplate,
    Page,
    PortRefused,
    RequestKind,
    dated,
    hookimpl,
)

from . import articles, chooser_page, delays, follow_page, kinds, sheet_pages

KEY = "factures-travaux"
NAME = Label("Factures de travaux", "Works invoices")


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(
        key=KEY,
        label=NAME,
        description=Label(
            "Échanger les pièces des marchés de travaux : projets de décompte, états d'acompte, décomptes généraux.",
            "Exchange the documents of works contracts: draft accounts, états d'acompte, general accounts.",
        ),
        structure_types=frozenset({"private", "public"}),
        by_default=False,
        api_version="1.1",
    )


@hookimpl
def espace_requests() -> Iterable[RequestKind]:
    return kinds.all_kinds()


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("montants", Label("Montants par étape", "Amounts by stage"), follow_page.follow)
    yield Page("fiches", Label("Fiches des marchés", "Sheets of contracts"), sheet_pages.listing)
    yield Page("fiche", Label("Fiche d'identité du marché", "Identity sheet"), sheet_pages.sheet, in_menu=False)
    yield Page("choisir", Label("Quel cadre ?", "Which cadre?"), chooser_page.choose)


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    try:
        count = context.ports.requests.count(to_do=True)
    except PortRefused:
        # The service that counts is away: the card leads to the espace all the same.
        yield Card(NAME, Label("Les pièces de vos marchés de travaux.", "The documents of your works contracts."))
        return
    if count:
        text = Label(
            f"{count} pièce{'s' if count > 1 else ''} de travaux à traiter.",
            f"{count} works document{'s' if count > 1 else ''} to process.",
        )
    else:
        text = Label("Aucune pièce de travaux à traiter.", "No works document to process.")
    yield Card(NAME, text)


@hookimpl
def espace_articles() -> Iterable[Article]:
    return articles.all_articles(delays.read()[-1])


@hookimpl
def espace_messages() -> Iterable[MessageTemplate]:
    yield MessageTemplate(
        event_type="espace.opened.v1",
        subject=Label(
            "Les factures de travaux sont ouvertes pour {structure_name}",
            "Works invoices are open for {structure_name}",
        ),
        body=Label(
            "{structure_name} peut échanger les pièces de ses marchés de travaux. Commencez par la fiche d'identité de chaque marché : "
            "elle préremplit les dépôts de tous les acteurs.",
            "{structure_name} can exchange the documents of its works contracts. Begin with the identity sheet of each contract: it fills "
            "in the deposits of all actors.",
        ),
    )


@hookimpl
def espace_health() -> Health:
    try:
        kinds.all_kinds()
    except dated.WrongData as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True)
