"""Computes its page for ever, and yields while it does."""

import time

from pupitre_espaces import Label, Manifest, Page, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("boucle", Label("Boucle", "Loop"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_pages(context):
    return [Page("accueil", Label("Accueil", "Home"), _turn)]


def _turn(request):
    while True:
        time.sleep(0)
