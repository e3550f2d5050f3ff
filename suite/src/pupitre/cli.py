"""The `pupitre` command. Every verb is one function in the module of its theme; none holds a rule of the business."""

import pupitre_bus.patch  # noqa: F401  first of all: what is imported before it would block the hub

import importlib
import sys
from collections.abc import Iterator, Mapping

import click
from pupitre_contracts import errors

_HOMES = {
    "run": "running",
    "serve": "running",
    "up": "running",
    "demo": "running",
    "provision": "provisioning",
    "migrate": "databases",
    "validate": "validating",
    "espaces": "espaces",
    "events": "event_log",
    "dead-letters": "dead_letters",
    "acts": "operating",
    "verify": "verifying",
    "history": "history",
    "retention": "retention",
    "health": "health",
    "users": "users",
    "structures": "structures",
    "news": "news",
    "config": "configuration",
}


class Verbs(Mapping[str, click.Command]):
    """The commands by name, each imported when it is asked for: a container's health check does not pay for migrations."""

    def __getitem__(self, name: str) -> click.Command:
        module = importlib.import_module(f"{__package__}.{_HOMES[name]}")
        return getattr(module, name.replace("-", "_"))

    def __iter__(self) -> Iterator[str]:
        return iter(_HOMES)

    def __len__(self) -> int:
        return len(_HOMES)


@click.group(commands=Verbs(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="pupitre", prog_name="pupitre")
def cli() -> None:
    """Pupitre, an e-invoicing portal for the public sector."""


def main() -> None:
    """Run the command; what an operator can mend is one line and exit code 1, never a traceback."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except errors.PupitreError as error:
        _fail(f"{error.message('en')} [{error.code}]")
    except Exception as error:
        from .failures import sentence

        told = sentence(error)
        if told is None:
            raise
        _fail(told)


def _fail(why: str) -> None:
    click.echo(f"pupitre: {why}", err=True)
    sys.exit(1)
