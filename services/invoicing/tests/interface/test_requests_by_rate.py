"""The invoice of *Factures reçues* that a request with several rates of VAT becomes, written, judged and converted by the real engine."""

import datetime
from decimal import Decimal

import pytest
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors, invoice_files
from pupitre_contracts import invoicing as invoices
from pupitre_espaces.discovery import Source
from request_people import Desk
from request_plugin import Trials

#: The identifiers of these tests have wrong check digits, and that is all there is to say of their invoices.
OF_THE_IDENTIFIERS = {"PUP-SIRET", "PUP-SIREN", "PUP-VAT-KEY"}


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC))


@pytest.fixture
def plugins():
    return [Source.of(Trials())]


@pytest.fixture
def desk(stage):
    return Desk(stage)


@pytest.fixture
def engine(real_engine):
    return real_engine


def handed_over(desk, **form):
    values = {"engagement": "BC-7", **form}
    first = desk.send(desk.piece("P-1", form=values))
    second = desk.send(desk.next_piece(first, form=values), desk.architect)
    return desk.move(desk.get(second, desk.agent), "TRANSMISE_MOA", desk.agent)


def read(real_engine, content):
    """Return what the engine reads in a file: rules, the recapitulation, the lines, and the totals; amounts as Decimal."""
    report, _ = real_engine.run({"op": "check"}, content)
    invoice = report["invoice"]
    vat = [(each["category"], each["rate"], Decimal(each["base"]), Decimal(each["amount"])) for each in invoice["vat"]]
    lines = [(each["vat_category"], each["vat_rate"], Decimal(each["net"])) for each in invoice["lines"]]
    totals = {name: Decimal(invoice["totals"][name]) for name in ("net", "vat", "gross", "due")}
    return {each["rule"] for each in report["findings"]}, vat, lines, totals


@pytest.mark.parametrize(
    "form, vat",
    [
        (
            {"net": "300.00", "vat": "50.00", "at_20": "200.00", "at_10": "100.00"},
            [("S", "20", "200.00", "40.00"), ("S", "10", "100.00", "10.00")],
        ),
        (
            {"net": "90.15", "vat": "18.83", "at_20": "100.20", "at_10": "-12.10", "owed": "2.05"},
            [("S", "20", "100.20", "20.04"), ("S", "10", "-12.10", "-1.21"), ("AE", "0", "2.05", "0.00")],
        ),
        ({"net": "80.00", "vat": "0.00", "owed": "80.00"}, [("AE", "0", "80.00", "0.00")]),
        # Who does not divide his amounts has one line at the rate that his VAT comes to, or outside VAT.
        ({"net": "100.00", "vat": "20.00"}, [("S", "20", "100.00", "20.00")]),
        ({"net": "100.00", "vat": "0.00"}, [("O", None, "100.00", "0.00")]),
    ],
)
def test_each_rate_is_a_line_and_a_row_of_the_recapitulation_in_every_format(desk, real_engine, form, vat):
    over = handed_over(desk, **form)
    expected = [(category, rate, Decimal(base), Decimal(amount)) for category, rate, base, amount in vat]
    for each in invoice_files.FORMATS:
        asked = {"invoice_id": over.invoice_id, "form": each}
        file = desk.call(desk.agent, invoice_files.ExportInvoice, **asked, timeout=60).file
        rules, rows, lines, totals = read(real_engine, desk.stage.blobs.get(file.sha256))
        assert rules <= OF_THE_IDENTIFIERS, each
        assert sorted(rows, key=repr) == sorted(expected, key=repr), each
        assert lines == [(category, rate, base) for category, rate, base, _ in expected], each
        assert totals["net"] == sum(base for _, _, base, _ in expected) == Decimal(form["net"])
        assert totals["vat"] == sum(amount for _, _, _, amount in expected) == Decimal(form["vat"])
        assert totals["gross"] == totals["due"] == Decimal(form["net"]) + Decimal(form["vat"])
    invoice = desk.call(desk.agent, invoices.GetInvoice, invoice_id=over.invoice_id).invoice
    assert (invoice.net, invoice.vat) == (Decimal(form["net"]), Decimal(form["vat"]))


def test_parts_that_do_not_make_up_the_amounts_keep_a_request_from_being_sent(desk):
    draft = desk.piece("P-1", form={"net": "300.00", "vat": "50.00", "at_20": "200.00", "engagement": "BC-7"})
    assert [each.rule for each in draft.findings] == ["vat-by-rate", "vat-by-rate"]
    with pytest.raises(errors.RequestNotReady) as caught:
        desk.send(draft)
    said = {language: caught.value.message(language) for language in ("fr", "en")}
    assert said["fr"] != said["en"]
