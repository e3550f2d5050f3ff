"""The rules of organisation: roles, profiles, dates, and how texts are compared. Plain Python."""

import datetime
import re
import unicodedata
import zoneinfo
from dataclasses import dataclass

from pupitre_contracts.errors import Invalid

PUBLIC, PRIVATE = "PUBLIC", "PRIVATE"
GP, US, TECHNICAL = "GP", "US", "TECHNICAL"
CONSULTATION, MODIFICATION = "CONSULTATION", "MODIFICATION"

FACTURES_EMISES = "factures-emises"
FACTURES_RECUES = "factures-recues"

#: Days begin at midnight in France: a StructureService that starts tomorrow is closed until then.
FRANCE = zoneinfo.ZoneInfo("Europe/Paris")

#: Profile that a role gets in every espace of its structure without being asked for (R134).
PROFILE_OF_ROLE = {GP: MODIFICATION, US: CONSULTATION}

CODE_CHARACTERS = 100
MOST_ASKED = 1000
LARGEST_PAGE = 1000

_ESCAPED = re.compile(r"([\\%_])")


def today(now: datetime.datetime) -> datetime.date:
    """Return the day it is in France at ``now``."""
    return now.astimezone(FRANCE).date()


def in_service(active: bool, starts_on: datetime.date, ends_on: datetime.date | None, day: datetime.date) -> bool:
    """Tell whether a StructureService takes invoices on ``day``; its last day counts (R081)."""
    return active and starts_on <= day and (ends_on is None or day <= ends_on)


def is_gestionnaire(role: str | None) -> bool:
    """Tell whether a role manages its structure: services, users, habilitations, espaces (R121)."""
    return role == GP


def search_key(text: str | None) -> str:
    """Return what texts are compared by: no letter case, no accents, single blanks."""
    decomposed = unicodedata.normalize("NFD", (text or "").casefold())
    return " ".join("".join(character for character in decomposed if not unicodedata.combining(character)).split())


def like_pattern(text: str) -> str:
    r"""Return the SQL LIKE pattern (escape ``\``) of a search: ``*`` is any text, all else stands for itself (R103)."""
    return _ESCAPED.sub(r"\\\1", search_key(text)).replace("*", "%")


def checked_text(field: str, text: str | None, most: int, *, required: bool = True) -> str | None:
    """Return a text without blanks around it, or None if it is empty and may be. Raises Invalid."""
    stripped = (text or "").strip()
    if not stripped and not required:
        return None
    if not stripped or len(stripped) > most or not stripped.isprintable():
        raise Invalid(what="structure", fields={field: [f"1 to {most} printable characters"]})
    return stripped


@dataclass(frozen=True)
class EspaceOffer:
    """An espace that exists here, the portal's own or a plugin's; ``origin`` is the distribution that brings it."""

    key: str
    label_fr: str
    label_en: str
    description_fr: str
    description_en: str
    structure_types: frozenset[str]
    by_default: bool
    origin: str
    version: str
    problem: str | None = None

    def meant_for(self, structure_type: str) -> bool:
        return structure_type in self.structure_types


def default_espaces(offers: list[EspaceOffer], structure_type: str) -> list[str]:
    """Return the espaces open from the start for a structure of this type (R131, R132, R134)."""
    return [offer.key for offer in offers if offer.by_default and offer.meant_for(structure_type)]
