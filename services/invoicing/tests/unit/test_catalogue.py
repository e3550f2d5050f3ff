"""Every rule has its code of the catalogue, and data have names."""

import pytest
from pupitre_invoicing import catalogue, messages, refusals
from pupitre_invoicing.engine import messages as engine
from pupitre_invoicing.engine.remedies import CATALOGUE


@pytest.mark.parametrize(
    "rule, term, code",
    [
        ("PUP-XML-DOCTYPE", None, "F-SYN"),
        ("cvc-datatype-valid.1.2.1", "BT-2", "F-SYN"),
        ("PUP-LOT-ENTRIES", None, "F-TAI"),
        ("PUP-LOT-NESTED", None, "F-SYN"),
        ("PUP-ROUTING-RECIPIENT-UNKNOWN", "BT-46", "D-DES"),
        ("PUP-ROUTING-SERVICE-REQUIRED", "BT-10", "D-SRV"),
        ("PUP-ROUTING-SERVICE-OR-ENGAGEMENT", "BT-13", "D-ENG"),
        ("PUP-ROUTING-ENGAGEMENT-REQUIRED-BY-SERVICE", "BT-13", "D-ENG"),
        ("PUP-NUMBER-TAKEN", "BT-1", "D-DBL"),
        ("PUP-SELLER-OTHER", "BT-30", "D-DRO"),
        ("PUP-ISSUE-DATE", "BT-2", "D-DAT"),
        ("BR-FR-03_BT-2", "BT-2", "D-DAT"),
        ("BR-CO-15", "BT-112", "D-TOT"),
        ("BR-CO-17", "BT-117", "D-TVA"),
        ("BR-S-09", "BT-117", "D-TVA"),
        ("BR-61", "BT-84", "D-IBA"),
        ("PUP-IBAN", "BT-84", "D-IBA"),
        ("BR-FR-08_BT-23", "BT-23", "D-CAD"),
        ("PUP-ATTACHMENT-TYPE", "BT-125", "D-PJ"),
        ("BR-52", "BT-122", "D-PJ"),
        ("BR-08", "BG-5", "D-DON"),
        ("controles:limite", None, "D-DON"),
        ("PUP-FLUX-INCIDENT", None, "F-INC"),
    ],
)
def test_a_refusal_has_the_code_of_its_family_or_of_its_datum(rule, term, code):
    assert catalogue.code_of(rule, term) == code


def test_every_own_rule_falls_in_a_family_or_stands_on_a_datum_that_does():
    for rule in (*messages.own_rules(), *engine.OWN):
        assert catalogue.code_of(rule) in catalogue.CODES
    placeless = {rule for rule in messages.own_rules() if catalogue.code_of(rule) == "D-DON" and not rule.startswith("PUP-ENTRY")}
    assert placeless == set()


def test_every_datum_that_an_official_rule_is_about_has_a_name():
    for entry in CATALOGUE.values():
        if entry.term:
            assert catalogue.field_name(entry.term, "fr"), entry.term
            assert catalogue.field_name(entry.term, "en"), entry.term


def test_codes_are_kept_once_each_and_found_whole():
    kept = catalogue.codes_of([("BR-CO-15", "BT-112"), ("BR-CO-16", "BT-115"), ("PUP-IBAN", "BT-84")])
    assert kept == " D-IBA D-TOT "
    assert catalogue.codes_of([]) == ""


LINES = {"BT-112": "120.00", "BT-46": ["1", "2"], "BG-25": [{"BT-131": "10.00"}, {"BT-131": "20.00", "BG-27": [{"BT-136": "3.00"}]}, {}]}


@pytest.mark.parametrize(
    "term, location, value",
    [
        ("BT-112", None, "120.00"),
        ("BT-46", "/Invoice", "1 ; 2"),
        ("BT-131", "/Invoice/InvoiceLine[2]/LineExtensionAmount", "20.00"),
        ("BT-136", "/Invoice/InvoiceLine[2]/AllowanceCharge/Amount", "3.00"),
        ("BT-131", "/Invoice/InvoiceLine[3]/LineExtensionAmount", None),
        ("BT-131", "/Invoice", "10.00 ; 20.00"),
        ("BT-999", None, None),
        ("BG-25", None, None),
        (None, None, None),
    ],
)
def test_the_value_read_is_that_of_the_place(term, location, value):
    assert refusals.value_read(term, location, LINES) == value


def test_a_value_that_is_long_or_one_of_many_is_cut_short_or_left_out():
    assert refusals.value_read("BT-22", None, {"BT-22": "x" * 500}) == "x" * 79 + "…"
    assert refusals.value_read("BT-131", None, {"BG-25": [{"BT-131": str(n)} for n in range(4)]}) is None
