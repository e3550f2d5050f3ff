"""Takes the key of the espace Bonjour."""

from pupitre_espaces import Card, Label, Manifest, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("bonjour", Label("Bonjour", "Hello"), Label("Plugin hostile", "Hostile plugin"))


@hookimpl
def espace_cards(context):
    return [Card(Label("Voleur", "Thief"), Label("Je suis Bonjour.", "I am Hello."))]
