"""The figures of payment: delays, moratory rates, indemnities. Dated data of a TOML file, never code (B.6, B.7)."""

import datetime
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from . import dated_rules
from .dated_rules import WrongRules, latest

__all__ = ["PaymentRules", "WrongRules", "load", "packaged"]


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
            named = latest([row for row in self.recipients if row["identifier"] == wanted], day)
            if named is not None:
                kind = named["kind"]
                break
        found = latest([row for row in self.delays if row["kind"] == kind], day)
        if found is None:
            raise WrongRules(f"no delay of kind {kind!r} holds on {day}")
        return found["days"]

    def rate_on(self, day: datetime.date) -> Decimal | None:
        """Return the moratory rate of interest that begins on ``day``: that of the semester (R. 2192-31); None before the table."""
        semester = day.replace(month=1 if day.month < 7 else 7, day=1)
        refi, margin = latest(self.rates, semester), latest(self.margins, semester)
        return None if refi is None or margin is None else Decimal(refi["refi"]) + Decimal(margin["points"])

    def indemnity_on(self, day: datetime.date) -> Decimal:
        """Return the fixed indemnity of a payment late from ``day`` on (D. 2192-35)."""
        found = latest(self.indemnities, day)
        return Decimal(found["amount"]) if found is not None else Decimal(0)


def packaged() -> PaymentRules:
    """Return the rules that come with this service."""
    return _read(dated_rules.packaged_text("payment_rules.toml"), "payment_rules.toml")


def load(path: str) -> PaymentRules:
    """Return the rules of a file, or those that come with this service where none is named. Raises WrongRules."""
    return _read(dated_rules.text_of(path, "PUPITRE_PAYMENT_RULES"), path) if path else packaged()


_COLUMNS = {
    "delays": {"kind": str, "from": datetime.date, "days": int},
    "recipients": {"identifier": str, "from": datetime.date, "kind": str},
    "margins": {"from": datetime.date, "points": str},
    "indemnities": {"from": datetime.date, "amount": str},
    "rates": {"from": datetime.date, "refi": str},
}


def _read(text: str, name: str) -> PaymentRules:
    with dated_rules.faults_of(name):
        values = tomllib.loads(text)
        rules = PaymentRules(
            default=values["default"],
            restart_after_recycling=bool(values.get("restart_after_recycling", True)),
            warn_days=int(values.get("warn_days", 7)),
            **dated_rules.tables(values, _COLUMNS, optional={"recipients"}, exact={"points", "amount", "refi"}),
        )
    unknown = {row["kind"] for row in rules.recipients} | {rules.default}
    unknown -= {row["kind"] for row in rules.delays}
    if unknown:
        raise WrongRules(f"{name}: no delay has the kind {', '.join(sorted(unknown))}")
    return rules
