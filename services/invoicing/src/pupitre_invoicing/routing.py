"""Routing: whether an invoice can go where it says (H.6). Pure rules over what organisation answered."""

from collections.abc import Sequence
from dataclasses import dataclass

from pupitre_contracts import organisation

from . import messages
from .messages import Finding

#: Codes named in a message; beyond, the directory is the place to look.
MOST_CODES = 20
MOST_SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an invoice says that it goes."""

    siret: str | None
    code_service: str | None
    engagement: str | None


@dataclass(frozen=True, slots=True)
class Route:
    """The outcome: who receives the invoice, in which service, and what forbids it (no errors: it may go)."""

    structure: organisation.Structure | None
    structure_service: organisation.StructureService | None
    findings: tuple[Finding, ...]

    @property
    def open(self) -> bool:
        return not any(finding.severity == "error" for finding in self.findings)


def route(destination: Destination, resolved: organisation.ResolvedRecipient | None) -> Route:
    """Judge a destination against the structure that organisation found for its SIRET."""
    if not destination.siret:
        return Route(None, None, (messages.finding("PUP-ROUTING-RECIPIENT-MISSING"),))
    structure = resolved.structure if resolved is not None else None
    blocking = _check_structure(destination.siret, structure, resolved.suggestions if resolved is not None else ())
    if blocking is not None:
        return Route(None, None, (blocking,))
    service, faults = find_service(structure, destination.code_service)
    findings = [*faults, *_check_engagement(destination, structure, service)]
    return Route(structure, service, tuple(findings))


def _check_structure(
    siret: str, structure: organisation.Structure | None, suggestions: Sequence[organisation.StructureSummary]
) -> Finding | None:
    if structure is None:
        return messages.finding("PUP-ROUTING-RECIPIENT-UNKNOWN", siret=siret, **suggested(suggestions))
    if structure.type != "PUBLIC":
        return messages.finding("PUP-ROUTING-RECIPIENT-PRIVATE", siret=siret, name=structure.name)
    if not structure.active:
        return messages.finding(
            "PUP-ROUTING-RECIPIENT-INACTIVE", siret=siret, name=structure.name, **suggested(suggestions)
        )
    return None


def find_service(
    structure: organisation.Structure, code: str | None
) -> tuple[organisation.StructureService | None, list[Finding]]:
    """Return the service that a code names in a structure, and what forbids to go there: a code that is missing, unknown or closed."""
    codes = _active_codes(structure)
    if not code:
        if structure.parameters.requires_service:
            return None, [messages.finding("PUP-ROUTING-SERVICE-REQUIRED", name=structure.name, codes=codes)]
        return None, []
    wanted = code.strip().casefold()
    service = next((each for each in structure.services if wanted and each.code.strip().casefold() == wanted), None)
    if service is None:
        return None, [messages.finding("PUP-ROUTING-SERVICE-UNKNOWN", code=code, name=structure.name, codes=codes)]
    if not service.active:
        return service, [messages.finding("PUP-ROUTING-SERVICE-INACTIVE", code=code, name=structure.name, codes=codes)]
    return service, []


def _check_engagement(
    destination: Destination, structure: organisation.Structure, service: organisation.StructureService | None
) -> list[Finding]:
    if destination.engagement:
        return []
    if structure.parameters.requires_engagement:
        return [messages.finding("PUP-ROUTING-ENGAGEMENT-REQUIRED", name=structure.name)]
    if service is not None and service.requires_engagement:
        return [messages.finding("PUP-ROUTING-ENGAGEMENT-REQUIRED-BY-SERVICE", name=structure.name, code=service.code)]
    if structure.parameters.requires_service_or_engagement and not destination.code_service:
        codes = _active_codes(structure)
        return [messages.finding("PUP-ROUTING-SERVICE-OR-ENGAGEMENT", name=structure.name, codes=codes)]
    return []


def _active_codes(structure: organisation.Structure) -> str:
    codes = sorted(each.code for each in structure.services if each.active)
    shown = ", ".join(codes[:MOST_CODES]) or "-"
    return shown if len(codes) <= MOST_CODES else f"{shown}, …"


def suggested(suggestions: Sequence[organisation.StructureSummary]) -> dict[str, str]:
    """Return the words that name active structures of the same SIREN (R075), empty where there are none."""
    names = ", ".join(f"{each.name} ({each.identifier})" for each in suggestions[:MOST_SUGGESTIONS])
    if not names:
        return {"suggestions_fr": "", "suggestions_en": ""}
    return {
        "suggestions_fr": f" Structures actives du même SIREN : {names}.",
        "suggestions_en": f" Active structures of the same SIREN: {names}.",
    }
