"""The rules of organisation: roles, profiles and dates. Plain Python."""

import datetime
import re
import zoneinfo
from dataclasses import dataclass

from pupitre_contracts.errors import Invalid

PUBLIC, PRIVATE = "PUBLIC", "PRIVATE"
GP, US, TECHNICAL = "GP", "US", "TECHNICAL"
CONSULTATION, MODIFICATION = "CONSULTATION", "MODIFICATION"

#: States of a request: asked, approved, refused, taken back.
DEMANDE, APPROUVE, REFUSE, ANNULE = "DEMANDE", "APPROUVE", "REFUSE", "ANNULE"
RATTACHEMENT, HABILITATION = "RATTACHEMENT", "HABILITATION"
COMMENT_CHARACTERS = 2000
#: What the log says of a user who leaves the portal.
DEPARTED = "user.departed"
#: How far the clocks of two instances may differ, and how long a token outlives the session that it was made for.
DOUBT = datetime.timedelta(seconds=65)

FACTURES_EMISES = "factures-emises"
FACTURES_RECUES = "factures-recues"
#: The espace whose MODIFICATION lets a user keep his structure's own data (R085, R122).
ORGANISATION = "organisation"

#: What a request about a structure asks for, and what the INSEE register says of a SIRET.
CREATION, ACTIVATION, INACTIVATION = "CREATION", "ACTIVATION", "INACTIVATION"
SIRENE_OPEN, SIRENE_CLOSED, SIRENE_UNKNOWN, SIRENE_WITHOUT_SOURCE = "ACTIF", "FERME", "INCONNU", "SANS_SOURCE"

#: Days begin at midnight in France: a StructureService that starts tomorrow is closed until then.
FRANCE = zoneinfo.ZoneInfo("Europe/Paris")

CODE_CHARACTERS = 100
MOST_ASKED = 1000
LARGEST_PAGE = 1000

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def today(now: datetime.datetime) -> datetime.date:
    """Return the day it is in France at ``now``."""
    return now.astimezone(FRANCE).date()


def in_service(active: bool, starts_on: datetime.date, ends_on: datetime.date | None, day: datetime.date) -> bool:
    """Tell whether a StructureService takes invoices on ``day``; its last day counts (R081)."""
    return active and starts_on <= day and (ends_on is None or day <= ends_on)


def in_force(starts_on: datetime.date | None, ends_on: datetime.date | None, day: datetime.date) -> bool:
    """Tell whether days of validity hold on ``day``; no day is no limit (R105)."""
    return (starts_on is None or starts_on <= day) and (ends_on is None or day <= ends_on)


def needs_decision(kind: str, structure_type: str, sirene_state: str) -> bool:
    """Tell whether activating or inactivating a structure is left to the platform's operator (R069).

    What the register confirms is done at once: closing what is closed there, opening what is not. The rest of a public structure is
    looked at by somebody, since suppliers write to it; a private one concerns its own people alone.
    """
    if kind == ACTIVATION:
        return sirene_state == SIRENE_CLOSED
    return structure_type == PUBLIC and sirene_state != SIRENE_CLOSED


def checked_text(field: str, text: str | None, most: int, *, required: bool = True) -> str | None:
    """Return a text without blanks around it, or None if it is empty and may be. Raises Invalid."""
    stripped = (text or "").strip()
    if not stripped and not required:
        return None
    if not stripped or len(stripped) > most or not stripped.isprintable():
        fault = f"de 1 à {most} caractères imprimables / 1 to {most} printable characters"
        raise Invalid(what="structure", fields={field: [fault]})
    return stripped


def checked_email(field: str, address: str | None) -> str | None:
    """Return an address that could be one, or None. Raises Invalid. No mail is sent to a structure's address (R067)."""
    if address is not None and not _EMAIL.fullmatch(address):
        raise Invalid(what="structure", fields={field: ["adresse électronique mal formée / not an e-mail address"]})
    return address


def checked_comment(field: str, text: str | None, *, required: bool) -> str | None:
    """Return what a person wrote to another, or None. Raises Invalid, in both languages."""
    stripped = (text or "").strip()
    if required and not stripped:
        raise Invalid(what="approbation", fields={field: ["à renseigner / needed"]})
    if len(stripped) > COMMENT_CHARACTERS:
        fault = f"plus de {COMMENT_CHARACTERS} caractères / more than {COMMENT_CHARACTERS} characters"
        raise Invalid(what="approbation", fields={field: [fault]})
    return stripped or None


def checked_days(starts_on: datetime.date | None, ends_on: datetime.date | None, day: datetime.date) -> None:
    """Raise Invalid for days of validity that are over, or end before they begin (R105)."""
    if ends_on is not None and ends_on < (starts_on or day):
        fault = "la fin précède le début / the end comes before the beginning"
        raise Invalid(what="approbation", fields={"ends_on": [fault]})
    if ends_on is not None and ends_on < day:
        raise Invalid(what="approbation", fields={"ends_on": ["déjà passée / already over"]})


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
