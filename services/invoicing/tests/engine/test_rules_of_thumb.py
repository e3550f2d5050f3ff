"""Properties of the small functions: amounts, dates, identifiers, names, encodings."""

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_invoicing.engine import amounts, checks
from pupitre_invoicing.engine.attachments import NAME_LENGTH, safe_name
from pupitre_invoicing.engine.findings import Refused, excerpt
from pupitre_invoicing.engine.french import real_date
from pupitre_invoicing.engine.readable import amount
from pupitre_invoicing.engine.safe_xml import parse
from support import invoice_factory as factory


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_an_amount_is_read_exactly(value: Decimal) -> None:
    assert amounts.parse(f"{value:f}") == value


@given(st.text(max_size=80))
def test_no_text_breaks_the_reading_of_an_amount(text: str) -> None:
    value = amounts.parse(text)
    assert value is None or value.is_finite()


@pytest.mark.parametrize(
    "text", ["1,5", "1e3", "NaN", "Infinity", "", " 1", "1 000", "--1", "١", "9" * 100, "1_000", None]
)
def test_what_is_not_a_plain_decimal_is_no_amount(text: str | None) -> None:
    assert amounts.parse(text) is None


@given(st.decimals(places=2, min_value=0, max_value=10**9), st.decimals(places=4, min_value=0, max_value=10**6))
def test_a_product_is_rounded_half_up_to_the_cent(price: Decimal, quantity: Decimal) -> None:
    exact = price * quantity
    assert abs(amounts.product(quantity, price, Decimal(1)) - exact) <= Decimal("0.005")


def test_half_a_cent_goes_up() -> None:
    assert amounts.product(Decimal(1), Decimal("0.125"), Decimal(1)) == Decimal("0.13")


@given(st.dates())
def test_a_date_is_read_back(day: object) -> None:
    assert real_date(str(day)) == day


@given(st.text(max_size=20))
def test_no_text_breaks_the_reading_of_a_date(text: str) -> None:
    real_date(text)


@pytest.mark.parametrize("text", ["2026-02-30", "20260101", "2026-1-1", "2026-W01-1", None])
def test_what_is_not_a_calendar_day_is_no_date(text: str | None) -> None:
    assert real_date(text) is None


@given(st.text(max_size=200))
def test_a_safe_name_is_short_flat_and_not_hidden(name: str) -> None:
    safe = safe_name(name)

    assert 0 < len(safe) <= NAME_LENGTH
    assert not set(safe) & set("/\\\x00\n")
    assert not safe.startswith((".", "-"))
    assert safe_name(safe) == safe


@given(st.text(max_size=300))
def test_an_excerpt_is_one_bounded_line(text: str) -> None:
    piece = excerpt(text, 40)

    assert len(piece) <= 40
    assert not set(piece) & set("\n\r\x00\x1b")


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_read_or_refused(data: bytes) -> None:
    with suppress(Refused):
        parse(data)


@given(st.integers(0, 9_999_999), st.integers(0, 9999))
def test_a_completed_siret_passes_its_check_and_a_changed_one_does_not(seed: int, establishment: int) -> None:
    siret = factory.fictional_siret(seed, establishment)
    wrong = siret[:-1] + str((int(siret[-1]) + 1) % 10)

    assert checks.valid_siret(siret)
    assert not checks.valid_siret(wrong)


@pytest.mark.parametrize(
    "siret, valid",
    [
        ("20007104100046", True),
        ("20007104100047", False),
        ("35600000000048", True),
        ("35600000009075", True),
        ("73282932000074", True),
        ("2000710410004", False),
        ("200071041000461", False),
    ],
)
def test_sirets_are_checked_with_the_exception_of_la_poste(siret: str, valid: bool) -> None:
    assert checks.valid_siret(siret) is valid


@pytest.mark.parametrize(
    "number, valid",
    [
        ("FR44732829320", True),
        ("FR27200071041", True),
        ("FR45732829320", False),
        ("FRK7399859412", True),
        ("FRK7399859413", False),
        ("FR1", False),
    ],
)
def test_french_vat_numbers_are_checked_by_their_key(number: str, valid: bool) -> None:
    assert checks.valid_french_vat(number) is valid


@pytest.mark.parametrize(
    "iban, valid",
    [
        ("FR7630006000011234567890189", True),
        ("FR1420041010050500013M02606", True),
        ("FR3330002005500000157841Z25", True),
        ("FR7630006000011234567890188", False),
        ("", False),
        ("x" * 500, False),
    ],
)
def test_ibans_are_checked_by_both_keys(iban: str, valid: bool) -> None:
    assert checks.valid_iban(iban) is valid


def test_an_amount_for_people_keeps_its_decimals() -> None:
    assert amount("1234567.5", "fr") == "1\u00a0234\u00a0567,5"
    assert amount("1234567.50", "en") == "1,234,567.50"
    assert amount("douze", "fr") == "douze"
