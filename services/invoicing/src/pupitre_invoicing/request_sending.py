"""A draft is sent: it is looked at once more, its number is taken, and what that brings about in its dossier is made in the same commit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts import requests as contract
from pupitre_espaces import passages
from pupitre_espaces.lifecycle import DRAFT, SYSTEM, NoPassage

from . import (
    history,
    request_files,
    request_findings,
    request_handing_over,
    request_kinds,
    request_looking,
    request_parties,
    request_passing,
    request_queries,
    request_repository,
    request_saving,
    request_seeing,
    request_views,
    rights,
)
from .messages import Finding
from .request_invoices import Prepared
from .request_passing import Act, Changes
from .request_saving import Subject


def send_request(request: contract.SendRequest.Request, scope: Any) -> contract.SendRequest.Reply:
    """Send a draft where its lifecycle says."""
    actor, allowed = scope.actor.origin, rights.ask(scope)
    subject = request_saving.of_draft(request, scope, allowed)
    known, row = subject.known, subject.row
    parties, faults = request_parties.look_up(
        scope, known, subject.cadre, request_parties.named_in(row["parties"]), (subject.role, subject.maker)
    )
    mine = request_parties.of_role(parties, subject.role)
    request_seeing.require_maker(allowed, known, subject.role, subject.maker.structure_id, mine["structure_service_id"])
    kept = {name: row[name] for name in ("number", "form", "lines")}
    typed = request_saving.typed_of(
        scope, subject, parties, files=subject.documents, language=request.language, **kept
    )
    looked = request_looking.look(scope, typed, faults)
    if looked.errors:
        raise not_ready(looked.errors, request.language)
    _check_awaited(subject)
    made = passages.follow(known.table, DRAFT, None, _sending(subject), subject.cadre, request_parties.roles_of(parties))
    files = request_files.stored(scope, looked.files)
    columns = request_saving.columns(subject, typed, looked)
    ready = request_handing_over.prepared(scope, known, {**row, **columns, "parties": parties}, made)
    others = _of_reactions(scope, subject)
    act = Act("send", subject.role, actor.reference, actor.name, subject.maker.name, structure_id=str(subject.maker.structure_id))
    if row["dossier_id"] is not None:
        # What befalls the other pieces of the dossier is the platform's own work, whoever sees them.
        scope.see_all()
    with scope.begin() as tx:
        pieces = request_queries.dossier(tx, row["dossier_id"], lock=True) if row["dossier_id"] is not None else []
        paid = [each.payee.structure_id for each in (ready, *others.values()) if each is not None]
        history.CHAIN.take(tx, [row["maker_structure_id"], *(each["maker_structure_id"] for each in pieces), *paid])
        _check_awaited(replace(subject, previous=_current(pieces, subject)))
        request_repository.drop_made(tx, row["request_id"])
        values = {**columns, "findings": [], "sent_at": tx.now, "listed_at": tx.now}
        try:
            now = request_passing.make(tx, known, row, made, act, Changes(values, parties, files, ready))
        except request_repository.Taken as taken:
            raise not_ready([_taken(taken, known, values)], request.language) from taken
        _react(tx, scope, now, pieces, others)
        shown = request_views.request(tx, now, request_seeing.roles(allowed, now), request.language, scope)
        return tx.answer(contract.SendRequest.Reply(request=shown))


def not_ready(findings: Sequence[Finding], language: str) -> errors.RequestNotReady:
    """Return the error that tells everything that keeps a draft from being sent."""
    return errors.RequestNotReady(count=len(findings), findings=[each.shown(language).dump() for each in findings])


def _taken(taken: request_repository.Taken, known: request_kinds.Known, values: Mapping[str, Any]) -> Finding:
    if taken.what == "number":
        return request_findings.number_taken(values["number"])
    return request_findings.once_only(values["once_value"], known.kind.once_per)


def _sending(subject: Subject) -> Any:
    try:
        return subject.known.table.sending(subject.cadre, subject.role)
    except NoPassage as error:
        raise errors.TransitionForbidden(status_from=DRAFT, status_to=subject.cadre, allowed="") from error


def _check_awaited(subject: Subject) -> None:
    """Raise TransitionForbidden when the piece before a draft does not wait for it (any more)."""
    previous = subject.previous
    if previous is not None:
        follow = subject.known.table.followed_by(previous["status"], previous["cadre"])
        if subject.cadre not in follow:
            allowed = ", ".join(sorted(follow)) or "aucun / none"
            raise errors.TransitionForbidden(status_from=previous["status"], status_to=subject.cadre, allowed=allowed)


def _current(pieces: Sequence[Mapping[str, Any]], subject: Subject) -> Mapping[str, Any] | None:
    """Return the piece before a draft as it is now that nobody else can move it."""
    if subject.previous is None:
        return None
    return next(each for each in pieces if each["request_id"] == subject.previous["request_id"])


def _react(
    tx: Any,
    scope: Any,
    sent: Mapping[str, Any],
    pieces: Sequence[Mapping[str, Any]],
    ready: Mapping[tuple[Any, int], Prepared],
) -> None:
    """Make what befalls the other pieces of a dossier when one is sent; ``ready`` are the invoices that some become, by piece and version.
    Raises Conflict for a piece that was moved since its invoice was written."""
    for each, known, made in _reactions(scope, sent["request_id"], sent["previous_id"], sent["cadre"], pieces):
        invoice = ready.get((each["request_id"], each["version"]))
        if invoice is None and each["invoice_id"] is None and any(one.row.hand_over for one in made):
            raise errors.Conflict(what=f"request {each['number']}")
        request_passing.make(tx, known, each, made, Act("route", SYSTEM), Changes(invoice=invoice))


def _of_reactions(scope: Any, subject: Subject) -> dict[tuple[Any, int], Prepared]:
    """Write the invoices that other pieces of the dossier become when a draft is sent, by piece and version."""
    if subject.row["dossier_id"] is None:
        return {}
    pieces = request_saving.pieces_of(scope, subject.row["dossier_id"])
    befalls = _reactions(scope, subject.row["request_id"], subject.row["previous_id"], subject.cadre, pieces)
    written = ((each, request_handing_over.prepared(scope, known, each, made)) for each, known, made in befalls)
    return {(each["request_id"], each["version"]): invoice for each, invoice in written if invoice is not None}


def _reactions(
    scope: Any, request_id: Any, previous_id: Any, cadre: str, pieces: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[Mapping[str, Any], request_kinds.Known, tuple[passages.Passage, ...]]]:
    """Give the pieces that something befalls when one is sent, with what; those whose plugin is away stay as they are."""
    for each in pieces:
        known = request_kinds.of(scope, each)
        if each["request_id"] == request_id or each["status"] == DRAFT or known is None:
            continue
        made = passages.reactions(
            known.table,
            each["status"],
            each["status_before"],
            each["cadre"],
            cadre,
            is_previous=each["request_id"] == previous_id,
            named=request_parties.roles_of(each["parties"]),
        )
        if made:
            yield each, known, made
