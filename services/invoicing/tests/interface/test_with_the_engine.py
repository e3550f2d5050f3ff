"""The whole way with the real engine in its worker processes, on both backends."""

import io
import tarfile
import time

import pytest
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from support import invoice_factory as factory


@pytest.fixture
def engine(real_engine):
    return real_engine


@pytest.mark.parametrize("make", [factory.ubl, factory.cii, factory.facturx], ids=["ubl", "cii", "factur-x"])
def test_an_invoice_of_each_format_is_prepared_sent_and_read(stage, parties, make):
    reply = stage.prepare(make(number="R-1", engagement="BC-7", service="VOIRIE", **parties))
    assert [each.rule for each in reply.report.findings if each.severity == "error"] == []

    invoice = stage.send(reply.invoice)
    assert (invoice.status, invoice.number, invoice.engagement) == ("MISE_A_DISPOSITION", "R-1", "BC-7")
    assert (invoice.cadre, invoice.kind, invoice.code_service) == ("A1", "FACTURE", "VOIRIE")
    assert invoice.gross == factory.parts().gross
    document = stage.call(stage.agent, contract.DocumentFile, invoice_id=invoice.invoice_id, kind="readable").document
    assert stage.blobs.get(document.sha256).startswith(b"%PDF")


def test_a_credit_note_is_an_avoir(stage, parties):
    import datetime

    credit = factory.ubl(number="AV-1", type_code="381", preceding=("R-1", datetime.date(2026, 9, 1)), **parties)
    assert stage.prepare(credit).invoice.kind == "AVOIR"


def test_what_is_not_an_invoice_is_refused_with_its_reason(stage):
    reply = stage.prepare(b"<html/>", language="en")
    assert (reply.report.verdict, reply.report.stage, reply.invoice) == ("invalid", "not-an-invoice", None)


def test_a_lot_says_in_both_languages_what_is_wrong_with_a_file(stage, parties, make_lot):
    good = factory.ubl(number="L-1", **parties)
    bad = factory.ubl(number="L-2", **parties).replace(b"DocumentCurrencyCode>EUR", b"DocumentCurrencyCode>XXX")
    flux = stage.deposit_flux(make_lot({"good.xml": good, "bad.xml": bad}))
    wait_until(lambda: stage.flux(flux).state == "IN_INTEGRE_PARTIEL", timeout=60, every=0.2)

    french, english = (stage.flux(flux, language=language).errors for language in ("fr", "en"))
    assert {error.file for error in french} == {"bad.xml"}
    assert french[0].rule == english[0].rule
    assert french[0].message != english[0].message


def test_a_file_of_another_syntax_is_refused_by_name(stage, parties):
    flux = stage.deposit_flux(factory.cii(number="C-1", **parties), file_name="c.xml")
    wait_until(lambda: stage.flux(flux).state == "IN_REJETE", timeout=60, every=0.2)
    assert stage.flux(flux).errors[0].rule == "PUP-FLUX-FORMAT"


@pytest.mark.slow
def test_a_lot_of_five_hundred_small_invoices_takes_less_than_a_minute(stage, parties):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for number in range(500):
            content = factory.ubl(number=f"B-{number}", **parties)
            info = tarfile.TarInfo(f"{number}.xml")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    stage.engine.run({"op": "warm"})
    started = time.monotonic()
    flux = stage.deposit_flux(packed.getvalue())
    wait_until(lambda: stage.flux(flux).state == "IN_INTEGRE", timeout=110, every=0.5)
    assert stage.flux(flux).accepted == 500
    assert time.monotonic() - started < 60


def test_an_unreadable_file_cannot_be_prepared_by_who_only_reads(stage, parties):
    with pytest.raises(errors.Forbidden):
        stage.prepare(factory.ubl(**parties), actor=stage.reader)
