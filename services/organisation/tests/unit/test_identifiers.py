import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_contracts.errors import IdentifierWrong, Invalid
from pupitre_organisation import identifiers
from stdnum import luhn


@pytest.mark.parametrize(
    "text",
    ["20007104100046", "35600000000048", "35600000009075", "73282932000074", "732 829 320 00074", " 20007104100046\n"],
)
def test_good_sirets_are_kept_without_spaces(text):
    assert identifiers.checked("SIRET", text) == "".join(text.split())


@pytest.mark.parametrize(
    "text",
    ["", "20007104100047", "2000710410004", "200071041000460", "2000710410004A", "35600000009076", "20007104200045"],
)
def test_wrong_sirets_are_refused_with_a_reason_in_both_languages(text):
    with pytest.raises(IdentifierWrong) as caught:
        identifiers.checked("SIRET", text)
    assert caught.value.details["why_fr"] and caught.value.details["why_en"]


@given(st.text(alphabet="0123456789", min_size=8, max_size=8), st.text(alphabet="0123456789", min_size=4, max_size=4))
def test_a_change_of_one_digit_never_passes_for_a_siret(body, establishment):
    siren = body + luhn.calc_check_digit(body)
    if siren == "356000000":
        return
    siret = siren + establishment + luhn.calc_check_digit(siren + establishment)
    assert identifiers.checked("SIRET", siret) == siret
    for at in range(14):
        other = siret[:at] + str((int(siret[at]) + 1) % 10) + siret[at + 1 :]
        with pytest.raises(IdentifierWrong):
            identifiers.checked("SIRET", other)


@pytest.mark.parametrize(
    "kind, text, kept",
    [
        ("UE_HORS_FRANCE", "de 136695976", "DE136695976"),
        ("HORS_UE", "CH Uhren AG", "CHUHRENAG"),
        ("RIDET", "0123456 001", "0123456001"),
        ("TAHITI", "A12345", "A12345"),
        ("AUTRE", "TMP-2024-17", "TMP-2024-17"),
        ("PARTICULIER", "P000017", "P000017"),
    ],
)
def test_other_kinds_of_identifier_are_taken(kind, text, kept):
    assert identifiers.checked(kind, text) == kept


@pytest.mark.parametrize(
    "kind, text",
    [
        ("UE_HORS_FRANCE", "FR44732829320"),
        ("UE_HORS_FRANCE", "DE136695977"),
        ("UE_HORS_FRANCE", "CH123456789"),
        ("HORS_UE", "DE Uhren AG"),
        ("HORS_UE", "CH"),
        ("HORS_UE", "CH" + "X" * 17),
        ("RIDET", "12345"),
        ("TAHITI", "AB2345"),
        ("AUTRE", "TMP 2024 <17>"),
    ],
)
def test_other_kinds_of_identifier_are_refused(kind, text):
    with pytest.raises(IdentifierWrong):
        identifiers.checked(kind, text)


@pytest.mark.parametrize(
    "text, kept",
    [
        ("FR 44 732829320", "FR44732829320"),
        ("FR27200071041", "FR27200071041"),
        ("FRAB732829320", "FRAB732829320"),
        ("DE136695976", "DE136695976"),
        ("", None),
        (None, None),
    ],
)
def test_vat_numbers_are_kept_without_spaces(text, kept):
    assert identifiers.checked_vat_number(text) == kept


@pytest.mark.parametrize("text", ["FR45732829320", "FR4473282932", "X" * 19])
def test_wrong_vat_numbers_are_refused(text):
    with pytest.raises(Invalid):
        identifiers.checked_vat_number(text)
