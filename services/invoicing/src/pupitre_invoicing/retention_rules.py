"""How long invoices are kept, in civil years: dated data of a TOML file (RS-74)."""

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import dated_rules
from .dated_rules import Rows, WrongRules, latest
from .model import civil_date


@dataclass(frozen=True)
class RetentionRules:
    """Durations in years from the end of a civil year: those of all, and longer ones of some structures."""

    durations: Rows
    structures: Rows

    def years_of(self, year: int, *identifiers: str | None) -> int:
        """Return how many years are kept what was last touched in ``year``, between structures with these identifiers: the longest
        that a row names. Raises WrongRules for a year before every row."""
        begins = datetime.date(year + 1, 1, 1)
        common = latest(self.durations, begins)
        if common is None:
            raise WrongRules(f"no duration holds on {begins}")
        names = {name for identifier in identifiers if identifier for name in (identifier, identifier[:9])}
        own = (latest([row for row in self.structures if row["identifier"] == name], begins) for name in names)
        return max([common["years"], *(row["years"] for row in own if row is not None)])

    def term(self, year: int, *identifiers: str | None) -> datetime.date:
        """Return the first day on which what was last touched in ``year`` need not be kept any more."""
        return datetime.date(year + 1 + self.years_of(year, *identifiers), 1, 1)

    def named(self) -> list[str]:
        """Return the SIRETs and SIRENs of structures with durations of their own."""
        return sorted({row["identifier"] for row in self.structures})

    def term_of(self, row: Mapping[str, Any]) -> datetime.date:
        """Return the term of an invoice's row."""
        return self.term(year_of(row), row["supplier_identifier"], row["recipient_siret"])

    def term_of_request(self, row: Mapping[str, Any]) -> datetime.date:
        """Return the term of a request's row."""
        return self.term(civil_date(row["status_at"]).year, *(each["identifier"] for each in row["parties"]))


def year_of(row: Mapping[str, Any]) -> int:
    """Return the civil year from whose end an invoice is kept: that of its last act, or of its own date where that is later."""
    return max(civil_date(row["status_at"]).year, row["issue_date"].year)


def packaged() -> RetentionRules:
    """Return the rules that come with this service."""
    return _read(dated_rules.packaged_text("retention_rules.toml"), "retention_rules.toml")


def load(path: str) -> RetentionRules:
    """Return the rules of a file, or those that come with this service where none is named. Raises WrongRules."""
    return _read(dated_rules.text_of(path, "PUPITRE_RETENTION_RULES"), path) if path else packaged()


_COLUMNS = {
    "durations": {"from": datetime.date, "years": int},
    "structures": {"identifier": str, "from": datetime.date, "years": int},
}


def _read(text: str, name: str) -> RetentionRules:
    with dated_rules.faults_of(name):
        rules = RetentionRules(**dated_rules.tables(tomllib.loads(text), _COLUMNS, optional={"structures"}))
        wrong = [row["years"] for row in (*rules.durations, *rules.structures) if row["years"] < 1]
        if wrong:
            raise ValueError(f"{wrong[0]} years: at least 1")
        if not rules.durations:
            raise ValueError("no row in [[durations]]")
    return rules
