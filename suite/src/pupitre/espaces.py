"""`pupitre espaces`: the plugins that are installed here, and the tools of their authors."""

import json
import signal
import sys
import time
from pathlib import Path

import click

from .espace_commands import run as run_command


@click.group()
def espaces() -> None:
    """The espaces installed here."""


espaces.add_command(run_command, "run")


@espaces.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_espaces(as_json: bool) -> None:
    """List the installed espaces with their hooks and what ails them. Exit code 1 when one is ill."""
    from pupitre_bus.deadline import green_deadline
    from pupitre_espaces import Host

    host = Host("portal", guard=green_deadline)
    host.ask()
    found = host.describe()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
    else:
        for each in found:
            state = "" if each["state"] == "active" else f"  [{each['state']}]"
            hooks = ", ".join(each["hooks"]) or "none"
            click.echo(f"{each.get('key') or '?':24} {each['distribution']} {each['version']}{state}  hooks: {hooks}")
            for problem in each["problems"]:
                click.echo(f"    ! {problem['kind']}: {problem['detail']}")
        if not found:
            click.echo("no espace is installed")
    sys.exit(1 if any(each["problems"] for each in found) else 0)


@espaces.command("new")
@click.argument("key")
@click.option("--title", help="Its name in French; the key's words unless told.")
@click.option("--title-en", help="Its name in English; the French one unless told.")
@click.option("--into", default=".", type=click.Path(file_okay=False, exists=True, path_type=Path), help="The folder to write it into.")
def new_espace(key: str, title: str | None, title_en: str | None, into: Path) -> None:
    """Write a new espace into a folder called KEY: a page, a kind of request, both languages, and a passing test."""
    from .espace_writing import write

    folder = write(key, into, title, title_en)
    click.echo(f"{folder} is written. What to do with it:")
    click.echo(f"    {sys.executable} -m pip install -e {folder}")
    click.echo(f"    {sys.executable} -m pytest {folder}    (once pytest is installed)")
    click.echo(f"    pupitre espaces check {key}")
    click.echo("Then start Pupitre again: a gestionnaire adds the espace on the page of the structure.")


@espaces.command("check")
@click.argument("key")
def check_espace(key: str) -> None:
    """Check the installed espace KEY: call every hook, page and kind in both languages, and look at how it is packaged. Exit code 1 when
    something is wrong."""
    from .espace_checking import faults_of

    faults = faults_of(key)
    if faults is None:
        raise click.ClickException(f"no installed espace is called {key}; `pupitre espaces list` names those that are")
    for fault in faults:
        click.echo(f"! {fault.what}\n  {fault.remedy}")
    click.echo(f"{key}: {len(faults)} problem(s)" if faults else f"{key}: all well")
    sys.exit(1 if faults else 0)


@espaces.command("trace")
@click.option("--seconds", type=click.FloatRange(min=0), help="End after so many seconds; without it, with Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print each call as a line of JSON.")
def trace_espaces(seconds: float | None, as_json: bool) -> None:
    """Show each call of an espace as it happens: which hook ran in which process, how long, for whom, how often it called its ports, and
    how it ended.

    The processes that use the same state folder are watched, from one second after the command has begun until it ends.
    """
    from pupitre_espaces.trace import FILE

    from . import configuration

    path = Path(configuration.load().state) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    # However it ends, the file goes: while it is there, every call is written down.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ends = None if seconds is None else time.monotonic() + seconds
    try:
        with path.open(encoding="utf-8") as lines:
            while ends is None or time.monotonic() < ends:
                line = lines.readline()
                if line.endswith("\n"):
                    click.echo(line.rstrip("\n") if as_json else _told(json.loads(line)))
                else:
                    time.sleep(0.1)
    except KeyboardInterrupt:
        pass
    finally:
        path.unlink(missing_ok=True)


def _told(call: dict[str, object]) -> str:
    whom = " for ".join(str(call[name]) for name in ("user", "structure") if call[name]) or "nobody in person"
    what = f"{call['host']:13} {call['plugin']:40} {call['hook']:22}"
    asked = f"{call['port_calls']:3} calls of ports"
    return f"{call['at']}  {what} {call['milliseconds']:9.1f} ms  {asked}  {call['outcome']}  ({whom})"
