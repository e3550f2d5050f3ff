"""Drafts of requests: kept however incomplete they are, by whoever may deposit with their cadre, and deleted."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import errors, organisation
from pupitre_contracts import requests as contract
from pupitre_espaces import Cadre, RequestView, Structure, User
from pupitre_espaces.lifecycle import DRAFT

from . import (
    history,
    model,
    request_files,
    request_history,
    request_kinds,
    request_looking,
    request_parties,
    request_queries,
    request_repository,
    request_seeing,
    request_views,
    rights,
)
from .request_kinds import Known
from .request_looking import Looked
from .request_parties import Named
from .rights import WRITE

NUMBER_LENGTH = 100


@dataclass(frozen=True, slots=True)
class Subject:
    """The draft that is worked on: what it is of, whose, and what is kept of it. ``row`` is None for a new one."""

    known: Known
    cadre: str
    #: The role that deposits.
    role: str
    maker: organisation.StructureRights
    row: Mapping[str, Any] | None
    previous: Mapping[str, Any] | None
    documents: Sequence[Mapping[str, Any]] = ()

    @property
    def of(self) -> dict[str, Any]:
        """What makes numbers and values of requests collide."""
        return {
            "maker_structure_id": self.maker.structure_id,
            "espace": self.known.espace,
            "kind": self.known.kind.key,
            "request_id": self.row["request_id"] if self.row is not None else None,
        }


def save_request(request: contract.SaveRequest.Request, scope: Any) -> contract.SaveRequest.Reply:
    """Keep what was typed as a new draft, or in place of what the draft held at that version."""
    allowed = rights.ask(scope)
    subject = of_draft(request, scope, allowed) if request.request_id is not None else _new(request, scope, allowed)
    named = _named(request, subject)
    parties, faults = request_parties.look_up(scope, subject.known, subject.cadre, named, (subject.role, subject.maker))
    mine = request_parties.of_role(parties, subject.role)
    request_seeing.require_maker(allowed, subject.known, subject.role, subject.maker.structure_id, mine["structure_service_id"])
    kept = [each for each in subject.documents if each["document_id"] not in set(request.remove_documents or ())]
    row = subject.row or {"number": "", "form": {}, "lines": []}
    lines = row["lines"] if request.lines is None else request.lines
    new_files = request_files.checked(scope, request.documents, kept, len(lines))
    typed = typed_of(
        scope,
        subject,
        parties,
        number=_number(request, row, subject.known),
        form=row["form"] if request.form is None else request.form,
        lines=lines,
        files=[*kept, *new_files],
        language=request.language,
    )
    looked = request_looking.look(scope, typed, faults)
    files = [*new_files, *request_files.stored(scope, looked.files)]
    parties = request_parties.after(subject.known, parties, (), DRAFT, subject.cadre, subject.role)
    with scope.begin() as tx:
        if subject.row is None:
            now = _insert(tx, subject, typed, looked, parties)
        else:
            since = dict.fromkeys(("status_at", "listed_at", "timed_from"), tx.now)
            values = {**columns(subject, typed, looked), **since, "parties": parties}
            request_repository.remove_documents(tx, row["request_id"], request.remove_documents or ())
            request_repository.drop_made(tx, row["request_id"])
            request_repository.change(tx, row, values)
            now = request_queries.row(tx, row["request_id"])
        request_repository.add_documents(tx, now["request_id"], files)
        if subject.row is None:
            _record(tx, scope, now, "prepare", None, request_history.digest(tx, now))
        shown = request_views.request(tx, now, request_seeing.roles(allowed, now), request.language, scope)
        return tx.answer(contract.SaveRequest.Reply(request=shown))


def delete_request(request: contract.DeleteRequest.Request, scope: Any) -> contract.DeleteRequest.Reply:
    """Delete a draft; its history keeps that it was."""
    allowed = rights.ask(scope)
    with scope.reading() as db:
        row = request_seeing.draft_of(db, allowed, request)
    with scope.begin() as tx:
        _record(tx, scope, row, "delete", request_history.digest(tx, row), None)
        request_repository.delete_draft(tx, row)
        return tx.answer(contract.DeleteRequest.Reply())


def typed_of(
    scope: Any,
    subject: Subject,
    parties: Sequence[request_parties.Kept],
    *,
    number: str,
    form: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    files: Sequence[Mapping[str, Any]],
    language: str,
) -> request_looking.Typed:
    """Return a draft with everything that the espace may look at; the pieces of its dossier are read by the platform itself."""
    known, actor, maker = subject.known, scope.actor.origin, subject.maker
    with scope.reading() as db:
        typed = known.kind.numbering == "typed"
        numbers = request_queries.taken(db, subject.of, "number") if typed else frozenset()
        values = request_queries.taken(db, subject.of, "once_value") if known.kind.once_per is not None else frozenset()
    return request_looking.Typed(
        known=known,
        cadre=subject.cadre,
        number=number,
        form=form,
        lines=lines,
        parties=parties,
        maker=Structure(id=str(maker.structure_id), siret=maker.identifier, name=maker.name, type=maker.type.lower()),
        attachments=request_files.attachments(files),
        previous=request_looking.request_view(subject.previous, known, with_lines=True) if subject.previous is not None else None,
        dossier=_dossier(scope, subject),
        of=subject.of,
        taken_numbers=numbers,
        taken_values=values,
        user=User(id=actor.id, name=actor.name) if actor.kind == "user" else None,
        language=language,
    )


def columns(subject: Subject, typed: request_looking.Typed, looked: Looked) -> dict[str, Any]:
    """Return what a draft keeps of what was typed, but its parties and files."""
    return {
        "cadre": subject.cadre,
        "maker_role": subject.role,
        "maker_name": subject.maker.name,
        "number": typed.number or looked.number,
        **looked.columns,
    }


def pieces_of(scope: Any, dossier_id: uuid.UUID) -> Sequence[Mapping[str, Any]]:
    """Return every piece of a dossier, for the platform's own work on it: what follows sees again what the actor sees."""
    seen = scope.seen
    scope.see_all()
    try:
        with scope.reading() as db:
            return request_queries.dossier(db, dossier_id)
    finally:
        scope.seen = seen


def _dossier(scope: Any, subject: Subject) -> tuple[RequestView, ...]:
    """Return the pieces sent so far, seen by the actor or not: the espace judges the dossier as a whole."""
    dossier_id = (subject.row or subject.previous or {}).get("dossier_id")
    pieces = pieces_of(scope, dossier_id) if dossier_id is not None else ()
    own = subject.of["request_id"]
    return tuple(
        request_looking.request_view(each, request_kinds.of(scope, each))
        for each in pieces
        if each["status"] != DRAFT and each["request_id"] != own
    )


def _new(request: contract.SaveRequest.Request, scope: Any, allowed: rights.Rights) -> Subject:
    missing = [name for name in ("structure_id", "espace", "kind", "cadre") if not getattr(request, name)]
    if missing:
        raise errors.Invalid(what="SaveRequest", fields={name: ["obligatoire / required"] for name in missing})
    known = request_kinds.new(scope, request.espace, request.kind)
    cadre = known.cadre(request.cadre)
    _require_deposit(allowed, known, cadre.makers, request.structure_id)
    if not cadre.offered:
        raise errors.Invalid(what="SaveRequest", fields={"cadre": [f"{cadre.code} n'est plus proposé / is not offered any more"]})
    if request.previous_id is None:
        return Subject(known, cadre.code, cadre.maker, allowed.structure(request.structure_id), None, None)
    previous = _previous(request, scope, allowed, known)
    role = _maker_of(cadre, previous, request.structure_id)
    _require_deposit(allowed, known, [role], request.structure_id)
    return Subject(known, cadre.code, role, allowed.structure(request.structure_id), None, previous)


def _require_deposit(allowed: rights.Rights, known: Known, roles: Sequence[str], structure_id: uuid.UUID) -> None:
    """Raise Forbidden unless the actor may write for a structure in an espace where one of these roles works."""
    espaces = list(dict.fromkeys(known.espace_of(known.role(each)) for each in roles))
    rights_there = (allowed.espace(structure_id, each) for each in espaces)
    if not any(right is not None and right.profile == WRITE for right in rights_there):
        raise errors.Forbidden(needed=f"{espaces[0]}, {WRITE}")


def _maker_of(cadre: Cadre, previous: Mapping[str, Any], structure_id: uuid.UUID) -> str:
    """Return the role in which a structure deposits from a piece. Raises Forbidden where that one names another structure in it."""
    role = cadre.maker_among(each["role"] for each in previous["parties"] if each["structure_id"] == str(structure_id))
    named = request_parties.of_role(previous["parties"], role)
    if named is not None and named["structure_id"] != str(structure_id):
        raise errors.Forbidden(needed=f"{role}: {named['name']}")
    return role


def _previous(
    request: contract.SaveRequest.Request, scope: Any, allowed: rights.Rights, known: Known
) -> Mapping[str, Any]:
    """Return the request from which a new one is deposited. Raises NotFound, and Invalid for one of another kind or a draft."""
    with scope.reading() as db:
        row = request_queries.row(db, request.previous_id)
    request_seeing.visible(allowed, row, request.previous_id)
    if (row["espace"], row["kind"]) != (known.espace, known.kind.key) or row["dossier_id"] is None or row["status"] == DRAFT:
        fault = "aucune pièce ne se dépose depuis cette demande / no piece is deposited from this request"
        raise errors.Invalid(what="SaveRequest", fields={"previous_id": [fault]})
    return row


def of_draft(request: Any, scope: Any, allowed: rights.Rights) -> Subject:
    """Return the draft ``request_id`` at ``version``, with the cadre that is said now or the one it has. Raises what
    :func:`request_seeing.draft_of` raises, EspaceSilent, and Invalid for an unknown cadre."""
    with scope.reading() as db:
        row = request_seeing.draft_of(db, allowed, request)
        documents = request_queries.documents(db, row["request_id"])
        previous = request_queries.row(db, row["previous_id"]) if row["previous_id"] is not None else None
    known = request_kinds.needed(scope, row)
    cadre = known.cadre(request.values.get("cadre") or row["cadre"])
    role = row["maker_role"] if row["maker_role"] in cadre.makers else cadre.maker
    return Subject(
        known,
        cadre.code,
        role,
        allowed.structure(row["maker_structure_id"]),
        row,
        previous,
        [each for each in documents if not each["made"]],
    )


def _named(request: contract.SaveRequest.Request, subject: Subject) -> request_parties.Wanted:
    """Return who is named in which role: those of the draft or of the piece before it, but the roles of which something is said now. Raises
    Invalid."""
    before = subject.row or subject.previous
    named = request_parties.named_in(before["parties"]) if before is not None else {}
    cadre = subject.known.cadre(subject.cadre)
    now: dict[str, list[Named]] = {}
    for each in request.parties or ():
        role, identifier = subject.known.role(each.role), "".join(each.identifier.split())
        if role.always or role.key not in {subject.role, *cadre.needs, *cadre.may_name}:
            fault = f"ce rôle ne se désigne pas avec {cadre.code} / this role is not named with {cadre.code}"
            raise errors.Invalid(what="SaveRequest", fields={f"party.{role.key}": [fault]})
        of_role = now.setdefault(role.key, [])
        if identifier:
            of_role.append(Named(identifier, (each.code_service or "").strip() or None))
    request_parties.check_count(subject.known, now, "SaveRequest")
    return {**named, **now}


def _number(request: contract.SaveRequest.Request, row: Mapping[str, Any], known: Known) -> str:
    """Return the number of a draft: the one that was typed, or the one that the portal gives. Raises Invalid."""
    if known.kind.numbering == "given" or request.number is None:
        return row["number"]
    number = request.number.strip()
    if len(number) > NUMBER_LENGTH:
        raise errors.Invalid(what="SaveRequest", fields={"number": [f"{NUMBER_LENGTH} signes au plus / at most {NUMBER_LENGTH} signs"]})
    return number


def _insert(
    tx: Any, subject: Subject, typed: request_looking.Typed, looked: Looked, parties: Sequence[request_parties.Kept]
) -> Mapping[str, Any]:
    known, previous, request_id = subject.known, subject.previous, uuid.uuid4()
    values = {
        **columns(subject, typed, looked),
        "request_id": request_id,
        "espace": known.espace,
        "kind": known.kind.key,
        "kind_label_fr": known.kind.label.fr,
        "kind_label_en": known.kind.label.en,
        "lifecycle": known.table.name,
        "status": DRAFT,
        "status_label_fr": known.label(DRAFT).fr,
        "status_label_en": known.label(DRAFT).en,
        "version": 1,
        "created_at": tx.now,
        "created_by": tx.scope.actor.origin.reference,
        **dict.fromkeys(("status_at", "listed_at", "timed_from"), tx.now),
        "maker_structure_id": subject.maker.structure_id,
        "parties": list(parties),
        "previous_id": previous["request_id"] if previous is not None else None,
    }
    if known.kind.numbering == "given":
        year = model.civil_date(tx.now).year
        values["number"] = request_repository.next_number(
            tx, subject.maker.structure_id, known.espace, known.kind.key, known.kind.prefix, year
        )
    if previous is not None:
        values |= {name: previous[name] for name in ("dossier_id", "dossier_number")}
    portal_number = request_repository.insert(tx, values)
    if known.kind.has_dossier and previous is None:
        # The first piece opens the dossier, which has its number.
        request_repository.open_dossier(tx, {**values, "portal_number": portal_number})
    return request_queries.row(tx, request_id)


def _record(tx: Any, scope: Any, row: Mapping[str, Any], action: str, before: str | None, after: str | None) -> None:
    actor = scope.actor.origin
    line = history.Line(
        invoice_id=row["request_id"],
        actor=actor.reference,
        actor_name=actor.name,
        structure_name=row["maker_name"],
        action=action,
        status_from=None if before is None else row["status"],
        status_to=DRAFT if after is not None else "SUPPRIMEE",
        before=before,
        after=after,
    )
    history.append(tx, scope.resources.sealer, row["maker_structure_id"], [line])


