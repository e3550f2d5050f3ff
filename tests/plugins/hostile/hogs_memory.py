"""Wants more memory for a page than the machine can spare."""

from pupitre_espaces import Label, Manifest, Page, PageContent, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("gourmand", Label("Gourmand", "Greedy"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_pages(context):
    return [Page("accueil", Label("Accueil", "Home"), _hog)]


def _hog(request):
    kept = []
    while True:
        kept.append(bytearray(64 * 1024 * 1024))
    return PageContent("Jamais", "atteint")
