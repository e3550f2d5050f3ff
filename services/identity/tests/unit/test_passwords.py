import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_contracts.errors import PasswordTooWeak
from pupitre_identity import passwords

pytestmark = pytest.mark.requirement("RS-50")
PERSONAL = ("camille.durand@exemple.invalid", "Camille", "Durand")


@pytest.mark.parametrize(
    "password",
    [
        "sept bateaux verts dérivent",
        "k7$Wq!zP3&xT",
        "gR7tKw2mXq9LpZ",
        "le chat dort sous la pluie",
    ],
)
def test_good_passwords_are_taken(password):
    passwords.check(password, PERSONAL)


@pytest.mark.parametrize(
    "password",
    [
        "k7$Wq!zP3&x",
        "aaaaaaaaaaaaaaaaaaaaaaaa",
        "azertyuiopqsdfghjklm",
        "abcdefghijklmnopqrstuvwxyz",
        "MotDePasse2024!",
        "M0tD3P4ss3!2024",
        "Pupitre-Facture-2024",
        "Camille-Durand-1984!",
        "motdepassemotdepassemotdepasse",
        "1234567890123456789012",
        "x" * 257,
    ],
)
def test_what_is_short_common_or_personal_is_refused(password):
    with pytest.raises(PasswordTooWeak):
        passwords.check(password, PERSONAL)


def test_the_refusal_says_what_to_do_in_both_languages():
    with pytest.raises(PasswordTooWeak) as caught:
        passwords.check("court")
    assert "5 caractères" in caught.value.message("fr")
    assert "5 characters" in caught.value.message("en")


def accepts(password):
    try:
        passwords.check(password, PERSONAL)
    except PasswordTooWeak:
        return False
    return True


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=300))
def test_any_text_is_taken_or_refused_and_never_stumbled_over(text):
    assert accepts(text) in (True, False)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=11))
def test_nothing_shorter_than_twelve_characters_is_taken(text):
    assert len(unicodedata.normalize("NFKC", text)) >= 12 or not accepts(text)


@given(st.text(alphabet="azertyuiopqsdfghjklm0123456789", min_size=1, max_size=40))
def test_the_hard_part_is_never_longer_than_the_password(text):
    assert len(passwords.hard_part(text)) <= len(text)
