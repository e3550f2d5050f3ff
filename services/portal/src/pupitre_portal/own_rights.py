"""What the visitor may do, as lists that people read and take away: his rattachements (R112) and his habilitations (R146)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import g
from pupitre_contracts import organisation

from . import bus, codes, navigation
from .languages import gettext
from .searching import matches


@dataclass(frozen=True)
class Line:
    """A structure, or one service of it, with what the visitor has there."""

    right: Any
    service: Any | None
    profiles: tuple[str, ...] = field(default=())

    @property
    def code(self) -> str:
        return self.service.code if self.service else ""

    @property
    def label(self) -> str:
        return self.service.label if self.service else ""


def rattachements(wanted: str = "") -> list[Line]:
    """Return the rattachements of the visitor, one line for each structure or service he is attached to."""
    rights = navigation.rights()
    services = services_of(right for right in rights if right.structure_service_ids)
    lines = []
    for right in rights:
        own = [services[each] for each in right.structure_service_ids or () if each in services]
        if right.whole_structure is not False or not own:
            lines.append(Line(right, None))
        lines += [Line(right, service) for service in own]
    return _found(lines, wanted)


def habilitations(wanted: str = "") -> list[Line]:
    """Return the habilitations of the visitor, one line for each structure or service, with its espaces and profiles."""
    rights = navigation.rights()
    services = services_of(
        right for right in rights if any(each.structure_service_ids or each.modification_service_ids for each in right.espaces)
    )
    lines = []
    for right in rights:
        profiles: dict[uuid.UUID | None, list[str]] = {}
        for espace in right.espaces:
            for service_id, code in by_service(espace):
                profiles.setdefault(service_id, []).append(_profile(espace.espace, code))
        for service_id, names in profiles.items():
            lines.append(Line(right, services.get(service_id), tuple(names)))
    return _found(lines, wanted)


def rattachement_rows(wanted: str) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and rows of the exported rattachements."""
    columns = [
        gettext("Utilisateur"), gettext("Structure"), gettext("Raison sociale"), gettext("Code service"), gettext("Libellé du service"),
        gettext("Rôle"),
    ]
    return columns, [
        [g.user.email, each.right.identifier, each.right.name, each.code, each.label, codes.role(each.right.role)]
        for each in rattachements(wanted)
    ]


def habilitation_rows(wanted: str) -> tuple[list[str], list[list[Any]]]:
    """Return the columns and rows of the exported habilitations."""
    columns = [
        gettext("Structure"), gettext("Raison sociale"), gettext("Code service"), gettext("Libellé du service"), gettext("Profils"),
    ]
    return columns, [
        [each.right.identifier, each.right.name, each.code, each.label, ", ".join(each.profiles)] for each in habilitations(wanted)
    ]


def profile(code: str) -> str:
    """Return the name of a profile."""
    return gettext("modification") if code == "MODIFICATION" else gettext("consultation")


def by_service(right: Any) -> list[tuple[uuid.UUID | None, str]]:
    """Return the profile that a right gives at each service, None for the whole structure."""
    more, limited = right.modification_service_ids, right.structure_service_ids
    if limited is None:
        return [(None, right.profile)] if more is None else [(None, "CONSULTATION"), *((each, "MODIFICATION") for each in more)]
    return [(each, right.profile if more is None or each in more else "CONSULTATION") for each in limited]


def services_of(rights: Iterable[Any]) -> dict[uuid.UUID, Any]:
    """Return the services of these structures by their ids: asked for at once where they have a SIRET, the others one by one."""
    wanted = list(rights)
    if not wanted:
        return {}
    recipients = [organisation.Recipient(siret=right.identifier) for right in wanted]
    resolved = bus.call(organisation.ResolveRecipients, recipients=recipients).recipients
    found = {each.structure.structure_id: each.structure for each in resolved if each.structure}
    for right in wanted:
        if right.structure_id not in found:
            found[right.structure_id] = bus.call(organisation.GetStructure, structure_id=right.structure_id).structure
    return {service.structure_service_id: service for structure in found.values() for service in structure.services}


def _profile(espace: str, code: str) -> str:
    return f"{navigation.espace_labels().get(espace, espace)} ({profile(code)})"


def _found(lines: list[Line], wanted: str) -> list[Line]:
    return [each for each in lines if matches(wanted, each.right.identifier, each.right.name, each.code, each.label)]
