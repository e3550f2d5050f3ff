"""Flux: which syntaxes are taken, how a flux is numbered, and the states it goes through."""

import datetime
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

from . import parties, queries, repository, rights, views
from .checking import stored_size
from .rights import ISSUED, READ

#: Bytes of one deposited flux, as the file is sent.
FLUX_BYTES = 1000 * 1000 * 1000
NAME_LENGTH = 255

WAITING = "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP"
PROCESSING = "IN_EN_COURS_TRAITEMENT_CPP"


@dataclass(frozen=True, slots=True)
class Syntax:
    """A syntaxeFlux that is processed: the code of its interface, and the formats of the engine that it covers."""

    interface: str
    formats: frozenset[str]
    expected: str


#: This portal's own syntax: each file is recognised by its content.
MIXED = "FLUX_MIXTE"
SYNTAXES = {
    "IN_DP_E1_UBL_INVOICE": Syntax("FSO1100A", frozenset({"ubl-invoice", "ubl-creditnote", "chorus-e1"}), "UBL 2.1"),
    "IN_DP_E1_CII_16B": Syntax("FSO1106A", frozenset({"cii"}), "CII D16B / D22B"),
    "IN_DP_E2_CII_FACTURX": Syntax("FSO1117A", frozenset({"facturx"}), "Factur-X"),
    MIXED: Syntax(
        "FSO9900A",
        frozenset({"ubl-invoice", "ubl-creditnote", "chorus-e1", "cii", "facturx"}),
        "UBL 2.1, CII D16B / D22B, Factur-X",
    ),
}
#: Official codes of flows that this portal does not read.
OTHER_SYNTAXES = frozenset(
    {
        "IN_DP_E1_CII",
        "IN_DP_E1_PES_FACTURE",
        "IN_DP_E1_XCBL",
        "IN_DP_E2_UBL_INVOICE_MIN",
        "IN_DP_E2_CII_MIN",
        "IN_DP_E2_PES_FACTURE_MIN",
        "IN_DP_E2_CPP_FACTURE_MIN",
        "IN_DP_PDFARCHIVE_UBL_INVOICE_MUG",
        "IN_DP_PDFARCHIVE_CII_MUG",
        "IN_DP_E2_CII_MIN_16B",
        "IN_DP_E3_UBL_INVOICE",
    }
)
#: Codes that never existed but circulate in generated programs, with the one that was meant.
MISTAKEN_SYNTAXES = {
    "IN_DP_E3_FACTUR_X_10": "IN_DP_E2_CII_FACTURX",
    "IN_DP_E2_FACTURX": "IN_DP_E2_CII_FACTURX",
    "IN_DP_E1_UBL_201": "IN_DP_E1_UBL_INVOICE",
}


def syntax(code: str) -> Syntax:
    """Return the syntax of that code. Raises FluxRefused, which names the code and what to use instead."""
    known = SYNTAXES.get(code)
    if known is not None:
        return known
    accepted = ", ".join(SYNTAXES)
    if code in MISTAKEN_SYNTAXES:
        right = MISTAKEN_SYNTAXES[code]
        raise errors.FluxRefused(
            why_fr=f"la syntaxe « {code} » n'a jamais existé, utilisez {right}",
            why_en=f"the syntax “{code}” never existed, use {right}",
        )
    if code in OTHER_SYNTAXES:
        raise errors.FluxRefused(
            why_fr=f"la syntaxe {code} n'est pas lue par ce portail, qui lit {accepted}",
            why_en=f"the syntax {code} is not read by this portal, which reads {accepted}",
        )
    raise errors.FluxRefused(
        why_fr=f"la syntaxe « {code[:60]} » est inconnue ; syntaxes admises : {accepted}",
        why_en=f"the syntax “{code[:60]}” is unknown; accepted syntaxes: {accepted}",
    )


def numero(interface: str, sequence: int) -> str:
    """Return the official number: CPP, 001, the four digits of the interface, then fifteen digits."""
    digits = "".join(sign for sign in interface if sign.isdigit())
    if len(digits) != 4 or not 0 < sequence < 10**15:
        raise ValueError(f"no flux number for interface {interface} and sequence {sequence}")
    return f"CPP001{digits}{sequence:015d}"


def final_state(outcomes: Mapping[str, int]) -> str:
    """Return the state of a flux whose every file has its outcome."""
    accepted = outcomes.get("accepted", 0)
    refused, incidents = outcomes.get("refused", 0), outcomes.get("incident", 0)
    if accepted:
        return "IN_INTEGRE_PARTIEL" if refused or incidents else "IN_INTEGRE"
    return "IN_INCIDENTE" if incidents else "IN_REJETE"


def retry_after(attempts: int) -> datetime.timedelta:
    """Return how long a flux rests after the engine failed on it for the n-th time."""
    return datetime.timedelta(seconds=min(300, 5 * 4 ** min(attempts, 4)))


def deposit_flux(request: contract.DepositFlux.Request, scope: Any) -> contract.DepositFlux.Reply:
    """Store a flux and give its number; its invoices are processed afterwards."""
    actor = scope.actor.origin
    rights.ask(scope).require_deposit(request.structure_id)
    known = syntax(request.syntaxe_flux)
    size = _checked_size(request, scope)
    flux_id = uuid.uuid4()
    with scope.begin() as tx:
        sequence = repository.insert_flux(
            tx,
            {
                "flux_id": flux_id,
                "structure_id": request.structure_id,
                "actor_kind": actor.kind,
                "actor_id": actor.id,
                "actor_name": actor.name,
                "syntaxe_flux": request.syntaxe_flux,
                "code_interface": known.interface,
                "deposit_mode": "UPLOAD_API" if actor.kind == "technical" else "UPLOAD_PORTAIL",
                "file_name": request.file_name,
                "sha256": request.sha256,
                "size": size,
                "state": WAITING,
                "state_at": tx.now,
                "deposited_at": tx.now,
                "open": True,
                "listed": False,
                "attempts": 0,
                "errors": [],
                "parties": parties.given(request.parties) or None,
            },
        )
        repository.change_flux(tx, flux_id, numero_flux=numero(known.interface, sequence))
        row = queries.flux_row(tx, flux_id=flux_id)
        return tx.answer(contract.DepositFlux.Reply(flux=views.flux(row, {}, (), "fr")))


def _checked_size(request: contract.DepositFlux.Request, scope: Any) -> int:
    """Return how many bytes the stored file really has. Raises FluxRefused for one that cannot be taken."""
    if not 0 < len(request.file_name) <= NAME_LENGTH:
        raise errors.FluxRefused(
            why_fr="le nom du fichier manque ou est trop long", why_en="the file name is missing or too long"
        )
    size = stored_size(scope.resources.blobs, request.sha256)
    if not size:
        raise errors.FluxRefused(why_fr="le fichier est vide", why_en="the file is empty")
    if size > FLUX_BYTES:
        raise errors.FluxRefused(why_fr="le fichier dépasse 1 Go", why_en="the file exceeds 1 GB")
    return size


def get_flux(request: contract.GetFlux.Request, scope: Any) -> contract.GetFlux.Reply:
    """Read the state and the errors of a flux."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = readable_row(db, request.numero_flux, allowed, scope.actor.origin)
        outcomes = queries.flux_outcomes(db, [row["flux_id"]]).get(row["flux_id"], {})
        any_refused = outcomes.get("refused") or outcomes.get("incident")
        refused = queries.refused_items(db, row["flux_id"]) if any_refused else ()
    return contract.GetFlux.Reply(flux=views.flux(row, outcomes, refused, request.language))


def readable_row(db: Any, numero_flux: str, allowed: rights.Rights, actor: Any) -> Mapping[str, Any]:
    """Return the flux of that number. Raises NotFound for one of others, and Forbidden without CONSULTATION in factures-emises."""
    row = queries.flux_row(db, numero_flux=numero_flux)
    if row is None or not (allowed.attached(row["structure_id"]) or _his_by_mandat(allowed, row, actor)):
        raise errors.NotFound(what=f"flux {numero_flux}")
    if not _his_by_mandat(allowed, row, actor):
        allowed.require(row["structure_id"], ISSUED, READ)
    return row


def _his_by_mandat(allowed: rights.Rights, row: Mapping[str, Any], actor: Any) -> bool:
    """Tell whether the actor deposited this flux for a structure that lets him: he follows his own, and no other of theirs."""
    return allowed.holds_mandat_of(row["structure_id"]) and (row["actor_kind"], row["actor_id"]) == (actor.kind, actor.id)


def search_flux(request: contract.SearchFlux.Request, scope: Any) -> contract.SearchFlux.Reply:
    """List flux, newest first; each with its own errors, those of its files being read with GetFlux."""
    structures = rights.searchable(rights.ask(scope), ISSUED, request.structure_id)
    with scope.reading() as db:
        rows, total = queries.flux_page(db, structures, request.page, request.page_size)
        outcomes = queries.flux_outcomes(db, [row["flux_id"] for row in rows])
    shown = [views.flux(row, outcomes.get(row["flux_id"], {}), (), "fr") for row in rows]
    return contract.SearchFlux.Reply(flux=shown, total=total)
