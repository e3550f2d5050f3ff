"""Names of files that others chose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_portal.files import clean_name


@pytest.mark.parametrize(
    "given_name, kept",
    [
        ("facture.xml", "facture.xml"),
        ("C:\\dossier\\facture.xml", "facture.xml"),
        ("../../etc/passwd", "passwd"),
        ("", "fichier"),
        (None, "fichier"),
        ("..", "fichier"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("été 2026.pdf", "été 2026.pdf"),
    ],
)
def test_a_name_is_kept_without_its_folder_and_its_traps(given_name, kept):
    assert clean_name(given_name) == kept


@given(st.text(max_size=400))
def test_no_name_has_a_folder_a_control_character_or_excess_length(name):
    cleaned = clean_name(name)
    assert cleaned
    assert len(cleaned) <= 150
    assert cleaned.isprintable()
    assert not set(cleaned) & set('/\\<>:"|?*')
