"""The hooks that this espace implements."""

from collections.abc import Iterable

from pupitre_espaces import (
    Article,
    Card,
    EspaceContext,
    InvoiceView,
    Label,
    Manifest,
    Objection,
    Page,
    PortRefused,
    Reaction,
    hookimpl,
)

from . import articles, circuit, invoice_page, list_page, rules_page, texts, watching

KEY = "processus-de-validation"


@hookimpl
def espace_manifest() -> Manifest:
    return Manifest(key=KEY, label=texts.NAME, description=texts.DESCRIPTION, structure_types={"public"}, api_version="1.1")


@hookimpl
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    yield Page("a-valider", texts.TO_VALIDATE, list_page.show)
    yield Page("regles", texts.RULES, rules_page.show, submit=rules_page.submit)
    yield Page("facture", texts.INVOICE, invoice_page.show, submit=invoice_page.submit, in_menu=False)


@hookimpl
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    try:
        mine = [each for each in list_page.waiting(context) if circuit.awaits(each.document, context.user)]
    except PortRefused:
        return
    if mine:
        more = "+" if len(mine) == list_page.PAGE else ""
        text = Label(f"Factures qui attendent votre validation : {len(mine)}{more}.", f"Invoices that wait for you: {len(mine)}{more}.")
        yield Card(texts.NAME, text)


@hookimpl
def espace_reactions() -> Iterable[Reaction]:
    """Open the validation of invoices as they come, and follow them."""
    yield Reaction("invoice.moved.v1", watching.moved)
    yield Reaction("invoice.eliminated.v1", watching.eliminated)
    yield Reaction("espace.opened.v1", watching.opened)


@hookimpl
def espace_passages(invoice: InvoiceView, context: EspaceContext) -> Iterable[Objection]:
    return watching.objections(invoice, context)


@hookimpl
def espace_articles() -> Iterable[Article]:
    return articles.ARTICLES
