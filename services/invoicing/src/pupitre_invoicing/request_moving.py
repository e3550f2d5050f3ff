"""Passages that people make: one row of the kind's lifecycle, in the name of a role of theirs, and what the platform adds to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import errors
from pupitre_contracts import requests as contract
from pupitre_espaces import Motive, Transition, passages
from pupitre_espaces.lifecycle import NoPassage

from . import (
    messages,
    model,
    motives,
    request_files,
    request_handing_over,
    request_kinds,
    request_parties,
    request_passing,
    request_queries,
    request_seeing,
    request_views,
    rights,
)
from .request_kinds import Known
from .request_parties import Kept, Named
from .request_passing import Act, Changes
from .rights import WRITE


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a wanted status comes to for a request as it is."""

    row: Transition
    motive: str | None
    comment: str | None


def move_request(request: contract.MoveRequest.Request, scope: Any) -> contract.MoveRequest.Reply:
    """Make one passage. Of contradictory ones made from one version, one wins (RS-21)."""
    actor, allowed = scope.actor.origin, rights.ask(scope)
    with scope.reading() as db:
        row = request_queries.row(db, request.request_id)
        seen = request_seeing.visible(allowed, row, request.request_id)
        documents = request_queries.documents(db, request.request_id)
    request_seeing.check_version(row, request.version)
    known = request_kinds.needed(scope, row)
    judged = _judge(known, row, seen, request)
    parties = _corrected(scope, known, row, judged, request)
    if request.documents and not judged.row.documents:
        raise errors.Invalid(what="MoveRequest", fields={"documents": [messages.TEXTS["documents-refused"]]})
    files = request_files.checked(scope, request.documents, documents, len(row["lines"]))
    named = request_parties.roles_of(parties or row["parties"])
    made = passages.follow(known.table, row["status"], row["status_before"], judged.row, row["cadre"], named)
    of = request_seeing.acting(allowed, row, judged.row.who)
    act = Act("move", judged.row.who, actor.reference, actor.name, of["name"], judged.motive, judged.comment, of["structure_id"])
    after = row if parties is None else {**row, "parties": parties}
    ready = request_handing_over.prepared(scope, known, after, made)
    if row["dossier_id"] is not None:
        # The délai is that of the dossier, whoever sees its pieces.
        scope.see_all()
    with scope.begin() as tx:
        now = request_passing.make(tx, known, row, made, act, Changes({}, parties, files, ready))
        shown = request_views.request(tx, now, request_seeing.roles(allowed, now), request.language, scope)
        return tx.answer(contract.MoveRequest.Reply(request=shown))


def _judge(known: Known, row: Mapping[str, Any], seen: Mapping[str, str], request: contract.MoveRequest.Request) -> _Judged:
    """Return the row of the table that is wanted, with what is said with it. Raises Forbidden, TransitionForbidden, MotiveRefused or
    Invalid."""
    if request.role is not None:
        request_seeing.require(seen, row, request.role)
        seen = {request.role: seen[request.role]}
    found = _find(known, row, seen, request.to)
    comment = (request.comment or "").strip() or None
    for name, text in (("comment", comment), ("motive", request.motive)):
        if text is not None and len(text) > model.COMMENT_LENGTH:
            raise errors.Invalid(what="MoveRequest", fields={name: [messages.TEXTS["comment-long"]]})
    comment = motives.stated(found, request.stated, comment, "MoveRequest")
    try:
        coded = passages.check_motive(found, request.motive_code, request.motive)
    except passages.WrongMotive as error:
        text = error.label.text(request.language)
        raise errors.MotiveRefused(reason=text, status_to=found.target) from error
    if coded is None and request.motive_code:
        raise errors.MotiveRefused(reason=messages.TEXTS["motive-code"].format(codes="-"), status_to=found.target)
    return _Judged(found, _motive(coded, request.motive), comment)


def _find(known: Known, row: Mapping[str, Any], seen: Mapping[str, str], to: str) -> Transition:
    writable = [role for role, profile in seen.items() if profile == WRITE]
    try:
        return known.table.find(row["status"], to, writable, row["cadre"])
    except NoPassage as error:
        readable = [each for each in known.table.allowed(row["status"], seen, "move", row["cadre"]) if each.target == to]
        if readable:
            request_seeing.require(seen, row, readable[0].who)
        allowed = ", ".join(error.allowed) or "aucun / none"
        raise errors.TransitionForbidden(status_from=row["status"], status_to=to, allowed=allowed) from error


def _motive(coded: Motive | None, text: str | None) -> str | None:
    """Return the motive to be kept, its code before it, as invoices keep theirs."""
    given = (text or "").strip() or None
    if coded is None:
        return given
    return f"[{coded.code}] {coded.label.fr}" + (f" : {given}" if given else "")


def _corrected(
    scope: Any, known: Known, row: Mapping[str, Any], judged: _Judged, request: contract.MoveRequest.Request
) -> Sequence[Kept] | None:
    """Return the parties with those named anew, None where nobody is. Raises Invalid for a role that the passage does not correct, and
    for a structure that cannot have it."""
    if not request.parties:
        return None
    wanted: dict[str, list[Named]] = {}
    for each in request.parties:
        if each.role not in judged.row.corrects:
            fault = f"ce passage ne corrige pas ce rôle / this passage does not correct this role: {each.role}"
            raise errors.Invalid(what="MoveRequest", fields={"parties": [fault]})
        named = Named("".join(each.identifier.split()), (each.code_service or "").strip() or None)
        wanted.setdefault(each.role, []).append(named)
    request_parties.check_count(known, wanted, "MoveRequest")
    new, faults = request_parties.look_up_some(scope, known, wanted)
    faults += request_parties.check_types(known, new)
    if faults:
        texts = {each.term: [f"{each.message_fr} / {each.message_en}"] for each in faults}
        raise errors.Invalid(what="MoveRequest", fields=texts)
    return request_parties.corrected(row["parties"], new)
