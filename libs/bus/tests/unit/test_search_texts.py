"""Texts of searches: what does not count, and that only a star is a wildcard."""

import re
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_bus.search_texts import ESCAPE, like_pattern, literal_pieces, search_key

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0*"), max_size=30)
#: What SQL takes for a wildcard or for an escape, often enough to meet.
FEW = st.text(alphabet="ab%_\\*é ", max_size=8)


def liked(stored: str, wanted: str) -> bool:
    with sqlite3.connect(":memory:") as db:
        return bool(db.execute("SELECT ? LIKE ? ESCAPE ?", (search_key(stored), like_pattern(wanted), ESCAPE)).fetchone()[0])


@pytest.mark.requirement("R270")
def test_case_accents_and_runs_of_blanks_do_not_count():
    assert search_key("  Élagage\t du  CŒUR № 2 ") == search_key("elagage du cœur no 2")
    assert liked("Ville de Besançon", "ville*BESANCON")
    assert search_key("  Forêt   d'ÉTÉ ") == "foret d'ete"
    assert search_key(None) == ""


@pytest.mark.parametrize("wanted", ["100%", "a_c", "a\\c"])
def test_what_sql_takes_for_a_wildcard_stands_for_itself(wanted):
    assert liked(wanted, wanted)
    assert not liked("100 euros" if "%" in wanted else "abc", wanted)


@given(FEW, FEW)
def test_a_star_alone_is_a_wildcard_whatever_sql_thinks_of_the_rest(wanted, stored):
    pattern = ".*".join(map(re.escape, search_key(wanted).split("*")))
    assert liked(stored, wanted) == bool(re.fullmatch(pattern, search_key(stored)))


@given(TEXTS, TEXTS, TEXTS)
def test_a_star_is_any_text_and_all_else_is_itself(head, middle, tail):
    pattern = ".*".join(map(re.escape, search_key(f"{head}*{tail}").split("*")))
    stored = search_key(f"{head}{middle}{tail}")
    assert liked(stored, f"{head}*{tail}") == bool(re.fullmatch(pattern, stored, re.DOTALL))


@given(TEXTS, TEXTS)
def test_the_pieces_between_stars_lie_in_all_that_matches(stored, middle):
    wanted = f"*{middle}*"
    if liked(stored, wanted):
        assert all(piece in search_key(stored) for piece in literal_pieces(wanted))
