"""What kind of file was sent, and the invoice inside a PDF. pypdf reads; pikepdf only tries what pypdf cannot."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pypdf
from pypdf.errors import LimitReachedError, PyPdfError
from pypdf.generic import ArrayObject, ByteStringObject, DictionaryObject, IndirectObject, StreamObject

from .findings import WARNING, Finding, Refused, excerpt, own, refused
from .limits import Limits

STAGE = "container"
# ZUGFeRD 1 and 2.0 share a name; the root of the document tells them apart later.
INVOICE_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
_ACTIVE = ("/JavaScript", "/JS", "/OpenAction", "/AA", "/Launch", "/RichMedia", "/SubmitForm", "/ImportData")
_OPENING_VIEW = ("/XYZ", "/Fit", "/FitH", "/FitV", "/FitB", "/FitR", "/FitBH", "/FitBV")
# pypdf meets damage with whatever exception comes first: all of them mean that a PDF cannot be read.
UNREADABLE = (
    PyPdfError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    RecursionError,
    OSError,
    AssertionError,
)
_MAX_OBJECTS = 20_000
_MAX_NAMES = 200
_ARCHIVES = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
)
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


@dataclass(frozen=True)
class Contents:
    """The XML to judge, where it came from ("xml" or "pdf"), and remarks about the container."""

    xml: bytes
    kind: str
    remarks: tuple[Finding, ...] = ()


def open_container(data: bytes, limits: Limits) -> Contents:
    """The invoice XML of a deposited file, by its content, never by its name; raises Refused (stage "container")."""
    if not data:
        raise refused("PUP-CONTAINER-EMPTY", "xml")
    if len(data) > limits.file_bytes:
        raise refused("PUP-CONTAINER-SIZE", STAGE, size=len(data), limit=limits.file_bytes)
    if b"%PDF-" in data[:1024]:
        return _from_pdf(data, limits)
    kind = archive_kind(data)
    if kind:
        raise refused("PUP-CONTAINER-ARCHIVE", STAGE, kind=kind)
    if not _looks_like_xml(data):
        raise refused("PUP-CONTAINER-UNKNOWN", STAGE)
    return Contents(data, "xml")


def archive_kind(data: bytes) -> str | None:
    """The kind of archive `data` begins, or None."""
    if data[257:262] == b"ustar":
        return "tar"
    return next((kind for start, kind in _ARCHIVES if data.startswith(start)), None)


def _looks_like_xml(data: bytes) -> bool:
    start = data[:4096].lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n\x00")
    return start.startswith(b"<") or start.startswith(b"+ADw-")


@contextlib.contextmanager
def bounded_pdf(limits: Limits) -> Iterator[None]:
    """Read a PDF with pypdf so that no stream of it grows beyond the limit; raises Refused for one that would."""
    bounded = pypdf.get_configuration().with_overwrites(
        zlib_maximum_output_length=limits.pdf_stream_bytes,
        lzw_maximum_output_length=limits.pdf_stream_bytes,
        run_length_maximum_output_length=limits.pdf_stream_bytes,
    )
    try:
        with pypdf.apply_configuration(bounded):
            yield
    except LimitReachedError:
        raise refused("PUP-CONTAINER-BOMB", STAGE, limit=limits.pdf_stream_bytes) from None


def _from_pdf(data: bytes, limits: Limits) -> Contents:
    try:
        with bounded_pdf(limits):
            return _read_pdf(data, limits)
    except UNREADABLE:
        return _repaired(data, limits)


def _read_pdf(data: bytes, limits: Limits) -> Contents:
    reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted:
        raise refused("PUP-CONTAINER-ENCRYPTED", STAGE)
    catalogue = reader.trailer["/Root"]
    if not isinstance(catalogue, DictionaryObject):
        raise ValueError("no catalogue")
    specifications = list(_file_specifications(catalogue))
    xml = _pick([(spec.name, _Stream(spec.stream)) for spec in specifications], limits)
    active = _active_content(reader, catalogue)
    remarks = (own("PUP-PDF-ACTIVE", STAGE, WARNING, what=", ".join(active)),) if active else ()
    return Contents(xml, "pdf", remarks)


class _Stream:
    """An embedded file, decompressed only when asked."""

    def __init__(self, stream: StreamObject):
        self._stream = stream

    def read(self) -> bytes:
        data = self._stream.get_data()
        return data if isinstance(data, bytes) else data.encode("latin-1")


@dataclass(frozen=True)
class _Specification:
    name: str
    stream: StreamObject


def _resolved(value: Any) -> Any:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _file_specifications(catalogue: DictionaryObject) -> Iterator[_Specification]:
    """The embedded files, from the name tree and from /AF, each once."""
    seen: set[int] = set()
    names = _resolved(catalogue.get("/Names"))
    tree = _resolved(names.get("/EmbeddedFiles")) if isinstance(names, DictionaryObject) else None
    candidates = list(_tree_leaves(tree)) if isinstance(tree, DictionaryObject) else []
    associated = _resolved(catalogue.get("/AF"))
    if isinstance(associated, ArrayObject):
        candidates.extend(_resolved(item) for item in list(associated)[:_MAX_NAMES])
    for candidate in candidates:
        if not isinstance(candidate, DictionaryObject) or id(candidate) in seen:
            continue
        seen.add(id(candidate))
        files = _resolved(candidate.get("/EF"))
        if not isinstance(files, DictionaryObject):
            continue
        stream = _resolved(files.get("/F") or files.get("/UF"))
        if isinstance(stream, StreamObject) and id(stream) not in seen:
            seen.add(id(stream))
            yield _Specification(_name(candidate), stream)


def _tree_leaves(root: DictionaryObject) -> Iterator[Any]:
    """The values of a PDF name tree, bounded: a cycle or a crowd of nodes ends the walk."""
    pending, visited, found = [root], 0, 0
    while pending and visited < _MAX_NAMES and found < _MAX_NAMES:
        node = pending.pop()
        visited += 1
        pairs = _resolved(node.get("/Names"))
        if isinstance(pairs, ArrayObject):
            for value in list(pairs)[1 : 2 * _MAX_NAMES : 2]:
                found += 1
                yield _resolved(value)
        kids = _resolved(node.get("/Kids"))
        if isinstance(kids, ArrayObject):
            pending.extend(
                kid for item in list(kids)[:_MAX_NAMES] if isinstance(kid := _resolved(item), DictionaryObject)
            )


def _name(specification: DictionaryObject) -> str:
    """The name of an embedded file: the Unicode one when it is an invoice's, else the plain one."""
    texts = []
    for key in ("/UF", "/F"):
        value = _resolved(specification.get(key))
        if isinstance(value, ByteStringObject):
            value = bytes(value).decode("latin-1")
        if isinstance(value, str):
            texts.append(str(value))
    return next((text for text in texts if text.lower() in INVOICE_NAMES), texts[0] if texts else "?")


def _pick(files: list[tuple[str, Any]], limits: Limits) -> bytes:
    """The one invoice among the embedded files; two different ones are refused, the same one twice is not."""
    found = [(name, stream.read()) for name, stream in files if name.lower() in INVOICE_NAMES]
    if not found:
        names = ", ".join(excerpt(name, 40) for name, _ in files[:5]) or "-"
        raise refused("PUP-CONTAINER-NO-INVOICE", STAGE, names=names)
    if len({xml for _, xml in found}) > 1:
        raise refused("PUP-CONTAINER-SEVERAL", STAGE, names=", ".join(name for name, _ in found))
    if len(found[0][1]) > limits.pdf_stream_bytes:
        raise refused("PUP-CONTAINER-BOMB", STAGE, limit=limits.pdf_stream_bytes)
    return found[0][1]


def _active_content(reader: pypdf.PdfReader, catalogue: DictionaryObject) -> list[str]:
    """Names of the scripts and automatic actions found in the catalogue, the name trees, the pages and annotations."""
    found: set[str] = set()
    pending: list[tuple[Any, int]] = [(catalogue, 0)]
    visited: set[int] = set()
    while pending and len(visited) < _MAX_OBJECTS:
        value, depth = pending.pop()
        value = _resolved(value)
        if id(value) in visited or depth > 12:
            continue
        visited.add(id(value))
        if isinstance(value, DictionaryObject):
            for key, item in value.items():
                if key in _ACTIVE and not (key == "/OpenAction" and _only_a_view(item)):
                    found.add(key.lstrip("/"))
                if key not in ("/Parent", "/P", "/Font", "/XObject", "/StructTreeRoot"):
                    pending.append((item, depth + 1))
            action = value.get("/S")
            if action in ("/JavaScript", "/Launch", "/SubmitForm", "/ImportData"):
                found.add(str(action).lstrip("/"))
        elif isinstance(value, ArrayObject):
            pending.extend((item, depth + 1) for item in list(value)[:500])
    return sorted(found)


def _only_a_view(item: Any) -> bool:
    """Whether an opening action merely chooses the first page or the zoom."""
    value = _resolved(item)
    if isinstance(value, ArrayObject):
        return len(value) > 1 and value[1] in _OPENING_VIEW
    return isinstance(value, DictionaryObject) and value.get("/S") == "/GoTo"


def _repaired(data: bytes, limits: Limits) -> Contents:
    """A second reading with pikepdf, which rebuilds broken cross-references; streams are measured before inflation."""
    import pikepdf

    try:
        with pikepdf.open(io.BytesIO(data), suppress_warnings=True) as pdf:
            files = [(name, _Repaired(spec, limits)) for name, spec in pdf.attachments.items()]
            xml = _pick(files, limits)
    except Refused:
        raise
    except Exception:  # any failure of the repair is the same answer: the file is damaged
        raise refused("PUP-CONTAINER-PDF", STAGE) from None
    return Contents(xml, "pdf", (own("PUP-CONTAINER-REPAIRED", STAGE, WARNING),))


class _Repaired:
    """An embedded file of a repaired PDF. pikepdf inflates without limit: zlib runs here, bounded, on the raw bytes."""

    def __init__(self, specification: Any, limits: Limits):
        self._specification = specification
        self._limit = limits.pdf_stream_bytes

    def read(self) -> bytes:
        import zlib

        stream = self._specification.obj["/EF"]["/F"]
        raw = stream.read_raw_bytes()
        filters = stream.get("/Filter")
        if filters is None:
            return bytes(raw)
        if str(filters) != "/FlateDecode":
            raise ValueError("unexpected filter")
        inflater = zlib.decompressobj()
        data = inflater.decompress(raw, self._limit + 1)
        if len(data) > self._limit:
            raise refused("PUP-CONTAINER-BOMB", STAGE, limit=self._limit)
        return data
