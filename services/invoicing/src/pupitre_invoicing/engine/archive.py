"""Lots: zip and tar.gz files of up to 500 invoices, read one entry at a time.

A lot is checked as a whole before any entry is handed out (`entries`), and can be unpacked in one pass
(`unpack`), which is what a large tar.gz wants, since it can only be read from its beginning. The names inside an
archive never become paths: entries are known by their index.
"""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from .attachments import safe_name
from .container import archive_kind
from .findings import Finding, own, refused
from .limits import Limits

STAGE = "container"
_CHUNK = 1024 * 1024
# From which size on the ratio counts. A tar.gz is compressed as one stream: hundreds of alike invoices legitimately
# pass 100 to 1 there, while a zip compresses each file alone.
_RATIO_FROM = {"zip": 1024 * 1024, "gzip": 16 * 1024 * 1024}
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    RuntimeError,
    NotImplementedError,
    UnicodeError,
    OverflowError,
)


@dataclass(frozen=True)
class Entry:
    """One file of a lot. `index` counts files from 0 in the archive's order; `refusal` says why it has no content."""

    index: int
    name: str
    size: int
    refusal: Finding | None = None

    def dump(self, lang: str) -> dict[str, Any]:
        return {
            "index": self.index,
            "name": self.name,
            "size": self.size,
            "finding": self.refusal.dump(lang) if self.refusal else None,
        }


def entries(source: IO[bytes], limits: Limits) -> list[Entry]:
    """The files of a lot, after reading it whole, bounded: sizes are those really read. Raises Refused."""
    return [entry for entry, _ in _walk(source, limits, keep=None)]


def entry(source: IO[bytes], index: int, limits: Limits) -> tuple[Entry, bytes]:
    """One file of a lot; raises Refused (``PUP-LOT-NO-ENTRY``) when there is none of that index."""
    for found, content in _walk(source, limits, keep=lambda candidate: candidate == index):
        if found.index == index:
            return found, b"" if found.refusal else content
    raise refused("PUP-LOT-NO-ENTRY", STAGE, index=index)


def unpack(source: IO[bytes], target: IO[bytes], limits: Limits) -> list[Entry]:
    """Writes every acceptable file of a lot into `target`, one after the other in the archive's order, in one pass.

    Where one ends and the next begins follows from the sizes; a refused one has no content. Raises Refused; what was
    written until then is left for the caller to drop.
    """
    found = []
    for item, content in _walk(source, limits, keep=lambda _: True):
        found.append(item)
        if item.refusal is None:
            target.write(content)
    return found


def _walk(source: IO[bytes], limits: Limits, keep: Any) -> Iterator[tuple[Entry, bytes]]:
    """Every file with its content, or with its first bytes only when `keep(index)` is false."""
    start = source.read(512)
    source.seek(0, io.SEEK_END)
    packed = source.tell()
    source.seek(0)
    kind = archive_kind(start)
    if kind not in ("zip", "gzip"):
        raise refused("PUP-LOT-KIND", STAGE)
    budget = _Budget(limits, packed, _RATIO_FROM[kind])
    walk = _walk_zip if kind == "zip" else _walk_tar
    count = 0
    try:
        for name, is_file, stream, declared in walk(source, limits, budget):
            count += 1
            if count > limits.lot_entries:
                raise refused("PUP-LOT-ENTRIES", STAGE, limit=limits.lot_entries)
            yield _one(count - 1, name, is_file, stream, declared, budget, keep)
    except _BROKEN:
        raise refused("PUP-LOT-UNREADABLE", STAGE) from None
    if count == 0:
        raise refused("PUP-LOT-EMPTY", STAGE)


def _one(
    index: int, name: str, is_file: bool, stream: IO[bytes] | None, declared: int, budget: _Budget, keep: Any
) -> tuple[Entry, bytes]:
    safe = safe_name(name)
    if not is_file or stream is None:
        return Entry(index, safe, 0, own("PUP-LOT-LINK", STAGE, name=safe)), b""
    wanted = keep is not None and keep(index)
    if declared > budget.limits.file_bytes:
        return Entry(
            index, safe, declared, own("PUP-CONTAINER-SIZE", STAGE, size=declared, limit=budget.limits.file_bytes)
        ), b""
    parts, size = [], 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        budget.spend(len(chunk))
        if size > budget.limits.file_bytes:
            raise refused("PUP-LOT-BYTES", STAGE, limit=budget.limits.file_bytes)
        if wanted or not parts:
            parts.append(chunk)
    content = b"".join(parts)
    if archive_kind(content[:512]):
        return Entry(index, safe, size, own("PUP-LOT-NESTED", STAGE, name=safe)), b""
    return Entry(index, safe, size), content


class _Budget:
    """Counts what comes out of a lot against what it weighs packed."""

    def __init__(self, limits: Limits, packed: int, ratio_from: int):
        self.limits = limits
        self._packed = max(packed, 1)
        self._ratio_from = ratio_from
        self._spent = 0

    def fresh(self) -> _Budget:
        """The same allowance, nothing spent."""
        return _Budget(self.limits, self._packed, self._ratio_from)

    def spend(self, size: int) -> None:
        self._spent += size
        if self._spent > self.limits.lot_bytes:
            raise refused("PUP-LOT-BYTES", STAGE, limit=self.limits.lot_bytes)
        if self._spent > self._ratio_from and self._spent > self.limits.lot_ratio * self._packed:
            raise refused("PUP-LOT-RATIO", STAGE, limit=self.limits.lot_ratio)


def _walk_zip(source: IO[bytes], limits: Limits, budget: _Budget) -> Iterator[tuple[str, bool, IO[bytes] | None, int]]:
    with zipfile.ZipFile(source) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
        if len(infos) > limits.lot_entries:
            raise refused("PUP-LOT-ENTRIES", STAGE, limit=limits.lot_entries)
        if any(info.flag_bits & 0x1 for info in infos):
            raise refused("PUP-LOT-ENCRYPTED", STAGE)
        _refuse_overlap(infos)
        if sum(info.file_size for info in infos) > limits.lot_bytes:
            raise refused("PUP-LOT-BYTES", STAGE, limit=limits.lot_bytes)
        for info in infos:
            if info.compress_type not in _METHODS:
                raise refused("PUP-LOT-UNREADABLE", STAGE)
            if info.file_size > _RATIO_FROM["zip"] and info.file_size > limits.lot_ratio * max(info.compress_size, 1):
                raise refused("PUP-LOT-RATIO", STAGE, limit=limits.lot_ratio)
            if (info.external_attr >> 16) & 0o170000 not in (0, 0o100000):
                yield info.filename, False, None, 0
                continue
            with archive.open(info) as stream:
                yield info.filename, True, stream, info.file_size


def _refuse_overlap(infos: list[zipfile.ZipInfo]) -> None:
    """Entries that share compressed bytes are how one zip bomb hides its ratio."""
    end = -1
    for info in sorted(infos, key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise refused("PUP-LOT-OVERLAP", STAGE)
        end = info.header_offset + 30 + info.compress_size


def _walk_tar(source: IO[bytes], limits: Limits, budget: _Budget) -> Iterator[tuple[str, bool, IO[bytes] | None, int]]:
    # Stream mode: nothing is sought, nothing indexed, headers are read as they come.
    metered = _Metered(source, budget)
    with tarfile.open(fileobj=metered, mode="r|", bufsize=64 * 1024) as archive:
        for seen, member in enumerate(archive):
            if seen > 4 * limits.lot_entries:
                raise refused("PUP-LOT-ENTRIES", STAGE, limit=limits.lot_entries)
            archive.members.clear()
            if member.isdir():
                continue
            yield member.name, member.isreg(), archive.extractfile(member) if member.isreg() else None, member.size


class _Metered:
    """A gzip stream inflated in bounded steps; padding, headers and skipped entries count in the ratio too."""

    def __init__(self, source: IO[bytes], budget: _Budget):
        self._source = source
        self._budget = budget.fresh()
        self._inflater = zlib.decompressobj(wbits=31)
        self._pending = b""

    def read(self, size: int) -> bytes:
        parts = []
        while size > 0:
            data = self._inflater.decompress(self._pending or self._source.read(64 * 1024), size)
            self._pending = self._inflater.unconsumed_tail
            if data:
                self._budget.spend(len(data))
                parts.append(data)
                size -= len(data)
            elif self._inflater.eof or not (self._pending or self._more()):
                break
        return b"".join(parts)

    def _more(self) -> bool:
        self._pending = self._source.read(64 * 1024)
        return bool(self._pending)
