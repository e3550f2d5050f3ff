"""The hooks that this espace implements."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial

from pupitre_espaces import (
    Article,
    Cadre,
    Card,
    Command,
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

from . import articles, pages, reference
from .commands import COMMANDS
from .completing import complete
from .request_form import Form, line_schema
from .request_lifecycle import EXAMINER, LIFECYCLE, MAKER

KEY = "remboursement-tic"


@cache
def _reference() -> reference.Reference:
    """The data, read once in a process: an operator who replaces the file restarts it."""
    return reference.load()


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(
        key=KEY,
        label=reference.name(),
        description=Label(
            "Demandes de remboursement des taxes intérieures sur les carburants par les professionnels agricoles.",
            "Requests by farming professionals for a refund of the taxes on fuels.",
        ),
        structure_types={"private", "public"},
        api_version="1.1",
    )


@hookimpl
def espace_requests() -> Iterable[RequestKind]:
    data = _reference()
    yield RequestKind(
        key="demande",
        label=Label("Demande de remboursement", "Refund request"),
        roles=(
            Role(MAKER, Label("Demandeur", "Claimant"), structure_types={"private"}),
            Role(
                EXAMINER,
                Label("Service instructeur", "Examining service"),
                structure_types={"public"},
                has_service=True,
            ),
        ),
        cadres=(
            Cadre(
                "A21",
                Label("Demande de remboursement TIC", "TIC refund request"),
                maker=MAKER,
                needs=(EXAMINER,),
                help=Label(
                    "Une demande par année, pour toutes les livraisons de l'année.",
                    "One request a year, for all deliveries of that year.",
                ),
            ),
        ),
        lifecycles=(LIFECYCLE,),
        form=Form,
        line=line_schema(data),
        complete=partial(complete, data),
        prefix="TIC",
        once_per="year",
        frees=pages.WITHOUT_EFFECT,
        files_needed=1,
        lines_after_form=True,
        help=Label(
            "L'en-tête d'abord, puis les livraisons, une par une ou par fichier CSV ; le taux et le montant se "
            "remplissent d'eux-mêmes.",
            "The header first, then the deliveries, one by one or from a CSV file; rate and amount fill themselves in.",
        ),
    )


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("echeances", Label("Échéances", "Deadlines"), partial(pages.deadlines, _reference()))
    yield Page("taux", Label("Taux", "Rates"), partial(pages.rates, _reference()))


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    yield pages.card(_reference(), reference.name(), context)


@hookimpl
def espace_articles() -> Iterable[Article]:
    return articles.ARTICLES


@hookimpl
def espace_messages() -> Iterable[MessageTemplate]:
    yield articles.OPENED


@hookimpl
def espace_commands() -> Iterable[Command]:
    return COMMANDS


@hookimpl
def espace_health() -> Health:
    try:
        _reference()
    except dated.WrongData as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True)
