"""Those who validate an invoice: who is named, in the call or in a note of the file, which structure that is, and what is wrong with it."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pupitre_bus.search_texts import search_key
from pupitre_contracts import invoicing as contract
from pupitre_contracts import organisation
from pupitre_espaces.requests import Role

from . import catalogue, messages
from .circuits import Circuit
from .messages import Finding

#: A note (BT-22) that names one: EN 16931 has no term for it.
_NOTE = re.compile(r"#(?:acteur|party)\s+([a-z0-9]+(?:-[a-z0-9]+)*)\s*:?\s+([0-9][0-9 ]*)", re.IGNORECASE)
_BLANKS = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Party:
    """A structure in the role that it was named for."""

    role: Role
    espace: str
    structure: organisation.Structure


def given(named: Iterable[contract.NamedParty] | None) -> dict[str, str]:
    """Return what a call names: identifiers by role, without blanks; an empty one names nobody."""
    found = {each.role.strip().lower(): _BLANKS.sub("", each.identifier) for each in named or ()}
    return {role: identifier for role, identifier in found.items() if identifier}


def typed(entry: Mapping[str, Any]) -> dict[str, str]:
    """Return those whom an entry names."""
    return given(contract.NamedParty.load(each) for each in entry.get("parties") or ())


def in_notes(content: Mapping[str, Any]) -> dict[str, str]:
    """Return those whom a structured invoice names in its notes."""
    texts = [str(note.get("text") or "") for note in content.get("notes") or () if isinstance(note, Mapping)]
    return {role.lower(): _BLANKS.sub("", identifier) for text in texts for role, identifier in _NOTE.findall(text)}


def of_circuit(circuit: Circuit | None, named: Mapping[str, str]) -> dict[str, str]:
    """Return those who are named for roles that the cadre has."""
    keys = {role.key for role in circuit.roles} if circuit is not None else set()
    return {role: identifier for role, identifier in named.items() if role in keys}


def judge(
    circuit: Circuit | None,
    cadre: str,
    named: Mapping[str, str],
    resolved: Mapping[str, organisation.Structure | None],
    supplier_id: uuid.UUID,
) -> tuple[tuple[Party, ...], tuple[Finding, ...]]:
    """Return who validates an invoice, in the order of the cadre's roles, and what is wrong with those who are named or are not."""
    known = of_circuit(circuit, named)
    findings = [_finding("PUP-PARTY-ROLE", role, cadre=cadre, role=role, siret=named[role]) for role in named if role not in known]
    found: list[Party] = []
    for role in circuit.roles if circuit is not None else ():
        if role.key in known:
            party = Party(role, circuit.espace_of(role), resolved.get(known[role.key]))
            faults = list(_faults(party, known[role.key], supplier_id))
            findings += faults
            if not any(each.severity == "error" for each in faults):
                found.append(party)
        elif role.key in circuit.cadre.needs:
            findings.append(_about("PUP-PARTY-MISSING", role, cadre=cadre))
    return tuple(found), tuple(findings)


def _faults(party: Party, identifier: str, supplier_id: uuid.UUID) -> Iterable[Finding]:
    role, structure = party.role, party.structure
    if structure is None:
        yield _about("PUP-PARTY-UNKNOWN", role, siret=identifier)
        return
    about = {"name": structure.name, "siret": identifier}
    if structure.structure_id == supplier_id:
        yield _about("PUP-PARTY-SELF", role, **about)
    elif not structure.active:
        yield _about("PUP-PARTY-INACTIVE", role, **about)
    elif structure.type.lower() not in role.structure_types:
        yield _about("PUP-PARTY-TYPE", role, **about)
    elif party.espace not in (structure.espaces or ()):
        yield _about("PUP-PARTY-ESPACE", role, **about, espace=party.espace)


def _about(rule: str, about: Role, **values: Any) -> Finding:
    return _finding(rule, about.key, label_fr=about.label.fr, label_en=about.label.en, role=about.key, **values)


def _finding(rule: str, key: str, **values: Any) -> Finding:
    found = messages.finding(rule, location=f"{catalogue.PARTY}{key}", **values)
    return replace(found, value=values.get("siret"))


def rows(invoice: Mapping[str, Any], named: Sequence[Party]) -> list[dict[str, Any]]:
    """Return the rows of those who validate an invoice; nobody of them sees it yet."""
    return [
        {
            "invoice_id": invoice["invoice_id"],
            "role": party.role.key,
            "position": position,
            "role_label_fr": party.role.label.fr,
            "role_label_en": party.role.label.en,
            "espace": party.espace,
            "structure_id": party.structure.structure_id,
            "identifier": party.structure.identifier,
            "name": party.structure.name,
            "search_name": search_key(party.structure.name),
            "seen_by_id": None,
            "supplier_structure_id": invoice["supplier_structure_id"],
            "recipient_structure_id": None,
            "acts": False,
            "asked_at": None,
            "due_at": None,
            "answered_at": None,
        }
        for position, party in enumerate(named)
    ]
