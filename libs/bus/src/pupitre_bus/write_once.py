"""A place where files are only ever added: a folder, best on another machine or a write-once medium, or an S3 bucket,
best with object lock."""

import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path

import eventlet.tpool
import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore

from .blobs import opened, synced


class Taken(Exception):
    """There is a file of that name already, with other bytes."""


class WriteOnce:
    """Named files that are never written over. Calls run on a native thread, as a disk or a network may be slow."""

    def __init__(self, uri: str | Path) -> None:
        self._uri = uri
        self._opened: tuple[ObjectStore, Path | None] | None = None

    @classmethod
    def from_uri(cls, uri: str | Path) -> "WriteOnce":
        """Name a folder, made when it is first written to, or ``s3://bucket/prefix``. It is opened when it is used: a
        place that is away for the moment stops nobody from starting."""
        return cls(uri)

    def add(self, name: str, content: bytes) -> None:
        """Keep ``content`` as ``name``; doing it again changes nothing. Raises :class:`Taken`, or OSError or
        :class:`pupitre_bus.blobs.StoreFailed` when the place does not take it."""
        eventlet.tpool.execute(self._add, name, content)

    def get(self, name: str) -> bytes:
        """Return a file's bytes. Raises FileNotFoundError."""
        return eventlet.tpool.execute(lambda: bytes(obstore.get(self._store(), name).bytes()))

    def names(self) -> list[str]:
        """Return the names of all files, in order; none of a folder that does not exist."""
        return sorted(eventlet.tpool.execute(lambda: list(self._names())))

    def _store(self) -> ObjectStore:
        if self._opened is None:
            self._opened = opened(self._uri)
        return self._opened[0]

    def _names(self) -> Iterator[str]:
        if self._opened is None and "://" not in str(self._uri) and not Path(self._uri).exists():
            return  # looking makes nothing
        for page in obstore.list(self._store()):
            yield from (each["path"] for each in page)

    def _add(self, name: str, content: bytes) -> None:
        store = self._store()
        try:
            obstore.put(store, name, content, mode="create", use_multipart=False)
        except (AlreadyExistsError, FileExistsError):
            if bytes(obstore.get(store, name).bytes()) != content:
                raise Taken(name) from None
        folder = self._opened[1]
        if folder is not None:
            with contextlib.suppress(OSError):  # a medium may know no modes
                (folder / name).chmod(stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH)
            synced(folder, name)
