"""Turns the failure of an official rule into words a person can act on: the term, what was found, what to do."""

from __future__ import annotations

import re
from typing import NamedTuple

from .findings import Text, excerpt
from .remedies import CATALOGUE, FAMILIES, FRENCH, Entry
from .schematron import Failure
from .terms import Reading, names, term_at

_BT = re.compile(r"\bBT-\d+\b")
_BG = re.compile(r"\bBG-\d+\b")
_LABEL = re.compile(r"^\s*\[([A-Z0-9-]+)(?:/[^\]:]*)?\]?\s*[-:]?\s*")
_TERM_IN_ID = re.compile(r"_(BT-\d+|BG-\d+)")
_FRENCH_RULE = re.compile(r"BR-FR-(?:[A-Z]+-)?\d+")
_NOTE_CODE = re.compile(r"\(code ([A-Z]{3})\b")
# Rules about one value, whatever term it is: the place says which.
_BY_PLACE = re.compile(r"BR-(?:CL|DEC)-\d\d")


class Explanation(NamedTuple):
    term: str | None
    message: Text
    remedy: Text


def explain(failure: Failure, family: str, reading: Reading) -> Explanation:
    """What to say about one failure. The official text is kept whenever we have no better words in that language."""
    rule, text = _official(failure)
    if rule.startswith("BR-FR"):
        return _french_rule(rule, text, failure, family)
    entry = CATALOGUE.get(rule) or _family_entry(rule, text)
    placed = term_at(failure.location, family) if _BY_PLACE.fullmatch(rule) else None
    term = placed or (entry.term if entry and entry.term else None) or _term(rule, text, failure.location, family)
    found = Text("", "") if _BY_PLACE.fullmatch(rule) else _found(entry.shows if entry else "", term, reading)
    english = excerpt(text, 400) + found.en
    if entry is not None:
        return Explanation(term, Text(entry.fr + found.fr, english), Text(entry.fix_fr, entry.fix_en))
    named = _named(term)
    return Explanation(
        term,
        Text(
            f"La règle {rule or failure.rule_set} n'est pas respectée{' pour ' + named.fr if named.fr else ''} : "
            f"{excerpt(text, 300)}{found.fr}",
            english,
        ),
        Text(
            f"À corriger à l'emplacement indiqué : {named.fr or 'cet élément'}.",
            f"To correct at the place shown: {named.en or 'this element'}.",
        ),
    )


def _official(failure: Failure) -> tuple[str, str]:
    """The rule to look up and its text without label. Factur-X rules name the EN 16931 rule they repeat in brackets."""
    label = _LABEL.match(failure.text)
    text = failure.text[label.end() :] if label else failure.text
    if failure.rule.startswith("FX-") and label:
        return label.group(1), text
    return failure.rule, text


def _term(rule: str, text: str, location: str, family: str) -> str | None:
    """The term a rule is about: named by its id, else by its text (a BT before a BG), else by the place."""
    in_id = _TERM_IN_ID.search(rule)
    if in_id:
        return in_id.group(1)
    for pattern in (_BT, _BG):
        found = pattern.search(text)
        if found:
            return found.group(0)
    return term_at(location, family)


def _named(term: str | None) -> Text:
    if term is None:
        return Text("", "")
    known = names(term)
    return Text(f"{known[0]} ({term})", f"{known[1]} ({term})") if known else Text(term, term)


def _found(shows: str, term: str | None, reading: Reading) -> Text:
    """The values met, for rules that compare amounts: ``BT-112 = 600.00``."""
    wanted = _BT.findall(shows) or ([term] if term and term.startswith("BT") else [])
    pairs = [f"{name} = {excerpt(found[0].text, 40)}" for name in wanted if len(found := reading.all(name)) == 1]
    if not pairs:
        return Text("", "")
    return Text(f" Trouvé : {' ; '.join(pairs)}.", f" Found: {'; '.join(pairs)}.")


def _family_entry(rule: str, text: str) -> Entry | None:
    """The entry of a family of rules (VAT categories, code lists, decimals), by the shape of the id."""
    for pattern, build in FAMILIES:
        match = pattern.fullmatch(rule)
        if match:
            return build(match, text)
    return None


def _french_rule(rule: str, text: str, failure: Failure, family: str) -> Explanation:
    """BR-FR rules are written in French and quote the value; English is ours."""
    match = _FRENCH_RULE.match(rule)
    fix = FRENCH.get(match.group(0)) if match else None
    term = _term(rule, text, failure.location, family)
    named = _named(term)
    if fix is None:
        english, fix_fr, fix_en = (
            f"French rule {rule} is not respected for {named.en or 'this element'}",
            f"À corriger : {named.fr or 'cet élément'}.",
            f"To correct: {named.en or 'this element'}.",
        )
    else:
        english, fix_fr, fix_en = fix
    quoted = re.search(r"(?:actuelle|fournie?)\s*(?:SIREN)?\s*: [\"«]\s*(.*?)\s*[\"»]", text)
    code = _NOTE_CODE.search(text)
    english += f": {code.group(1)}" if code else ""
    english += f" (found: “{excerpt(quoted.group(1))}”)." if quoted and quoted.group(1) else "."
    return Explanation(term, Text(excerpt(text, 500), english), Text(fix_fr, fix_en))
