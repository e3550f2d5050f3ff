"""Deposit: who deposits for which structure, what this service's own rules say of an invoice, and how it is stored."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pupitre_contracts import organisation
from pupitre_espaces import DepositedInvoice, EspaceContext, Structure, User
from pupitre_espaces import values as espace_values

from . import circuits, model, parties, routing
from .circuits import Circuit
from .messages import Finding
from .model import ReadInvoice
from .parties import Party
from .rights import Rights

#: The largest page of the directory.
SELLERS_PAGE = 100
NAME_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Depositor:
    """The structure for which a file is deposited, who deposits, and for which structures he could."""

    structure: organisation.Structure
    allowed: tuple[uuid.UUID, ...]
    actor: str
    actor_name: str
    user: User | None
    language: str = "fr"


@dataclass(frozen=True, slots=True)
class File:
    """A deposited file in the blob store."""

    sha256: str
    size: int
    name: str
    mime: str


@dataclass(frozen=True, slots=True)
class Examined:
    """An invoice with its route and everything that was found beyond the engine's own rules. ``circuit``: others validate it, and
    ``parties`` are those who are named for it and may."""

    read: ReadInvoice
    route: routing.Route
    findings: tuple[Finding, ...]
    circuit: Circuit | None = None
    parties: tuple[Party, ...] = ()

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles in which somebody validates it."""
        return tuple(each.role.key for each in self.parties)

    @property
    def refused(self) -> bool:
        return any(finding.severity == "error" for finding in self.findings)


def depositor(scope: Any, structure_id: uuid.UUID, rights: Rights, actor: Any, language: str) -> Depositor:
    """Return who deposits; whether he may has been checked by the caller."""
    structure = scope.bus.call(organisation.GetStructure, structure_id=structure_id).structure
    return Depositor(
        structure=structure,
        allowed=tuple(rights.deposits_for()),
        actor=actor.reference,
        actor_name=actor.name,
        user=User(id=actor.id, name=actor.name) if actor.kind == "user" else None,
        language=language,
    )


def examine(
    scope: Any, by: Depositor, reads: Sequence[ReadInvoice], named: Mapping[str, str] | None = None, usual: Mapping[str, str] | None = None
) -> list[Examined]:
    """Route invoices and apply this service's own rules, with one call for all recipients and all who validate, and at most one for all
    sellers. ``named`` are those who validate, by role, whatever the files say; ``usual`` where they say nothing."""
    wanted = [_wanted(scope, read, named, usual) for read in reads]
    places = [(read.recipient_siret, read.code_service) for read in reads]
    found = recipients(scope, [*places, *((each, None) for _, asked in wanted for each in asked.values())])
    sellers = _known_sellers(scope, by, reads)
    return [_examined(scope, by, read, found, sellers, *of_read) for read, of_read in zip(reads, wanted, strict=True)]


def _wanted(
    scope: Any, read: ReadInvoice, named: Mapping[str, str] | None, usual: Mapping[str, str] | None
) -> tuple[Circuit | None, dict[str, str]]:
    circuit = circuits.of_cadre(scope.resources.espaces, read.cadre, model.civil_date(scope.clock.now()))
    asked = {**parties.of_circuit(circuit, usual or {}), **parties.in_notes(read.content), **(named or {})}
    return circuit, asked


def resolve(scope: Any, destinations: Sequence[routing.Destination]) -> list[routing.Route]:
    """Route destinations through organisation, in one call for all."""
    found = recipients(scope, ((each.siret, each.code_service) for each in destinations))
    return [routing.route(each, found.get((each.siret or "", each.code_service or ""))) for each in destinations]


def recipients(
    scope: Any, wanted: Iterable[tuple[str | None, str | None]]
) -> dict[tuple[str, str], organisation.ResolvedRecipient]:
    """Ask organisation, in one call, who is behind each SIRET with its code service; the answers stand under both."""
    asked = sorted({(siret, code or "") for siret, code in wanted if siret})
    if not asked:
        return {}
    named = [organisation.Recipient(siret=siret, code_service=code or None) for siret, code in asked]
    answers = scope.bus.call(organisation.ResolveRecipients, recipients=named).recipients
    return dict(zip(asked, answers, strict=True))


def who_validates(
    scope: Any, circuit: Circuit | None, cadre: str, named: Mapping[str, str], supplier_id: uuid.UUID
) -> tuple[tuple[Party, ...], tuple[Finding, ...]]:
    """Find those who are named to validate an invoice, and tell what is wrong with them."""
    found = recipients(scope, ((each, None) for each in parties.of_circuit(circuit, named).values()))
    return parties.judge(circuit, cadre, named, {siret: each.structure for (siret, _), each in found.items()}, supplier_id)


def _examined(
    scope: Any,
    by: Depositor,
    read: ReadInvoice,
    resolved: Mapping[tuple[str, str], organisation.ResolvedRecipient],
    sellers: Mapping[str, uuid.UUID],
    circuit: Circuit | None,
    asked: Mapping[str, str],
) -> Examined:
    destination = routing.Destination(read.recipient_siret, read.code_service, read.engagement)
    route = routing.route(destination, resolved.get((read.recipient_siret or "", read.code_service or "")))
    known = {siret: each.structure for (siret, _), each in resolved.items()}
    named, about_them = parties.judge(circuit, read.cadre, asked, known, by.structure.structure_id)
    findings = [
        *model.check_invoice(read, model.civil_date(scope.clock.now()), circuit is not None),
        *model.check_depositor(by.structure.name, by.structure.active),
        *model.check_seller(read, by.structure.structure_id, by.structure.identifier, sellers, by.allowed),
        *route.findings,
        *about_them,
    ]
    if not any(finding.severity == "error" for finding in findings):
        findings += _espace_findings(scope, by, read)
    return Examined(read, route, tuple(findings), circuit, named)


def _known_sellers(scope: Any, by: Depositor, reads: Iterable[ReadInvoice]) -> dict[str, uuid.UUID]:
    """Return which sellers, other than the depositor, are structures of the portal, by SIRET or SIREN."""
    mine = by.structure.identifier
    others = {
        read.seller_identifier
        for read in reads
        if read.seller_identifier and not mine.startswith(read.seller_identifier)
    }
    if not others:
        return {}
    asked = sorted(seller if len(seller) == 14 else f"{seller}*" for seller in others)
    reply = scope.bus.call(organisation.FindStructures, identifiers=asked, include_private=True, page_size=SELLERS_PAGE)
    known = {each.identifier: each.structure_id for each in reply.structures}
    for each in reply.structures:
        known.setdefault(each.identifier[:9], each.structure_id)
    return {seller: known[seller] for seller in others if seller in known}


def _espace_findings(scope: Any, by: Depositor, read: ReadInvoice) -> list[Finding]:
    """Ask the espaces that the seller's structure opened; what they raise costs their answer only."""
    structure = by.structure
    context = EspaceContext(
        structure=Structure(
            id=str(structure.structure_id), siret=structure.identifier, name=structure.name, type=structure.type.lower()
        ),
        user=by.user,
        language=by.language,
        clock=scope.clock,
    )
    deposited = DepositedInvoice(
        number=read.number,
        cadre=read.cadre,
        issue_date=read.issue_date,
        currency=read.currency,
        amount_due=read.due if read.due is not None else Decimal(0),
        seller_siret=read.seller_siret or structure.identifier,
        recipient_siret=read.recipient_siret or "",
        code_service=read.code_service,
        engagement=read.engagement,
    )
    answers = scope.resources.espaces.call("espace_checks", structure.espaces, invoice=deposited, context=context)
    return [from_espace(each, f"{key}:{each.rule}") for key, found in answers for each in found]


def from_espace(each: espace_values.Finding, rule: str) -> Finding:
    """Return a finding as espaces make them as one of this service, under the name ``rule``; remarks are warnings."""
    return Finding(
        rule=rule,
        severity="error" if each.severity == "error" else "warning",
        message_fr=each.message.fr,
        message_en=each.message.en,
        remedy_fr=each.remedy.fr,
        remedy_en=each.remedy.en,
        term=each.term,
    )


def file_of(sha256: str, content: bytes, name: str) -> File:
    """Return a deposited file, named without folders or control characters, and typed by its first bytes."""
    last = name.replace("\\", "/").rpartition("/")[2]
    clean = "".join(sign for sign in last if sign.isprintable())[-NAME_LENGTH:]
    pdf = content.startswith(b"%PDF")
    return File(
        sha256,
        len(content),
        clean or ("facture.pdf" if pdf else "facture.xml"),
        "application/pdf" if pdf else "application/xml",
    )
