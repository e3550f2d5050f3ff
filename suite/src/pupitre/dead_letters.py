"""`pupitre dead-letters`: messages that a service could not handle, read in the services' own databases."""

import json
import uuid
from collections import Counter
from typing import Any

import click
from pupitre_bus import acts, envelope, parked
from pupitre_contracts.catalogue import SERVICES

from . import operating
from .operating import as_json, by_option, service_argument, short

STATES = {
    "retrying": "it is tried again by itself",
    "parked": "it is not tried again by itself",
    "done": "it was handled at last",
    "waiting": "nothing failed: it waits for the turn of an espace",
}
types_option = click.option("--type", "types", metavar="TYPE", multiple=True, help="Only events of this type; may be repeated.")


@click.group("dead-letters")
def dead_letters() -> None:
    """Messages that a service could not handle."""


@dead_letters.command("list")
@click.argument("service", metavar="[SERVICE]", type=click.Choice(SERVICES), required=False)
@click.option("--state", type=click.Choice(list(STATES)), help="Only in this state.")
@types_option
@click.option("--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many of each service, the latest.")
@as_json
def list_letters(service: str | None, state: str | None, types: tuple[str, ...], limit: int, as_json: bool) -> None:
    """List failed messages of SERVICE, or of all services, the latest failure first."""
    letters = []
    for name in [service] if service else SERVICES:
        with operating.database(name) as database:
            letters += parked.list(database, state, limit, types)
    if as_json:
        operating.echo_json([_values(letter) for letter in letters])
        return
    for letter in letters:
        tries = f"{letter.attempts} attempt(s), last {short(letter.last_at)}"
        due = f", next {short(letter.next_at)}" if letter.next_at else ""
        consumer = "" if letter.consumer == service else f"{letter.consumer}  "
        click.echo(f"{letter.id}  {consumer}{letter.state:8}  {tries}{due}  {letter.type or 'unreadable'}")
        click.echo(f"    {_last_line(letter.error)}")
    if not letters:
        click.echo("no failed message")


@dead_letters.command()
@service_argument
@click.argument("letter_id", metavar="LETTER_ID", type=click.UUID)
@as_json
def show(service: str, letter_id: uuid.UUID, as_json: bool) -> None:
    """Print one failed message: what it is, its attempts, who retried it, the whole error, the body."""
    with operating.database(service) as database:
        letter = parked.show(database, letter_id)
        with database.reading() as db:
            done = acts.on(db, str(letter_id))
    if as_json:
        by_hand = [{"at": each.at, "who": each.who, "act": each.act} for each in done]
        operating.echo_json(_values(letter) | {"error": letter.error, "body": letter.body.decode("utf-8", "replace"), "acts": by_hand})
        return
    click.echo(f"state: {letter.state} ({STATES[letter.state]})")
    click.echo(f"attempts: {letter.attempts}")
    click.echo(f"first failure: {short(letter.first_at)}")
    click.echo(f"last failure: {short(letter.last_at)}")
    if letter.next_at:
        click.echo(f"next attempt: {short(letter.next_at)}")
    click.echo(f"event: {_told(letter.body)}")
    for each in done:
        click.echo(f"by hand: {short(each.at)} {each.who}: {each.act}")
    click.echo(f"\n{letter.error.strip()}\n\n{_readable(letter.body)}")


@dead_letters.command()
@service_argument
@click.argument("letter_ids", metavar="[LETTER_ID]…", nargs=-1, type=click.UUID)
@click.option("--all", "everything", is_flag=True, help="Every parked message, or every one of the given types.")
@types_option
@click.option("--dry-run", is_flag=True, help="Say how many messages --all means, and change nothing.")
@by_option
def retry(
    service: str, letter_ids: tuple[uuid.UUID, ...], everything: bool, types: tuple[str, ...], dry_run: bool, who: str
) -> None:
    """Have SERVICE try messages again at once; a running service does it within seconds, a stopped one when it starts."""
    if bool(letter_ids) == everything or ((types or dry_run) and not everything):
        raise click.UsageError("name messages by their ids, or use --all, with --type if need be")
    with operating.database(service) as database:
        if dry_run:
            counts = Counter(each.type or "unreadable" for each in parked.list(database, "parked", 10**9, types))
            for name, count in sorted(counts.items()):
                click.echo(f"{count:6}  {name}")
            click.echo(f"{counts.total()} message(s) would be tried again")
        elif everything:
            click.echo(f"{len(parked.retry_all(database, who, types))} message(s) are tried again")
        else:
            for letter_id in letter_ids:
                parked.show(database, letter_id)  # none is touched when one is unknown
            for letter_id in letter_ids:
                click.echo(f"{letter_id}  {parked.retry(database, letter_id, who).state}")


def _values(letter: parked.Parked) -> dict[str, Any]:
    return {
        "id": letter.id,
        "consumer": letter.consumer,
        "event_id": letter.event_id,
        "type": letter.type,
        "state": letter.state,
        "error": _last_line(letter.error),
        "attempts": letter.attempts,
        "first_at": letter.first_at,
        "last_at": letter.last_at,
        "next_at": letter.next_at,
    }


def _last_line(error: str) -> str:
    return (error.strip().splitlines() or [""])[-1]


def _told(body: bytes) -> str:
    try:
        event = envelope.decode(body)
    except envelope.Malformed as fault:
        return f"unreadable, {fault}"
    return f"{event.type}, number {event.feed_seq} of {event.source}, about {event.subject}, of {short(event.time)}"


def _readable(body: bytes) -> str:
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2)
    except ValueError:
        return body.decode("utf-8", "replace")
