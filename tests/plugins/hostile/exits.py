"""Ends the process that calls it."""

import sys

from pupitre_espaces import Label, Manifest, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("exits", Label("Sort", "Exits"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_cards(context):
    sys.exit(3)
