"""Invoices as files through the compatible route."""

import base64
import io
import uuid
import zipfile

import pytest
from portal_world import EXPORTED_CONTENT, INVOICE, an_exported_file, an_invoice
from pupitre_contracts import errors, invoice_files, invoicing

DOWNLOAD = "factures/v1/telecharger/groupe"


def a_document(blobs, kind="readable", name="lisible.pdf", content=b"%PDF-1.7 lisible"):
    return invoicing.Document(
        document_id=uuid.uuid4(), kind=kind, name=name, mime="application/pdf", size=len(content), sha256=blobs.put(content)
    )


@pytest.fixture(autouse=True)
def invoices(bus, blobs):
    bus.answers[invoicing.DocumentFile] = {"document": a_document(blobs)}
    bus.answers[invoice_files.ExportInvoice] = {"file": an_exported_file(sha256=blobs.put(EXPORTED_CONTENT))}
    added = [a_document(blobs, "document", name, b"%PDF-1.7 suite") for name in ("suite.pdf", "SUITE.pdf")]
    inside = {"attachments": [{"name": "bon.pdf", "size": 4}, {"name": "ailleurs", "size": 0}]}
    bus.answers[invoicing.GetInvoice] = lambda request: {
        "invoice": an_invoice(portal_number=request.portal_number, documents=added, content=inside)
    }


def asked(*numbers, **changes):
    return {
        "format": "PDF",
        "avecPiecesJointesComplementaires": "NON",
        "listeFacture": [{"idFacture": each} for each in numbers],
        **changes,
    }


def result(machine, *numbers, **changes):
    found = machine.ask(DOWNLOAD, asked(*numbers, **changes))
    assert found["codeRetour"] == 0
    return base64.b64decode(found["fichierResultat"], validate=True)


def test_one_invoice_is_its_pdf(machine):
    assert result(machine, 42) == b"%PDF-1.7 lisible"


def test_the_pivot_is_its_data(machine, bus):
    assert result(machine, 42, format="PIVOT") == EXPORTED_CONTENT
    [request] = bus.requests(invoice_files.ExportInvoice)
    assert (request.invoice_id, request.form) == (INVOICE, "ubl")


def test_data_that_ubl_cannot_say_are_given_as_they_came(machine, bus):
    bus.answers[invoice_files.ExportInvoice] = errors.ExportRefused(rule="PUP-EXPORT-LOSS", term="BT-19", why_fr="-", why_en="-")
    assert result(machine, 42, format="PIVOT") == b"%PDF-1.7 lisible"
    assert bus.requests(invoicing.DocumentFile)[0].kind == "original"


def test_several_files_are_a_zip_with_a_folder_for_each_invoice(machine):
    archive = zipfile.ZipFile(io.BytesIO(result(machine, 42, 43, "42", avecPiecesJointesComplementaires="OUI")))
    assert archive.testzip() is None
    names = archive.namelist()
    assert len(names) == len(set(names)) == 8
    assert {name.split("/")[0] for name in names} == {"42", "43"}
    assert archive.read("42/suite.pdf") == b"%PDF-1.7 suite"


@pytest.mark.parametrize("listed", [None, [], [{}], [{"idFacture": "x"}], "42", [{"idFacture": each} for each in range(101)]])
def test_a_list_that_makes_no_sense_is_said(machine, listed):
    answer = machine.post(DOWNLOAD, asked(listeFacture=listed))
    assert answer.status_code == 400
    assert "listeFacture" in answer.json["libelle"]


def test_an_invoice_of_others_is_not_found(machine, bus):
    bus.answers[invoicing.GetInvoice] = errors.NotFound(what="invoice 42")
    assert machine.ask(DOWNLOAD, asked(42))["codeRetour"] == 20000


def test_what_is_too_large_is_refused_before_it_is_read(machine, bus):
    bus.answers[invoicing.DocumentFile] = {
        "document": invoicing.Document(
            document_id=uuid.uuid4(), kind="readable", name="a.pdf", mime="application/pdf", size=121 * 1024 * 1024, sha256="0" * 64
        )
    }
    assert machine.post(DOWNLOAD, asked(42)).status_code == 413
