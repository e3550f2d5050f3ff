"""Reference data checked: what a structure and its services are to be, or why they are refused, in words for who keeps the file."""

import datetime
from dataclasses import dataclass, field
from typing import Any

from pupitre_bus.search_texts import search_key
from pupitre_contracts import directory
from pupitre_contracts.errors import IdentifierWrong, Invalid

from . import identifiers, model

TEXTS = {"name": 200, "label": 200, "email": 254, "phone": 30, "line": 200, "complement": 200, "postal_code": 20, "city": 100}
"""Texts that reference data may give, with the most characters of each."""
KEYS = {"name": "name_key", "label": "label_key", "postal_code": "postal_code_key", "city": "city_key"}
FLAGS = ("requires_service", "requires_engagement", "requires_service_or_engagement", "payment_not_reported", "receives_edi")
NEEDED = ("name", "postal_code", "city")
SERVICE_FACTS = ("label", "active", "starts_on", "ends_on", "requires_engagement")
_COUNTRY_CHARACTERS = 2
_KEPT_TYPES = ("SIRET", "UE_HORS_FRANCE", "HORS_UE", "RIDET", "TAHITI", "AUTRE")


class Refused(Exception):
    """Why a structure is left out; ``service_position`` names its service that is to blame."""

    def __init__(
        self, field: str, why: tuple[str, str], remedy: tuple[str, str], service_position: int | None = None
    ) -> None:
        super().__init__(f"{field}: {why[1]}")
        self.field, self.why, self.remedy, self.service_position = field, why, remedy, service_position

    def told(self, position: int) -> directory.ImportRefusal:
        """Return the refusal of the structure at ``position`` of those sent."""
        return directory.ImportRefusal(
            position=position,
            service_position=self.service_position,
            field=self.field,
            why_fr=self.why[0],
            why_en=self.why[1],
            remedy_fr=self.remedy[0],
            remedy_en=self.remedy[1],
        )


@dataclass
class Wanted:
    """One structure as reference data wants it: only what was given, checked; services by code, each with where it stood."""

    position: int
    identifier_type: str
    identifier: str
    values: dict[str, Any]
    services: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str]:
        return self.identifier_type, self.identifier


def checked(position: int, given: Any) -> Wanted:
    """Return what is wanted of the structure ``given``. Raises Refused."""
    kind = given.identifier_type
    if kind not in _KEPT_TYPES:
        raise Refused(
            "identifier_type",
            (f"« {kind} » n'est pas un type d'identifiant admis ici", f"“{kind}” is no type of identifier that is taken here"),
            (f"écrivez l'un de : {', '.join(_KEPT_TYPES)}", f"write one of: {', '.join(_KEPT_TYPES)}"),
        )
    try:
        identifier = identifiers.checked(kind, given.identifier)
    except IdentifierWrong as error:
        why = (error.details["why_fr"], error.details["why_en"])
        raise Refused("identifier", why, ("corrigez l'identifiant d'après sa source", "correct the identifier after its source")) from error
    values: dict[str, Any] = {}
    for name, most in TEXTS.items():
        text = _text(name, getattr(given, name), most)
        if text is not None:
            values[name] = text
            if name in KEYS:
                values[KEYS[name]] = search_key(text)
    if given.country:
        values["country"] = _country(given.country)
    if given.vat_number:
        values["vat_number"] = _vat_number(given.vat_number)
    for name in ("active", *FLAGS):
        if (value := getattr(given, name)) is not None:
            values[name] = value
    wanted = Wanted(position, kind, identifier, values)
    for number, service in enumerate(given.services or ()):
        _add_service(wanted, number, service)
    return wanted


def new_structure(wanted: Wanted) -> dict[str, Any]:
    """Return the row of a structure that does not exist yet, but for its id and number. Raises Refused."""
    for name in NEEDED:
        if name not in wanted.values:
            raise Refused(
                name,
                ("une structure nouvelle en a besoin", "a new structure needs it"),
                ("remplissez la colonne", "fill in the column"),
            )
    nothing = dict.fromkeys(("label", "email", "phone", "vat_number", "line", "complement"))
    return {
        **nothing,
        **dict.fromkeys(FLAGS, False),
        "label_key": "",
        "country": "FR",
        "active": True,
        **wanted.values,
        "identifier_type": wanted.identifier_type,
        "identifier": wanted.identifier,
        "siren": identifiers.siren_of(wanted.identifier_type, wanted.identifier),
        "type": model.PUBLIC,
    }


def new_service(code: str, facts: dict[str, Any], today: datetime.date, position: int) -> dict[str, Any]:
    """Return the row of a service that does not exist yet, but for its ids and number. Raises Refused."""
    blank = {"label": code, "description": None, "active": True, "starts_on": today, "ends_on": None, "requires_engagement": False}
    row = {"code": code, **blank, **facts}
    check_days(row["starts_on"], row["ends_on"], position)
    return row


def check_days(starts_on: datetime.date, ends_on: datetime.date | None, position: int) -> None:
    """Raise Refused for a service that ends before it begins."""
    if ends_on is not None and ends_on < starts_on:
        raise Refused(
            "service_ends_on",
            (f"la fin {ends_on} précède le début {starts_on}", f"the end {ends_on} comes before the beginning {starts_on}"),
            ("corrigez l'une des deux dates", "correct one of the two dates"),
            position,
        )


def _add_service(wanted: Wanted, position: int, given: Any) -> None:
    code = _text("code_service", given.code, model.CODE_CHARACTERS, position)
    if code is None:
        why = ("le code service est vide", "the code service is empty")
        raise Refused("code_service", why, ("écrivez le code du service", "write the code of the service"), position)
    if code in wanted.services:
        why = (f"le code service {code} figure deux fois", f"the code service {code} is there twice")
        raise Refused("code_service", why, ("gardez une seule ligne par service", "keep one line for each service"), position)
    facts = {name: value for name in SERVICE_FACTS if (value := getattr(given, name)) is not None}
    label = _text("service_label", facts.pop("label", None), 200, position)
    if label is not None:
        facts["label"] = label
    wanted.services[code] = (position, facts)


def _text(name: str, text: str | None, most: int, position: int | None = None) -> str | None:
    stripped = (text or "").strip()
    if not stripped:
        return None
    if len(stripped) > most:
        why = (f"plus de {most} caractères", f"more than {most} characters")
        raise Refused(name, why, ("abrégez le texte", "shorten the text"), position)
    if not stripped.isprintable():
        why = ("il contient un caractère invisible", "it holds a character that cannot be seen")
        remedy = ("retirez sauts de ligne et tabulations", "take out line breaks and tabs")
        raise Refused(name, why, remedy, position)
    return stripped


def _country(text: str) -> str:
    country = text.strip().upper()
    if len(country) != _COUNTRY_CHARACTERS or not (country.isascii() and country.isalpha()):
        why = (f"« {text[:20]} » n'est pas un code de pays", f"“{text[:20]}” is no code of a country")
        raise Refused("country", why, ("écrivez deux lettres (ISO 3166), comme FR", "write two letters (ISO 3166), such as FR"))
    return country


def _vat_number(text: str) -> str | None:
    try:
        return identifiers.checked_vat_number(text)
    except Invalid as error:
        why = ("ce n'est pas un numéro de TVA, ou sa clé est fausse", "it is no VAT number, or its key is wrong")
        raise Refused("vat_number", why, ("corrigez le numéro, ou laissez la case vide", "correct the number, or leave it out")) from error
