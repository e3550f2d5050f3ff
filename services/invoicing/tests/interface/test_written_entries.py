"""What is typed and confirmed is a valid invoice to the real engine, whatever was chosen; on both backends."""

import datetime
import io
import re
from decimal import Decimal

import pytest
from pupitre_contracts import errors, invoice_files
from pupitre_contracts import invoicing as contract
from pupitre_contracts import invoicing_entry as calls
from pupitre_invoicing import entry_files
from pypdf import PdfReader
from support import invoice_factory as factory
from support.typed_pdf import pdf

LINES = [
    {"reference": "R-1", "name": "Ramettes A4", "quantity": "10,2500", "price": "3,90", "rate": "20"},
    {"name": "Formation", "quantity": "1,5", "unit": "DAY", "price": "400,123456", "discount": "50", "rate": "5,5"},
    {},
    {"name": "Livraison", "quantity": "1", "price": "12", "rate": "20"},
]
SAID = {
    "plain": {},
    "discount and prepaid": {"global_discount": "10", "global_discount_reason": "Fidélité", "prepaid": "5"},
    "paid already": {"cadre": "A2", "payment_mode": "CHEQUE"},
    "avoir": {"kind": "AVOIR", "origin_number": "F-0", "origin_date": "01/09/2026", "payment_mode": ""},
    "exempted": {"type_tva": "EXONERATION", "exemption_reason": "Article 293 B du CGI"},
    "outside the scope": {"type_tva": "SANS_TVA", "exemption_reason": "Hors champ de la TVA"},
    "references": {"engagement": "EJ-1", "contract": "M-1", "due_date": "2026-12-01", "delivery_date": "2026-09-30"},
    "dollars, TVA at a rate": {"currency": "USD", "exchange_rate": "0,92"},
    "dollars, TVA in euros": {
        "currency": "USD",
        "tax_eur": "38,11",
        "global_discount": "5",
        "global_discount_reason": "Fidélité",
    },
    "yen": {"currency": "JPY", "exchange_rate": "0,0061"},
    "dinars, avoir": {
        "currency": "TND",
        "exchange_rate": "0.3",
        "kind": "AVOIR",
        "origin_number": "F-0",
        "origin_date": "01/09/2026",
        "payment_mode": "",
    },
    "francs without TVA": {"currency": "CHF", "type_tva": "SANS_TVA", "exemption_reason": "Hors champ de la TVA"},
    "on receipts": {"type_tva": "TVA_SUR_ENCAISSEMENT", "payment_mode": "AUTRE"},
    **{mode: {"payment_mode": mode} for mode in ("PRELEVEMENT", "ESPECE", "REPORT")},
}


@pytest.fixture
def engine(real_engine):
    return real_engine


def confirmed(stage, number, **said):
    account = stage.world.accounts.add(stage.supplier)
    values = {"number": number, "issue_date": "2026-10-01", "recipient_siret": stage.BUYER, "payment_mode": "VIREMENT"}
    lines = [calls.EntryLine.load(line) for line in said.pop("lines", LINES)]
    entry = calls.Entry(**{**values, "bank_details_id": account.bank_details_id, **said}, lines=lines)
    state = stage.call(stage.writer, calls.SaveEntry, structure_id=stage.supplier.structure_id, entry=entry).state
    named = {"invoice_id": state.invoice.invoice_id, "version": state.invoice.version}
    return state, stage.call(stage.writer, calls.ConfirmEntry, **named)


def test_every_choice_of_the_page_makes_an_invoice_that_the_engine_finds_valid(stage):
    for position, (name, said) in enumerate(SAID.items()):
        state, reply = confirmed(stage, f"F-{position}", **said)
        assert reply.invoice is not None, (name, reply.state.findings)
        assert reply.report.verdict == "valid", name
        totals = reply.invoice.content["totals"]
        in_euros = totals["vat_accounting"] and Decimal(totals["vat_accounting"])
        assert state.invoice.vat_eur == reply.invoice.vat_eur == in_euros, name
        assert (Decimal(totals["gross"]), Decimal(totals["due"])) == (state.totals.gross, state.totals.due), name
        assert [line["id"] for line in reply.invoice.content["lines"]] == ["1", "2", "4"], name
        stage.send(reply.invoice)


def test_an_invoice_in_another_currency_leaves_in_every_format_with_its_tva_in_euros(stage, real_engine):
    _, reply = confirmed(
        stage,
        "F-1",
        currency="JPY",
        exchange_rate="0,0061",
        lines=[{"name": "Lampe", "quantity": "3", "price": "1234,5", "rate": "20"}],
    )
    sent = stage.send(reply.invoice)
    assert (sent.currency, sent.net, sent.vat, sent.gross) == ("JPY", Decimal(3704), Decimal(741), Decimal(4445))
    for form in invoice_files.FORMATS:
        file = stage.call(stage.agent, invoice_files.ExportInvoice, invoice_id=sent.invoice_id, form=form).file
        report, _ = real_engine.run({"op": "check"}, stage.blobs.get(file.sha256))
        assert (report["verdict"], report["invoice"]["currency"], report["invoice"]["accounting_currency"]) == (
            "valid",
            "JPY",
            "EUR",
        ), form
        assert (report["invoice"]["totals"]["gross"], report["invoice"]["totals"]["vat_accounting"]) == (
            "4445",
            "4.52",
        ), form
    _, pdf = real_engine.run({"op": "render", "lang": "fr"}, stage.blobs.get(sent.receipt_sha256))
    shown = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "4,52 EUR" in shown
    copy = stage.call(stage.writer, calls.CopyInvoice, invoice_id=sent.invoice_id).state
    assert (copy.entry.currency, copy.entry.exchange_rate, copy.totals.gross) == ("JPY", "", Decimal(4445))
    assert ("tax_eur", "PUP-ENTRY-MISSING") in {(each.location, each.rule) for each in copy.findings}


def test_a_file_deposited_without_its_tva_in_euros_is_refused_as_the_page_refuses_it(stage):
    _, good = confirmed(stage, "F-1", currency="USD", exchange_rate="0,92")
    content = stage.blobs.get(next(each for each in good.invoice.documents if each.kind == "original").sha256)
    code = rb"<cbc:TaxCurrencyCode>EUR</cbc:TaxCurrencyCode>"
    amount = rb"<cac:TaxTotal>\s*<cbc:TaxAmount currencyID=\"EUR\">[^<]*</cbc:TaxAmount>\s*</cac:TaxTotal>"
    gone, times = re.subn(code + b"|" + amount, b"", content)
    assert times == 2
    report = stage.call(stage.writer, contract.CheckFile, sha256=stage.blobs.put(gone)).report
    assert "BR-FR-CO-12" in {each.rule.partition("_")[0] for each in report.findings}


def test_the_page_the_check_of_a_file_and_the_deposit_find_the_same(stage):
    lines = [LINES[0], {"name": "Taux inconnu", "quantity": "1", "price": "10", "rate": "7,7"}]
    _, reply = confirmed(stage, "F-1", lines=lines)
    assert reply.invoice is None
    told = {(each.location, each.rule) for each in reply.state.findings if each.severity == "error"}
    assert ("lines-2-rate", "BR-FR-16_BT-152") in told
    _, good = confirmed(stage, "F-2")
    original = next(each for each in good.invoice.documents if each.kind == "original")
    wrong = stage.blobs.get(original.sha256).replace(b"<cbc:Percent>5.5<", b"<cbc:Percent>7.7<")
    report = stage.call(stage.writer, contract.CheckFile, sha256=stage.blobs.put(wrong)).report
    assert "BR-FR-16_BT-152" in {each.rule for each in report.findings}
    assert {each.rule for each in report.findings} >= {rule for _, rule in told if rule.startswith("BR-FR")}


def test_a_program_keeps_a_file_under_a_number_that_only_its_structure_knows(stage):
    content = b"%PDF-1.4 x"
    values = {"name": "bon.pdf", "mime": "application/pdf", "size": len(content), "sha256": stage.blobs.put(content)}
    named = {"structure_id": stage.supplier.structure_id}
    kept = stage.call(stage.writer, calls.KeepFile, **named, **values).file
    found = stage.call(stage.writer, calls.KeptFiles, **named, portal_numbers=[kept.portal_number]).files
    assert [(each.name, each.sha256) for each in found] == [("bon.pdf", values["sha256"])]
    for actor in (stage.reader, stage.stranger):
        with pytest.raises(errors.Forbidden):
            stage.call(actor, calls.KeepFile, **named, **values)
        with pytest.raises(errors.Forbidden):
            stage.call(actor, calls.KeptFiles, **named, portal_numbers=[kept.portal_number])
    clerk = stage.world.user((stage.body, "factures-emises", "MODIFICATION"))
    with pytest.raises(errors.NotFound):
        stage.call(clerk, calls.KeptFiles, structure_id=stage.body.structure_id, portal_numbers=[kept.portal_number])
    with pytest.raises(errors.Invalid):
        stage.call(stage.writer, calls.KeepFile, **named, **{**values, "name": "x.exe"})
    with pytest.raises(errors.NotFound):
        stage.call(stage.writer, calls.KeepFile, **named, **{**values, "sha256": "ab" * 32})


def test_a_file_that_no_invoice_took_up_is_let_go(stage, monkeypatch):
    content = b"%PDF-1.4 y"
    values = {"name": "bon.pdf", "mime": "application/pdf", "size": len(content), "sha256": stage.blobs.put(content)}
    named = {"structure_id": stage.supplier.structure_id}
    kept = stage.call(stage.writer, calls.KeepFile, **named, **values).file
    entry_files.let_go(stage.scope())
    assert stage.call(stage.writer, calls.KeptFiles, **named, portal_numbers=[kept.portal_number]).files
    monkeypatch.setattr(entry_files, "KEPT_FOR", datetime.timedelta(0))
    entry_files.let_go(stage.scope())
    with pytest.raises(errors.NotFound):
        stage.call(stage.writer, calls.KeptFiles, **named, portal_numbers=[kept.portal_number])


def test_the_currency_of_a_pdf_is_that_of_its_data_then_of_its_text(stage, parties):
    def currency(content):
        named = {"structure_id": stage.supplier.structure_id, "sha256": stage.blobs.put(content)}
        return stage.call(stage.writer, calls.ReadPdf, **named).currency

    assert currency(factory.facturx(number="R-1", **parties)) == "EUR"
    in_dollars = factory.cii(number="R-2", **parties).replace(b"InvoiceCurrencyCode>EUR", b"InvoiceCurrencyCode>USD")
    assert currency(factory.pdf_with({"factur-x.xml": in_dollars})) == "USD"
    assert currency(pdf("Facture F-1", "Total HT : 100,00 CHF", "Total TTC : 120,00 CHF")) == "CHF"
    assert currency(pdf("Facture F-1", "Total HT : 100,00", "Total TTC : 120,00 TTC")) is None


def test_an_entry_begun_from_a_pdf_is_in_its_currency(stage):
    def begun(*lines):
        named = {"structure_id": stage.supplier.structure_id, "sha256": stage.blobs.put(pdf(*lines))}
        return stage.call(stage.writer, calls.ReadPdf, **named).entry

    in_francs, in_euros = begun("Total HT : 100,00 CHF", "Total TTC : 120,00 CHF"), begun("Total HT : 100,00 €", "Total TTC : 120,00 €")
    assert (in_francs.currency, "currency" in in_francs.read_in_pdf) == ("CHF", True)
    assert (in_euros.currency, "currency" in in_euros.read_in_pdf) == ("EUR", False)


def test_a_pdf_that_is_none_is_refused_and_a_scan_has_no_text(stage):
    named = {"structure_id": stage.supplier.structure_id}
    with pytest.raises(errors.InvoiceRefused):
        stage.call(stage.writer, calls.ReadPdf, **named, sha256=stage.blobs.put(b"GIF89a"))
    with pytest.raises(errors.InvoiceRefused):
        stage.call(stage.writer, calls.ReadPdf, **named, sha256=stage.blobs.put(b"%PDF-1.4 broken"))
    with pytest.raises(errors.Forbidden):
        stage.call(stage.reader, calls.ReadPdf, **named, sha256=stage.blobs.put(b"%PDF-1.4 broken"))
