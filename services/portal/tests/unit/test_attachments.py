"""What is taken as a document to keep, for whatever its name says."""

import io
import types
import zipfile

import pytest
from flask import Flask
from pupitre_bus.antivirus import Antivirus
from pupitre_contracts import document_values, errors
from pupitre_portal import attachments
from support.clamd import Clamd, eicar
from werkzeug.datastructures import FileStorage

SAMPLES = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "zip": b"PK\x03\x04\x14\0",
    "docx": b"PK\x03\x04\x14\0word/document.xml",
    "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(24),
    "gz": b"\x1f\x8b\x08\0",
    "rtf": b"{\\rtf1\\ansi}",
    "txt": "Présentation".encode(),
    "csv": b"a;b\r\n1;2\r\n",
    "xml": b"\xef\xbb\xbf<?xml version='1.0'?><a/>",
    "svg": b"\n<svg xmlns='http://www.w3.org/2000/svg'/>",
    "html": "<p>é</p>".encode("utf-16"),
}


@pytest.fixture(autouse=True)
def french():
    app = Flask(__name__)
    app.extensions["pupitre"] = types.SimpleNamespace(antivirus=Antivirus())
    with app.test_request_context("/"):
        yield app


def upload(name, content):
    return FileStorage(io.BytesIO(content), filename=name)


def fault(name, content, most=document_values.ACCOUNT_BYTES):
    with pytest.raises(errors.Invalid) as refused:
        attachments.check(upload(name, content), most)
    return refused.value.details["fields"]["file"][0]


@pytest.mark.parametrize("extension", SAMPLES)
def test_a_file_that_is_what_its_extension_says_is_taken(extension):
    file = upload(f"Pièce.{extension.upper()}", SAMPLES[extension])
    attachments.check(file, document_values.ACCOUNT_BYTES)
    assert file.stream.read() == SAMPLES[extension]


@pytest.mark.parametrize("claimed", ["pdf", "png", "docx", "doc", "gz", "xml", "jpeg", "rtf"])
def test_a_program_is_refused_under_any_name(claimed):
    for program in (b"MZ\x90\0\x03", b"\x7fELF\x02", b"#!/bin/sh\n"):
        assert f".{claimed}" in fault(f"facture.{claimed}", program)


def test_text_that_is_another_kind_of_file_is_refused():
    for content in (SAMPLES["pdf"], SAMPLES["zip"], b"MZ\x90", b"#!/bin/sh", b"a\0b"):
        assert "Le contenu" in fault("notes.txt", content)
    assert "Le contenu" in fault("page.html", b"bonjour")


def test_a_document_with_macros_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert "macros" in fault("calcul.xlsx", packed.getvalue())
    assert "macros" in fault("calcul.xls", SAMPLES["doc"] + "_VBA_PROJECT".encode("utf-16-le"))


@pytest.mark.parametrize("name", ["outil.exe", "sans-extension", "page.php", ".pdf.", "macro.docm"])
def test_other_types_of_file_are_refused(name):
    assert "Extensions admises" in fault(name, SAMPLES["pdf"])


def test_an_empty_file_and_a_long_name_are_refused():
    assert "vide" in fault("vide.txt", b"")
    assert "50 caractères" in fault(f"{'n' * 47}.txt", b"a")
    attachments.check(upload(f"{'n' * 46}.txt", b"a"), 10)


@pytest.mark.parametrize("most", [document_values.ACCOUNT_BYTES, document_values.STRUCTURE_BYTES])
def test_the_largest_file_is_taken_and_one_octet_more_is_not(most):
    attachments.check(upload("grand.txt", b"a" * most), most)
    assert f"{most // 1_000_000} Mo" in fault("grand.txt", b"a" * (most + 1), most)


def test_a_zip_holds_every_document_even_two_of_one_name():
    contents = {"1" * 64: b"un", "2" * 64: b"deux", "3" * 64: b"trois"}
    blobs = types.SimpleNamespace(get=contents.get, exists=lambda sha256: sha256 in contents)
    app = Flask(__name__)
    app.extensions["pupitre"] = types.SimpleNamespace(blobs=blobs)
    documents = [
        types.SimpleNamespace(name=name, sha256=sha256)
        for name, sha256 in zip(("Bon.pdf", "bon.PDF", "a.txt"), contents, strict=True)
    ]
    with app.test_request_context("/"):
        answer = attachments.zipped("pieces.zip", documents)
        with zipfile.ZipFile(io.BytesIO(answer.get_data())) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == {
                "Bon.pdf": b"un",
                "bon (2).PDF": b"deux",
                "a.txt": b"trois",
            }
        assert answer.headers["Content-Disposition"].startswith("attachment")
        contents.pop("2" * 64)
        with pytest.raises(errors.NotFound):
            attachments.zipped("pieces.zip", documents)


@pytest.mark.requirement("RS-64")
def test_a_file_that_the_antivirus_names_is_not_kept(french):
    clamd = Clamd()
    french.extensions["pupitre"].antivirus = clamd.antivirus
    assert "Eicar-Test-Signature" in fault("note.txt", eicar())
    attachments.check(upload("note.txt", b"rien"), document_values.ACCOUNT_BYTES)
    clamd.stop()
    with pytest.raises(errors.Unavailable):
        attachments.check(upload("note.txt", b"rien"), document_values.ACCOUNT_BYTES)
