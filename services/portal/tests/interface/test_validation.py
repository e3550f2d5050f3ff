"""Checking a file without depositing it."""

import dataclasses
import io

from portal_world import TERMS, Browser
from pupitre_contracts import invoicing
from pupitre_portal.app import create_app


def test_anybody_may_have_a_file_checked_and_nothing_is_deposited(visitor, bus):
    finding = invoicing.Finding(
        rule="BR-02",
        severity="error",
        term="BT-1",
        message="Numéro absent",
        remedy="Ajoutez-le",
        location="/Invoice/ID",
    )
    bus.answers[invoicing.CheckFile] = {
        "report": invoicing.Report(verdict="invalid", stage="schematron", format="UBL", findings=[finding], terms=TERMS)
    }
    answer = Browser(visitor).post("/validation", {"file": (io.BytesIO(b"<Invoice/>"), "f.xml")})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    for text in ("invalide", "BR-02", "BT-1", "Numéro absent", "Ajoutez-le", "/Invoice/ID"):
        assert text in page
    assert not bus.requests(invoicing.PrepareInvoice)


def test_an_engine_that_could_not_judge_is_neither_valid_nor_invalid(visitor, bus):
    bus.answers[invoicing.CheckFile] = {"report": invoicing.Report(verdict="error", findings=[], terms={})}
    page = Browser(visitor).post("/validation", {"file": (io.BytesIO(b"x"), "f.xml")}).get_data(as_text=True)
    assert "ni valide ni invalide" in page


def test_a_site_may_keep_the_check_for_those_signed_in(app, options, bus, blobs):
    closed = create_app(
        dataclasses.replace(options, open_validation=False), bus, blobs, app.extensions["pupitre"].espaces
    )
    assert closed.test_client().get("/validation").status_code == 302


def test_the_local_mailbox_exists_in_the_demonstration_only(app, options, bus, blobs):
    real = create_app(
        dataclasses.replace(options, demo=False), bus, blobs, app.extensions["pupitre"].espaces
    ).test_client()
    real.set_cookie("pupitre", "secret-256")
    assert real.get("/boite-locale").status_code == 404
    assert "/boite-locale" not in real.get("/").get_data(as_text=True)
