"""Reads of requests. Every list is bounded; pages follow a place in the order, so that what comes in meanwhile moves nothing."""

import base64
import binascii
import datetime
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from pupitre_bus.search_texts import ESCAPE, like_pattern, literal_pieces
from pupitre_contracts import errors

from .model import CIVIL_ZONE, number_key
from .request_tables import BROUILLON, request, request_document, request_party
from .tables import invoice

LARGEST_PAGE = 200
LONGEST_TEXT = 200
#: The newest numbers of a maker, and values of what he may ask once only (years, campaigns), that an espace is told.
MOST_TAKEN = 1000
#: Pieces of a dossier that are read, and how far back the pieces before one are followed.
MOST_PIECES = 500

#: The structures of which parties are looked for, each with the services that the actor is limited to (None: no limit).
Scope = Mapping[uuid.UUID, list[uuid.UUID] | None]


def row(db: Any, request_id: uuid.UUID) -> Mapping[str, Any] | None:
    """Return one request."""
    return db.execute(_BY_ID, {"this": request_id}).mappings().one_or_none()


def numbered(db: Any, portal_number: int) -> Mapping[str, Any] | None:
    """Return the request with a portal number."""
    return db.execute(sa.select(request).where(request.c.portal_number == portal_number)).mappings().one_or_none()


def rows(db: Any, request_ids: Iterable[uuid.UUID]) -> Sequence[Mapping[str, Any]]:
    """Return some requests, in no order."""
    return db.execute(_BY_IDS, {"these": list(request_ids)}).mappings().all()


def documents(db: Any, request_id: uuid.UUID) -> Sequence[Mapping[str, Any]]:
    """Return the files of a request: those of the whole, then those of its lines, each in the order in which they came."""
    return db.execute(_DOCUMENTS, {"this": request_id}).mappings().all()


def kept_files(db: Any, request_id: uuid.UUID) -> list[str]:
    """Return the SHA-256 of the files of a request."""
    return [each["sha256"] for each in documents(db, request_id)]


def kept_files_of(db: Any, request_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """Return the SHA-256 of the files of several requests, by request."""
    files: dict[uuid.UUID, list[str]] = {request_id: [] for request_id in request_ids}
    columns = (request_document.c.request_id, request_document.c.sha256)
    for request_id, sha256 in db.execute(sa.select(*columns).where(request_document.c.request_id.in_(request_ids))):
        files[request_id].append(sha256)
    return files


def dossier(db: Any, dossier_id: uuid.UUID, *, lock: bool = False) -> Sequence[Mapping[str, Any]]:
    """Return the pieces of a dossier, oldest first; ``lock`` keeps others from moving them until the commit."""
    query = _DOSSIER.with_for_update() if lock else _DOSSIER
    return db.execute(query, {"of_dossier": dossier_id}).mappings().all()


def number_taken(db: Any, of: Mapping[str, Any], number: str) -> bool:
    """Tell whether the maker has sent another request of the kind under a number."""
    query = _sent_by_maker(of, request.c.request_id).where(request.c.number_key == number_key(number))
    return any(found != of.get("request_id") for found in db.execute(query).scalars())


def taken(db: Any, of: Mapping[str, Any], column: str) -> frozenset[str]:
    """Return the newest numbers under which the maker has sent requests of the kind, or what he asked of what may be asked once only
    (``column`` "number", "once_value")."""
    query = _sent_by_maker(of, request.c[column]).where(request.c[column].is_not(None))
    return frozenset(db.execute(query.order_by(request.c.portal_number.desc()).limit(MOST_TAKEN)).scalars())


def _sent_by_maker(of: Mapping[str, Any], column: Any) -> Any:
    mine = [request.c[name] == of[name] for name in ("maker_structure_id", "espace", "kind")]
    return sa.select(column).where(*mine, request.c.status != BROUILLON)


def invoice_statuses(db: Any, invoice_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the status of each of some invoices."""
    wanted = list(invoice_ids)
    if not wanted:
        return {}
    query = sa.select(invoice.c.invoice_id, invoice.c.status).where(invoice.c.invoice_id.in_(wanted))
    return dict(db.execute(query).all())


_BY_ID = sa.select(request).where(request.c.request_id == sa.bindparam("this"))
_BY_IDS = sa.select(request).where(request.c.request_id.in_(sa.bindparam("these", expanding=True)))
_DOCUMENTS = (
    sa.select(request_document)
    .where(request_document.c.request_id == sa.bindparam("this"))
    .order_by(sa.func.coalesce(request_document.c.line, 0), request_document.c.added_at, request_document.c.name)
)
_DOSSIER = (
    sa.select(request)
    .where(request.c.dossier_id == sa.bindparam("of_dossier"))
    .order_by(request.c.portal_number)
    .limit(MOST_PIECES)
)


# Lists


@dataclass(frozen=True, slots=True)
class Found:
    """One page of requests, how many there are in all, and the places after and before it."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    next: str | None
    previous: str | None = None


def search(db: Any, asked: Any, scope_of: Scope) -> Found:
    """Return a page of the requests in which ``scope_of`` have a role in the espace asked for. Raises Invalid."""
    if not scope_of:
        return Found([], 0, None)
    where = [*_criteria(asked, scope_of, db.dialect.name == "postgresql")]
    joined = request_party.join(request, request.c.request_id == request_party.c.request_id)
    order = (request_party.c.listed_at, request.c.portal_number)
    total = db.execute(
        sa.select(sa.func.count(sa.distinct(request.c.portal_number))).select_from(joined).where(*where)
    ).scalar_one()
    # A structure may have two roles in a request, which is one line of the list all the same.
    query = sa.select(*order).select_from(joined).where(*where).group_by(*order)
    size = max(1, min(asked.limit, LARGEST_PAGE))
    if asked.before:
        query = query.where(sa.tuple_(*order) > _place(asked.before, "before")).order_by(*order)
    else:
        query = query.order_by(*(each.desc() for each in order))
    if asked.after and not asked.before:
        query = query.where(sa.tuple_(*order) < _place(asked.after, "after"))
    places = db.execute(query.limit(size + 1)).all()
    more, places = len(places) > size, places[:size]
    if asked.before:
        places.reverse()
    numbers = [number for _, number in places]
    by_number = {
        found["portal_number"]: found
        for found in db.execute(sa.select(request).where(request.c.portal_number.in_(numbers))).mappings()
    }
    # Whoever came here from a page finds that one again: it is after this one, or before it.
    has_next, has_previous = (True, more) if asked.before else (more, bool(asked.after))
    return Found(
        [by_number[number] for number in numbers],
        total,
        _cursor(places[-1]) if places and has_next else None,
        _cursor(places[0]) if places and has_previous else None,
    )


def _criteria(asked: Any, scope_of: Scope, by_trigrams: bool) -> Iterable[Any]:
    yield within(scope_of)
    yield request_party.c.espace == asked.espace
    for name in ("kind", "status", "role"):
        if getattr(asked, name):
            yield request_party.c[name] == getattr(asked, name)
    if asked.to_do:
        yield request_party.c.acts.is_(True)
    if asked.cadre:
        yield request.c.cadre == asked.cadre
    if asked.dossier_id is not None:
        yield request.c.dossier_id == asked.dossier_id
    if asked.sent_from is not None:
        yield request.c.sent_at >= _midnight(asked.sent_from)
    if asked.sent_to is not None:
        yield request.c.sent_at < _midnight(asked.sent_to + datetime.timedelta(days=1))
    text = (asked.text or "").strip()
    if len(text) > LONGEST_TEXT:
        fault = f"au plus {LONGEST_TEXT} caractères / at most {LONGEST_TEXT} characters"
        raise errors.Invalid(what="SearchRequests", fields={"text": [fault]})
    if text:
        yield request.c.searched.like(f"%{like_pattern(text)}%", escape=ESCAPE)
        # In the words of the index of parts of texts, which knows no stars.
        for piece in literal_pieces(text) if by_trigrams and "*" in text else ():
            yield request.c.searched.contains(piece, autoescape=True)


def within(scope_of: Scope) -> Any:
    """Return the condition of the parties that these structures, or services of them, are."""
    whole = [structure_id for structure_id, services in scope_of.items() if services is None]
    some = [
        sa.and_(request_party.c.structure_id == structure_id, request_party.c.structure_service_id.in_(services))
        for structure_id, services in scope_of.items()
        if services is not None
    ]
    return sa.or_(request_party.c.structure_id.in_(whole), *some) if whole or not some else sa.or_(*some)


def counts(db: Any, scope_of: Scope, espace: str) -> Sequence[Mapping[str, Any]]:
    """Return, by structure, how many requests it has in an espace, how many of them wait for it, and how many are its drafts."""
    if not scope_of:
        return []
    one = sa.distinct(request_party.c.request_id)
    columns = {
        "total": sa.func.count(one),
        "to_do": sa.func.count(sa.distinct(sa.case((request_party.c.acts.is_(True), request_party.c.request_id)))),
        "drafts": sa.func.count(sa.distinct(sa.case((request_party.c.status == BROUILLON, request_party.c.request_id)))),
    }
    query = sa.select(request_party.c.structure_id, *(column.label(name) for name, column in columns.items()))
    query = query.where(within(scope_of), request_party.c.espace == espace).group_by(request_party.c.structure_id)
    return db.execute(query).mappings().all()


def _midnight(day: datetime.date, zone: ZoneInfo = CIVIL_ZONE) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), zone)


def _cursor(place: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([place[0].isoformat(), place[1]]).encode()).decode()


def _place(cursor: str, name: str) -> Any:
    try:
        at, number = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
        read = datetime.datetime.fromisoformat(at)
        if type(number) is not int or not 0 <= number < 2**63 or read.tzinfo is None:
            raise ValueError(cursor)
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        fault = "ce n'est pas une page de cette recherche / not a page of this search"
        raise errors.Invalid(what="SearchRequests", fields={name: [fault]}) from error
    listed_at, portal_number = request_party.c.listed_at, request.c.portal_number
    return sa.tuple_(sa.literal(read, listed_at.type), sa.literal(number, portal_number.type))
