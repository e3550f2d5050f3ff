"""Returns something else than specified, from every hook and from its page."""

from pupitre_espaces import Label, Manifest, Page, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("rubbish", Label("Déchets", "Rubbish"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_pages(context):
    return [Page("accueil", Label("Accueil", "Home"), lambda request: "<h1>not a PageContent</h1>")]


@hookimpl
def espace_cards(context):
    return ["not a card"]


@hookimpl
def espace_messages():
    return {"espace.opened.v1": "hello"}


@hookimpl
def espace_checks(invoice, context):
    return 42


@hookimpl
def espace_passages(invoice):
    return ["wait"]


@hookimpl
def espace_opened(structure, at):
    return "nobody asked"


@hookimpl
def espace_health():
    return True
