"""Asks for an argument that no host gives."""

from pupitre_espaces import Label, Manifest, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("asks-too-much", Label("Exige", "Asks too much"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_cards(context, database):
    return []
