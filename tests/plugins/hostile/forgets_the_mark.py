"""Forgets the marker of one hook."""

from pupitre_espaces import Label, Manifest, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("forgets", Label("Oublie", "Forgets"), Label("Plugin hostile", "Hostile plugin"))


def espace_cards(context):
    return []
