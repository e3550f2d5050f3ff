"""Data with dates, and what a file says of itself."""

from datetime import date
from decimal import Decimal

import pytest
from pupitre_espaces import Attachment, dated

ROWS = [{"until": date(2020, 12, 31), "rate": 1}, {"from": date(2021, 1, 1), "until": date(2021, 12, 31), "rate": 2}]


@pytest.mark.parametrize(
    "day, rate", [(date(1999, 1, 1), 1), (date(2020, 12, 31), 1), (date(2021, 1, 1), 2), (date(2021, 12, 31), 2)]
)
def test_first_and_last_day_belong_to_a_row(day, rate):
    assert dated.holding(ROWS, day)["rate"] == rate


def test_a_day_after_the_last_row_has_none():
    assert dated.holding(ROWS, date(2022, 1, 1)) is None


def test_two_rows_for_one_day_are_named():
    dated.check(ROWS, "rates")
    with pytest.raises(dated.WrongData, match="rates: two rows hold on 2021-12-31"):
        dated.check([*ROWS, {"from": date(2021, 12, 31)}], "rates")
    with pytest.raises(dated.WrongData, match="after"):
        dated.check([{"from": date(2021, 2, 1), "until": date(2021, 1, 1)}], "rates")


def test_the_operator_s_file_comes_before_the_plugin_s_and_numbers_are_exact(tmp_path, monkeypatch):
    other = tmp_path / "rates.toml"
    other.write_text("rate = 0.10")
    monkeypatch.setenv("PUPITRE_ESPACE_SOME_RATES", str(other))
    rate = dated.read("pupitre_espaces", "absent.toml", "PUPITRE_ESPACE_SOME_RATES")["rate"]
    assert isinstance(rate, Decimal) and str(rate) == "0.10"


@pytest.mark.parametrize("content", [None, "rate = ", b"\xff"])
def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch, content):
    other = tmp_path / "rates.toml"
    if content is not None:
        other.write_bytes(content if isinstance(content, bytes) else content.encode())
    monkeypatch.setenv("PUPITRE_ESPACE_SOME_RATES", str(other))
    with pytest.raises(dated.WrongData, match=r"PUPITRE_ESPACE_SOME_RATES, .*rates\.toml"):
        dated.read("pupitre_espaces", "absent.toml", "PUPITRE_ESPACE_SOME_RATES")


@pytest.mark.parametrize(
    "name, designation, says",
    [
        ("Réquisition.pdf", None, True),
        ("scan.pdf", "REQUISITION du parquet", True),
        ("scan.pdf", None, False),
    ],
)
def test_a_file_says_a_word_in_its_name_or_designation(name, designation, says):
    assert Attachment(name, "application/pdf", 10, designation=designation).says("ordonnance", "réquisition") is says
