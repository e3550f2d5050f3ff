"""`pupitre espaces`: the plugins that are installed here."""

import json
import sys

import click


@click.group()
def espaces() -> None:
    """The espaces installed here."""


@espaces.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_espaces(as_json: bool) -> None:
    """List the installed espaces with their hooks and what ails them. Exit code 1 when one is ill."""
    from pupitre_bus.deadline import green_deadline
    from pupitre_espaces import Host

    found = Host("portal", guard=green_deadline).describe()
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2, default=str))
    else:
        for each in found:
            click.echo(f"{each.get('key') or '?':24} {each['distribution']} {each['version']}  hooks: {', '.join(each['hooks']) or 'none'}")
            for problem in each["problems"]:
                click.echo(f"    ! {problem['kind']}: {problem['detail']}")
        if not found:
            click.echo("no espace is installed")
    sys.exit(1 if any(each["problems"] for each in found) else 0)
