"""How long invoices are kept: dated data, counted in civil years of France (RS-74)."""

import datetime

import pytest
from pupitre_invoicing import retention_rules

pytestmark = pytest.mark.requirement("RS-74")

DAY = datetime.date
RULES = """
[[durations]]
from = 1990-01-01
years = 10

[[durations]]
from = 2030-01-01
years = 12

[[structures]]
identifier = "900000020"
from = 2020-01-01
years = 30

[[structures]]
identifier = "90000002000019"
from = 2020-01-01
years = 5
"""


def row(at, issued=DAY(2026, 1, 2), supplier=None, recipient=None):
    return {"status_at": at, "issue_date": issued, "supplier_identifier": supplier, "recipient_siret": recipient}


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text(RULES)
    return retention_rules.load(str(path))


def test_the_years_are_those_of_the_rules_that_come_with_invoicing():
    noon = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
    assert retention_rules.packaged().term_of(row(noon)) == DAY(2037, 1, 1)


def test_the_year_is_that_of_the_last_act_in_france_or_of_a_later_date(rules):
    eve = datetime.datetime(2026, 12, 31, 23, 30, tzinfo=datetime.UTC)
    assert retention_rules.year_of(row(eve)) == 2027
    assert retention_rules.year_of(row(eve, issued=DAY(2028, 1, 1))) == 2028


def test_the_row_that_holds_when_the_count_begins_applies_and_the_longest_counts(rules):
    assert rules.term(2028) == DAY(2039, 1, 1)
    assert rules.term(2029) == DAY(2042, 1, 1)
    assert rules.term(2028, None, "90000002000027") == DAY(2059, 1, 1)
    assert rules.term(2028, "90000002000019", "11111111100011") == DAY(2059, 1, 1)
    assert rules.term(2018, "90000002000019") == DAY(2029, 1, 1)


def test_a_year_before_every_row_has_no_term(rules):
    with pytest.raises(retention_rules.WrongRules, match="1980-01-01"):
        rules.term(1979)


@pytest.mark.parametrize(
    "text, fault",
    [
        ("", "durations is missing"),
        ("durations = []", "no row"),
        ("[[durations]]\nfrom = 2000-01-01\nyears = 0", "at least 1"),
        ('[[durations]]\nfrom = 2000-01-01\nyears = "10"', "not a int"),
        ("[[durations]]\nyears = 10", "from is missing"),
    ],
)
def test_a_wrong_file_says_where_and_why(tmp_path, text, fault):
    path = tmp_path / "rules.toml"
    path.write_text(text)
    with pytest.raises(retention_rules.WrongRules, match=fault):
        retention_rules.load(str(path))
    with pytest.raises(retention_rules.WrongRules, match="PUPITRE_RETENTION_RULES"):
        retention_rules.load(str(tmp_path / "absent.toml"))
