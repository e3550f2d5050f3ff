"""The catalogue of errors (domain file, G.3): a stable code for each kind of refusal, whatever rule found it, and data by their names.

A rule has the code of its family; a rule that is in no family, official ones mostly, has that of the datum it is about.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from .engine.terms_table import GROUPS, HEADER, OTHER_GROUPS, Group, Term

#: Code: what it means, in French and in English.
CODES = {
    "F-SYN": ("fichier illisible ou d'un autre format", "unreadable file, or of another format"),
    "F-TAI": ("taille ou nombre de fichiers dépassés", "size or number of files exceeded"),
    "F-VIR": ("fichier désigné par l'antivirus", "file named by the antivirus"),
    "F-DBL": ("flux déjà reçu", "flux already received"),
    "F-INC": ("incident du portail : déposez de nouveau", "incident of the portal: deposit again"),
    "D-DES": ("destinataire inconnu, inactif ou mal désigné", "recipient unknown, inactive or badly named"),
    "D-SRV": ("code service absent, inconnu ou fermé", "code service missing, unknown or closed"),
    "D-ENG": ("numéro d'engagement absent ou inconnu", "engagement number missing or unknown"),
    "D-DBL": ("numéro de facture déjà utilisé", "invoice number already used"),
    "D-TOT": ("montants ou totaux inexacts", "wrong amounts or totals"),
    "D-TVA": ("TVA inexacte ou incomplète", "wrong or incomplete VAT"),
    "D-IBA": ("mode de paiement ou coordonnées bancaires", "payment means or bank details"),
    "D-CAD": ("cadre de facturation non admis", "cadre de facturation not accepted"),
    "D-PJ": ("pièce jointe refusée", "attachment refused"),
    "D-DAT": ("date absente ou impossible", "date missing or impossible"),
    "D-DRO": ("pas le droit de déposer pour ce fournisseur", "no right to deposit for this supplier"),
    "D-DON": ("autre donnée absente ou incorrecte", "another datum missing or incorrect"),
}

#: The beginnings of the rules of a family, in the order in which they are tried.
_FAMILIES = (
    ("F-TAI", "PUP-CONTAINER-SIZE PUP-CONTAINER-BOMB PUP-XML-SIZE PUP-LOT-ENTRIES PUP-LOT-BYTES PUP-LOT-RATIO"),
    ("F-VIR", "PUP-VIRUS"),
    ("F-DBL", "PUP-FLUX-AGAIN"),
    ("F-INC", "PUP-FLUX-INCIDENT PUP-FLUX-LOST PUP-ENGINE"),
    ("F-SYN", "PUP-CONTAINER PUP-PDF PUP-XML PUP-NOT-AN-INVOICE PUP-OTHER-FORMAT PUP-LOT PUP-FLUX-FORMAT cvc- datatype- xsd"),
    ("D-DES", "PUP-ROUTING-RECIPIENT"),
    ("D-ENG", "PUP-ROUTING-ENGAGEMENT PUP-ROUTING-SERVICE-OR-ENGAGEMENT"),
    ("D-SRV", "PUP-ROUTING-SERVICE PUP-SERVICE-MISMATCH"),
    ("D-DRO", "PUP-SELLER"),
    ("D-DBL", "PUP-NUMBER-TAKEN"),
    ("D-CAD", "PUP-CADRE PUP-PARTY"),
    ("D-DAT", "PUP-ISSUE-DATE PUP-DATE"),
    ("D-IBA", "PUP-IBAN PUP-BIC"),
    ("D-PJ", "PUP-ATTACHMENT"),
    ("D-TOT", "PUP-AMOUNT PUP-E1-SUMS PUP-LINE-AMOUNT PUP-NEGATIVE-TOTAL"),
    ("D-TVA", "PUP-VAT-KEY BR-S- BR-Z- BR-E- BR-AE- BR-IC- BR-G- BR-O- BR-AF- BR-AG- BR-IG- BR-IP- BR-B- BR-CO-14 BR-CO-17 BR-CO-18"),
)
_BEGINNINGS = tuple((beginning, code) for code, rules in _FAMILIES for beginning in rules.split())


def _numbers(*spans: int | tuple[int, int]) -> frozenset[int]:
    return frozenset(
        number for span in spans for number in (range(span[0], span[1] + 1) if isinstance(span, tuple) else (span,))
    )


#: The code of a rule about one of these terms (BT).
_TERMS = (
    ("D-DAT", _numbers(2, 9, 26, (72, 74), 134, 135)),
    ("D-SRV", _numbers(10)),
    ("D-ENG", _numbers(13)),
    ("D-CAD", _numbers(23)),
    ("D-DES", _numbers((44, 47), 49)),
    ("D-IBA", _numbers((81, 91))),
    ("D-TVA", _numbers(7, 8, 31, 32, 48, 63, 95, 96, 102, 103, 110, 111, (116, 121), 151, 152)),
    ("D-TOT", _numbers((92, 94), (99, 101), (106, 109), (112, 115), 131, (136, 138), (141, 143), (146, 149))),
    ("D-PJ", _numbers((122, 125))),
)
_GROUPS = {"BG-7": "D-DES", "BG-8": "D-DES", "BG-16": "D-IBA", "BG-17": "D-IBA", "BG-22": "D-TOT", "BG-23": "D-TVA", "BG-24": "D-PJ"}
_TERM = re.compile(r"BT-(\d+)")
#: How the location of a finding about one who validates begins; the key of his role follows.
PARTY = "parties-"


def code_of(rule: str, term: str | None = None) -> str:
    """Return the code of a rule that found something wrong with ``term``."""
    for beginning, code in _BEGINNINGS:
        if rule.startswith(beginning):
            return code
    found = _TERM.match(term or "")
    if found:
        number = int(found[1])
        return next((code for code, numbers in _TERMS if number in numbers), "D-DON")
    return _GROUPS.get(term or "", "D-DON")


def label(code: str, language: str) -> str:
    """Return what a code means."""
    return CODES[code][language == "en"]


def codes_of(findings: Iterable[tuple[str, str | None]]) -> str:
    """Return the codes of some findings, given as (rule, term), as they are kept for searching: each once, between blanks."""
    codes = sorted({code_of(rule, term) for rule, term in findings})
    return f" {' '.join(codes)} " if codes else ""


def field_name(term: str | None, language: str, location: str | None = None) -> str | None:
    """Return the name of a business term or group, or None where it has none; one who validates is named by his role, which
    ``location`` gives: a note that names him is only one of the ways to do so."""
    role = (location or "").removeprefix(PARTY) if (location or "").startswith(PARTY) else None
    if role:
        return f"Actor “{role}”" if language == "en" else f"Acteur « {role} »"
    named = _names().get(term or "")
    words = named[language == "en"] if named else None
    return words and words[:1].upper() + words[1:]


@cache
def _names() -> dict[str, tuple[str, str]]:
    return OTHER_GROUPS | {each.id: (each.fr, each.en) for each in (*HEADER, *_within(GROUPS))}


def _within(groups: Iterable[Group]) -> Iterator[Term | Group]:
    for group in groups:
        yield group
        yield from group.terms
        yield from _within(group.groups)
