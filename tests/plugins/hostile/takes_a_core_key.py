"""Takes a key of the portal itself."""

from pupitre_espaces import Label, Manifest, hookimpl


@hookimpl
def espace_manifest():
    return Manifest(
        "factures-emises", Label("Factures émises", "Issued invoices"), Label("Plugin hostile", "Hostile plugin")
    )
