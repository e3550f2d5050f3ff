"""Misspells a hook."""

from pupitre_espaces import Label, Manifest, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("misspells", Label("Faute", "Misspells"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_card(context):
    return []
