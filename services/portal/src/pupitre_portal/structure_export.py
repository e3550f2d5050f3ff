"""All that a structure has on the portal as one zip, made while it is sent: what is held at a time is one page of invoices or requests and
a piece of one file, whatever there is (P28).

Nothing here knows of HTTP: whoever exports says how services are asked, and where files lie. Indexes grow in temporary files.
"""

import contextlib
import datetime
import hashlib
import itertools
import json
import re
import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Protocol

from pupitre_bus.blobs import BlobDamaged, BlobNotFound
from pupitre_contracts import structure_export as calls
from pupitre_contracts.message import Call, Message

from . import exports, files, zips
from . import structure_export_columns as columns

FORMAT = "pupitre-structure-export-v1"
SIDES = ("issued", "received")
#: A larger file is fetched to the disk and read from there.
WHOLE = 4_000_000
_PIECE = 1 << 18
_ROWS = 500
_UNSAFE = re.compile(r"[^\w.+-]+")


class Ask(Protocol):
    """Calls a service in the name of whoever exports."""

    def __call__(self, call: type[Call], /, **values: Any) -> Message: ...


class Blobs(Protocol):
    """Where files lie; see :class:`pupitre_bus.blobs.BlobStore`."""

    def get(self, sha256: str) -> bytes: ...

    def fetch(self, sha256: str, target: Path) -> None: ...


def begun(ask: Ask, structure_id: uuid.UUID) -> Any:
    """Ask for what the export begins with, so that a refusal comes before the first piece. Errors: forbidden, not-found."""
    return ask(calls.ExportStructure, structure_id=structure_id)


def name_of(about: Any, at: datetime.datetime) -> str:
    """Return the name of the zip."""
    return f"export-{_UNSAFE.sub('-', about.structure.identifier)}-{at:%Y%m%d}.zip"


def pieces(ask: Ask, blobs: Blobs, about: Any, at: datetime.datetime, language: str = "fr") -> Iterator[bytes]:
    """Give the zip of the structure that :func:`begun` told about, piece by piece."""
    with contextlib.ExitStack() as open_files:
        export = _Export(ask, blobs, about, at, language, open_files)
        yield from zips.pieces(export.recorded())


class _Lines:
    """JSON values that are kept in a temporary file, one a line."""

    def __init__(self, open_files: contextlib.ExitStack) -> None:
        kept = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115  closed by the stack
        self._kept: IO[str] = open_files.enter_context(kept)

    def add(self, value: Any) -> None:
        self._kept.write(json.dumps(value, ensure_ascii=False) + "\n")

    def read(self) -> Iterator[Any]:
        self._kept.seek(0)
        return map(json.loads, self._kept)

    def array(self) -> Iterator[str]:
        """Give a JSON array of all, in pieces."""
        self._kept.seek(0)
        yield "["
        separator = "\n"
        for batch in _batches(self._kept):
            yield separator + ",\n".join(line.rstrip("\n") for line in batch)
            separator = ",\n"
        yield "\n]"


class _Index:
    """One of the indexes: its rows, and the two files that they become."""

    def __init__(self, of: columns.Index, open_files: contextlib.ExitStack) -> None:
        self._of, self._rows = of, _Lines(open_files)

    def add(self, *values: Mapping[str, Any]) -> None:
        """Add a row of JSON values; a later mapping comes before an earlier one."""
        merged = {name: value for each in values for name, value in each.items()}
        self._rows.add({column: merged.get(column) for column in self._of.columns})

    def files(self) -> Iterator[tuple[str, Iterable[bytes]]]:
        rows = ([_cell(name, value) for name, value in row.items()] for row in self._rows.read())
        yield f"{self._of.name}.csv", exports.csv_pieces(itertools.chain([[list(self._of.columns)]], _batches(rows)))
        yield f"{self._of.name}.json", (text.encode() for text in itertools.chain(self._rows.array(), ["\n"]))


class _Export:
    """One export: its files, each recorded in the manifest once it is in the zip."""

    def __init__(
        self, ask: Ask, blobs: Blobs, about: Any, at: datetime.datetime, language: str, open_files: contextlib.ExitStack
    ) -> None:
        self._ask, self._blobs, self._about, self._at, self._language = ask, blobs, about, at, language
        self._structure_id = about.structure.structure_id
        self._indexes = {index.name: _Index(index, open_files) for index in columns.INDEXES}
        self._listed, self._absent = _Lines(open_files), _Lines(open_files)

    def recorded(self) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        """Give every file of the zip; what says that a file is whole comes after it, and the manifest last."""
        for path, content in self._files():
            if isinstance(content, bytes):
                self._listed.add({"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
                yield path, content
            else:
                yield path, self._hashed(path, content)
        yield "manifest.json", (text.encode() for text in self._manifest())

    def _hashed(self, path: str, content: Iterable[bytes]) -> Iterator[bytes]:
        digest, size = hashlib.sha256(), 0
        for piece in content:
            digest.update(piece)
            size += len(piece)
            yield piece
        self._listed.add({"path": path, "size": size, "sha256": digest.hexdigest()})

    def _manifest(self) -> Iterator[str]:
        structure = self._about.structure
        head = {"format": FORMAT, "at": self._at.isoformat(), "structure_id": str(self._structure_id), "identifier": structure.identifier}
        yield json.dumps(head, ensure_ascii=False)[:-1] + ', "files": '
        yield from self._listed.array()
        yield ', "absent": '
        yield from self._absent.array()
        yield "}\n"

    def _files(self) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        structure = self._about.structure
        yield "README.txt", columns.readme(structure.name, structure.identifier, self._at.isoformat(timespec="minutes")).encode()
        yield "structure.json", _json(structure.dump())
        yield from self._own()
        self._people()
        for side in SIDES:
            yield from self._invoices(side)
        yield from self._flux()
        yield from self._requests()
        self._records()
        self._history()
        for index in self._indexes.values():
            yield from index.files()

    def _own(self) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        """The services, bank details and documents of the structure."""
        for service in self._about.structure.services:
            self._indexes["services"].add(service.dump())
        taken: set[str] = set()
        for each in self._about.bank_details:
            folder = f"bank-details/{each.portal_number}"
            found = yield from self._stored(folder, each.file, taken)
            factor = {"factor_name": each.factor.name, "factor_identifier": each.factor.identifier} if each.factor else {}
            self._indexes["bank-details"].add(each.dump(), each.account.dump(), factor, {"name": each.name, "path": found})
        for each in self._about.documents:
            found = yield from self._stored("documents", each, taken)
            self._indexes["documents"].add(each.dump(), {"path": found})

    def _people(self) -> None:
        codes = {each.structure_service_id: each.code for each in self._about.structure.services}

        def named(ids: Iterable[uuid.UUID] | None) -> str:
            return ", ".join(codes.get(each, str(each)) for each in ids or ())

        for member in self._about.members:
            services = ", ".join(each.code for each in member.services or ())
            self._indexes["members"].add(member.dump(), {"services": services})
            for right in member.espaces:
                given = {"services": named(right.structure_service_ids), "modification_services": named(right.modification_service_ids)}
                self._indexes["habilitations"].add(right.dump(), given, {"email": member.email, "user_id": str(member.user_id)})

    def _invoices(self, side: str) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        for reply in self._pages(calls.ExportInvoices, side=side, language=self._language):
            for each in reply.invoices:
                yield from self._invoice(side, each)

    def _invoice(self, side: str, each: Any) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        invoice = each.invoice
        folder = f"{side}/{_folder_name(invoice)}"
        of, values = {"side": side, "portal_number": invoice.portal_number}, invoice.dump()
        for offered in ("moves", "role_moves"):  # what the reader may do now is no datum of the invoice
            values.pop(offered, None)
        taken = {f"{folder}/invoice.json"}
        yield f"{folder}/invoice.json", _json(values)
        self._indexes["invoices"].add(values, of, {"path": folder})
        for line in invoice.history:
            self._indexes["invoice-history"].add(line.dump(), of)
        for party in invoice.parties or ():
            self._indexes["invoice-parties"].add(party.dump(), of)
        for file in each.files:
            found = yield from self._stored(folder, file, taken)
            self._indexes["invoice-files"].add(file.dump(), of, {"path": found})
        for reason in each.absent:
            self._absent.add({"path": folder, "reason": reason})

    def _flux(self) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        for reply in self._pages(calls.ExportFlux, language=self._language):
            for each in reply.flux:
                numero, flux = each.flux.numero_flux, each.flux.dump()
                folder = f"flux/{numero}"
                taken = {f"{folder}/report.json"}
                yield f"{folder}/report.json", _json({**flux, "files": [file.dump() for file in each.files]})
                found = yield from self._stored(folder, each.file, taken)
                self._indexes["flux"].add(each.file.dump(), flux, {"path": found})
                for file in each.files:
                    for fault in file.errors or [None]:
                        said = fault.dump() if fault is not None else {}
                        self._indexes["flux-files"].add(said, file.dump(), {"numero_flux": numero})

    def _requests(self) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        for reply in self._pages(calls.ExportRequests, language=self._language):
            for each in reply.requests:
                yield from self._request(each)

    def _request(self, request: Any) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        folder = f"requests/{request.espace}/{_folder_name(request)}"
        of, values = {"portal_number": request.portal_number}, request.dump()
        for offered in ("moves", "next_cadres", "can_edit"):
            values.pop(offered, None)
        taken = {f"{folder}/request.json"}
        yield f"{folder}/request.json", _json(values)
        self._indexes["requests"].add(values, {"roles": ", ".join(request.roles), "path": folder})
        for party in request.parties:
            self._indexes["request-parties"].add(party.dump(), of)
        for line in request.history:
            self._indexes["request-history"].add(line.dump(), of)
        for file in request.documents:
            found = yield from self._stored(folder, file, taken)
            self._indexes["request-files"].add(file.dump(), of, {"path": found})

    def _records(self) -> None:
        for reply in self._pages(calls.ExportRecords, begin=None):
            for each in reply.records:
                self._indexes["records"].add(each.dump(), {"document": json.dumps(each.document, ensure_ascii=False)})

    def _history(self) -> None:
        for reply in self._pages(calls.ExportStructureHistory):
            for line in reply.lines:
                values = line.dump()
                texts = {name: json.dumps(values[name], ensure_ascii=False) for name in ("changes", "noted")}
                self._indexes["history"].add(values, texts)

    def _pages(self, call: type[Call], begin: int | None = 0, **values: Any) -> Iterator[Any]:
        after: Any = begin
        while True:
            reply: Any = self._ask(call, structure_id=self._structure_id, after=after, **values)
            yield reply
            after = reply.next
            if after is None:
                return

    def _stored(self, folder: str, file: Any, taken: set[str]) -> Iterator[tuple[str, bytes | Iterable[bytes]]]:
        """Give a file of the blob store; return its path, or None where the store does not have it whole."""
        path = zips.free(f"{folder}/{files.clean_name(file.name)}", taken)
        try:
            if file.size <= WHOLE:
                yield path, self._blobs.get(file.sha256)
            else:
                with tempfile.NamedTemporaryFile(prefix="pupitre-export-") as kept:
                    self._blobs.fetch(file.sha256, Path(kept.name))
                    yield path, iter(lambda: kept.read(_PIECE), b"")
        except (BlobNotFound, BlobDamaged) as error:
            reason = "pas dans le dépôt de fichiers / not in the store" if isinstance(error, BlobNotFound) else "abîmé / damaged"
            self._absent.add({"path": path, "reason": reason})
            return None
        return path


def _folder_name(of: Any) -> str:
    """Return the name of the folder of an invoice or a request: its number on the portal, and its own as far as a path can have it."""
    number = _UNSAFE.sub("-", of.number).strip(".-")
    return f"{of.portal_number}-{number}".rstrip("-")


def _cell(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return Decimal(value) if name in columns.AMOUNTS and value is not None else value


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(items)
    while batch := list(itertools.islice(rest, _ROWS)):
        yield batch


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
