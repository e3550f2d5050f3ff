"""Who may issue, and from when a supplier uses the espace (R220, R221).

The rules are in `rules.toml`, or in the file that PUPITRE_ESPACE_ENGAGEMENTS_RULES names.
"""

from __future__ import annotations

from datetime import date

from pupitre_espaces import Structure, dated

SETTING = "PUPITRE_ESPACE_ENGAGEMENTS_RULES"


def read() -> dict[str, list[dated.Row]]:
    """Return the rows of "issuers" and "opening". Raises `dated.WrongData`."""
    data = dated.read(__package__, "rules.toml", SETTING)
    for what, wanted in (("issuers", "who"), ("opening", "after")):
        rows = data.get(what, [])
        dated.check(rows, what)
        if not all(isinstance(row.get(wanted), str) for row in rows):
            raise dated.WrongData(f"{SETTING}: a row of {what} lacks {wanted}")
    if any(row["who"] not in ("state", "all") for row in data.get("issuers", [])):
        raise dated.WrongData(f'{SETTING}: who is "state" or "all"')
    return data


def may_issue(structure: Structure, day: date) -> bool:
    """Tell whether a structure may issue engagements on a day: of the State's only, unless the data say all (R220)."""
    row = dated.holding(read().get("issuers", []), day)
    if structure.type != "public" or row is None:
        return False
    return row["who"] == "all" or structure.siret.startswith(tuple(row.get("state", ())))


def opens_after(day: date) -> str:
    """Return the status that one of a supplier's invoices must have come to before he uses the espace; "" for none (R221)."""
    row = dated.holding(read().get("opening", []), day)
    return row["after"] if row is not None else ""
