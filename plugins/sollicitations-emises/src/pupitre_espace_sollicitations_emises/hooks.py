"""The hooks that this espace implements."""

from collections.abc import Iterable
from importlib.resources import files

from pupitre_espaces import (
    Article,
    Asset,
    Bubble,
    Card,
    EspaceContext,
    Health,
    Html,
    Label,
    Manifest,
    Page,
    PortRefused,
    RequestKind,
    dated,
    hookimpl,
)

from . import assistant, contact, kinds, reference

KEY = "sollicitations-emises"


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(
        key=KEY,
        label=Label("Sollicitations émises", "Sollicitations sent"),
        description=Label(
            "Interroger le support ou le service qui traite une facture, et suivre la réponse.",
            "Ask the support or the service that processes an invoice, and follow the answer.",
        ),
        by_default=True,
        api_version="1.0",
    )


@hookimpl
def espace_requests() -> Iterable[RequestKind]:
    yield kinds.kind()


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("contact", Label("Nous contacter", "Contact us"), contact.contact)
    yield Page(
        "assistant", Label("Assistant", "Assistant"), assistant.show, submit=assistant.answer, open_to_readers=True
    )
    yield Page("avis", Label("Avis sur l'assistant", "Opinions on the assistant"), assistant.ratings)


@hookimpl
def espace_bubble(context: EspaceContext) -> Iterable[Bubble]:
    yield Bubble(Label("Une question ?", "A question?"), page="assistant", script="assistant.js", style="assistant.css")


@hookimpl
def espace_assets() -> Iterable[Asset]:
    for name, mime in (("assistant.js", "text/javascript"), ("assistant.css", "text/css")):
        yield Asset(name, mime, (files(__package__) / name).read_bytes())


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    try:
        waiting = context.ports.requests.count(to_do=True)
    except PortRefused:
        return
    if waiting:
        yield Card(
            kinds.NAME, Label(f"Sollicitations à traiter : {waiting}.", f"Sollicitations to be dealt with: {waiting}.")
        )


@hookimpl
def espace_articles() -> Iterable[Article]:
    yield Article(
        "poser-une-question",
        Label("Poser une question et suivre la réponse", "Ask a question and follow the answer"),
        Html(
            "<p>La catégorie dit qui répond : le support pour le compte, le dépôt et l'API ; le service destinataire pour le suivi "
            "d'une facture, un rejet ou une suspension.</p><p>Une réponse qui ne convient pas se renvoie ; sans nouvelle de vous, "
            "elle est close après 15 jours.</p>"
        ),
        Html(
            "<p>The category says who answers: the support for accounts, deposits and the API; the recipient's service for following "
            "an invoice, a rejection or a suspension.</p><p>An answer that does not satisfy is sent again; without news from you, "
            "it is closed after 15 days.</p>"
        ),
    )


@hookimpl
def espace_health() -> Health:
    try:
        reference.categories()
    except dated.WrongData as error:
        return Health(ok=False, detail=str(error))
    return Health(ok=True)
