"""Accounts to be paid on: which are well formed, block by block (R088, R089, H.4). Plain Python.

What is wrong is told of the block it is wrong in, in both languages. Nothing is corrected: separators are refused, so that what is kept is
what was read from the bank's document.
"""

import re
from collections.abc import Mapping
from typing import Any

from pupitre_contracts.errors import IdentifierWrong, Invalid
from stdnum import iban

from . import identifiers, model

IBAN, RIB = "IBAN", "RIB"
#: Blocks of each kind, with the length of those that have one.
_BLOCKS = {
    IBAN: {"country": 2, "key": 2, "national": None, "bic": None},
    RIB: {"country": 2, "bank": 5, "branch": 5, "number": 11, "key": 2},
}
_FRENCH_NATIONAL = 23
_BIC_LENGTHS = (8, 11)
_SHOWN = 4
#: How the letters of an account count in its RIB key.
_AS_DIGITS = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
_FACTOR_TEXTS = {"name": 200, "country": 2, "identifier_type": 20, "identifier": 18}


def checked_account(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the blocks that the kind of account has, in capitals. Raises Invalid, naming each wrong block."""
    kind = values["kind"]
    blocks = {name: (values.get(name) or "").upper() for name in _BLOCKS[kind]}
    faults = {name: fault for name, most in _BLOCKS[kind].items() if (fault := _block_fault(blocks[name], most))}
    if not faults:
        faults = _iban_faults(blocks) if kind == IBAN else _rib_faults(blocks)
    if faults:
        raise Invalid(what="bank_details", fields={name: [fault] for name, fault in faults.items()})
    return {"kind": kind, **blocks}


def checked_factor(values: Mapping[str, Any] | None) -> dict[str, str] | None:
    """Return the factoring company, or None. Raises Invalid, naming each field as ``factor_…``."""
    if values is None:
        return None
    found, faults = {}, {}
    for name, most in _FACTOR_TEXTS.items():
        try:
            found[name] = model.checked_text(f"factor_{name}", values.get(name), most)
        except Invalid as error:
            faults |= error.details["fields"]
    if not faults and not re.fullmatch("[A-Za-z]{2}", found["country"]):
        faults["factor_country"] = ["code à deux lettres / code of two letters"]
    if not faults:
        try:
            found["identifier"] = identifiers.checked(found["identifier_type"], found["identifier"])
        except KeyError:
            faults["factor_identifier_type"] = ["type d'identifiant inconnu / unknown type of identifier"]
        except IdentifierWrong as wrong:
            faults["factor_identifier"] = [f"{wrong.details['why_fr']} / {wrong.details['why_en']}"]
    if faults:
        raise Invalid(what="bank_details", fields=faults)
    return {**found, "country": found["country"].upper()}


def masked(account: Mapping[str, str]) -> str:
    """Return the account as lists show it: what it begins with, and its last four characters."""
    whole = "".join(account[name] for name in ("country", "key", "national")) if account["kind"] == IBAN else (
        account["bank"] + account["branch"] + account["number"] + account["key"]
    )
    return f"{whole[:_SHOWN]} •••• {whole[-_SHOWN:]}"


def whole_iban(account: Mapping[str, str]) -> str:
    """Return the IBAN of an account; a RIB's is its country, the key that makes the whole right, and its blocks (H.4)."""
    if account["kind"] == IBAN:
        return account["country"] + account["key"] + account["national"]
    national = account["bank"] + account["branch"] + account["number"] + account["key"]
    return account["country"] + iban.calc_check_digits(f"{account['country']}00{national}") + national


def rib_key(bank: str, branch: str, number: str) -> str:
    """Return the two digits that a RIB ends with."""
    bank, branch, number = (int(part.translate(_AS_DIGITS)) for part in (bank, branch, number))
    return f"{97 - (89 * bank + 15 * branch + 3 * number) % 97:02}"


def _block_fault(text: str, length: int | None) -> str | None:
    if not text:
        return "à renseigner / needed"
    if not re.fullmatch("[0-9A-Z]+", text):
        return "lettres et chiffres seulement, sans séparateur / letters and digits only, no separator"
    if length is not None and len(text) != length:
        return f"{length} caractères attendus / {length} characters expected"
    return None


def _iban_faults(blocks: dict[str, str]) -> dict[str, str]:
    country, key, national, bic = (blocks[name] for name in ("country", "key", "national", "bic"))
    faults = {}
    if not re.fullmatch("[A-Z]{2}", country):
        faults["country"] = "code à deux lettres / code of two letters"
    elif not key.isdigit():
        faults["key"] = "2 chiffres attendus / 2 digits expected"
    elif country == "FR" and len(national) != _FRENCH_NATIONAL:
        faults["national"] = f"{_FRENCH_NATIONAL} caractères attendus / {_FRENCH_NATIONAL} characters expected"
    elif iban.calc_check_digits(f"{country}00{national}") != key:
        faults["key"] = "la clé de l'IBAN est fausse / the key of the IBAN is wrong"
    elif not iban.is_valid(f"{country}{key}{national}"):
        faults["national"] = "mal formée pour ce pays / not well formed for this country"
    elif country == "FR" and rib_key(national[:5], national[5:10], national[10:21]) != national[21:]:
        faults["national"] = "la clé RIB est fausse / the RIB key is wrong"
    if len(bic) not in _BIC_LENGTHS:
        faults["bic"] = "8 ou 11 caractères attendus / 8 or 11 characters expected"
    elif not re.fullmatch("[A-Z]{6}[0-9A-Z]{2}([0-9A-Z]{3})?", bic):
        faults["bic"] = "mal formé : 4 lettres, pays, 2 ou 5 caractères / not well formed: 4 letters, country, 2 or 5 characters"
    return faults


def _rib_faults(blocks: dict[str, str]) -> dict[str, str]:
    if not re.fullmatch("[A-Z]{2}", blocks["country"]):
        return {"country": "code à deux lettres / code of two letters"}
    for name in ("bank", "branch"):
        if not blocks[name].isdigit():
            return {name: "5 chiffres attendus / 5 digits expected"}
    if rib_key(blocks["bank"], blocks["branch"], blocks["number"]) != blocks["key"]:
        return {"key": "la clé RIB est fausse / the RIB key is wrong"}
    return {}
