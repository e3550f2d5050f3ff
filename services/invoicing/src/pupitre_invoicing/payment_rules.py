"""The figures of payment: delays, moratory rates, indemnities. Dated data of a TOML file, never code (B.6, B.7)."""

import datetime
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any


class WrongRules(Exception):
    """The file of payment rules cannot be used; the text says where and why."""


@dataclass(frozen=True)
class PaymentRules:
    """What holds on a day. Days are calendar days, rates per cent a year, amounts euros."""

    default: str
    restart_after_recycling: bool
    warn_days: int
    delays: Sequence[Mapping[str, Any]]
    recipients: Sequence[Mapping[str, Any]]
    margins: Sequence[Mapping[str, Any]]
    indemnities: Sequence[Mapping[str, Any]]
    rates: Sequence[Mapping[str, Any]]

    def days_of(self, siret: str | None, day: datetime.date) -> int:
        """Return the payment delay of a recipient for what it receives on ``day``: the row of its SIRET, else of its SIREN, else
        the default."""
        kind = self.default
        for wanted in (siret or "", (siret or "")[:9]):
            named = _latest([row for row in self.recipients if row["identifier"] == wanted], day)
            if named is not None:
                kind = named["kind"]
                break
        found = _latest([row for row in self.delays if row["kind"] == kind], day)
        if found is None:
            raise WrongRules(f"no delay of kind {kind!r} holds on {day}")
        return found["days"]

    def rate_on(self, day: datetime.date) -> Decimal | None:
        """Return the moratory rate of interest that begins on ``day``: that of the semester (R. 2192-31); None before the table."""
        semester = day.replace(month=1 if day.month < 7 else 7, day=1)
        refi, margin = _latest(self.rates, semester), _latest(self.margins, semester)
        return None if refi is None or margin is None else Decimal(refi["refi"]) + Decimal(margin["points"])

    def indemnity_on(self, day: datetime.date) -> Decimal:
        """Return the fixed indemnity of a payment late from ``day`` on (D. 2192-35)."""
        found = _latest(self.indemnities, day)
        return Decimal(found["amount"]) if found is not None else Decimal(0)


def _latest(rows: Sequence[Mapping[str, Any]], day: datetime.date) -> Mapping[str, Any] | None:
    return max((row for row in rows if row["from"] <= day), key=lambda row: row["from"], default=None)


def packaged() -> PaymentRules:
    """Return the rules that come with this service."""
    return _read(resources.files("pupitre_invoicing").joinpath("data/payment_rules.toml").read_text(), "payment_rules.toml")


def load(path: str) -> PaymentRules:
    """Return the rules of a file, or those that come with this service where none is named. Raises WrongRules."""
    if not path:
        return packaged()
    try:
        return _read(Path(path).read_text(encoding="utf-8"), path)
    except OSError as error:
        raise WrongRules(f"PUPITRE_PAYMENT_RULES: {error}") from error


_COLUMNS = {
    "delays": {"kind": str, "from": datetime.date, "days": int},
    "recipients": {"identifier": str, "from": datetime.date, "kind": str},
    "margins": {"from": datetime.date, "points": str},
    "indemnities": {"from": datetime.date, "amount": str},
    "rates": {"from": datetime.date, "refi": str},
}
_OPTIONAL = frozenset({"recipients"})


def _read(text: str, name: str) -> PaymentRules:
    try:
        values = tomllib.loads(text)
        tables = {table: [_row(row, table) for row in _rows(values, table)] for table in _COLUMNS}
        rules = PaymentRules(
            default=values["default"],
            restart_after_recycling=bool(values.get("restart_after_recycling", True)),
            warn_days=int(values.get("warn_days", 7)),
            **tables,
        )
    except KeyError as error:
        raise WrongRules(f"{name}: {error.args[0]} is missing") from error
    except (ValueError, TypeError, ArithmeticError) as error:
        raise WrongRules(f"{name}: {error}") from error
    unknown = {row["kind"] for row in rules.recipients} | {rules.default}
    unknown -= {row["kind"] for row in rules.delays}
    if unknown:
        raise WrongRules(f"{name}: no delay has the kind {', '.join(sorted(unknown))}")
    return rules


def _rows(values: Mapping[str, Any], table: str) -> Sequence[Mapping[str, Any]]:
    return values.get(table, []) if table in _OPTIONAL else values[table]


def _row(row: Mapping[str, Any], table: str) -> Mapping[str, Any]:
    for column, kind in _COLUMNS[table].items():
        if not isinstance(row[column], kind):
            raise ValueError(f"[[{table}]] {column}: {row[column]!r} is not a {kind.__name__}")
        if column in ("points", "amount", "refi"):
            Decimal(row[column])
    return row
