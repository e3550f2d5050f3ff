"""The hooks that this espace implements."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pupitre_espaces import (
    Article,
    EspaceContext,
    Health,
    Html,
    Manifest,
    Page,
    PageContent,
    PageRequest,
    dated,
    hookimpl,
)

from . import services, texts

KEY = "dume"
PARIS = ZoneInfo("Europe/Paris")
_PARAGRAPH = Html("<p>{}</p>")
_LINK = Html(
    '<p><a class="btn btn-primary text-wrap" href="{}" rel="external noopener noreferrer">{}</a></p><p class="small text-break">{}</p>'
)
_NOTICE = Html('<p class="alert alert-info">{}</p>')


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(key=KEY, label=texts.NAME, description=texts.DESCRIPTION, api_version="1.0")


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("accueil", texts.NAME, _page)


@hookimpl
def espace_articles() -> Iterable[Article]:
    french, english = (
        Html("").join(_PARAGRAPH.format(each.text(language)) for each in texts.WHAT) for language in ("fr", "en")
    )
    yield Article("qu-est-ce-que-le-dume", texts.TITLE, french, english)


@hookimpl
def espace_health() -> Health:
    try:
        services.load()
    except dated.WrongData as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True)


def _page(request: PageRequest) -> PageContent:
    """Say what the document is, and lead to the service of the day; where the data are wrong, none is known."""
    language, day = request.context.language, request.context.clock.now().astimezone(PARIS).date()
    try:
        service = services.load().on(day)
    except dated.WrongData:
        service = None
    what = Html("").join(_PARAGRAPH.format(each.text(language)) for each in texts.WHAT)
    if service is None:
        return PageContent(texts.TITLE.text(language), what + _NOTICE.format(texts.NONE.text(language)))
    go = texts.GO.text(language).format(name=service.name.text(language))
    leaves = texts.LEAVES.text(language).format(host=urlsplit(service.url).hostname)
    return PageContent(texts.TITLE.text(language), what + _LINK.format(service.url, go, leaves))
