"""The search of invoices: criteria, and pages by keyset. Every search starts from an index on the structure.

A page is what follows a place in the order, not a number of rows to be skipped: invoices that come in meanwhile move nothing, and the
hundredth page costs what the first does. Rows without a value to sort by are the last part of the order, read by themselves, so that
each part is a plain walk along an index.
"""

import base64
import binascii
import datetime
import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from pupitre_bus.search_texts import ESCAPE, like_pattern, literal_pieces, search_key
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

from . import archives
from .currencies import EUR
from .lifecycle import TO_DO
from .model import LARGEST_AMOUNT
from .tables import BROUILLON, invoice

LARGEST_PAGE = 1000
LARGEST_OFFSET = 100_000
MOST_COUNTED = 1_000_000
#: So few matches are read and sorted; along an index of the order one would pass all that does not match.
FEW = 500
#: Structures whose invoices are merged in order; those of more are sorted together.
MOST_MERGED = 20
LONGEST_TEXT = 200
MOST_LISTED = 1000
CENT = Decimal("0.01")
#: A trigram index can help from this length.
_SHORTEST_PIECE = 3

Scope = Mapping[uuid.UUID, list[uuid.UUID] | None]
"""The structures searched, each with the services that the actor is limited to there (None: no limit)."""


@dataclass(frozen=True, slots=True)
class Found:
    """One page: its rows, how many there are in all (``exact``) or at least, and the places before and after it."""

    rows: Sequence[Mapping[str, Any]]
    total: int
    exact: bool
    next: str | None = None
    previous: str | None = None


def search(
    db: Any,
    request: contract.SearchInvoices.Request,
    scope_of: Scope,
    now: datetime.datetime,
    finished: archives.Finished,
    awaiting: Collection[str] = (),
) -> Found:
    """Return a page of invoices. ``awaiting`` are statuses of validation that wait for the supplier. Raises Invalid for a criterion that
    makes no sense."""
    criteria = [*_criteria(request, now, db.dialect.name == "postgresql", finished, awaiting)]
    order = _Order(request.order_by or request.sort, request.descending)
    place, backwards = _place(request, order)
    size = max(1, min(request.page_size, LARGEST_PAGE))
    skipped = _skipped(request, size) if place is None else 0
    if not scope_of:
        return Found([], 0, True)
    every = [within(request.side, scope_of), *criteria]
    few = _few(db, every) if criteria else None
    if few is None:
        total, exact = _count(db, every, request.count_up_to)
        wheres = [[branch, *criteria] for branch in _branches(request.side, scope_of)]
    else:
        most = max(0, request.count_up_to)
        total, exact = min(len(few), most), len(few) <= most
        wheres = [[invoice.c.portal_number.in_(few)]]
    rows = _walk(db, wheres, order.reversed() if backwards else order, place, skipped, size + 1)
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    after = (more or backwards) and bool(rows)
    before = (more if backwards else place is not None or skipped > 0) and bool(rows)
    return Found(rows, total, exact, order.cursor(rows[-1]) if after else None, order.cursor(rows[0]) if before else None)


def _few(db: Any, where: Sequence[Any]) -> list[int] | None:
    """Return the portal numbers of all that match; None when they are more than a few."""
    numbers = db.execute(sa.select(invoice.c.portal_number).where(*where).limit(FEW + 1)).scalars().all()
    return list(numbers) if len(numbers) <= FEW else None


def _count(db: Any, where: Sequence[Any], most: int) -> tuple[int, bool]:
    most = max(0, min(most, MOST_COUNTED))
    some = sa.select(sa.literal(1)).select_from(invoice).where(*where).limit(most + 1).subquery()
    counted = db.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
    return min(counted, most), counted <= most


def _skipped(request: contract.SearchInvoices.Request, size: int) -> int:
    skipped = (max(1, request.page) - 1) * size
    if skipped > LARGEST_OFFSET:
        fault = (
            f"les pages numérotées s'arrêtent à {LARGEST_OFFSET} factures : resserrez les critères ou suivez « next » / "
            f"numbered pages end at {LARGEST_OFFSET} invoices: narrow the criteria or follow `next`"
        )
        raise errors.Invalid(what="SearchInvoices", fields={"page": [fault]})
    return skipped


# The order and places in it


class _Order:
    """An order of invoices: by a column, then by portal number; rows without a value come last, or first when it is reversed."""

    def __init__(self, sort: str, descending: bool, empty_first: bool = False) -> None:
        self.sort, self.descending, self.empty_first = sort, descending, empty_first
        self.column = invoice.c[sort]

    def reversed(self) -> "_Order":
        return _Order(self.sort, not self.descending, not self.empty_first)

    def by(self, columns: Any, empty: bool) -> list[Any]:
        keys = [columns.portal_number] if empty else [columns[self.sort], columns.portal_number]
        return [key.desc() if self.descending else key.asc() for key in keys]

    def parts(self, place: tuple[Any, int] | None) -> list[tuple[bool, list[Any]]]:
        """Return the parts of the order that lie beyond a place: whether it is the one without values, and its conditions."""
        parts = {False: [self.column.is_not(None)], True: [self.column.is_(None)]}
        kinds = [True, False] if self.empty_first else [False, True]
        if not self.column.nullable:
            kinds = [False]
            parts[False] = []
        if place is None:
            return [(kind, parts[kind]) for kind in kinds]
        value, number = place
        here = value is None
        if here:
            key, bound = invoice.c.portal_number, sa.literal(number)
        else:
            key = sa.tuple_(self.column, invoice.c.portal_number)
            bound = sa.tuple_(sa.literal(value, self.column.type), sa.literal(number))
        parts[here] = [*parts[here], key < bound if self.descending else key > bound]
        return [(kind, parts[kind]) for kind in (kinds[kinds.index(here) :] if here in kinds else kinds)]

    def cursor(self, row: Mapping[str, Any]) -> str:
        value = row[self.sort]
        if isinstance(value, datetime.date):
            value = value.isoformat()
        elif isinstance(value, Decimal):
            value = str(value)
        written = json.dumps([self.sort, self.descending, value, row["portal_number"]])
        return base64.urlsafe_b64encode(written.encode()).decode()

    def place(self, cursor: str) -> tuple[Any, int]:
        """Read a cursor. Raises ValueError for what is none of this order."""
        sort, descending, value, number = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
        if (sort, descending) != (self.sort, self.descending) or type(number) is not int or not 0 <= number < 2**63:
            raise ValueError(cursor)
        if value is None and self.column.nullable:
            return None, number
        if not isinstance(value, str) or "\0" in value:
            raise ValueError(cursor)
        return _READERS.get(self.sort, str)(value), number


def _instant(text: str) -> datetime.datetime:
    read = datetime.datetime.fromisoformat(text)
    if read.tzinfo is None:
        raise ValueError(text)
    return read


def _exact(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite() or abs(amount) > LARGEST_AMOUNT or amount != amount.quantize(CENT):
        raise ValueError(text)
    return amount


_READERS: dict[str, Any] = {
    "deposited_at": _instant,
    "status_at": _instant,
    "issue_date": datetime.date.fromisoformat,
    **dict.fromkeys(("gross", "net", "due"), _exact),
}


def _place(request: contract.SearchInvoices.Request, order: _Order) -> tuple[tuple[Any, int] | None, bool]:
    """Return the place that the page begins or ends at, and whether it is read backwards."""
    name = "before" if request.before else "after"
    cursor = request.before or request.after
    if not cursor:
        return None, False
    try:
        return order.place(cursor), bool(request.before)
    except (ValueError, TypeError, InvalidOperation, binascii.Error, RecursionError) as error:
        fault = "ce n'est pas une page de cette recherche et de ce tri / not a page of this search and order"
        raise errors.Invalid(what="SearchInvoices", fields={name: [fault]}) from error


def _walk(
    db: Any, wheres: Sequence[Sequence[Any]], order: _Order, place: tuple[Any, int] | None, skipped: int, wanted: int
) -> list[Mapping[str, Any]]:
    """Return the next ``wanted`` rows beyond a place."""
    rows: list[Mapping[str, Any]] = []
    for empty, part in order.parts(place):
        if len(rows) >= wanted:
            break
        query = _query([[*where, *part] for where in wheres], order, empty, skipped, wanted - len(rows))
        found = db.execute(query).mappings().all()
        if skipped and not found:
            lying = sa.select(sa.func.count()).select_from(invoice)
            skipped -= db.execute(lying.where(sa.or_(*(sa.and_(*where) for where in wheres)), *part)).scalar_one()
        else:
            skipped = 0
        rows += found
    return rows


def _query(wheres: Sequence[Sequence[Any]], order: _Order, empty: bool, skipped: int, wanted: int) -> Any:
    """Return the query of one part of the order. Each structure's invoices come in order by its own index, and are then merged."""
    if len(wheres) == 1:
        return sa.select(invoice).where(*wheres[0]).order_by(*order.by(invoice.c, empty)).limit(wanted).offset(skipped)
    columns = list({name: invoice.c[name] for name in (order.sort, "portal_number")}.values())
    each = [
        sa.select(*columns).where(*where).order_by(*order.by(invoice.c, empty)).limit(skipped + wanted).subquery()
        for where in wheres
    ]
    merged = sa.union_all(*(sa.select(one) for one in each)).subquery()
    query = sa.select(invoice).join(merged, merged.c.portal_number == invoice.c.portal_number)
    return query.order_by(*order.by(merged.c, empty)).limit(wanted).offset(skipped)


# What is searched


def _branches(side: str, scope_of: Scope) -> list[Any]:
    """Return a condition for each structure, or one for all where they are many."""
    if len(scope_of) > MOST_MERGED:
        return [within(side, scope_of)]
    return [within(side, {structure_id: services}) for structure_id, services in scope_of.items()]


def within(side: str, scope_of: Scope) -> Any:
    """Return the condition of what one side sees of the structures searched; the recipient sees nothing that was not sent (R162)."""
    if side == "issued":
        return invoice.c.supplier_structure_id.in_(scope_of)
    whole = [structure_id for structure_id, services in scope_of.items() if services is None]
    alternatives = [
        sa.and_(invoice.c.recipient_structure_id == structure_id, invoice.c.structure_service_id.in_(services))
        for structure_id, services in scope_of.items()
        if services is not None
    ]
    if whole:
        alternatives.append(invoice.c.recipient_structure_id.in_(whole))
    return sa.and_(sa.or_(*alternatives), invoice.c.status != BROUILLON)


UNTREATED_REJECTION = sa.and_(invoice.c.status == "REJETEE", invoice.c.treated_at.is_(None))
"""What a supplier has not done with yet."""

_EQUAL = {"kind": "kind", "cadre": "cadre", "deposit_mode": "deposit_mode"}
_LISTED = {"statuses": "status", "kinds": "kind", "structure_service_ids": "structure_service_id"}
_TEXTS = {
    "number": "search_number",
    "engagement": "search_engagement",
    "contract": "search_contract",
    "code_service": "search_service",
}
_PARTIES = {"supplier": "supplier_identifier", "recipient": "recipient_siret"}
_PERIODS = {"deposited": "deposited_at", "issued": "issue_date", "status": "status_at"}
_AMOUNTS = ("net", "gross", "due")


def _criteria(
    request: contract.SearchInvoices.Request,
    now: datetime.datetime,
    by_trigrams: bool,
    finished: archives.Finished,
    awaiting: Collection[str],
) -> Iterable[Any]:
    asked = request.values
    for name, column in _EQUAL.items():
        if asked[name]:
            yield invoice.c[column] == _checked_text(name, asked[name])
    for name, column in _LISTED.items():
        if asked[name]:
            yield invoice.c[column].in_(_checked_list(name, asked[name]))
    for name, column in _PERIODS.items():
        yield from _between(invoice.c[column], asked[f"{name}_from"], asked[f"{name}_to"])
    bounded = any(asked[f"{name}_{end}"] is not None for name in _AMOUNTS for end in ("min", "max"))
    if asked["currency"] or bounded:
        # Amounts of two currencies are not compared: a bound without a currency is one in euros.
        yield invoice.c.currency == (_checked_text("currency", asked["currency"]) or EUR).upper()
    for name in _AMOUNTS:
        yield from _between(invoice.c[name], _bound(asked, f"{name}_min"), _bound(asked, f"{name}_max"))
    if asked["work"]:
        waits = invoice.c.status.in_((*TO_DO[request.side], *(sorted(awaiting) if request.side == "issued" else ())))
        yield sa.or_(waits, UNTREATED_REJECTION) if request.side == "issued" else waits
    if asked["counterpart_ids"]:
        ids = _checked_list("counterpart_ids", asked["counterpart_ids"])
        if request.side == "issued":
            yield sa.or_(invoice.c.recipient_structure_id.in_(ids), invoice.c.destined_structure_id.in_(ids))
        else:
            yield invoice.c.supplier_structure_id.in_(ids)
    if asked["archived"] is not None:
        archived = sa.and_(finished.where(), invoice.c.status_at < archives.year_began(now))
        yield archived if asked["archived"] else sa.not_(archived)
    yield from _text_criteria(asked, by_trigrams)


def _text_criteria(asked: Mapping[str, Any], by_trigrams: bool) -> Iterable[Any]:
    texts = {name: text for name in (*_TEXTS, *_PARTIES, "numero_flux", "text") if (text := _checked_text(name, asked[name]))}
    for name, text in texts.items():
        if name in _TEXTS:
            yield _matches(invoice.c[_TEXTS[name]], text)
        elif name in _PARTIES:
            identifier = sa.func.lower(invoice.c[_PARTIES[name]])
            yield sa.or_(_matches(invoice.c[f"search_{name}"], text), _matches(identifier, "".join(text.split())))
        elif name == "numero_flux":
            yield _matches_flux(text)
        else:
            yield invoice.c.searched.like(f"%{like_pattern(text)}%", escape=ESCAPE)
        if by_trigrams and name in (*_TEXTS, *_PARTIES):
            yield from _by_trigrams(text, name in _PARTIES)


def _by_trigrams(text: str, party: bool) -> Iterable[Any]:
    """Say once more what a text criterion finds, in the words of the one trigram index, which is on all texts together."""
    if party and any(sign.isdigit() for sign in text) and any(sign.isspace() for sign in text):
        return  # an identifier may be written in groups, of which the index does not know
    for piece in literal_pieces(text):
        if len(piece) >= _SHORTEST_PIECE:
            yield invoice.c.searched.contains(piece, autoescape=True)


def _matches_flux(text: str) -> Any:
    if "*" not in text:
        return invoice.c.numero_flux == text.upper()
    return invoice.c.numero_flux.like(like_pattern(text).upper(), escape=ESCAPE)


def _matches(column: Any, text: str) -> Any:
    if "*" not in text:
        return column == search_key(text)
    return column.like(like_pattern(text), escape=ESCAPE)


def _checked_text(name: str, text: str | None) -> str | None:
    text = (text or "").strip()
    if len(text) > LONGEST_TEXT or "\0" in text:
        fault = f"au plus {LONGEST_TEXT} caractères lisibles / at most {LONGEST_TEXT} readable characters"
        raise errors.Invalid(what="SearchInvoices", fields={name: [fault]})
    return text or None


def _checked_list(name: str, values: Sequence[Any]) -> Sequence[Any]:
    if len(values) > MOST_LISTED or any(isinstance(value, str) and "\0" in value for value in values):
        raise errors.Invalid(what="SearchInvoices", fields={name: [f"au plus {MOST_LISTED} / at most {MOST_LISTED}"]})
    return values


def _bound(asked: Mapping[str, Any], name: str) -> Decimal | None:
    """Return an amount to compare with. Raises Invalid for one that no invoice could have."""
    bound = asked[name]
    if bound is not None and (abs(bound) > LARGEST_AMOUNT or bound != bound.quantize(CENT)):
        fault = "un montant, au plus deux décimales / an amount with at most two decimals"
        raise errors.Invalid(what="SearchInvoices", fields={name: [fault]})
    return bound


def _between(column: Any, low: Any, high: Any) -> Iterable[Any]:
    if low is not None:
        yield column >= low
    if high is not None:
        yield column <= high
