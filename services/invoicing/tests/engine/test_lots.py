"""Lots: bounded, restartable, and never a path from a name."""

import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

INVOICE = b"<Invoice>" + b"x" * 500 + b"</Invoice>"


def zipped(files: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return target.getvalue()


def tarred(files: list[tuple[str, bytes | None]]) -> bytes:
    """A tar.gz; a content of None makes a symbolic link."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        for name, content in files:
            info = tarfile.TarInfo(name)
            if content is None:
                info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
                archive.addfile(info)
            else:
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


def listed(worker: Any, lot: bytes, **header: Any) -> dict[str, Any]:
    return worker.handle({"op": "list", **header}, lot)[0]


@pytest.mark.parametrize("build", [zipped, tarred])
def test_a_lot_is_listed_and_each_entry_is_handed_out(build: Any, worker: Any) -> None:
    lot = build([("a.xml", INVOICE), ("dossier/b.xml", INVOICE + b" ")])

    assert [(entry["index"], entry["name"], entry["size"]) for entry in listed(worker, lot)["entries"]] == [
        (0, "a.xml", len(INVOICE)),
        (1, "b.xml", len(INVOICE) + 1),
    ]
    assert worker.handle({"op": "entry", "index": 1}, lot)[1] == INVOICE + b" "
    assert worker.handle({"op": "entry", "index": 2}, lot)[0]["refused"]["rule"] == "PUP-LOT-NO-ENTRY"


@pytest.mark.parametrize("build", [zipped, tarred])
def test_unpacking_writes_one_file_and_never_names(build: Any, worker: Any, tmp_path: Path) -> None:
    lot, target = tmp_path / "lot", tmp_path / "out"
    lot.write_bytes(build([("../../evil.xml", INVOICE), ("inner.zip", zipped([("a", b"b")])), ("/etc/cron.d/x", INVOICE + b" ")]))

    for _ in range(2):  # a second pass after a crash writes the same again
        answer, _ = worker.handle({"op": "unpack", "file": str(lot), "into": str(target)})
        assert [entry["name"] for entry in answer["entries"]] == ["evil.xml", "inner.zip", "x"]
        assert [entry["size"] for entry in answer["entries"] if not entry["finding"]] == [len(INVOICE), len(INVOICE) + 1]
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["lot", "out"]
    assert target.read_bytes() == INVOICE + INVOICE + b" "


def test_links_and_archives_within_are_refused_one_by_one(worker: Any) -> None:
    lot = tarred([("good.xml", INVOICE), ("link.xml", None), ("inner.zip", zipped([("a", b"b")]))])

    rules = [entry["finding"] and entry["finding"]["rule"] for entry in listed(worker, lot)["entries"]]
    assert rules == [None, "PUP-LOT-LINK", "PUP-LOT-NESTED"]
    assert worker.handle({"op": "entry", "index": 2}, lot)[1] == b""


REFUSED: dict[str, tuple[bytes, str]] = {
    "too many files, zip": (zipped([(f"{i}.xml", INVOICE) for i in range(501)]), "PUP-LOT-ENTRIES"),
    "too many files, tar": (tarred([(f"{i}.xml", INVOICE) for i in range(501)]), "PUP-LOT-ENTRIES"),
    "a zip bomb": (zipped([("a.xml", b" " * 3_000_000)]), "PUP-LOT-RATIO"),
    "a tar bomb": (tarred([("a.xml", b" " * 30_000_000)]), "PUP-LOT-RATIO"),
    "half a zip": (zipped([("a.xml", INVOICE)])[:-30], "PUP-LOT-UNREADABLE"),
    "half a tar": (tarred([("a.xml", INVOICE)])[:-30], "PUP-LOT-UNREADABLE"),
    "text": (b"hello", "PUP-LOT-KIND"),
    "nothing inside, zip": (zipped([]), "PUP-LOT-EMPTY"),
    "nothing inside, tar": (tarred([]), "PUP-LOT-EMPTY"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_harmful_or_broken_lot_is_refused_whole(case: str, worker: Any) -> None:
    lot, rule = REFUSED[case]

    assert listed(worker, lot)["refused"]["rule"] == rule


def test_the_size_of_a_lot_is_a_setting(worker: Any) -> None:
    lot = zipped([(f"{i}.xml", INVOICE) for i in range(10)])

    assert listed(worker, lot, limits={"lot_bytes": 2000})["refused"]["rule"] == "PUP-LOT-BYTES"
    assert len(listed(worker, lot)["entries"]) == 10


def test_entries_that_share_their_bytes_are_refused(worker: Any) -> None:
    lot = bytearray(zipped([("a.xml", INVOICE), ("b.xml", INVOICE)]))
    second = lot.rindex(b"PK\x01\x02")
    lot[second + 42 : second + 46] = (0).to_bytes(4, "little")

    assert listed(worker, bytes(lot))["refused"]["rule"] == "PUP-LOT-OVERLAP"


@pytest.mark.parametrize(
    "header",
    [
        {"op": "dance"},
        {"op": "check", "lang": "de"},
        {"op": "check", "limits": {"xml_bytes": -1}},
        {"op": "check", "today": "soon"},
    ],
)
def test_a_request_that_makes_no_sense_is_an_error_and_not_a_verdict(header: dict[str, Any], worker: Any) -> None:
    answer, content = worker.handle(header, b"")

    assert set(answer) == {"error"} and content == b""
