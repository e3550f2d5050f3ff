"""Files, kept by content: a blob's name is the SHA-256 of its bytes, in a folder or an S3 bucket.

A blob is durable when :meth:`BlobStore.put` returns, so that a row that cites it may be committed; it is written
before that row and swept when no row cites it. Every call runs on a native thread, since a disk or a network would
freeze the hub.
"""

import datetime
import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Literal
from urllib.parse import unquote, urlsplit

import eventlet.tpool
import obstore
from obstore.exceptions import BaseError as StoreFailed
from obstore.store import LocalStore, ObjectStore, S3Store

__all__ = ["BlobDamaged", "BlobNotFound", "BlobStore", "State", "StoreFailed", "opened", "synced"]

#: A bucket that does not answer is an error within half a minute, not obstore's three minutes.
_S3_CLIENT = {"connect_timeout": "3s", "timeout": "20s"}
_S3_RETRY = {"max_retries": 3, "retry_timeout": datetime.timedelta(seconds=10)}

_NAME = re.compile(r"[0-9a-f]{64}")
_SWEPT = "swept/"
_QUARANTINE = "quarantine/"
_CHUNK = 4 * 1024 * 1024
_PAGE = 500

#: What a look at a blob finds.
State = Literal["whole", "missing", "damaged"]


class BlobNotFound(Exception):
    """No blob has this name."""


class BlobDamaged(Exception):
    """The bytes no longer have the hash that names them."""


class BlobStore:
    """Bytes by SHA-256. ``folder`` is set for a local store: what obstore writes there is then synced to the disk."""

    def __init__(self, store: ObjectStore, folder: Path | None = None) -> None:
        self._store = store
        self._folder = folder

    @classmethod
    def from_uri(cls, uri: str | Path) -> "BlobStore":
        """Open a folder (path or ``file://``), made if absent, or ``s3://bucket/prefix`` (credentials and endpoint by
        the usual AWS variables)."""
        return cls(*opened(uri))

    def put(self, content: bytes) -> str:
        """Keep ``content`` and return its name, 64 hexadecimal digits.

        A blob that exists is written again: its age starts anew, so that a sweep spares it until the new row is
        committed.
        """
        return eventlet.tpool.execute(self._put, [bytes(content)])[0]

    def put_all(self, contents: Sequence[bytes]) -> list[str]:
        """Keep each of ``contents`` and return their names: as :meth:`put`, and folders that several share are synced
        once."""
        return eventlet.tpool.execute(self._put, contents)

    def put_file(self, path: Path) -> str:
        """Keep the bytes of a file and return their name: as :meth:`put`, in memory that does not grow with the file."""
        return eventlet.tpool.execute(self._put_file, path)

    def fetch(self, sha256: str, target: Path) -> None:
        """Write the bytes into a file: raises as :meth:`get`, in memory that does not grow with the blob."""
        eventlet.tpool.execute(self._fetch, sha256, target)

    def size(self, sha256: str) -> int:
        """Return how many bytes the blob has, without reading them. Raises :class:`BlobNotFound`."""
        size = eventlet.tpool.execute(self._size, _path(sha256))
        if size is None:
            raise BlobNotFound(sha256)
        return size

    def quarantine(self, sha256: str) -> None:
        """Put aside what the antivirus named: nobody gets it any more, and the operator finds it below ``quarantine/``. The store
        itself copies it: its bytes are not read here.

        The same bytes put again lie in their place again, until they are scanned.
        """
        eventlet.tpool.execute(self._quarantine, _path(sha256))

    def get(self, sha256: str) -> bytes:
        """Return the bytes. Raises :class:`BlobNotFound`, :class:`BlobDamaged`, or ValueError for what is not a
        name."""
        content = eventlet.tpool.execute(self._get, _path(sha256))
        if content is None:
            raise BlobNotFound(sha256)
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BlobDamaged(sha256)
        return content

    def exists(self, sha256: str) -> bool:
        """Tell whether the blob is there; its bytes are not read. Raises ValueError for what is not a name."""
        return eventlet.tpool.execute(self._exists, _path(sha256))

    def check(self, names: Sequence[str]) -> list[State]:
        """Read blobs and tell of each whether its bytes still have the hash that names it. Only one is in memory at a
        time."""
        return eventlet.tpool.execute(lambda: [self._check(_path(sha256), sha256) for sha256 in names])

    def sweep(
        self,
        cited: Callable[[Collection[str]], Collection[str]],
        now: datetime.datetime,
        minimum_age: datetime.timedelta,
    ) -> list[str]:
        """Put aside the blobs that nothing cites and that were last put more than ``minimum_age`` ago, and return
        their names. What was put aside that long ago and is still cited by nothing is deleted.

        ``cited`` returns which of some names a committed row cites; it is asked page by page, after the age was read.
        ``minimum_age`` covers the time from a put to the commit of the row that cites it: a day, never seconds. A row
        that was committed between the question and the putting aside loses nothing: whoever reads a blob that was put
        aside gets it, and has it brought back.
        """
        before, swept = now - minimum_age, []
        for page in self._old(before, aside=True):
            needed = set(cited(page))
            for sha256 in needed:
                eventlet.tpool.execute(self._get, _path(sha256))
            eventlet.tpool.execute(self._delete_aside, sorted(set(page) - needed), before)
        for page in self._old(before, aside=False):
            swept += eventlet.tpool.execute(self._put_aside, sorted(set(page) - set(cited(page))), before)
        return swept

    def put_aside(self, names: Collection[str], now: datetime.datetime, minimum_age: datetime.timedelta) -> list[str]:
        """Put aside these blobs, which nothing cites, as :meth:`sweep` does with what it finds; return those that were old enough."""
        return eventlet.tpool.execute(self._put_aside, sorted(names), now - minimum_age)

    def _put(self, contents: Sequence[bytes]) -> list[str]:
        names = [hashlib.sha256(content).hexdigest() for content in contents]
        self._write({_path(sha256): content for sha256, content in zip(names, contents, strict=True)})
        return names

    def _put_file(self, path: Path) -> str:
        with path.open("rb") as source:
            sha256 = hashlib.file_digest(source, "sha256").hexdigest()
        obstore.put(self._store, _path(sha256), path)
        if self._folder is not None:
            synced(self._folder, _path(sha256))
        return sha256

    def _fetch(self, sha256: str, target: Path) -> None:
        path, digest = _path(sha256), hashlib.sha256()
        if self._written_at(path) is None and self._get(path) is None:  # reading brings back what was swept
            raise BlobNotFound(sha256)
        with target.open("wb") as file:
            for piece in obstore.get(self._store, path).stream(min_chunk_size=_CHUNK):
                digest.update(piece)
                file.write(piece)
        if digest.hexdigest() != sha256:
            raise BlobDamaged(sha256)

    def _size(self, path: str) -> int | None:
        for place in (path, _SWEPT + path):
            try:
                return obstore.head(self._store, place)["size"]
            except FileNotFoundError:
                continue
        return None

    def _quarantine(self, path: str) -> None:
        for place in (path, _SWEPT + path):
            try:
                obstore.copy(self._store, place, _QUARANTINE + path)
            except FileNotFoundError:
                continue
            if self._folder is not None:
                synced(self._folder, _QUARANTINE + path)
            obstore.delete(self._store, place)

    def _write(self, contents: Mapping[str, bytes]) -> None:
        for path, content in contents.items():
            obstore.put(self._store, path, content)
        if self._folder is not None:
            synced(self._folder, *contents)

    def _get(self, path: str) -> bytes | None:
        content = self._read(path)
        if content is None:
            content = self._read(_SWEPT + path)
            if content is not None:
                self._write({path: content})
        return content

    def _read(self, path: str) -> bytes | None:
        try:
            return bytes(obstore.get(self._store, path).bytes())
        except FileNotFoundError:
            return None

    def _check(self, path: str, sha256: str) -> State:
        content = self._get(path)
        if content is None:
            content = self._read(_QUARANTINE + path)
        if content is None:
            return "missing"
        return "whole" if hashlib.sha256(content).hexdigest() == sha256 else "damaged"

    def _exists(self, path: str) -> bool:
        return self._written_at(path) is not None or self._written_at(_SWEPT + path) is not None

    def _written_at(self, path: str) -> datetime.datetime | None:
        try:
            return obstore.head(self._store, path)["last_modified"]
        except FileNotFoundError:
            return None

    def _old(self, before: datetime.datetime, aside: bool) -> Iterator[list[str]]:
        """Give, in pages, the names of blobs that are older than ``before``: those put aside, or the others."""
        listing = iter(obstore.list(self._store, prefix=_SWEPT.rstrip("/") if aside else None))
        names: list[str] = []
        while (page := eventlet.tpool.execute(next, listing, None)) is not None:
            for blob in page:
                sha256 = blob["path"].rsplit("/", 1)[-1]
                mine = blob["path"] == (_SWEPT if aside else "") + _place(sha256)
                if mine and _NAME.fullmatch(sha256) and blob["last_modified"] < before:
                    names.append(sha256)
            while len(names) >= _PAGE:
                yield names[:_PAGE]
                names = names[_PAGE:]
        if names:
            yield names

    def _put_aside(self, names: Sequence[str], before: datetime.datetime) -> list[str]:
        moved = []
        for sha256 in names:
            path = _path(sha256)
            written_at = self._written_at(path)  # it may have been put again since the listing
            if written_at is None or written_at >= before:
                continue
            content = self._read(path)
            if content is not None:
                self._write({_SWEPT + path: content})
                obstore.delete(self._store, path)
                moved.append(sha256)
        return moved

    def _delete_aside(self, names: Sequence[str], before: datetime.datetime) -> None:
        for sha256 in names:
            path = _SWEPT + _path(sha256)
            written_at = self._written_at(path)
            if written_at is not None and written_at < before:
                obstore.delete(self._store, path)


def opened(uri: str | Path) -> tuple[ObjectStore, Path | None]:
    """Open a folder, made if absent, or an S3 bucket; the path is that of a folder only. Raises ValueError for another
    scheme."""
    parts = urlsplit(str(uri))
    if parts.scheme == "s3":
        # obstore forgets this variable of its own once it is given other client options.
        client = _S3_CLIENT | {"allow_http": os.environ.get("AWS_ALLOW_HTTP", "").lower() == "true"}
        prefix = parts.path.strip("/") or None
        return S3Store(parts.netloc, prefix=prefix, client_options=client, retry_config=_S3_RETRY), None
    if parts.scheme not in ("", "file"):
        raise ValueError(f"a folder or s3://bucket/prefix, not {parts.scheme}://")
    folder = Path(unquote(parts.path) if parts.scheme == "file" else str(uri)).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(folder), folder


def synced(folder: Path, *paths: str) -> None:
    """Sync files that obstore wrote in ``folder``: it renames into place, which is atomic, but syncs neither the
    bytes, nor the name, nor the folders it makes."""
    names = [PurePath(path) for path in paths]
    within = {parent for name in names for parent in name.parents}
    # Files first, then the deepest folders: a name is durable once what it names is.
    _synced(folder / name for name in names)
    _synced(folder / name for name in sorted(within, key=lambda name: -len(name.parts)))


def _synced(each_once: Iterable[Path]) -> None:
    opened: list[int] = []
    try:
        for path in each_once:
            opened.append(os.open(path, os.O_RDONLY))
            os.posix_fadvise(opened[-1], 0, 0, os.POSIX_FADV_DONTNEED)  # begins to write them all: the disk has one effort
        for descriptor in opened:
            os.fsync(descriptor)
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _path(sha256: str) -> str:
    if not isinstance(sha256, str) or not _NAME.fullmatch(sha256):
        raise ValueError("not the name of a blob")
    return _place(sha256)


def _place(sha256: str) -> str:
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
