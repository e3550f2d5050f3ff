"""What the operator asks of the data of this espace: which rates are in force, and whether a file of his own would do."""

from __future__ import annotations

from collections.abc import Iterator

from pupitre_espaces import Command, CommandCall, CommandFailed, Option, dated

from .reference import DATA, Reference, load


def rates(call: CommandCall) -> Iterator[str]:
    """Give the rates of a year, a line each."""
    year = call.options["year"] or call.clock.now().year
    try:
        data = load()
    except dated.WrongData as error:
        raise CommandFailed(str(error)) from error
    found = data.rates_of(year)
    for fuel, first, last, rate in found:
        doubt = "" if rate.checked else "  (not confirmed)"
        yield f"{fuel:16} {first} to {last}  {rate.value} EUR per {rate.per}{doubt}"
    if not found:
        raise CommandFailed(f"no rate holds in {year}: deliveries of that year are refused until the file of {DATA} has a row")


def check_data(call: CommandCall) -> Iterator[str]:
    """Check a file as the espace checks it when it starts, and say what it would bring."""
    path = call.options["file"]
    try:
        data = Reference(dated.read_file(path))
    except dated.WrongData as error:
        raise CommandFailed(f"it will not do: {error}") from error
    yield f"{path}: all well, {len(data.fuels)} fuels"
    if unchecked := data.unchecked():
        yield f"not confirmed: {', '.join(unchecked)}"
    yield f"Set {DATA} to its path and start the processes again to put it in force."


COMMANDS = (
    Command(
        "rates",
        "Print the rates of a year, with the days on which each holds.",
        rates,
        options=(Option("year", "The year of the deliveries; the present one by default.", "whole"),),
    ),
    Command(
        "check-data",
        "Check a file of fuels, rates and deadlines before it is put in place.",
        check_data,
        options=(Option("file", "The TOML file.", "file", required=True),),
    ),
)
