"""The hooks that this espace implements."""

from collections.abc import Iterable

from pupitre_espaces import Article, Card, EspaceContext, Html, Label, Manifest, PortRefused, RequestKind, hookimpl

from . import kinds

KEY = "raccordements"


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(
        key=KEY,
        label=kinds.NAME,
        description=Label(
            "Demander le raccordement d'un outil de gestion, en qualification puis en production.",
            "Ask for the connection of a management tool, in qualification and then in production.",
        ),
        api_version="1.1",
        may_ask=frozenset({"annuaire"}),
    )


@hookimpl
def espace_requests() -> Iterable[RequestKind]:
    yield kinds.CONNECTION


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    try:
        waiting = context.ports.requests.count(to_do=True)
    except PortRefused:
        return
    if waiting:
        yield Card(
            kinds.NAME, Label(f"Raccordements à traiter : {waiting}.", f"Connections to be dealt with: {waiting}.")
        )


@hookimpl
def espace_articles() -> Iterable[Article]:
    yield Article(
        "raccorder-un-outil",
        Label("Raccorder un outil par EDI ou par API", "Connect a tool by EDI or by the API"),
        Html(
            "<p>La demande passe par deux étapes : la <em>qualification</em>, où vos fichiers d'essai sont contrôlés, puis la "
            "<em>production</em>.</p><ul><li>EDI : protocole, adresse et partie publique du certificat (PKCS#7).</li>"
            "<li>API : code de l'application et compte technique de la structure.</li>"
            "<li>Abonnement au flux FAR37 (fichier de l'annuaire) : une case de la demande. Les fichiers viennent dès la validation en "
            "production, sur la page « Fichiers de l'annuaire » de la structure et par l'API.</li></ul>"
        ),
        Html(
            "<p>A request has two stages: <em>qualification</em>, where your test files are checked, and then "
            "<em>production</em>.</p><ul><li>EDI: protocol, address and the public part of the certificate (PKCS#7).</li>"
            "<li>API: code of the application and a technical account of the structure.</li>"
            "<li>Subscription to the flux FAR37 (file of the annuaire): a box of the request. The files come once it is accepted in "
            "production, on the page « Files of the annuaire » of the structure and by the API.</li></ul>"
        ),
    )
