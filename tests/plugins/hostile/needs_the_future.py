"""Was written for a later API."""

from pupitre_espaces import Label, Manifest, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("futur", Label("Futur", "Future"), Label("Plus tard", "Later"), api_version="9.0")
