"""Who takes part in a request: what was named is looked up in one call, and kept with the request as pages show it.

A kept party is a mapping: the role and its names, the structure with its service, type and published parameters (without
``structure_id`` where nobody has the identifier), the espace in which the role works, whether it ``sees`` the request by now and
``acts``, that is, whether the request is work for it, and whether it ``sees_lines``. Where several structures have a role, each is a party.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from pupitre_contracts import errors, organisation
from pupitre_espaces import Party, Structure
from pupitre_espaces.lifecycle import DRAFT
from pupitre_espaces.parties import key_of
from pupitre_espaces.requests import PLATFORM

from . import deposit, request_findings, routing
from .messages import Finding
from .request_kinds import Known

Kept = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A structure put into a role by its identifier."""

    identifier: str
    code_service: str | None = None


#: Who is named, by role: one structure, or several where the role may be had by several.
Wanted = Mapping[str, Sequence[Named]]


def named_in(parties: Iterable[Kept]) -> dict[str, list[Named]]:
    """Return what was named, of kept parties."""
    found: dict[str, list[Named]] = {}
    for each in parties:
        found.setdefault(each["role"], []).append(Named(each["identifier"], each.get("code_service")))
    return found


def check_count(known: Known, wanted: Wanted, what: str) -> None:
    """Raise Invalid where more structures are named than may have a role."""
    for key, named in wanted.items():
        role = known.role(key)
        if len(named) > role.most:
            fault = (
                f"{role.label.fr} : {role.most} au plus, {len(named)} désignées / "
                f"{role.label.en}: at most {role.most}, {len(named)} are named"
            )
            raise errors.Invalid(what=what, fields={f"party.{key}": [fault]})


def look_up(
    scope: Any,
    known: Known,
    cadre: str,
    wanted: Wanted,
    maker: tuple[str, organisation.StructureRights],
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Return the parties in the order of the kind's roles, and what is wrong with them; organisation is asked once for all.

    ``maker`` is the role that deposits, with its structure; the roles that are ``always`` somebody's are filled in, those that cadres name
    with these cadres alone.
    """
    platform = scope.resources.platform_siret
    wanted, unset = dict(wanted), []
    for role in known.kind.held(cadre):
        if role.always != PLATFORM:
            wanted[role.key] = [Named(role.always)]
        elif platform:
            wanted[role.key] = [Named(platform)]
        elif role.key in known.cadre(cadre).needs:
            unset.append(request_findings.platform_unset(role))
    role_of_maker, structure = maker
    wanted[role_of_maker] = [Named(structure.identifier, each.code_service) for each in wanted.get(role_of_maker) or [Named("")]]
    parties, findings = look_up_some(scope, known, wanted, {role_of_maker: structure})
    return parties, [*findings, *unset]


def look_up_some(
    scope: Any, known: Known, wanted: Wanted, own: Mapping[str, organisation.StructureRights] = MappingProxyType({})
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """Return those who are named, in the order of the kind's roles, and what is wrong with them; ``own`` is the actor's, by role."""
    found = deposit.recipients(scope, ((each.identifier, each.code_service) for named in wanted.values() for each in named))
    parties, findings = [], []
    for role in known.kind.roles:
        named = [
            _kept(known, role, each, found.get((each.identifier, each.code_service or "")), own.get(role.key))
            for each in wanted.get(role.key, ())
        ]
        # Those whom nobody knows come last, as callers get to see them: the place of a fault is the one that they see.
        named.sort(key=lambda each: each[0]["structure_id"] is None)
        for place, (party, faults) in enumerate(named, 1):
            parties.append(party)
            findings += [replace(fault, term=f"party.{key_of(role.key, place)}") for fault in faults]
    return parties, findings


def check_types(known: Known, parties: Iterable[Kept]) -> list[Finding]:
    """Return what is wrong with the types of structures that are named anew; in drafts the espaces' own rules look at that."""
    wrong = (each for each in parties if each["structure_id"] is not None)
    roles = ((known.role(each["role"]), each) for each in wrong)
    return [request_findings.wrong_type(role, each) for role, each in roles if each["type"] not in role.structure_types]


def _kept(
    known: Known, role: Any, named: Named, answer: organisation.ResolvedRecipient | None, own: organisation.StructureRights | None
) -> tuple[dict[str, Any], list[Finding]]:
    structure = answer.structure if answer is not None else None
    party = {
        "role": role.key,
        "label_fr": role.label.fr,
        "label_en": role.label.en,
        "espace": known.espace_of(role),
        "identifier": named.identifier,
        "code_service": named.code_service if role.has_service else None,
        "structure_id": None,
        "structure_service_id": None,
        "name": named.identifier,
        "type": "public",
        "parameters": {},
        "sees": own is not None,
        "acts": False,
        "sees_lines": role.sees_lines,
    }
    if structure is None:
        if own is None:
            suggestions = routing.suggested(answer.suggestions if answer is not None else ())
            return party, [request_findings.unknown(role, named.identifier, suggestions)]
        # A structure that no SIRET names: what its own user's rights say of it is all there is.
        return {**party, "structure_id": str(own.structure_id), "name": own.name, "type": own.type.lower()}, []
    findings = [] if structure.active else [request_findings.inactive(role, structure)]
    service = None
    if role.has_service:
        service, faults = routing.find_service(structure, named.code_service)
        findings += faults
    party |= {
        "structure_id": str(structure.structure_id),
        "structure_service_id": str(service.structure_service_id) if service is not None else None,
        "code_service": service.code if service is not None else party["code_service"],
        "name": structure.name,
        "type": structure.type.lower(),
        "parameters": _published(structure, service),
    }
    return party, findings


def _published(structure: organisation.Structure, service: organisation.StructureService | None) -> dict[str, Any]:
    """Return the parameters of a structure as the annuaire shows them (R070, R072), by the names that espaces know."""
    parameters = structure.parameters
    moa = parameters.moa_presence
    return {
        # A structure that says nothing of it is not one that says it has none.
        "with_moa": moa == "AVEC_MOA" if moa is not None else None,
        "moa_only": moa == "EXCLUSIVEMENT_MOA" if moa is not None else None,
        "requires_service": parameters.requires_service,
        "requires_engagement": parameters.requires_engagement or (service is not None and service.requires_engagement),
        "requires_service_or_engagement": parameters.requires_service_or_engagement,
        "payment_not_reported": parameters.payment_not_reported,
        "receives_edi": parameters.receives_edi,
    }


def values(parties: Iterable[Kept]) -> tuple[Party, ...]:
    """Return kept parties as espaces see them; one whose structure nobody knows is left out."""
    places: Counter[str] = Counter()
    found = []
    for each in parties:
        places[each["role"]] += 1
        if each["structure_id"] is not None:
            structure = Structure(id=each["structure_id"], siret=each["identifier"], name=each["name"], type=each["type"])
            found.append(Party(each["role"], structure, each["code_service"], each["parameters"], places[each["role"]]))
    return tuple(found)


def roles_of(parties: Iterable[Kept]) -> set[str]:
    """Return the roles in which somebody is named."""
    return {each["role"] for each in parties}


def structures(parties: Iterable[Kept]) -> set[uuid.UUID]:
    """Return the structures of kept parties."""
    return {uuid.UUID(each["structure_id"]) for each in parties if each["structure_id"] is not None}


def of_role(parties: Iterable[Kept], role: str) -> Kept | None:
    """Return the party in a role that one structure has, None for nobody."""
    return next((each for each in parties if each["role"] == role), None)


def after(
    known: Known, parties: Sequence[Kept], passed: Iterable[str], status: str, cadre: str, maker: str
) -> list[dict[str, Any]]:
    """Return the parties once a request of the role ``maker`` has come to ``status`` through the statuses ``passed``: who sees it now, and
    whose work it is."""
    awaited, passed = known.kind.awaits(known.table, status, cadre, maker), frozenset(passed)
    moved = []
    for each in parties:
        since = known.role(each["role"]).sees_from
        comes = status != DRAFT and (not since or bool(since & passed))
        sees = each["role"] == maker or each["sees"] or comes
        moved.append({**each, "sees": sees, "acts": sees and each["role"] in awaited and each["structure_id"] is not None})
    return moved


def corrected(parties: Sequence[Kept], new: Iterable[Kept]) -> list[Kept]:
    """Return the parties with some of them named anew; who had seen the request in a role is followed by who sees it now."""
    by_role = {each["role"]: each for each in new}
    kept = [{**by_role.pop(each["role"]), "sees": each["sees"]} if each["role"] in by_role else each for each in parties]
    return [*kept, *by_role.values()]
