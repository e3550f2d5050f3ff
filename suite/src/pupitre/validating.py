"""`pupitre validate`: judge files with the engine that judges deposits, without depositing."""

import contextlib
import datetime
import json
import sys
from pathlib import Path
from typing import Any

import click

from . import configuration, services

EXIT = {"valid": 0, "invalid": 1, "error": 2}


@click.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--lang", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="Language of the messages.")
def validate(files: tuple[Path, ...], lang: str) -> None:
    """Judge invoice files and print their reports as JSON: one object, or a list when there are several files.

    Exit code: 0 when all are valid, 1 when one is invalid, 2 when the engine could not judge one.
    """
    services.needed("invoicing")
    from pupitre_invoicing import resources

    with contextlib.closing(resources.engine_pool(configuration.load())) as pool:
        reports = [_report(pool, file, lang) for file in files]
    shown = [{"file": str(file), **report} for file, report in zip(files, reports, strict=True)] if len(files) > 1 else reports[0]
    click.echo(json.dumps(shown, ensure_ascii=False, indent=2))
    sys.exit(max(EXIT[report["verdict"]] for report in reports))


def _report(pool: Any, file: Path, lang: str) -> dict[str, Any]:
    from pupitre_invoicing import checking, views

    judged = checking.judge_for_report(pool, file.read_bytes(), datetime.datetime.now(datetime.UTC), lang)
    return views.report(judged.stored(), lang).published()
