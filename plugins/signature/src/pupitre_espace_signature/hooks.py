"""The hooks that this espace implements."""

from __future__ import annotations

from collections.abc import Iterable

from pupitre_espaces import (
    Article,
    Card,
    Command,
    EspaceContext,
    Health,
    Manifest,
    Operation,
    Page,
    dated,
    hookimpl,
)

from . import anchors, articles, pages, texts, verifications
from .commands import COMMANDS

KEY = "signature"


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(key=KEY, label=texts.NAME, description=texts.DESCRIPTION, api_version="1.1")


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page(pages.SLUG, texts.VERIFY, pages.ask, submit=pages.verify, open_to_readers=True)


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    yield Card(texts.NAME, texts.DESCRIPTION, page=pages.SLUG)


@hookimpl
def espace_operations() -> Iterable[Operation]:
    yield Operation(
        "verify-pdf",
        "post",
        "verifications",
        texts.VERIFY_SUMMARY,
        verifications.verify,
        verifications.Verification,
        verifications.Sent,
        largest=verifications.LARGEST,
    )


@hookimpl
def espace_commands() -> Iterable[Command]:
    return COMMANDS


@hookimpl
def espace_articles() -> Iterable[Article]:
    return articles.ARTICLES


@hookimpl
def espace_health() -> Health:
    try:
        anchors.load()
    except dated.WrongData as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True)
