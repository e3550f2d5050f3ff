"""Several files as one zip that is sent while it is made: one file is in memory at a time, and the hub goes on meanwhile."""

import datetime
import uuid
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from pupitre_bus.threads import off_hub_to_the_end

from .formats import PARIS

MOST_INVOICES = 100
"""Chosen one by one for one zip, by a person or by a program."""
LIMIT = 120 * 1024 * 1024
"""Octets of all files of such a zip; the real API has the same limit."""


class _Pipe:
    """What a zip is written to: it is read piece by piece, and nothing is sought in it."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, content: bytes) -> int:
        self._written.append(bytes(content))
        return len(content)

    def flush(self) -> None:
        """Nothing is held back."""

    def taken(self) -> bytes:
        written, self._written = b"".join(self._written), []
        return written


def pieces(files: Iterable[tuple[str, bytes | Iterable[bytes]]]) -> Iterator[bytes]:
    """Give a zip of named contents; names are paths in it. Texts are packed, what is packed already is not packed again.

    A content may be given whole, or piece by piece: then it is in no memory whole, and may be of any size.
    """
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:  # type: ignore[arg-type]  it only writes
        at = datetime.datetime.now(PARIS).timetuple()[:6]
        for name, content in files:
            entry = zipfile.ZipInfo(name, at)
            packed = name.lower().endswith((".pdf", ".zip", ".gz", ".png", ".jpg", ".jpeg", ".docx", ".xlsx", ".odt", ".ods"))
            entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
            if isinstance(content, bytes):
                off_hub_to_the_end(archive.writestr, entry, content)
                yield pipe.taken()
                continue
            with archive.open(entry, "w", force_zip64=True) as member:
                for piece in content:
                    off_hub_to_the_end(member.write, piece)
                    yield pipe.taken()
    yield pipe.taken()


def free(wanted: str, taken: set[str]) -> str:
    """Return a path that no other file of the zip has, whatever letter case counts for where it is unpacked, and take it."""
    path = PurePosixPath(wanted)
    name = wanted if wanted.casefold() not in taken else f"{path.parent}/{path.stem}-{uuid.uuid4().hex[:6]}{path.suffix}"
    taken.add(name.casefold())
    return name
