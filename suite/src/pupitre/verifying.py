"""`pupitre verify`: the history, its anchors and the files, read where they are kept; services may run or not."""

import datetime
import sys
from pathlib import Path
from typing import Any

import click
from pupitre_bus.blobs import BlobStore, StoreFailed
from pupitre_bus.settings import Settings
from pupitre_bus.write_once import WriteOnce

from . import configuration, keys, operating, services
from .operating import as_json, short

SHOWN = 200


@click.command()
@click.option("--anchors", "place", metavar="PLACE", help="Compare with the copies of the anchors there, instead of PUPITRE_ANCHORS.")
@click.option("--without-files", is_flag=True, help="Leave out the files: only the history, its anchors and the invoices.")
@as_json
def verify(place: str | None, without_files: bool, as_json: bool) -> None:
    """Recompute the hash chain of every structure's history, compare it with its anchors, and hash every file again.

    Exit code 1 when a line, an anchor, an invoice or a file was changed, added, moved or removed.
    """
    services.needed("invoicing")
    from pupitre_invoicing import verification

    settings = configuration.load()
    place = place or settings.anchors
    try:
        with operating.database("invoicing") as database, database.reading() as db:
            files = None if without_files else BlobStore.from_uri(settings.blobs)
            found = verification.verify(db, _sealer(settings), WriteOnce.from_uri(place), files)
    except (StoreFailed, ValueError) as error:
        raise click.ClickException(f"the files or the copies of the anchors cannot be read: {error}") from error
    (_print_json if as_json else _print)(found, place, verification.LATE)
    sys.exit(1 if found.faults else 0)


def _sealer(settings: Settings) -> Any:
    """What checks seals: the public key is enough, so that whoever audits need not be able to seal."""
    from pupitre_invoicing import sealing

    public = Path(settings.keys) / "invoicing.pub"
    if public.exists():
        return sealing.SealChecker.from_file(public)
    return sealing.KeySealer.from_file(keys.private(settings, "invoicing"))


def _print_json(found: Any, place: str, late: datetime.timedelta) -> None:
    operating.echo_json(
        {
            "intact": not found.faults,
            "chains": found.chains,
            "lines": found.lines,
            "files": found.files,
            "anchors": found.anchors,
            "copies": found.copies,
            "anchored_at": found.anchored_at,
            "unanchored": found.unanchored,
            "unanchored_since": found.unanchored_since,
            "faults": [{"structure_id": each.structure_id, "number": each.number, "fault": each.fault} for each in found.faults],
        }
    )


def _print(found: Any, place: str, late: datetime.timedelta) -> None:
    for fault in found.faults[:SHOWN]:
        click.echo(f"! {_where(fault)}{fault.fault}")
    if len(found.faults) > SHOWN:
        click.echo(f"! and {len(found.faults) - SHOWN} more: --json lists all")
    if found.files:
        click.echo(f"{found.files} file(s) hashed again")
    last = f", the last of {short(found.anchored_at)} UTC" if found.anchored_at else ""
    click.echo(f"{found.anchors} anchor(s){last}, {found.copies} copied; {found.unanchored} line(s) since")
    since = found.unanchored_since
    if since is not None and datetime.datetime.now(datetime.UTC) - since > late:
        click.echo(
            f"note: lines since {short(since)} UTC are in no anchor; invoicing makes one each hour while it runs, and copies it to {place}",
            err=True,
        )
    click.echo(f"{found.lines} line(s) in {found.chains} chain(s): {'intact' if not found.faults else f'{len(found.faults)} fault(s)'}")


def _where(fault: Any) -> str:
    if fault.structure_id is not None:
        return f"structure {fault.structure_id}, line {fault.number}: "
    return f"anchor {fault.number}: " if fault.number else ""
