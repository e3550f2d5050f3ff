"""French particulars, as dated data: when the 2026 reform binds an invoice, and the cadres de facturation."""

from __future__ import annotations

import re
from datetime import date

from .terms import Reading

# First day on which French businesses must receive and large ones issue electronic invoices.
REFORM_FIRST_DAY = date(2026, 9, 1)
# ISO 3166 codes of the territory where French VAT, hence the reform, applies.
FRENCH_TERRITORY = ("FR", "GP", "MQ", "RE")
FIRST_YEAR, LAST_YEAR = 2000, 2099

# BT-23 of the reform, and the legacy cadre it stands for. S3 is the sub-contractor paid directly, S6 the co-contractor.
CADRES_2026 = {
    "B1": "A1",
    "S1": "A1",
    "M1": "A1",
    "B2": "A2",
    "S2": "A2",
    "M2": "A2",
    "B4": "A1",
    "S4": "A1",
    "M4": "A1",
    "S3": "A9",
    "S5": "A9",
    "S6": "A12",
    "B7": "A1",
    "S7": "A1",
    "B8": "A1",
    "S8": "A1",
    "M8": "A1",
    "B9": "A1",
    "S9": "A1",
    "M9": "A1",
}
LEGACY_CADRES = tuple(f"A{number}" for number in range(1, 26))
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def cadre_of(code: str | None) -> str | None:
    """The cadre (A1 to A25) that a BT-23 code means, or None when the code is absent or unknown."""
    wanted = (code or "").strip().upper()
    if wanted in LEGACY_CADRES:
        return wanted
    return CADRES_2026.get(wanted)


def code_of(cadre: str) -> str | None:
    """The first BT-23 code of the reform that means a cadre, or None where the reform has none."""
    return next((code for code, meant in CADRES_2026.items() if meant == cadre), None)


def real_date(text: str | None) -> date | None:
    """The calendar date of an ISO text, or None when the text is not a date or no such day exists."""
    if not text or not _ISO_DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def reform_binds(reading: Reading, profile: str, first_day: date | None = None) -> bool:
    """Whether the rules BR-FR bind this invoice: seller and buyer in France, and issued on or after the first day.

    A French invoice whose date is nonsense (no date, or a year outside 2000-2099) is bound too: BR-FR-03 says what is
    wrong with it. Profile MINIMUM is never bound, it is not an invoice in the sense of EN 16931.
    """
    if profile == "minimum":
        return False
    if reading.one("BT-40") not in FRENCH_TERRITORY or reading.one("BT-55") not in FRENCH_TERRITORY:
        return False
    issued = real_date(reading.one("BT-2"))
    if issued is None or not reading.all("BT-2")[0].well_written or not FIRST_YEAR <= issued.year <= LAST_YEAR:
        return True
    return issued >= (first_day or REFORM_FIRST_DAY)
