"""The hooks that this espace implements."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import cache, partial

from pupitre_espaces import (
    Article,
    Cadre,
    Card,
    EspaceContext,
    Health,
    Label,
    Manifest,
    MessageTemplate,
    Page,
    RequestKind,
    Role,
    dated,
    hookimpl,
)

from . import articles, pages
from .completing import complete
from .memoire_form import CALCULATOR, form_schema, line_schema
from .memoire_lifecycle import COURT, LIFECYCLE, PROVIDER
from .tariff import FORCLUSION, Tariff, load

KEY = "frais-de-justice"


@cache
def _tariff() -> Tariff:
    """The data, read once in a process: an operator who replaces the file restarts it."""
    return load()


def _refuses() -> bool:
    """Tell whether a mémoire beyond its year is refused, or marked for the magistrate who taxes."""
    said = os.environ.get(FORCLUSION, "").strip() or "refuse"
    if said not in ("refuse", "flag"):
        raise dated.WrongData(f"{FORCLUSION} is refuse or flag, not {said}")
    return said == "refuse"


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(
        key=KEY,
        label=pages.NAME,
        description=Label(
            "Mémoires des prestations ordonnées par l'autorité judiciaire ou par un officier de police judiciaire.",
            "Mémoires of services ordered by the judicial authority or by a police officer of the justice system.",
        ),
        structure_types={"private", "public"},
        api_version="1.1",
    )


@hookimpl
def espace_requests() -> Iterable[RequestKind]:
    tariff = _tariff()
    yield RequestKind(
        key="memoire",
        label=Label("Mémoire de frais de justice", "Mémoire of court costs"),
        roles=(
            Role(PROVIDER, Label("Prestataire", "Provider")),
            Role(COURT, Label("Juridiction", "Court"), structure_types={"public"}, has_service=True),
        ),
        cadres=(
            Cadre(
                "A3",
                Label("Mémoire de frais de justice", "Mémoire of court costs"),
                maker=PROVIDER,
                needs=(COURT,),
                help=Label(
                    "La juridiction est celle de la décision qui vous a désigné.",
                    "The court is that of the decision that appointed you.",
                ),
            ),
        ),
        lifecycles=(LIFECYCLE,),
        form=form_schema(tariff),
        line=line_schema(tariff),
        complete=partial(complete, tariff, _refuses()),
        numbering="typed",
        prefix="MEM",
        lines_after_form=True,
        help=Label(
            "L'en-tête d'abord ; les lignes de prestation s'ouvrent une fois l'en-tête enregistré.",
            "The header first; lines open once it has been kept.",
        ),
    )


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("echeances", Label("Échéances", "Deadlines"), pages.deadlines)
    yield Page(
        CALCULATOR,
        pages.DETAIL,
        partial(pages.calculator, _tariff()),
        submit=partial(pages.calculate, _tariff()),
        open_to_readers=True,
    )


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    yield pages.card(context)


@hookimpl
def espace_articles() -> Iterable[Article]:
    return articles.ARTICLES


@hookimpl
def espace_messages() -> Iterable[MessageTemplate]:
    yield articles.OPENED


@hookimpl
def espace_health() -> Health:
    try:
        _tariff()
        _refuses()
    except dated.WrongData as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True)
