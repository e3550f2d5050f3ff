"""The keys that `pupitre migrate` makes, as commands need them."""

from pathlib import Path

import click
from pupitre_bus.settings import Settings


def private(settings: Settings, issuer: str) -> Path:
    """Return the file of the key with which ``issuer`` signs; a missing one is a one-line error that says what makes it."""
    file = Path(settings.keys) / f"{issuer}.key"
    if not file.exists():
        raise click.ClickException(f"there is no key of {issuer} in {settings.keys}: `pupitre migrate` makes it")
    return file
