"""Identifiers of structures: which are well formed (H.1, H.2). Spaces that people type are removed first."""

import re
from collections.abc import Callable

import stdnum.eu.vat
from pupitre_contracts.errors import IdentifierWrong, Invalid
from stdnum import luhn
from stdnum.fr import siren

#: An identifier of a supplier has at most this many characters.
LONGEST = 18

#: Kinds of identifiers that the portal gives, with what they begin with.
REFERENCE_OF = {"AUTRE": "IMMAT", "PARTICULIER": "PART"}
_COUNTRY_LETTERS = 2

#: Member states of the European Union, as VAT numbers write them (EL is Greece), without France.
_MEMBER_STATES = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "EL",
        "ES",
        "FI",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
_EU_COUNTRIES = (_MEMBER_STATES - {"EL"}) | {"GR", "FR"}

_LA_POSTE = "356000000"


class Wrong(ValueError):
    """Why an identifier is refused, in French and in English."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.fr, self.en = fr, en


def normalised(text: str) -> str:
    """Return an identifier without the spaces that people type, in capitals."""
    return "".join(text.split()).upper()


def checked(kind: str, text: str) -> str:
    """Return the identifier as it is stored. Raises IdentifierWrong."""
    identifier = normalised(text)
    try:
        _require(
            0 < len(identifier) <= LONGEST, f"il faut 1 à {LONGEST} caractères", f"1 to {LONGEST} characters are needed"
        )
        return _CHECKS[kind](identifier)
    except Wrong as wrong:
        raise IdentifierWrong(identifier=identifier, kind=kind, why_fr=wrong.fr, why_en=wrong.en) from wrong


def completed(kind: str, text: str, name: str) -> str | None:
    """Return the identifier as it will be checked, completed from the name outside the Union; None: the portal gives one (H.1)."""
    identifier = normalised(text)
    if not identifier and kind in REFERENCE_OF:
        return None
    if kind == "HORS_UE" and len(identifier) == _COUNTRY_LETTERS:
        return identifier + normalised(name)[: LONGEST - _COUNTRY_LETTERS]
    return identifier


def reference(kind: str, number: int) -> str:
    """Return the reference that the portal gives to who has no identifier (yet); ``number`` is the structure's own."""
    return f"{REFERENCE_OF[kind]}-{number:08d}"


def siren_of(kind: str, identifier: str) -> str | None:
    """Return the SIREN inside a SIRET; other identifiers have none."""
    return identifier[:9] if kind == "SIRET" else None


def checked_vat_number(text: str | None) -> str | None:
    """Return a VAT number without spaces; the key of a French one is checked if in digits (H.3). Raises Invalid."""
    number = normalised(text or "")
    if not number:
        return None
    french = re.fullmatch("FR([0-9A-Z]{2})([0-9]{9})", number)
    wrong = len(number) > LONGEST or (number.startswith("FR") and not french)
    if french and french[1].isdigit():
        wrong = int(french[1]) != (12 + 3 * (int(french[2]) % 97)) % 97
    if wrong:
        raise Invalid(what="structure", fields={"vat_number": ["numéro de TVA intracommunautaire faux / not a valid VAT number"]})
    return number


def _require(condition: object, fr: str, en: str) -> None:
    if not condition:
        raise Wrong(fr, en)


def _siret(text: str) -> str:
    _require(re.fullmatch("[0-9]{14}", text), "il faut 14 chiffres", "14 digits are needed")
    _require(siren.is_valid(text[:9]), "la clé du SIREN est fausse", "the check digit of the SIREN is wrong")
    # La Poste has more establishments than Luhn numbers: the plain sum of its digits may do instead.
    valid = luhn.is_valid(text) or (text.startswith(_LA_POSTE) and sum(map(int, text)) % 5 == 0)
    _require(valid, "la clé de contrôle est fausse", "the check digit is wrong")
    return text


def _vat_number(text: str) -> str:
    _require(
        text[:2] in _MEMBER_STATES,
        "il commence par le code d'un État membre autre que la France",
        "it begins with the code of a member state other than France",
    )
    _require(stdnum.eu.vat.is_valid(text), "le numéro de TVA est mal formé", "the VAT number is not well formed")
    return text


def _outside_union(text: str) -> str:
    country = text[:2]
    _require(
        re.fullmatch("[A-Z]{2}", country) and country not in _EU_COUNTRIES | _MEMBER_STATES,
        "il commence par le code d'un pays hors de l'Union européenne",
        "it begins with the code of a country outside the European Union",
    )
    _require(
        len(text) > 2, "il manque la raison sociale après le code du pays", "the name after the country is missing"
    )
    return text


def _reference(text: str) -> str:
    _require(
        re.fullmatch("[0-9A-Z._/-]+", text), "lettres, chiffres et . _ / - seulement", "only letters, digits and . _ / -"
    )
    # The number of the social security is nobody's business here, and would be seen by every recipient.
    _require(
        not re.fullmatch("[12][0-9]{2}(0[1-9]|1[0-2])[0-9AB][0-9]{7}([0-9]{2})?", text),
        "un numéro de sécurité sociale ne se donne pas ici : laissez le champ vide",
        "a social security number is not given here: leave the field empty",
    )
    return text


def _matching(pattern: str, fr: str, en: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        _require(re.fullmatch(pattern, text), fr, en)
        return text

    return check


_CHECKS: dict[str, Callable[[str], str]] = {
    "SIRET": _siret,
    "UE_HORS_FRANCE": _vat_number,
    "HORS_UE": _outside_union,
    "RIDET": _matching("[0-9]{7}([0-9]{3})?", "il faut 7 ou 10 chiffres", "7 or 10 digits are needed"),
    "TAHITI": _matching("[0-9A-Z][0-9]{5}([0-9]{3})?", "il faut 6 ou 9 caractères", "6 or 9 characters are needed"),
    "AUTRE": _reference,
    "PARTICULIER": _reference,
}
