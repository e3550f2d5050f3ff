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
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

from . import archives, search_criteria
from .model import LARGEST_AMOUNT
from .search_criteria import CENT
from .tables import BROUILLON, invoice

LARGEST_PAGE = 1000
LARGEST_OFFSET = 100_000
MOST_COUNTED = 1_000_000
#: So few matches are read and sorted; along an index of the order one would pass all that does not match.
FEW = 500
#: Structures whose invoices are merged in order; those of more are sorted together.
MOST_MERGED = 20

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
    criteria = [*search_criteria.conditions(request, now, db.dialect.name == "postgresql", finished, awaiting)]
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
