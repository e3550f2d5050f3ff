"""What the visitor may do, as lists that people read and take away: his rattachements (R112) and his habilitations (R146)."""

import uuid
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
    services = _services(right for right in rights if right.structure_service_ids)
    lines = []
    for right in rights:
        own = [services[each] for each in right.structure_service_ids or () if each in services]
        if right.whole_structure or not own:
            lines.append(Line(right, None))
        lines += [Line(right, service) for service in own]
    return _found(lines, wanted)


def habilitations(wanted: str = "") -> list[Line]:
    """Return the habilitations of the visitor, one line for each structure or service, with its espaces and profiles."""
    rights = navigation.rights()
    services = _services(right for right in rights if any(each.structure_service_ids for each in right.espaces))
    lines = []
    for right in rights:
        profiles: dict[uuid.UUID | None, list[str]] = {}
        for espace in right.espaces:
            for service_id in espace.structure_service_ids or [None]:
                profiles.setdefault(service_id, []).append(_profile(espace))
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


def _profile(espace: Any) -> str:
    return f"{navigation.espace_labels().get(espace.espace, espace.espace)} ({profile(espace.profile)})"


def _services(rights: Any) -> dict[Any, Any]:
    """Return the services of these structures by their ids, asked for at once."""
    recipients = [organisation.Recipient(siret=right.identifier) for right in rights]
    if not recipients:
        return {}
    resolved = bus.call(organisation.ResolveRecipients, recipients=recipients).recipients
    return {
        service.structure_service_id: service for each in resolved if each.structure for service in each.structure.services
    }


def _found(lines: list[Line], wanted: str) -> list[Line]:
    return [each for each in lines if matches(wanted, each.right.identifier, each.right.name, each.code, each.label)]
