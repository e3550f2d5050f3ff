"""`pupitre news`: news of the portal, for operators (R006)."""

import contextlib
import datetime
import uuid
import zoneinfo
from pathlib import Path

import click
from pupitre_contracts import communication

from . import configuration, operating, operator_bus
from .operating import as_json, by_option, short

PARIS = zoneinfo.ZoneInfo("Europe/Paris")
MOST = 100


class Moment(click.ParamType):
    """A date and time of Paris, or with a zone of its own."""

    name = "moment"

    def convert(self, value: str | datetime.datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime.datetime:
        if isinstance(value, datetime.datetime):
            return value
        try:
            read = datetime.datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no date and time like 2026-03-02T09:00", param, ctx)
        return read if read.tzinfo else read.replace(tzinfo=PARIS)


@click.group()
def news() -> None:
    """News of the portal."""


@news.command()
@click.option("--title-fr", required=True, help="Title in French.")
@click.option("--title-en", required=True, help="Title in English.")
@click.option("--text-fr", required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True), help="File with the French text.")
@click.option("--text-en", required=True, type=click.Path(exists=True, dir_okay=False, allow_dash=True), help="File with the English text.")
@click.option("--domain", type=click.Choice(communication.DOMAINS), help="Domain it is about; without one it shows on the home page only.")
@click.option("--from", "begins", type=Moment(), help="When it begins to show, by the clock of Paris; now by default.")
@click.option("--until", "ends", type=Moment(), help="When it ceases to show; never by default.")
@by_option
def publish(
    title_fr: str,
    title_en: str,
    text_fr: str,
    text_en: str,
    domain: str | None,
    begins: datetime.datetime | None,
    ends: datetime.datetime | None,
    who: str,
) -> None:
    """Publish a news item and print its identifier; users with the switch on get it by mail."""
    optional = {"domain": domain, "published_from": begins, "published_until": ends}
    values = {name: value for name, value in optional.items() if value is not None}
    with _bus() as bus:
        item = bus.call(
            communication.PublishNews,
            title_fr=title_fr,
            title_en=title_en,
            text_fr=_read(text_fr),
            text_en=_read(text_en),
            author=who,
            idempotency_key=str(uuid.uuid4()),
            **values,
        ).news
    click.echo(item.news_id)


@news.command("list")
@as_json
def list_news(as_json: bool) -> None:
    """List the latest hundred news items, those to come, past and withdrawn included."""
    with _bus() as bus:
        found = bus.call(communication.ListAllNews, page_size=MOST).news
    if as_json:
        operating.echo_json([item.dump() for item in found])
        return
    for item in found:
        until = short(item.published_until) if item.published_until else "…"
        state = "withdrawn" if item.withdrawn_at else ""
        click.echo(f"{item.news_id}  {short(item.published_from)}  {until:19}  {item.domain or '-':13}  {item.title_fr}  {state}".rstrip())
    if not found:
        click.echo("no news")


@news.command()
@click.argument("news_id", type=click.UUID, metavar="NEWS")
@by_option
def withdraw(news_id: uuid.UUID, who: str) -> None:
    """Take a news item off every page and stop its mails; those that were sent stay sent."""
    with _bus() as bus:
        bus.call(communication.WithdrawNews, news_id=news_id, author=who, idempotency_key=str(uuid.uuid4()))
    click.echo(f"{news_id}  withdrawn")


def _read(path: str) -> str:
    if path == "-":
        return click.get_text_stream("stdin").read()
    try:
        return Path(path).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise click.ClickException(f"{path} is not text in UTF-8") from error


def _bus() -> contextlib.AbstractContextManager[operator_bus.OperatorBus]:
    return operator_bus.connected(configuration.load(), "notifications")
