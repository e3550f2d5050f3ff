"""`pupitre events`: the event log of each service, read in its own database."""

import time

import click
from pupitre_bus import envelope, outbox, redelivery
from pupitre_bus.database import Database
from pupitre_contracts.catalogue import EVENTS, SERVICES, SUBSCRIPTIONS

from . import operating
from .operating import as_json, by_option, service_argument

types_option = click.option(
    "--type", "types", metavar="TYPE", multiple=True, type=click.Choice(sorted(EVENTS)), help="Only this type; may be repeated."
)
PAGE = 500


@click.group()
def events() -> None:
    """The event log of each service."""


@events.command()
@service_argument
@click.option("--after", type=click.IntRange(min=0), help="Start after this feed_seq; 0 is the beginning, and the default.")
@click.option("--last", "count", type=click.IntRange(min=0), help="Start so many numbers before the end.")
@types_option
@click.option("--subject", metavar="ID", help="Only events about this invoice, structure, user…")
@click.option("--follow", "-f", is_flag=True, help="Go on printing as events come, until Ctrl-C.")
def tail(service: str, after: int | None, count: int | None, types: tuple[str, ...], subject: str | None, follow: bool) -> None:
    """Print the events of SERVICE as CloudEvents, one JSON line each, in feed order."""
    if after is not None and count is not None:
        raise click.UsageError("--after and --last both say where to start")
    with operating.database(service) as database:
        position = max(0, _head(database) - count) if count is not None else after or 0
        while True:
            with database.reading() as db:
                page = outbox.feed(db, position, PAGE, list(types) or None)
            for event in page.events:
                if subject is None or envelope.decode(event).subject == subject:
                    click.echo(event.decode())
            if page.last > position:
                position = page.last
            elif not follow:
                return
            else:
                time.sleep(0.5)


def _head(database: Database) -> int:
    with database.reading() as db:
        return outbox.feed(db, 0, 1).head


@events.command()
@service_argument
@click.option("--from", "first", required=True, type=click.IntRange(min=1), help="First feed_seq.")
@click.option("--to", "last", type=click.IntRange(min=1), help="Last feed_seq; the end of the log by default.")
@types_option
@click.option("--consumer", type=click.Choice([name for name in SERVICES if SUBSCRIPTIONS[name]]), help="Only to this service.")
@click.option("--again", is_flag=True, help="With --consumer: also what it handled already, whose handler then runs again.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@by_option
@as_json
def replay(
    service: str,
    first: int,
    last: int | None,
    types: tuple[str, ...],
    consumer: str | None,
    again: bool,
    dry_run: bool,
    who: str,
    as_json: bool,
) -> None:
    """Have SERVICE publish events again to all who listen, or give them to one consumer that lacks them.

    Those who already took them in see them as duplicates, unless --again is given.
    """
    if again and consumer is None:
        raise click.UsageError("--again needs --consumer: it makes one service act a second time")
    if last is not None and last < first:
        raise click.UsageError("--to is before --from")
    with operating.database(service) as source:
        if consumer is None:
            _publish(source, first, last, types, dry_run, who, as_json)
        else:
            _hand_over(source, consumer, first, last, types, again, dry_run, who, as_json)


def _publish(
    source: Database, first: int, last: int | None, types: tuple[str, ...], dry_run: bool, who: str, as_json: bool
) -> None:
    last = last if last is not None else _head(source)
    count = outbox.published(source, first, last, types or None) if dry_run else outbox.replay(source, first, last, types or None, who)
    if as_json:
        operating.echo_json({"events": count, "dry_run": dry_run})
    else:
        click.echo(f"{count} event(s) {'would' if dry_run else 'will'} be published again")


def _hand_over(
    source: Database,
    consumer: str,
    first: int,
    last: int | None,
    types: tuple[str, ...],
    again: bool,
    dry_run: bool,
    who: str,
    as_json: bool,
) -> None:
    heard = {event.type for event in SUBSCRIPTIONS[consumer] if event.owner == source.name}
    if not heard:
        raise click.ClickException(f"{consumer} hears nothing of {source.name}")
    if set(types) - heard:
        raise click.ClickException(f"{consumer} does not hear {', '.join(sorted(set(types) - heard))}")
    chosen = types or tuple(sorted(heard))
    with operating.database(consumer) as target:
        if dry_run:
            found = redelivery.plan(source, target, first, last, chosen)
            handed = found.missed + (found.handled if again else 0)
        else:
            found = redelivery.hand_over(source, target, first, last, chosen, who, again)
            handed = found.handed
    if as_json:
        told = {"missed": found.missed, "handled": found.handled, "failing": found.failing, "types": found.types}
        operating.echo_json({"events": found.events, "handed": handed, **told, "dry_run": dry_run})
        return
    for name, count in sorted(found.types.items()):
        click.echo(f"{count:6}  {name}")
    click.echo(f"{found.events} event(s): {found.missed} never had, {found.handled} handled already, {found.failing} failed and kept")
    click.echo(f"{handed} event(s) {'would be' if dry_run else 'are'} handed to {consumer}")
