"""The hooks that this espace implements."""

from collections.abc import Iterable

from pupitre_espaces import Article, EspaceContext, Html, Label, Manifest, Operation, Page, Reaction, hookimpl

from . import figures, following, months, qualifying, texts

KEY = "suivi-des-flux"


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(key=KEY, label=texts.NAME, description=texts.DESCRIPTION, api_version="1.1")


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("flux", texts.FOLLOWING, following.flux_list)
    yield Page("qualification", texts.QUALIFYING, qualifying.ask, submit=qualifying.judge, open_to_readers=True)
    yield Page("tableau-de-bord", texts.BOARD, following.board)
    yield Page("compte-rendu", texts.REPORT, following.report, in_menu=False)


@hookimpl
def espace_reactions() -> Iterable[Reaction]:
    """Count the flux of each month when they are processed: the list itself goes back only so far."""
    yield Reaction("flux.processed.v1", months.count)


@hookimpl
def espace_operations() -> Iterable[Operation]:
    yield Operation("read-board", "get", "tableau-de-bord", texts.READ_BOARD, figures.read, figures.Board)


@hookimpl
def espace_articles() -> Iterable[Article]:
    yield Article(
        "qualifier-un-fichier",
        Label("Vérifier un fichier d'essai", "Check a test file"),
        Html(
            "<p>La page <em>Qualification</em> contrôle un fichier comme un dépôt le ferait et donne un compte rendu de conformité : "
            "<em>recevable</em>, <em>recevable avec erreur</em> ou <em>irrecevable</em>. Aucune facture n'est créée.</p>"
        ),
        Html(
            "<p>The page <em>Qualification</em> judges a file as a deposit would and gives a report of conformity: "
            "<em>admissible</em>, <em>admissible with errors</em> or <em>not admissible</em>. No invoice is created.</p>"
        ),
    )
