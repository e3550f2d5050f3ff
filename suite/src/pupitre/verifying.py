"""`pupitre verify`: the histories, their anchors and the files, read where they are kept; services may run or not."""

import datetime
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from pupitre_bus import row_security, verification
from pupitre_bus.blobs import BlobStore, StoreFailed
from pupitre_bus.sealing import KeySealer, SealChecker
from pupitre_bus.settings import Settings
from pupitre_bus.verification import Fault, Verdict
from pupitre_bus.write_once import WriteOnce

from . import configuration, keys, operating, services
from .operating import as_json, short

SHOWN = 200

#: Whoever keeps a history, and what names one of its chains. Invoicing comes last: it has the files.
CHAINS = {"identity": "account", "organisation": "structure", "invoicing": "structure"}


@click.command()
@click.option("--anchors", "place", metavar="PLACE", help="Compare with the copies of the anchors there, instead of PUPITRE_ANCHORS.")
@click.option("--without-files", is_flag=True, help="Leave out the files: only the histories, their anchors and the invoices.")
@click.option("--service", "only", type=click.Choice(list(CHAINS)), multiple=True, help="Only this service; may be repeated.")
@as_json
def verify(place: str | None, without_files: bool, only: tuple[str, ...], as_json: bool) -> None:
    """Recompute the hash chain of every structure's and every account's history, compare it with its anchors, and hash every
    file again.

    Without --service, of all services that are installed here and whose accounts are known here. Exit code 1 when a line, an
    anchor, an invoice or a file was changed, added, moved or removed.
    """
    settings = configuration.load()
    place = place or settings.anchors
    found: dict[str, Verdict] = {}
    for service in _chosen(settings, only):
        try:
            found[service] = _verified(settings, service, place, without_files)
        except (StoreFailed, ValueError) as error:
            raise click.ClickException(f"the files or the copies of the anchors cannot be read: {error}") from error
    (_print_json if as_json else _print)(found, place)
    sys.exit(1 if any(each.faults for each in found.values()) else 0)


def _chosen(settings: Settings, only: tuple[str, ...]) -> list[str]:
    """The services asked for, or all that can be read here; which are left out is said."""
    if only:
        return [services.needed(service) for service in CHAINS if service in only]
    here = [service for service in CHAINS if service in services.installed()]
    known = settings.service_accounts
    mine = [service for service in here if not settings.accounts or known.has(service)]
    if mine:
        for service in set(here) - set(mine):
            click.echo(f"note: {service} is left out: the password of its account is not here", err=True)
    return mine or here or [services.needed("invoicing")]


def _verified(settings: Settings, service: str, place: str, without_files: bool) -> Verdict:
    copies, sealer = WriteOnce.from_uri(place), _sealer(settings, service)
    with operating.database(service) as database, database.reading(row_security.ALL) as db:
        if service == "invoicing":
            from pupitre_invoicing import verification as of_invoices

            files = None if without_files else BlobStore.from_uri(settings.blobs)
            return of_invoices.verify(db, sealer, copies, files)
        chain = importlib.import_module(f"{services.package_of(service)}.tables").HISTORY
        return verification.verify(db, chain, sealer, copies)


def _sealer(settings: Settings, service: str) -> SealChecker:
    """What checks seals: the public key is enough, so that whoever audits need not be able to seal."""
    public = Path(settings.keys) / f"{service}.pub"
    if public.exists():
        return SealChecker.from_file(public)
    return KeySealer.from_file(keys.private(settings, service))


def _print_json(found: dict[str, Verdict], place: str) -> None:
    operating.echo_json(
        {
            "intact": not any(each.faults for each in found.values()),
            **_sums(list(found.values())),
            "faults": [fault for service, each in found.items() for fault in _faults(service, each.faults)],
            "services": {service: _sums([each]) for service, each in found.items()},
        }
    )


def _sums(verdicts: list[Verdict]) -> dict[str, Any]:
    """What verdicts counted together; the anchors are as old as the oldest of the newest ones."""

    def oldest(instants: Iterator[datetime.datetime | None]) -> datetime.datetime | None:
        return min((each for each in instants if each is not None), default=None)

    counted = ("chains", "lines", "files", "anchors", "unanchored")
    return {
        **{name: sum(getattr(each, name) for each in verdicts) for name in counted},
        "copies": sum(each.copies or 0 for each in verdicts),
        "anchored_at": oldest(each.anchored_at for each in verdicts),
        "unanchored_since": oldest(each.unanchored_since for each in verdicts),
    }


def _faults(service: str, faults: list[Fault]) -> Iterator[dict[str, Any]]:
    for each in faults:
        yield {"service": service, f"{CHAINS[service]}_id": each.key, "number": each.number, "fault": each.fault}


def _print(found: dict[str, Verdict], place: str) -> None:
    for service, each in found.items():
        _print_one(service, each, place)


def _print_one(service: str, found: Verdict, place: str) -> None:
    for fault in found.faults[:SHOWN]:
        click.echo(f"! {service}: {_where(service, fault)}{fault.fault}")
    if len(found.faults) > SHOWN:
        click.echo(f"! {service}: and {len(found.faults) - SHOWN} more: --json lists all")
    if found.files:
        click.echo(f"{service}: {found.files} file(s) hashed again")
    last = f", the last of {short(found.anchored_at)} UTC" if found.anchored_at else ""
    click.echo(f"{service}: {found.anchors} anchor(s){last}, {found.copies} copied; {found.unanchored} line(s) since")
    since = found.unanchored_since
    if since is not None and datetime.datetime.now(datetime.UTC) - since > verification.LATE:
        click.echo(
            f"note: lines since {short(since)} UTC are in no anchor; {service} makes one each hour while it runs, and copies it to {place}",
            err=True,
        )
    verdict = "intact" if not found.faults else f"{len(found.faults)} fault(s)"
    click.echo(f"{service}: {found.lines} line(s) in {found.chains} chain(s): {verdict}")


def _where(service: str, fault: Fault) -> str:
    if fault.key is not None:
        return f"{CHAINS[service]} {fault.key}, line {fault.number}: "
    return f"anchor {fault.number}: " if fault.number else ""
