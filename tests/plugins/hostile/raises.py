"""Loads, then raises in every other hook, and in its page when that hook is spared."""

from pupitre_espaces import Label, Manifest, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("raises", Label("Lève", "Raises"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_pages(context):
    raise RuntimeError("no pages today")


@hookimpl
def espace_cards(context):
    raise KeyError("cards")


@hookimpl
def espace_messages():
    yield 1 / 0


@hookimpl
def espace_checks(invoice, context):
    raise RuntimeError(f"no check of {invoice.number}")


@hookimpl
def espace_passages(invoice, status_to, context):
    raise RuntimeError(f"no passage of {invoice.number}")


@hookimpl
def espace_opened(structure, at):
    raise RuntimeError("opened")


@hookimpl
def espace_closed(structure, at):
    raise RuntimeError("closed")


@hookimpl
def espace_health():
    raise RuntimeError("ill")
