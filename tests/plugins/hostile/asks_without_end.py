"""Calls its ports for as long as it lives, on its page and on its card, and makes nothing of what they refuse."""

import contextlib

from pupitre_espaces import Card, Label, Manifest, Page, PageContent, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("avide", Label("Avide", "Insatiable"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_pages(context):
    return [Page("accueil", Label("Accueil", "Home"), _ask)]


@hookimpl
def espace_cards(context):
    while True:
        context.ports.records.get("secrets", "x")
    return [Card(Label("Jamais", "Never"), Label("Jamais", "Never"))]


def _ask(request):
    while True:
        with contextlib.suppress(Exception):
            request.context.ports.records.get("secrets", "x")
    return PageContent("Jamais", "atteint")
