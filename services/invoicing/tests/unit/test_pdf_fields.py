"""What an invoice's text is taken to say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_invoicing import pdf_fields

SUPPLIER, RECIPIENT = "73282932000074", "20007104100046"
TEXT = f"""ATELIER DUVAL
SIRET : 732 829 320 00074
FACTURE N° FA-2026/0042
Date : 2 mars 2026
Client : Région, SIRET {RECIPIENT}
Code service : ACHATS-2
Numéro d'engagement : EJ0012345
Marché n° M2024-17
Total HT : 1 234,50 €
Total TVA : 246,90 €
Total TTC 1 481,40 €
Net à payer : 1 481,40 €
Échéance : 01/04/2026
IBAN FR76 3000 6000 0112 3456 7890 189
"""


def test_fields_are_found_by_their_labels_and_forms():
    found = pdf_fields.find(TEXT, SUPPLIER)
    assert found.entry == {
        "number": "FA-2026/0042",
        "issue_date": "2026-03-02",
        "due_date": "2026-04-01",
        "recipient_siret": RECIPIENT,
        "code_service": "ACHATS-2",
        "engagement": "EJ0012345",
        "contract": "M2024-17",
    }
    assert found.amounts == {"net": "1234.50", "vat": "246.90", "gross": "1481.40", "due": "1481.40"}
    assert found.iban == "FR7630006000011234567890189"


def test_the_line_that_stands_for_the_pdf_has_the_rate_that_the_amounts_agree_on():
    line = pdf_fields.one_line(pdf_fields.find(TEXT, SUPPLIER).amounts, "Selon PDF")
    assert line == {"name": "Selon PDF", "quantity": "1", "price": "1234.50", "rate": "20"}
    assert "rate" not in pdf_fields.one_line({"net": "100.00", "vat": "13.37"}, "x")
    assert pdf_fields.one_line({"gross": "120.00", "vat": "20.00"}, "x")["price"] == "100.00"
    assert pdf_fields.one_line({}, "x") == {}


@pytest.mark.parametrize("text", ["Facture du 2 mars", "SIRET 12345678901234", "IBAN FR00 1234 5678 9012", "Total HT néant", ""])
def test_what_is_no_value_is_not_taken_for_one(text):
    found = pdf_fields.find(text, SUPPLIER)
    assert found.entry == {}
    assert (found.amounts, found.iban) == ({}, None)


def test_an_avoir_is_told_by_its_title():
    assert pdf_fields.find("AVOIR N° A-12\nTotal HT : 10,00", SUPPLIER).entry["kind"] == "AVOIR"


def test_the_suppliers_own_siret_is_not_the_recipients():
    assert "recipient_siret" not in pdf_fields.find(f"SIRET {SUPPLIER}", SUPPLIER).entry


@given(st.text(alphabet=st.sampled_from(" \n0123456789FRfactureTotalHT:.,/-€n°IBANéà"), max_size=400))
def test_no_text_makes_it_fail(text):
    found = pdf_fields.find(text, SUPPLIER)
    pdf_fields.one_line(found.amounts, "x")


@pytest.mark.parametrize(
    "said, currencies",
    [
        ("Total TTC : 1 200,00 €", ("EUR",)),
        ("Total HT : 100,00 USD\nTotal TTC : 120,00 USD", ("USD", "USD")),
        ("Devise : chf\nTotal TTC : 120,00", ("CHF",)),
        ("Total TTC : 120,00 £", ("GBP",)),
        ("Total TTC : 120,00 $", ()),
        ("Total TTC : 120,00", ()),
    ],
)
def test_the_currency_is_what_stands_behind_the_amounts_or_is_named(said, currencies):
    assert pdf_fields.find(said, SUPPLIER).currencies == currencies
