"""This service's own rules: numbers, cadres, sellers, documents, flux numbers and ends, texts."""

import datetime
import string
import uuid
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import flux, messages, model

TODAY = datetime.date(2026, 11, 21)
MINE, OTHER = "90000001000012", "90000009000034"


def read(**changes):
    values = {
        "number": "F-1",
        "kind": "FACTURE",
        "cadre": "A1",
        "cadre_code": "S1",
        "issue_date": TODAY,
        "currency": "EUR",
        "net": Decimal("100.00"),
        "vat": Decimal("20.00"),
        "gross": Decimal("120.00"),
        "due": Decimal("120.00"),
        "seller_name": "Vendeur",
        "seller_siret": MINE,
        "seller_siren": MINE[:9],
        "recipient_name": None,
        "recipient_siret": None,
        "code_service": None,
        "engagement": None,
        "contract": None,
    }
    return model.ReadInvoice(**values | changes)


def rules(**changes):
    return [finding.rule for finding in model.check_invoice(read(**changes), TODAY)]


@given(st.text(alphabet=string.ascii_letters + string.digits + "-_/+ ", min_size=1, max_size=20).filter(str.strip))
def test_letter_case_and_blanks_around_do_not_make_another_number(number):
    assert model.number_key(f"  {number.upper()} ") == model.number_key(number.lower())


def test_different_numbers_stay_different():
    assert model.number_key("F-1") != model.number_key("F1")


def test_an_ordinary_invoice_has_no_finding():
    assert rules() == []


@pytest.mark.requirement("R161")
@pytest.mark.parametrize(
    "cadre, rule",
    [
        ("A3", "PUP-CADRE-JUSTICE"),
        ("A4", "PUP-CADRE-TRAVAUX"),
        ("A22", "PUP-CADRE-TRAVAUX"),
        ("A9", "PUP-CADRE-VALIDATION"),
        ("A12", "PUP-CADRE-VALIDATION"),
        ("A21", "PUP-CADRE-TIC"),
        ("Z9", "PUP-CADRE-UNKNOWN"),
    ],
)
def test_other_cadres_are_refused_with_the_reason(cadre, rule):
    assert rules(cadre=cadre, cadre_code=cadre) == [rule]


def test_every_cadre_has_an_answer():
    for number in range(1, 26):
        found = rules(cadre=f"A{number}", cadre_code="", due=Decimal(0))
        assert (found == []) is (number in (1, 2))
        assert "PUP-CADRE-UNKNOWN" not in found


def test_an_invoice_already_paid_has_nothing_due():
    assert rules(cadre="A2") == ["PUP-CADRE-PAID"]
    assert rules(cadre="A2", due=Decimal("0.00")) == []


def test_an_invoice_of_tomorrow_is_refused():
    assert rules(issue_date=TODAY + datetime.timedelta(days=1)) == ["PUP-ISSUE-DATE"]


def test_the_day_is_that_of_paris():
    assert model.civil_date(datetime.datetime(2026, 12, 31, 23, 30, tzinfo=datetime.UTC)) == datetime.date(2027, 1, 1)


@pytest.mark.parametrize("amount", ["0.001", "100000000000000000"])
def test_an_amount_that_cannot_be_kept_exactly_is_refused(amount):
    assert rules(net=Decimal(amount)) == ["PUP-AMOUNT"]


def seller(siret, known=(), allowed=()):
    mine, other = uuid.UUID(int=1), uuid.UUID(int=2)
    ids = {MINE: mine, OTHER: other, OTHER[:9]: other}
    siren = siret[:9] if siret else None
    found = model.check_seller(
        read(seller_siret=siret if siret and len(siret) == 14 else None, seller_siren=siren),
        mine,
        MINE,
        {each: ids[each] for each in known},
        [mine, *(ids[each] for each in allowed)],
    )
    return [finding.rule for finding in found]


def test_the_seller_is_the_depositing_structure_or_one_that_the_portal_does_not_know():
    assert seller(MINE) == []
    assert seller(MINE[:9]) == []
    assert seller(OTHER) == ["PUP-SELLER-UNKNOWN"]
    assert seller(None) == ["PUP-SELLER-UNKNOWN"]
    assert seller(OTHER, known=[OTHER]) == ["PUP-SELLER-OTHER"]
    assert seller(OTHER[:9], known=[OTHER[:9]]) == ["PUP-SELLER-OTHER"]
    assert seller(OTHER, known=[OTHER], allowed=[OTHER]) == ["PUP-SELLER-CHOOSE"]


def test_all_documents_together_have_a_limit():
    new = contract.NewDocument(name="a.pdf", mime="application/pdf", size=10_000_000, sha256="0" * 64)
    assert model.check_documents([new], 110_000_000) == {}
    assert list(model.check_documents([new], 110_000_001)) == ["documents"]


@given(st.sampled_from(sorted(flux.SYNTAXES)), st.integers(1, 10**15 - 1))
def test_a_flux_number_has_25_characters_and_says_interface_and_sequence(syntax, sequence):
    interface = flux.SYNTAXES[syntax].interface
    numero = flux.numero(interface, sequence)
    assert len(numero) == 25
    assert numero[:6] == "CPP001"
    assert numero[6:10] in interface
    assert int(numero[10:]) == sequence


def test_the_digits_of_a_factur_x_flux_are_those_of_its_interface():
    assert flux.numero("FSO1117A", 300163) == "CPP0011117000000000300163"


@pytest.mark.parametrize("code", [*flux.OTHER_SYNTAXES, *flux.MISTAKEN_SYNTAXES, "", "in_dp_e1_ubl_invoice"])
def test_every_syntax_that_is_not_read_is_refused_by_its_name(code):
    with pytest.raises(errors.FluxRefused) as refusal:
        flux.syntax(code)
    assert code in refusal.value.message("fr")
    assert code in refusal.value.message("en")


@given(st.fixed_dictionaries({name: st.integers(0, 3) for name in ("accepted", "refused", "incident")}))
def test_the_end_of_a_flux_follows_from_its_outcomes(outcomes):
    state = flux.final_state(outcomes)
    assert (state == "IN_INTEGRE") is (outcomes["accepted"] > 0 and outcomes["refused"] + outcomes["incident"] == 0)
    assert (state in ("IN_INTEGRE", "IN_INTEGRE_PARTIEL")) is (outcomes["accepted"] > 0)
    assert (state == "IN_INCIDENTE") is (outcomes["accepted"] == 0 and outcomes["incident"] > 0)


@pytest.mark.parametrize("rule", messages.own_rules())
def test_every_rule_of_this_service_speaks_both_languages(rule):
    names = {
        "what_fr",
        "computed",
        "what_en",
        "decimals",
        "most",
        "known",
        "siret",
        "name",
        "codes",
        "code",
        "seller",
        "structure",
        "cadre",
        "due",
        "issued",
        "deposited",
        "amount",
        "number",
        "file",
        "found",
        "incident",
        "syntaxe",
        "expected",
        "suggestions_fr",
        "suggestions_en",
        "first",
        "first_fr",
        "first_en",
            "role",
            "label_fr",
            "label_en",
            "espace",
        "day",
    }
    finding = messages.finding(rule, **dict.fromkeys(names, "x"))
    assert finding.message_fr != finding.message_en
    assert finding.remedy_fr != finding.remedy_en
    assert finding.shown("en").message == finding.message_en
