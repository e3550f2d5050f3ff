"""Cutting a deposited flux into files, each scanned and in the blob store; memory does not grow with the flux."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pupitre_contracts import errors

from . import catalogue, checking, scanning
from .messages import Finding

#: Files of a lot, and about how many bytes, that are put into the blob store together.
KEPT = 100
KEPT_BYTES = 8 * 1024 * 1024
_ARCHIVES = (b"PK\x03\x04", b"PK\x05\x06", b"\x1f\x8b")


class Unreadable(Exception):
    """The flux as a whole is refused; ``finding`` says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.rule)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Listed:
    """The files of a flux, as rows, and the blobs to be put aside once the rows are committed."""

    files: list[dict[str, Any]]
    named: list[str] = field(default_factory=list)


def files_of(scope: Any, row: Mapping[str, Any]) -> Listed:
    """Return the files of a flux. Raises Unreadable, EngineFailed, NotFound without its file, Unavailable without the antivirus."""
    with tempfile.TemporaryDirectory(prefix="pupitre-flux-") as folder:
        deposited, unpacked = Path(folder) / "deposited", Path(folder) / "files"
        checking.fetched(scope.resources.blobs, row["sha256"], deposited)
        with deposited.open("rb") as source:
            is_archive = source.read(4).startswith(_ARCHIVES)
            source.seek(0)
            if not is_archive:
                finding = scanning.finding_in(scope.resources.antivirus, source, row["file_name"])
                file = _file(row["file_name"], row["sha256"], finding)
                return Listed([file], [row["sha256"]] if finding is not None else [])
        return _unpacked(scope, row, deposited, unpacked)


def _unpacked(scope: Any, row: Mapping[str, Any], deposited: Path, unpacked: Path) -> Listed:
    header = {"op": "unpack", "lang": "both", "file": str(deposited), "into": str(unpacked)}
    answer, _ = checking.run(scope.resources.engine, header, b"")
    if "refused" in answer:
        raise Unreadable(checking.finding_of(answer["refused"]))
    if "error" in answer:
        raise errors.EngineFailed(incident=row["numero_flux"])
    entries = answer["entries"]
    kept = _kept(scope, unpacked, [entry for entry in entries if not entry["finding"]])
    listed = Listed([])
    for entry in entries:
        if entry["finding"]:
            listed.files.append(_file(entry["name"], None, checking.finding_of(entry["finding"])))
            continue
        sha256, finding = next(kept)
        listed.files.append(_file(entry["name"], sha256, finding))
        if finding is not None:
            # The archive has it too, and nobody needs the archive any more.
            listed.named.extend({sha256, row["sha256"]} - set(listed.named))
    return listed


def _kept(scope: Any, unpacked: Path, entries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Finding | None]]:
    """Scan the files of a lot, which lie one after the other, and put them into the blob store; give their names there."""
    with unpacked.open("rb") as source:
        waiting: list[tuple[bytes, Finding | None]] = []
        for entry in entries:
            content = source.read(entry["size"])
            waiting.append((content, scanning.finding_in(scope.resources.antivirus, content, entry["name"])))
            if len(waiting) == KEPT or sum(len(each) for each, _ in waiting) > KEPT_BYTES:
                yield from _put(scope, waiting)
                waiting = []
        if waiting:
            yield from _put(scope, waiting)


def _put(scope: Any, waiting: Sequence[tuple[bytes, Finding | None]]) -> Iterator[tuple[str, Finding | None]]:
    names = scope.resources.blobs.put_all([content for content, _ in waiting])
    yield from zip(names, (finding for _, finding in waiting), strict=True)


def _file(name: str, sha256: str | None, finding: Finding | None) -> dict[str, Any]:
    outcome = "pending" if finding is None else "refused"
    return {"file_name": name, "sha256": sha256, "outcome": outcome, **why([] if finding is None else [finding])}


def why(refusal: Sequence[Finding]) -> dict[str, Any]:
    """Return a refusal as it is kept: its findings, and the codes of the blocking ones for whoever searches by them."""
    blocking = [(finding.rule, finding.term) for finding in refusal if finding.severity == "error"]
    return {"errors": [finding.stored() for finding in refusal], "codes": catalogue.codes_of(blocking)}
