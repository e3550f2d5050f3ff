"""Returns cards without end."""

from pupitre_espaces import Card, Label, Manifest, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("endless", Label("Sans fin", "Endless"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_cards(context):
    while True:
        yield Card(Label("Encore", "More"), Label("et encore", "and more"))
