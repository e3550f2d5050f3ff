"""Terms and the structured invoice, the same from UBL, CII and Factur-X."""

import datetime
from typing import Any

import pytest
from pupitre_invoicing.engine import terms
from pupitre_invoicing.engine.terms_table import HEADER
from support import invoice_factory as factory
from support.invoice_e1 import e1

PARTS: dict[str, Any] = {
    "profile": "extended-ctc-fr",
    "service": "SERV-1",
    "engagement": "EJ-42",
    "contract": "M-7",
    "preceding": ("FA-0", datetime.date(2026, 9, 2)),
    "type_code": "381",
}


@pytest.mark.parametrize("build", [factory.cii, factory.facturx])
def test_both_syntaxes_say_the_same_terms_and_the_same_invoice(build: Any, check: Any) -> None:
    ubl, other = check(factory.ubl(**PARTS)), check(build(**PARTS))

    assert other["terms"] == ubl["terms"]
    assert other["invoice"] == ubl["invoice"]


def test_the_structured_invoice_says_who_what_and_how_much(check: Any) -> None:
    invoice = check(factory.cii(**PARTS))["invoice"]

    assert invoice["number"] == "FA-2026-0001"
    assert invoice["credit_note"] is True
    assert invoice["issue_date"] == "2026-10-01"
    assert invoice["cadre"] == {"code": "S1", "cadre": "A1"}
    assert invoice["seller"]["siret"] == factory.SELLER.siret
    assert invoice["buyer"]["siret"] == factory.BUYER.siret
    assert invoice["buyer"]["code_service"] == "SERV-1"
    assert (invoice["engagement"], invoice["contract"]) == ("EJ-42", "M-7")
    assert invoice["preceding"] == [{"number": "FA-0", "issue_date": "2026-09-02"}]
    assert invoice["payment"]["mode"] == "VIREMENT"
    assert [line["net"] for line in invoice["lines"]] == ["39.00", "255.00", "25.00"]
    assert [(part["rate"], part["amount"]) for part in invoice["vat"]] == [("20", "58.80"), ("5.5", "1.38")]
    assert invoice["totals"]["gross"] == "379.18"
    assert {note["code"] for note in invoice["notes"]} == {"PMT", "PMD", "AAB"}


@pytest.mark.parametrize(
    "code, cadre", [("B1", "A1"), ("M2", "A2"), ("S3", "A9"), ("S6", "A12"), ("A9", "A9"), ("Z1", None)]
)
def test_a_cadre_of_the_reform_is_mapped_to_the_one_it_replaces(code: str, cadre: str | None, check: Any) -> None:
    assert check(factory.ubl(cadre=code))["invoice"]["cadre"] == {"code": code, "cadre": cadre}


def test_a_comment_inside_a_value_does_not_cut_it(check: Any) -> None:
    report = check(factory.ubl().replace(b"<cbc:ID>FA-2026-0001", b"<cbc:ID>FA-<!-- x -->2026-0001"))

    assert report["invoice"]["number"] == "FA-2026-0001"


def test_a_siret_is_also_found_under_the_writings_of_old_files(check: Any) -> None:
    document = factory.ubl().decode()
    identifier = (
        f'<cac:PartyIdentification><cbc:ID schemeID="0009">{factory.BUYER.siret}</cbc:ID></cac:PartyIdentification>'
    )
    assert identifier in document

    assert check(document.replace(identifier, "").encode())["invoice"]["buyer"]["siret"] == factory.BUYER.siret


def test_every_term_has_a_name_in_both_languages_and_a_place_in_cii() -> None:
    assert all(term.fr and term.en and term.cii and term.ubl for term in HEADER)
    assert len({term.id for term in HEADER}) == len(HEADER)


@pytest.mark.parametrize(
    "family, location, term",
    [
        ("ubl", "/Invoice/LegalMonetaryTotal/PayableAmount", "BT-115"),
        ("ubl", "/Invoice/InvoiceLine[2]/Price/PriceAmount", "BT-146"),
        ("ubl", "/CreditNote/CreditNoteLine/Item/Name", "BT-153"),
        ("ubl", "/Invoice/TaxTotal/TaxSubtotal[3]", "BG-23"),
        ("cii", "/CrossIndustryInvoice/ExchangedDocument/IssueDateTime/DateTimeString", "BT-2"),
        ("cii", "/CrossIndustryInvoice", None),
    ],
)
def test_a_location_tells_its_term(family: str, location: str, term: str | None) -> None:
    assert terms.term_at(location, family) == term


E1 = e1(service="SERV-9").decode()


def test_a_legacy_chorus_file_is_read_without_the_european_norm(check: Any) -> None:
    report = check(E1.encode())

    assert (report["verdict"], report["format"], report["profile"]) == ("valid", "chorus-e1", "chorus-e1")
    invoice = report["invoice"]
    assert (invoice["seller"]["siret"], invoice["seller"]["name"]) == (factory.SELLER.siret, "Atelier du Pont")
    assert (invoice["buyer"]["siret"], invoice["buyer"]["code_service"]) == (factory.BUYER.siret, "SERV-9")
    assert (invoice["type_tva"], invoice["cadre"]["cadre"], invoice["totals"]["vat"]) == (
        "TVA_SUR_DEBIT",
        "A1",
        "20.00",
    )


@pytest.mark.parametrize(
    "old, new, rule",
    [
        (">120.00</cbc:TaxInclusive", ">130.00</cbc:TaxInclusive", "PUP-E1-SUMS"),
        (
            f'<cac:PartyIdentification><cbc:ID schemeName="1">{factory.BUYER.siret}</cbc:ID></cac:PartyIdentification>',
            "",
            "PUP-E1-MISSING",
        ),
    ],
)
def test_a_legacy_file_without_what_routing_needs_is_refused(old: str, new: str, rule: str, check: Any) -> None:
    report = check(E1.replace(old, new).encode())

    assert (report["verdict"], report["stage"]) == ("invalid", "schematron")
    assert [finding["rule"] for finding in report["findings"] if finding["severity"] == "error"] == [rule]


def test_a_file_of_today_that_forgot_its_profile_is_not_taken_for_a_legacy_one(check: Any) -> None:
    report = check(factory.ubl().replace(b"<cbc:CustomizationID>urn:cen.eu:en16931:2017</cbc:CustomizationID>", b""))

    assert (report["verdict"], report["format"]) == ("invalid", "ubl-invoice")
    assert "BR-01" in {finding["rule"] for finding in report["findings"]}
