"""Files inside an invoice: too large or of a type that is not taken refuses it; what is odd about the others is remarked (H.8)."""

import io
import zipfile

import pytest
from support import invoice_factory as factory


def with_macros():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    return target.getvalue()


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAKERS = pytest.mark.parametrize("make", [factory.ubl, factory.cii], ids=["ubl", "cii"])


@MAKERS
@pytest.mark.parametrize(
    "name, mime, content, rule, verdict",
    [
        ("annexe.pdf", "application/pdf", b"%PDF-1.7" + b"x" * 10_000_000, "PUP-ATTACHMENT-SIZE", "invalid"),
        ("outil.exe", "application/pdf", b"%PDF-1.7", "PUP-ATTACHMENT-EXTENSION", "invalid"),
        ("note.js", "text/csv", b"alert(1)", "PUP-ATTACHMENT-EXTENSION", "invalid"),
        ("compte.xlsx", SHEET, with_macros(), "PUP-ATTACHMENT-MACRO", "valid"),
        ("photo.png", "application/pdf", b"%PDF-1.7", "PUP-ATTACHMENT-TYPE", "valid"),
        ("photo.png", "", b"<script>", "PUP-ATTACHMENT-TYPE", "valid"),
    ],
)
def test_what_is_wrong_with_an_attachment_is_said_by_its_rule(check, make, name, mime, content, rule, verdict):
    report = check(make(attachments=((name, mime or "image/png", content),)))
    assert rule in {finding["rule"] for finding in report["findings"]}
    assert report["verdict"] == verdict
    assert report["invoice"]["attachments"][0]["flagged"] or rule == "PUP-ATTACHMENT-SIZE"


@MAKERS
def test_an_attachment_of_just_10_megabytes_and_of_its_type_is_taken(check, make):
    report = check(make(attachments=(("annexe.pdf", "application/pdf", b"%PDF-1.7" + b"x" * (10_000_000 - 8)),)))
    assert (report["verdict"], report["findings"]) == ("valid", [])
