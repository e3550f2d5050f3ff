"""The espace's word on a draft: prices, expenses, VAT and totals filled in, bordereaux made, and what keeps it from being sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from pupitre_espaces import Amounts, Completed, Finding, MadeFile, RequestDraft
from pupitre_espaces.lifecycle import PARIS

from . import forclusion, header
from .expenses import CENT
from .line_checks import LineChecks
from .tariff import Tariff

ZERO = Decimal("0.00")
WORKED_OUT = ("unit", "price", "net", "expenses", "vat", "gross")


@dataclass
class _Sums:
    """What the lines add up to: net with expenses, and by rate of VAT its base and itself."""

    net: Decimal = ZERO
    vat: Decimal = ZERO
    by_rate: dict[Decimal, tuple[Decimal, Decimal]] = field(default_factory=dict)

    def add(self, line: Mapping[str, Any], rate: Decimal, base: Decimal) -> None:
        self.net += line["net"] + line["expenses"]
        self.vat += line["vat"]
        bases, taxes = self.by_rate.get(rate, (ZERO, ZERO))
        self.by_rate[rate] = (bases + base, taxes + line["vat"])


def complete(tariff: Tariff, refuses: bool, draft: RequestDraft) -> Completed:
    """Fill in what the tariff and the calculator say. `refuses`: a mémoire beyond the year is not sent, instead of being marked."""
    form = {name: value for name, value in draft.form.items() if name not in ("last_day", "vat_by_rate")}
    excluded = header.exclusions(form)
    if excluded:
        return Completed(form, draft.lines, findings=excluded)
    today = draft.clock.now().astimezone(PARIS).date()
    findings = list(header.dates(form, today))
    lines: list[dict[str, Any]] = []
    files: list[MadeFile] = []
    sums, ends, by_quote = _Sums(), [], False
    for index, line in enumerate(draft.lines, 1):
        checks = LineChecks(tariff, draft, form, index, line, today)
        done, ended, made = _line(checks, sums, len(files))
        lines.append(done)
        files += made
        findings += checks.findings
        by_quote = by_quote or (checks.service is not None and checks.service.by_quote)
        if ended is not None:
            ends.append((ended, "mission_end", index if line.get("mission_end") else None))
    if form.get("mission_end") is not None:
        ends.append((form["mission_end"], "mission_end", None))
    findings += _forclusions(ends, today, refuses)
    if not draft.lines:
        findings.append(header.without_lines())
    findings += header.documents(tariff, form, by_quote, draft.attachments)
    lasts = [last for end, _, _ in ends if (last := forclusion.last_day(end)) is not None]
    if lasts:
        form["last_day"] = min(lasts)
    form["vat_by_rate"] = " ; ".join(
        f"{rate.normalize():f} % : {tax} EUR / {base} EUR"
        for rate, (base, tax) in sorted(sums.by_rate.items(), reverse=True)
    )
    amounts = Amounts(sums.net, sums.vat, sums.net + sums.vat)
    return Completed(form, tuple(lines), amounts, tuple(files), tuple(findings))


def _line(checks: LineChecks, sums: _Sums, files: int) -> tuple[dict[str, Any], date | None, list[MadeFile]]:
    done = {name: value for name, value in checks.line.items() if name not in WORKED_OUT}
    ended, price, rate = checks.mission_end(), checks.price(), checks.vat_rate()
    expenses, made = checks.expenses(files)
    if checks.service is not None:
        done["unit"] = checks.service.unit.text(checks.draft.language)
    done["expenses"] = expenses
    quantity = checks.line.get("quantity")
    if price is not None and quantity is not None and rate is not None:
        net = (quantity * price).quantize(CENT, ROUND_HALF_UP)
        base = net if checks.line.get("disbursed") else net + expenses
        vat = (base * rate / 100).quantize(CENT, ROUND_HALF_UP)
        done |= {"price": price, "net": net, "vat": vat, "gross": net + expenses + vat}
        sums.add(done, rate, base)
    return done, ended, made


def _forclusions(ends: list[tuple[date, str, int | None]], today: date, refuses: bool) -> list[Finding]:
    """Return what each mission's year says, each date of the header once."""
    found = []
    for end, term, line in dict.fromkeys(ends):
        found += header.within_a_year(end, today, refuses, term, line)
    return found
