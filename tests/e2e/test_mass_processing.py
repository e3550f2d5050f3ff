"""Ten received invoices on one list: two are suspended, eight are paid, and the pages of both sides say until when one had to pay."""

import datetime
import io
import zipfile
from urllib.parse import urljoin

import pytest
from support.machine import UBL, tar_gz
from support.story import identifier_in

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

MOTIVE = "Le bon de livraison signé manque"
CHOICE, MASS = "/traitement/choix", "/traitement/"


def process(visitor, page, ticked, **values):
    """Tick these invoices, say what to do with them, and return the report."""
    chosen = visitor.submit(page.form(CHOICE), facture=ticked, portee="choix")
    assert chosen.status == 200, chosen.text
    form = chosen.form(MASS)
    carried = [field.get("value") for field in form.xpath(".//input[@name='facture']")]
    assert len(carried) == len(ticked)
    return visitor.submit(form, facture=carried, **values)


def outcomes(report):
    """The words of each line of a report: number and outcome."""
    rows = report.tree.xpath("//main//tbody/tr")
    return {row.xpath("string(th)").strip(): row.xpath("string(td[1])").strip() for row in rows}


@pytest.mark.requirement("R165")
def test_of_ten_received_invoices_two_are_suspended_and_eight_paid(story, new_number):
    prefix = new_number()
    numbers = [f"{prefix}-{place}" for place in range(10)]
    numero = story.machine.deposit(tar_gz({f"{n}.xml": story.invoice(n) for n in numbers}), "lot.tar.gz", UBL)
    assert story.machine.settled(numero)["etatCourantDepotFlux"] == "IN_INTEGRE"
    recipient, supplier = story.visitor(story.easy), story.visitor(story.supplier)
    address = f"/factures-recues/?onglet=tout&number={prefix}-*&tri=number&ordre=asc"

    page = recipient.open(address)
    ticks = page.tree.xpath("//main//input[@name='facture']/@value")
    assert len(ticks) == 10
    due = datetime.datetime.now(datetime.UTC).date() + datetime.timedelta(days=30)
    assert "30 jours restants" in page.main or "29 jours restants" in page.main
    assert any(f"{day:%d/%m/%Y}" in page.main for day in (due, due + datetime.timedelta(days=1)))

    bare = process(recipient, page, ticks[:2], to="SUSPENDUE")
    assert bare.status == 422
    assert "motif" in bare.main.lower()
    report = process(recipient, page, ticks[:2], to="SUSPENDUE", motive=MOTIVE)
    assert list(outcomes(report).values()) == ["faite"] * 2
    report = process(recipient, recipient.open(address), ticks[2:], to="MISE_EN_PAIEMENT")
    assert list(outcomes(report).values()) == ["faite"] * 8

    again = process(recipient, recipient.open(address), ticks, to="SERVICE_FAIT")
    assert sorted(outcomes(again).values()) == ["refusée"] * 2 + ["sans changement"] * 8
    assert "trop tard" in again.main

    mine = supplier.open(f"/factures-emises/?onglet=tout&number={prefix}-*")
    assert mine.main.count("Mise en paiement") >= 8
    assert mine.main.count("délai interrompu") == 2
    assert MOTIVE in mine.main
    one = supplier.open(f"/factures-emises/{ticks[0]}")
    assert "il restait 30 jours" in one.main
    assert MOTIVE in supplier.open("/factures-emises/retours/").main
    told = supplier.submit(supplier.open("/factures-emises/retours/").form("/retours/"), facture=[ticks[0]], portee="choix")
    assert "1 retour acquitté" in told.main
    assert any("Retour acquitté" in entry for entry in supplier.open(f"/factures-emises/{ticks[0]}?vue=historique").timeline)


def test_a_forged_selection_of_a_foreign_invoice_is_refused_in_the_report(story, new_number):
    identifier = story.sent(story.visitor(story.supplier), new_number())
    stranger = story.visitor(story.strict)
    page = stranger.open("/mon-compte")
    token = page.tree.xpath("string(//input[@name='csrf_token']/@value)")
    answer = stranger.session.post(
        f"{stranger.base_url}/factures-recues/traitement/",
        data={"csrf_token": token, "facture": f"{identifier}|2|F|S", "to": "MISE_EN_PAIEMENT"},
        timeout=60,
    )
    assert answer.status_code == 200
    assert "refusée" in answer.text
    assert "Mise à disposition" in story.visitor(story.easy).open(f"/factures-recues/{identifier}").main


@pytest.mark.requirement("R274")
def test_ticked_invoices_are_downloaded_as_one_zip_by_both_sides_and_by_nobody_else(story, new_number):
    supplier, recipient = story.visitor(story.supplier), story.visitor(story.easy)
    prefix = new_number()
    xml, pdf = f"{prefix}-X", f"{prefix}-P"
    deposited = story.invoice(pdf, "facturx")
    draft = story.deposit_on_page(supplier, deposited, pdf, "facturx")
    assert story.send(supplier, draft).status == 200
    ids = [story.sent(supplier, xml), identifier_in(draft.url)]

    for visitor, side in ((supplier, "emises"), (recipient, "recues")):
        page = visitor.open(f"/factures-{side}/?onglet=tout&number={prefix}-*")
        assert set(page.tree.xpath("//form[@id='selection']//input[@name='facture']/@value")) == set(ids)
        answer = pressed(visitor, page, ids)
        assert answer.status_code == 200, answer.text
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        assert archive.testzip() is None
        read = {name: archive.read(name) for name in archive.namelist()}
        of_xml, of_pdf = ([read[name] for name in read if name.startswith(f"{number}-")] for number in (xml, pdf))
        assert [content[:5] for content in of_xml] == [b"<?xml", b"%PDF-"]
        assert of_pdf == [deposited]

    stranger = story.visitor(story.other_supplier)
    page = stranger.open("/mon-compte")
    token = page.tree.xpath("string(//input[@name='csrf_token']/@value)")
    for side in ("emises", "recues"):
        values = {"csrf_token": token, "facture": ids}
        answer = stranger.session.post(f"{stranger.base_url}/factures-{side}/selection.zip", data=values, timeout=60)
        assert answer.status_code == 404
        assert xml not in answer.text


def pressed(visitor, page, ticked):
    """What comes back when the button of the list is pressed, scripts or not."""
    [form] = page.tree.xpath("//form[@id='selection']")
    [button] = [each for each in form.iter("button") if "Télécharger la sélection" in each.text_content()]
    values = dict(form.form_values()) | {"facture": ticked}
    return visitor.session.post(urljoin(page.url, button.get("formaction")), data=values, timeout=120)
