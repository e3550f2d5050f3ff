"""What the antivirus says of a deposited file, as a finding (RS-64)."""

from typing import IO

from pupitre_bus.antivirus import Antivirus, TooLarge

from . import messages
from .messages import Finding


def finding_in(antivirus: Antivirus, content: bytes | IO[bytes], name: str) -> Finding | None:
    """Return the finding that keeps a file from being processed, or None. Raises Unavailable when the antivirus does not answer."""
    try:
        named = antivirus.scan(content)
    except TooLarge:
        return messages.finding("PUP-VIRUS-SIZE", file=name)
    return None if named is None else messages.finding("PUP-VIRUS", file=name, name=named[:100])
