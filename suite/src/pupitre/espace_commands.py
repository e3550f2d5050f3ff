"""`pupitre espaces run`: the commands that espaces bring for the operator."""

import contextlib
import datetime
import functools
import uuid
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click
from pupitre_bus.deadline import green_deadline
from pupitre_contracts import errors, organisation
from pupitre_contracts import requests as contract
from pupitre_espaces import (
    Command,
    CommandCall,
    CommandFailed,
    EspaceContext,
    Host,
    Option,
    PortRefused,
    Ports,
    Structure,
)
from pupitre_espaces.commands import lines
from pupitre_espaces.ports import Record, SystemClock

from . import configuration, operator_bus
from .operating import by_option

#: What one search may bring, whatever the plugin asks for.
MOST = 200


class _Amount(click.ParamType):
    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        try:
            amount = Decimal(value)
        except InvalidOperation:
            self.fail(f"{value!r} is no amount: digits, and a point before the cents", param, ctx)
        if not amount.is_finite():
            self.fail(f"{value!r} is no amount", param, ctx)
        return amount


class _Day(click.ParamType):
    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime.date:
        try:
            return datetime.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no day: write it as 2026-01-31", param, ctx)


_TYPES: Mapping[str, Any] = {
    "text": str,
    "whole": int,
    "amount": _Amount(),
    "day": _Day(),
    "file": click.Path(exists=True, dir_okay=False, path_type=Path),
}


class Espaces(click.Group):
    """The installed espaces that bring commands, by key; each is a group of its commands."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_host().commands())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        host = _host()
        if name in host.commands():
            return _group(host, name)
        if not host.has(name):
            raise click.ClickException(f"no installed espace is called {name}; `pupitre espaces list` names those that are")
        [why] = [
            "; ".join(problem["detail"] for problem in each["problems"]) for each in host.describe() if each.get("key") == name
        ]
        raise click.ClickException(f"the espace {name} brings no commands{f': {why}' if why else ''}")


@click.group(cls=Espaces)
def run() -> None:
    """Run a command that an espace brings for the operator: `run KEY COMMAND`. With --help alone, the espaces that have some."""


@functools.cache
def _host() -> Host:
    return Host("portal", guard=green_deadline)


def _group(host: Host, key: str) -> click.Group:
    [label] = [each.manifest.label for each in host.catalogue() if each.key == key]
    group = click.Group(key, help=f"The commands of {label.en}.")
    for each in host.commands()[key]:
        group.add_command(_command(key, each))
    return group


def _command(key: str, command: Command) -> click.Command:
    def run(who: str, siret: str | None = None, **given: Any) -> None:
        # click writes the options of a function with underscores.
        options = {each.name: given[each.name.replace("-", "_")] for each in command.options}
        with _context(key, siret, who) as context:
            _print(key, command, CommandCall(who, SystemClock(), options, context))

    made = click.Command(command.key, callback=run, params=[_option(each) for each in command.options], help=command.help)
    if command.for_structure:
        structure = click.Option(["--structure", "siret"], metavar="SIRET", required=True, help="The structure it works for.")
        made.params.insert(0, structure)
    return by_option(made)


def _option(option: Option) -> click.Option:
    if option.kind == "flag":
        return click.Option([f"--{option.name}"], is_flag=True, help=option.help)
    return click.Option([f"--{option.name}"], type=_TYPES[option.kind], required=option.required, help=option.help)


def _print(key: str, command: Command, call: CommandCall) -> None:
    """Print what a command gives, as it comes; whatever it raises is one line and exit code 1."""
    try:
        for line in lines(command, call):
            click.echo(line)
    except (CommandFailed, PortRefused) as error:
        raise click.ClickException(str(error)) from error
    except (errors.Unavailable, errors.TimedOut):
        raise
    except Exception as error:  # a plugin raises what it likes
        raise click.ClickException(f"the command {command.key} of the espace {key} failed: {type(error).__name__}: {error}") from error


@contextlib.contextmanager
def _context(key: str, siret: str | None, who: str) -> Iterator[EspaceContext | None]:
    if siret is None:
        yield None
        return
    with operator_bus.connected(configuration.load(), "organisation", "invoicing") as bus:
        found = bus.call(organisation.FindStructures, identifiers=[siret], include_private=True).structures
        if not found:
            raise click.ClickException(f"no structure has the SIRET {siret}")
        of = found[0]
        structure = Structure(id=str(of.structure_id), siret=siret, name=of.name, type=of.type.lower())
        ports = Ports(records=_Records(bus, key, of.structure_id, who))
        yield EspaceContext(structure=structure, user=None, language="en", clock=SystemClock(), ports=ports)


def _refusing(method: Callable) -> Callable:
    """Have a refusal of the service reach the plugin as one of the port."""

    @functools.wraps(method)
    def guarded(*args: Any, **values: Any) -> Any:
        try:
            return method(*args, **values)
        except (errors.Unavailable, errors.TimedOut):
            raise
        except errors.PupitreError as error:
            raise PortRefused(error.code, error.message("en")) from error

    return guarded


class _Records:
    """The documents of one espace and structure, read and written as the operator."""

    def __init__(self, bus: operator_bus.OperatorBus, espace: str, structure_id: uuid.UUID, who: str) -> None:
        self._bus, self._who = bus, who
        self._of = {"espace": espace, "structure_id": structure_id}

    @_refusing
    def get(self, collection: str, key: str) -> Record | None:
        try:
            return _record(self._bus.call(contract.GetRecord, **self._of, collection=collection, key=key).record)
        except errors.NotFound:
            return None

    @_refusing
    def put(self, collection: str, key: str, document: Mapping[str, Any], *, version: int | None = None) -> Record:
        at = {} if version is None else {"version": version}
        values = {**self._of, "collection": collection, "key": key, "document": dict(document), "by": self._who, **at}
        return _record(self._bus.call(contract.PutRecord, idempotency_key=str(uuid.uuid4()), **values).record)

    @_refusing
    def delete(self, collection: str, key: str) -> None:
        values = {**self._of, "collection": collection, "key": key, "by": self._who}
        self._bus.call(contract.DeleteRecord, idempotency_key=str(uuid.uuid4()), **values)

    @_refusing
    def search(self, collection: str, text: str = "", *, limit: int = 50, after: str = "") -> tuple[Record, ...]:
        asked = {name: value for name, value in (("text", text), ("after", after)) if value}
        most = max(1, min(int(limit), MOST))
        found = self._bus.call(contract.SearchRecords, **self._of, collection=collection, limit=most, **asked)
        return tuple(_record(each) for each in found.records)


def _record(entry: contract.RecordEntry) -> Record:
    return Record(entry.collection, entry.key, entry.document, entry.version, entry.changed_at, entry.changed_by)
