import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_contracts.errors import Invalid
from pupitre_identity import model
from pupitre_identity.model import Session, WrongSignIns

NOW = datetime.datetime(2024, 3, 15, 9, 30, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


def test_each_wrong_sign_in_doubles_the_wait_up_to_a_minute():
    waits = [WrongSignIns(count, NOW).slow_down().total_seconds() for count in range(10)]
    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60, 60]


def test_ten_wrong_sign_ins_pause_their_network_until_they_are_forgotten():
    wrong = WrongSignIns(10, NOW)
    assert wrong.wait(NOW) == 15 * 60
    assert wrong.wait(NOW + 14 * 60 * SECOND) == 60
    assert wrong.wait(NOW + 15 * 60 * SECOND) == 0


def test_requests_are_counted_by_the_hour():
    counted = model.Requests()
    for _ in range(20):
        assert counted.wait(NOW, 20) == 0
        counted = counted.one_more(NOW)
    assert counted.wait(NOW + 59 * 60 * SECOND, 20) == 60
    assert counted.wait(NOW + model.HOUR, 20) == 0
    assert counted.one_more(NOW + model.HOUR) == model.Requests(1, NOW + model.HOUR)


@given(count=st.integers(min_value=1, max_value=10_000), after=st.integers(min_value=0, max_value=899))
def test_a_try_is_looked_at_exactly_when_the_wait_is_over(count, after):
    wrong = WrongSignIns(count, NOW)
    assert wrong.slowed(NOW + after * SECOND) == (after * SECOND < wrong.slow_down())


def test_wrong_sign_ins_are_forgotten_after_a_quiet_quarter_of_an_hour():
    wrong = WrongSignIns(7, NOW)
    later = NOW + datetime.timedelta(minutes=15)
    assert wrong.one_more(later - SECOND).count == 8
    assert wrong.one_more(later).count == 1
    assert not WrongSignIns().slowed(NOW)


@pytest.mark.parametrize(
    "address, network",
    [
        ("192.0.2.10", "192.0.2.10"),
        (" ::ffff:192.0.2.10", "192.0.2.10"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("unix", "unix"),
    ],
)
def test_the_network_of_an_address(address, network):
    assert model.network_of(address) == network


@pytest.mark.requirement("R020")
@pytest.mark.parametrize("spelling", ["LOU@Exemple.FR", " lou@exemple.fr\n", "Lou@exemple.fr"])
def test_two_spellings_of_an_address_have_one_key(spelling):
    assert model.email_key(spelling) == "lou@exemple.fr"


@pytest.mark.parametrize("text", ["", "a", "a@b", "@b.fr", "a b@c.fr", "a@b@c.fr", "a@.fr", "a" * 250 + "@b.fr"])
def test_what_is_no_address_is_refused(text):
    with pytest.raises(Invalid):
        model.checked_email(text)


GOOD = {"given_name": "Lou", "family_name": "Martin"}


@pytest.mark.requirement("R027")
@pytest.mark.parametrize(
    "field, value, told",
    [
        ("family_name", " ", "Nom : à renseigner"),
        ("given_name", None, "Prénom : à renseigner"),
        ("given_name", "x" * 101, "plus de 100 caractères"),
        ("contact_email", "lou", "« lou » n'est pas une adresse électronique"),
        ("notification_email", "a b@c.fr", "n'est pas une adresse électronique"),
        ("phone", "appelez-moi", "n'est pas un numéro de téléphone"),
        ("mobile", "06", "n'est pas un numéro de téléphone"),
        ("city", "x" * 201, "plus de 200 caractères"),
    ],
)
def test_a_faulty_field_is_named(field, value, told):
    with pytest.raises(Invalid) as caught:
        model.checked_personal_data({**GOOD, field: value})
    assert list(caught.value.details["fields"]) == [field]
    assert told in caught.value.details["fields"][field][0]
    assert " / " in caught.value.details["fields"][field][0]


def test_every_faulty_field_is_named_at_once_and_blanks_are_taken_off():
    with pytest.raises(Invalid) as caught:
        model.checked_personal_data({"given_name": "", "family_name": "", "phone": "x"})
    assert sorted(caught.value.details["fields"]) == ["family_name", "given_name", "phone"]
    assert model.checked_personal_data({**GOOD, "city": "  Val  bourg ", "street": " "}) == {**GOOD, "city": "Val bourg", "street": None}
    for phone in ("01 23 45 67 89", "+33 6 12 34 56 78", "+33 (0)6.12.34.56.78", "0123456789"):
        assert model.checked_personal_data({**GOOD, "phone": phone})["phone"] == phone


def test_a_session_is_open_while_used_for_half_a_day_at_most():
    minute = datetime.timedelta(minutes=1)
    assert Session(NOW, NOW).open(NOW + 29 * minute)
    assert not Session(NOW, NOW).open(NOW + 30 * minute)
    assert Session(NOW, NOW + 700 * minute).open(NOW + 719 * minute)
    assert not Session(NOW, NOW + 700 * minute).open(NOW + 720 * minute)
    assert not Session(NOW, NOW, ended_at=NOW).open(NOW)


def test_a_scope_that_does_not_exist_is_not_granted():
    assert model.granted_scope("openid") == "openid"
    assert model.granted_scope("openid everything") == "openid"
    assert model.granted_scope("") == "openid"
