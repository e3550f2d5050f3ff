"""The hooks that this espace implements."""

from collections.abc import Iterable

from pupitre_espaces import (
    Article,
    Card,
    EspaceContext,
    Health,
    Label,
    Manifest,
    Page,
    PortRefused,
    RequestKind,
    dated,
    hookimpl,
)
from pupitre_espaces.lifecycle import PARIS

from . import articles, kinds, pages, rules, texts

KEY = "engagements"


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(key=KEY, label=texts.NAME, description=texts.DESCRIPTION, api_version="1.0")


@hookimpl
def espace_requests() -> Iterable[RequestKind]:
    rules.read()
    yield kinds.ENGAGEMENT


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("suivi", Label("Suivi", "Following"), pages.following)


@hookimpl
def espace_waits(context: EspaceContext) -> Iterable[Label]:
    """Say why a supplier sees no engagement yet: none of his invoices was put into payment (R221)."""
    after = rules.opens_after(context.clock.now().astimezone(PARIS).date())
    if context.structure.type == "private" and after and not context.ports.invoices.count("issued", status=after):
        yield Label(
            "Cet espace vous montrera les engagements dès qu'une de vos factures aura été mise en paiement.",
            "This espace will show engagements to you once one of your invoices was put into payment.",
        )


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    try:
        waiting = context.ports.requests.count(to_do=True)
    except PortRefused:
        return
    if waiting:
        yield Card(
            texts.NAME, Label(f"Engagements à traiter : {waiting}.", f"Engagements to be dealt with: {waiting}.")
        )


@hookimpl
def espace_articles() -> Iterable[Article]:
    return articles.ARTICLES


@hookimpl
def espace_health() -> Health:
    try:
        rules.read()
    except dated.WrongData as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True)
