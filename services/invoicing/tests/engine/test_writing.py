"""Invoices written as UBL and CII: valid by the engine's own rules, and read back as they were."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from lxml import etree
from pupitre_invoicing.engine import writing
from pupitre_invoicing.engine.findings import Refused
from pupitre_invoicing.engine.losses import differences
from pupitre_invoicing.engine.terms import read
from pupitre_invoicing.engine.writing_french import completed
from pupitre_invoicing.engine.writing_terms import reading_of
from support.typed_invoices import credit_note, invoices, line, typed

SYNTAXES = ("ubl", "cii")
EXAMPLES = {
    "an invoice": typed(),
    "a credit note": credit_note(),
    "a line with a discount on its price": typed([line(price="3.90", gross_price="4.40")]),
    "allowances and charges": typed(
        [
            line(
                allowances=[{"amount": "4.00", "reason": "Remise fidélité"}],
                charges=[{"amount": "2.00", "reason": "Port"}],
            )
        ],
        allowances=[{"amount": "5.00", "reason": "Remise globale", "vat_category": "S", "vat_rate": "20"}],
        charges=[{"amount": "9.00", "reason": "Transport", "vat_category": "S", "vat_rate": "20"}],
    ),
    "an exempt line": typed([line(rate="0")]),
    "an invoice already paid": typed([line()], cadre={"code": "S2"}, prepaid="46.80"),
    "terms instead of a due date": typed(
        due_date=None, payment={"means": "30", "iban": "FR7630006000011234567890189", "terms": "30 jours"}
    ),
    "VAT on receipts": typed(type_tva="TVA_SUR_ENCAISSEMENT"),
    "another payee": typed(payee={"name": "Affacturage du Quai", "identifier": None}),
    "an engagement, a contract and a service": typed(
        engagement="EJ-1", contract="M-1", buyer=typed()["buyer"] | {"code_service": "SERV-1"}
    ),
    "a service in an extended profile": typed(
        profile="extended-ctc-fr", buyer=typed()["buyer"] | {"code_service": "SERV-1"}
    ),
}


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_typed_invoice_leaves_as_a_valid_file(name: str, syntax: str, check: Any) -> None:
    report = check(writing.write(EXAMPLES[name], syntax))

    assert (report["verdict"], report["findings"]) == ("valid", [])
    assert report["invoice"]["totals"]["due"] == EXAMPLES[name]["totals"]["due"]


@settings(max_examples=40)
@given(invoice=invoices())
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_what_is_written_is_read_back_as_it_was(syntax: str, invoice: dict[str, Any], worker: Any) -> None:
    data = writing.write(invoice, syntax)
    expected = reading_of(completed(invoice))

    assert differences(expected, read(etree.fromstring(data), syntax)) == []
    report, _ = worker.handle({"op": "check"}, data)
    assert [each for each in report["findings"] if each["severity"] == "error"] == []
    assert report["verdict"] == "valid"


def test_the_notes_that_french_rules_want_are_added_once() -> None:
    own = {"code": "PMT", "text": "40 euros, selon nos conditions"}
    told = completed(typed(notes=[own]))["notes"]

    assert [each["code"] for each in told] == ["PMT", "PMD", "AAB"]
    assert told[0] == own


def test_a_foreign_supplier_is_given_no_french_note() -> None:
    seller = {"name": "Kontor GmbH", "country": "DE", "vat": "DE123456789", "address": {"lines": [], "city": "Köln"}}

    assert "notes" not in completed(typed(seller=seller))


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_attachments_travel_inside_the_file(syntax: str, worker: Any) -> None:
    invoice = typed(attachments=[
        {"name": "bon.pdf", "mime": "application/pdf", "description": "BON_COMMANDE"},
        {"name": "plan", "reference": "P-1", "url": "https://example.test/plan"},
    ])  # fmt: skip
    content = b"%PDF-1.4 bon"
    header = {
        "op": "write",
        "syntax": syntax,
        "invoice": json.loads(json.dumps(invoice)),
        "sizes": [len(content), None],
    }
    answer, data = worker.handle(header, content)

    assert answer == {"content_type": "application/xml"}
    report, _ = worker.handle({"op": "check"}, data)
    assert report["verdict"] == "valid"
    first, second = report["invoice"]["attachments"]
    assert (first["name"], first["mime"], first["description"]) == ("bon.pdf", "application/pdf", "BON_COMMANDE")
    assert (second["reference"], second["url"], second["size"]) == ("P-1", "https://example.test/plan", 0)
    assert worker.handle({"op": "attachment", "index": 0}, data)[1] == content


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_two_service_codes_do_not_disappear_in_silence(syntax: str) -> None:
    reading = reading_of(completed(typed()))
    reading.values["BT-19"] = [reading.all("BT-1")[0], reading.all("BT-2")[0]]

    with pytest.raises(Refused) as caught:
        writing.written(reading, syntax)
    assert caught.value.finding.term == "BT-19"


def test_an_invoice_that_lacks_a_datum_is_refused_by_its_term(worker: Any) -> None:
    answer, data = worker.handle({"op": "write", "syntax": "ubl", "lang": "en", "invoice": typed(number=None)})

    assert data == b""
    assert (answer["refused"]["rule"], answer["refused"]["term"]) == ("PUP-EXPORT-MISSING", "BT-1")
    assert "invoice number" in answer["refused"]["message"]


def test_what_the_schema_refuses_is_named(worker: Any) -> None:
    answer, data = worker.handle({"op": "write", "syntax": "ubl", "invoice": typed(issue_date="hier")})

    assert data == b""
    assert answer["refused"]["rule"] == "PUP-EXPORT-SCHEMA"
    assert answer["refused"]["term"] == "BT-2"


def test_an_unknown_syntax_is_an_error(worker: Any) -> None:
    assert "unknown syntax" in worker.handle({"op": "write", "syntax": "edifact", "invoice": typed()})[0]["error"]


def test_amounts_are_written_as_they_were_typed() -> None:
    data = writing.write(typed([line(quantity="1.2500", price="12.3456")]), "cii")

    assert b">1.2500<" in data
    assert b">12.3456<" in data
    assert b">15.43<" in data
