"""`pupitre structures export`: all that a structure has on the portal, as the zip that its gestionnaire principal can download."""

import datetime
from pathlib import Path

import click
from pupitre_bus.blobs import BlobStore
from pupitre_contracts import organisation

from . import configuration, operator_bus, services


@click.command("export")
@click.argument("siret")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="File to write; `export-SIRET-DATE.zip` here by default.")
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="Language of the reports.")
def export_structure(siret: str, output: Path | None, lang: str) -> None:
    """Write all that the structure SIRET has on the portal into a zip: invoices with their files and history, flux, requests of
    espaces, members, bank details.

    It is legible to its owner only, and not there before it is whole.
    """
    services.needed("portal")
    from pupitre_portal import structure_export  # late: other commands do without the portal

    settings, at = configuration.load(), datetime.datetime.now(datetime.UTC)
    blobs = BlobStore.from_uri(settings.blobs)
    with operator_bus.connected(settings, "identity", "organisation", "invoicing") as bus:
        found = bus.call(organisation.FindStructures, identifiers=[siret], include_private=True).structures
        if not found:
            raise click.ClickException(f"no structure has the SIRET {siret}")
        about = structure_export.begun(bus.call, found[0].structure_id)
        target = output or Path(structure_export.name_of(about, at))
        draft = target.with_name(target.name + ".part")
        try:
            draft.touch(mode=0o600)
            with draft.open("wb") as file:
                for piece in structure_export.pieces(bus.call, blobs, about, at, lang):
                    file.write(piece)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
    click.echo(f"{target}: {target.stat().st_size} bytes")
