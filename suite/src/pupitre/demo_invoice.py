"""A valid invoice for a newcomer to deposit: from the demonstration's supplier to the body that demands nothing."""

import datetime
import string
from importlib import resources
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

NAME = "facture-exemple.xml"
DAYS_TO_PAY = 30


def write(folder: Path, seller: dict[str, Any], buyer: dict[str, Any], today: datetime.date) -> Path:
    """Write the invoice in ``folder``, dated ``today`` and numbered after it, unless one is there; return its path."""
    path = folder / NAME
    if not path.exists():
        path.write_text(_filled(seller, buyer, today), "utf-8")
    return path


def _filled(seller: dict[str, Any], buyer: dict[str, Any], today: datetime.date) -> str:
    template = resources.files(__package__).joinpath("example-invoice.xml").read_text("utf-8")
    values = {
        "number": f"EX-{today:%Y%m%d}",
        "issue_date": today.isoformat(),
        "due_date": (today + datetime.timedelta(days=DAYS_TO_PAY)).isoformat(),
        "seller_vat": seller["vat_number"],
        **_party("seller", seller),
        **_party("buyer", buyer),
    }
    return string.Template(template).substitute({name: escape(value) for name, value in values.items()})


def _party(role: str, structure: dict[str, Any]) -> dict[str, str]:
    siret, address = structure["identifier"], structure["address"]
    return {
        f"{role}_siret": siret,
        f"{role}_siren": siret[:9],
        f"{role}_name": structure["name"],
        f"{role}_line": address["line"],
        f"{role}_city": address["city"],
        f"{role}_postal_code": address["postal_code"],
    }
