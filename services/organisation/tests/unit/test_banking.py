"""Accounts block by block (R088), on the vectors of the field's own documents."""

import pytest
from pupitre_contracts.errors import Invalid
from pupitre_organisation import banking

pytestmark = pytest.mark.requirement("R088")
IBAN = {"kind": "IBAN", "country": "FR", "key": "76", "national": "30006000011234567890189", "bic": "AGRIFRPP882"}
RIB = {"kind": "RIB", "country": "FR", "bank": "30002", "branch": "00550", "number": "0000157841Z", "key": "25"}


def faults(values):
    with pytest.raises(Invalid) as caught:
        banking.checked_account(values)
    found = caught.value.details["fields"]
    assert all(" / " in fault for each in found.values() for fault in each)
    return set(found)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"key": "14", "national": "20041010050500013M02606", "bic": "PSSTFRPP"},
        {"key": "14", "national": "20041010050500013m02606"},
        {"key": "33", "national": "30002005500000157841Z25"},
        {"country": "DE", "key": "89", "national": "370400440532013000", "bic": "COBADEFF"},
    ],
)
def test_a_well_formed_iban_is_taken_in_capitals(changes):
    taken = banking.checked_account(IBAN | changes)
    assert taken["national"] == (IBAN | changes)["national"].upper()
    assert set(taken) == {"kind", "country", "key", "national", "bic"}


@pytest.mark.parametrize(
    "changes, wrong",
    [
        ({"key": "77"}, {"key"}),
        ({"key": "7"}, {"key"}),
        ({"key": "7A"}, {"key"}),
        ({"country": "F"}, {"country"}),
        ({"country": "F1"}, {"country"}),
        ({"national": "3000600001123456789018"}, {"national"}),
        ({"national": "3000 6000 0112 3456 7890 189"}, {"national"}),
        ({"national": ""}, {"national"}),
        ({"bic": "AGRIFRPP8"}, {"bic"}),
        ({"bic": "AGRIFRPP88"}, {"bic"}),
        ({"bic": "AGRIFRPP8822"}, {"bic"}),
        ({"bic": "1GRIFRPP"}, {"bic"}),
        ({"bic": "", "key": "x-"}, {"bic", "key"}),
        ({"country": "DE", "key": "86", "national": "3704004405320130"}, {"national"}),
    ],
)
def test_the_wrong_block_of_an_iban_is_named(changes, wrong):
    assert faults(IBAN | changes) == wrong


def test_a_french_iban_whose_rib_key_is_wrong_is_refused():
    from stdnum import iban

    national = IBAN["national"][:-2] + "88"
    assert faults(IBAN | {"national": national, "key": iban.calc_check_digits(f"FR00{national}")}) == {"national"}


def test_a_well_formed_rib_is_taken():
    assert banking.checked_account(RIB) == RIB
    assert banking.rib_key("30006", "00001", "12345678901") == "89"
    assert banking.rib_key("20041", "01005", "0500013M026") == "06"


@pytest.mark.parametrize(
    "changes, wrong",
    [
        ({"key": "26"}, {"key"}),
        ({"bank": "3000"}, {"bank"}),
        ({"branch": "005500"}, {"branch"}),
        ({"number": "0000157841"}, {"number"}),
        ({"key": "5"}, {"key"}),
        ({"bank": "3-002", "number": ""}, {"bank", "number"}),
        ({"bank": "3000A"}, {"bank"}),
        ({"country": ""}, {"country"}),
    ],
)
def test_the_wrong_block_of_a_rib_is_named(changes, wrong):
    assert faults(RIB | changes) == wrong


def test_a_list_shows_the_beginning_and_the_end_of_an_account_alone():
    assert banking.masked(IBAN) == "FR76 •••• 0189"
    assert banking.masked(RIB) == "3000 •••• 1Z25"


def test_a_factor_is_whole_or_not_at_all():
    factor = {"name": "Factor SA", "country": "fr", "identifier_type": "SIRET", "identifier": "73282932000074"}
    assert banking.checked_factor(None) is None
    assert banking.checked_factor(factor) == factor | {"country": "FR"}
    wrong = {"factor_identifier": {"identifier": "73282932000075"}, "factor_identifier_type": {"identifier_type": "CIF"}}
    for field, changes in wrong.items():
        with pytest.raises(Invalid) as caught:
            banking.checked_factor(factor | changes)
        assert set(caught.value.details["fields"]) == {field}
    with pytest.raises(Invalid) as caught:
        banking.checked_factor({"name": " ", "country": "FRA"})
    assert set(caught.value.details["fields"]) == {
        "factor_name",
        "factor_country",
        "factor_identifier_type",
        "factor_identifier",
    }
