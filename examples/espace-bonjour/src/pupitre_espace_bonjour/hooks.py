"""The hooks that this espace implements."""

from collections.abc import Iterable

from pupitre_espaces import (
    Card,
    EspaceContext,
    Health,
    Label,
    Manifest,
    MessageTemplate,
    Page,
    hookimpl,
)

from . import pages

KEY = "bonjour"
NAME = Label("Bonjour", "Hello")


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(
        key=KEY,
        label=NAME,
        description=Label(
            "Souhaite la bienvenue à chaque utilisateur de la structure.",
            "Welcomes each user of the structure.",
        ),
        structure_types=frozenset({"private", "public"}),
        by_default=False,
        api_version="1.0",
    )


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("accueil", NAME, pages.greeting)


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    name = context.structure.name
    yield Card(NAME, Label(f"Un mot d'accueil pour {name}.", f"A word of welcome for {name}."))


@hookimpl
def espace_messages() -> Iterable[MessageTemplate]:
    yield MessageTemplate(
        event_type="espace.opened.v1",
        subject=Label(
            "L'espace Bonjour est ouvert pour {structure_name}",
            "The espace Hello is open for {structure_name}",
        ),
        body=Label(
            "L'espace Bonjour vient d'être ouvert pour {structure_name}. Il se trouve dans le menu du portail.",
            "The espace Hello has just been opened for {structure_name}. You find it in the portal's menu.",
        ),
    )


@hookimpl
def espace_health() -> Health:
    return Health(ok=True)
