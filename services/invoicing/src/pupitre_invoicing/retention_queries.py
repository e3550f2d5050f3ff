"""Reads and writes of the end of keeping: what has reached its term, elimination lists and their invoices, holds."""

import datetime
import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from . import archives
from .model import civil_date, year_begins
from .party_tables import invoice_party
from .request_tables import request, request_party
from .retention_rules import RetentionRules
from .tables import (
    BROUILLON,
    document,
    elimination_item,
    elimination_list,
    flux,
    flux_item,
    invoice,
    invoice_content,
    legal_hold,
    reminder,
)
from .tables import entry as typed

PAGE = 500
MOST_GROUPS = 1000

#: Credit notes count against the sum.
_SIGNED = sa.case((invoice.c.kind == "AVOIR", -invoice.c.gross), else_=invoice.c.gross)
_ACTIVE = legal_hold.c.released_at.is_(None)


def held(an_id: Any, *structures: Any) -> Any:
    """The condition that an active hold is on an invoice or request, on one of these structures of it, or on a party of the request."""
    parties = sa.select(request_party.c.structure_id).where(request_party.c.request_id == an_id)
    on = [legal_hold.c.invoice_id == an_id, legal_hold.c.structure_id.in_(parties)]
    return sa.exists().where(
        _ACTIVE, sa.or_(*on, legal_hold.c.structure_id.in_(structures)) if structures else sa.or_(*on)
    )


def listed(an_id: Any) -> Any:
    """The condition that an invoice or request is in a list that is not carried out yet."""
    return sa.exists().where(elimination_item.c.invoice_id == an_id, elimination_item.c.open.is_(True))


HELD = held(invoice.c.invoice_id, invoice.c.supplier_structure_id, invoice.c.recipient_structure_id)
LISTED = listed(invoice.c.invoice_id)
_ALONE = sa.or_(
    invoice.c.request_id.is_(None), sa.not_(sa.exists().where(request.c.request_id == invoice.c.request_id))
)


class Expired:
    """The conditions of having reached the term on a day, and the year from whose end each invoice and each request is kept. Drafts have
    none, nor have requests that are not finished."""

    def __init__(
        self, db: Any, rules: RetentionRules, host: Any, today: datetime.date, only: int | None = None
    ) -> None:
        firsts = [
            db.execute(sa.select(sa.func.min(table.c.status_at)).where(table.c.status != BROUILLON)).scalar()
            for table in (invoice, request)
        ]
        years = (
            range(min(civil_date(first).year for first in firsts if first is not None), today.year)
            if any(firsts)
            else ()
        )
        over = [year for year in years if rules.term(year) <= today]
        self.wanted = [year for year in over if only in (None, year)]
        self.none = not over
        # The first that both its last act and its own date are not after.
        own_date = {year: invoice.c.issue_date < datetime.date(year + 1, 1, 1) for year in over}
        self.year = _case((sa.and_(invoice.c.status_at < year_begins(year + 1), own_date[year]), year) for year in over)
        of_request = _case((request.c.status_at < year_begins(year + 1), year) for year in over)
        longer = [sa.not_(sa.and_(self.year == year, which)) for year in over for which in _longer(year, rules, today)]
        whole = sa.and_(invoice.c.status != BROUILLON, *longer)
        #: Of invoices that came of no request; the others go with it.
        self.where = sa.and_(_ALONE, self.year.in_(self.wanted), whole)
        self.year_of_invoice = sa.case((whole, self.year), else_=None)
        longer = [
            sa.not_(sa.and_(of_request == year, which))
            for year in over
            for which in _longer_request(year, rules, today)
        ]
        self.year_of_request = sa.case((sa.and_(archives.requests_finished(host), *longer), of_request), else_=None)


def _case(known: Iterator[Any]) -> Any:
    rows = list(known)
    return sa.case(*rows, else_=None) if rows else sa.null()


def _longer(year: int, rules: RetentionRules, today: datetime.date) -> Iterator[Any]:
    """Give the condition of the invoices of structures of which this year is kept longer, if there are any."""
    names = [name for name in rules.named() if rules.term(year, name) > today]
    if names:
        siren = [name for name in names if len(name) == 9]
        columns = [
            sa.func.coalesce(column, "") for column in (invoice.c.supplier_identifier, invoice.c.recipient_siret)
        ]
        yield sa.or_(*(sa.or_(column.in_(names), sa.func.substr(column, 1, 9).in_(siren)) for column in columns))


def _longer_request(year: int, rules: RetentionRules, today: datetime.date) -> Iterator[Any]:
    """As :func:`_longer`, of requests: their parties are kept as JSON."""
    for name in rules.named():
        if rules.term(year, name) > today:
            yield sa.cast(request.c.parties, sa.Text).contains(f'"{name}' if len(name) == 9 else f'"{name}"')


def of_structure(structure_id: uuid.UUID | None) -> list[Any]:
    """Return the condition that a structure issued or received it; none where none is named."""
    columns = (invoice.c.supplier_structure_id, invoice.c.recipient_structure_id)
    return [sa.or_(*(column == structure_id for column in columns))] if structure_id is not None else []


def groups(db: Any, expired: Expired, side: str, structure_id: uuid.UUID | None) -> Sequence[Mapping[str, Any]]:
    """Count what has reached its term, by structure of that side, year and currency: one more than MOST_GROUPS, at most."""
    if expired.none:
        return ()
    received = side == "received"
    structure = invoice.c.recipient_structure_id if received else invoice.c.supplier_structure_id
    identifier = invoice.c.recipient_siret if received else invoice.c.supplier_identifier
    name = invoice.c.recipient_name if received else invoice.c.supplier_name
    query = (
        sa.select(
            structure.label("structure_id"),
            sa.func.max(identifier).label("identifier"),
            sa.func.max(name).label("name"),
            expired.year.label("kept_year"),
            invoice.c.currency,
            sa.func.count().label("invoices"),
            sa.func.sum(_SIGNED).label("gross"),
            sa.func.sum(sa.case((HELD, 1), else_=0)).label("held"),
            sa.func.sum(sa.case((LISTED, 1), else_=0)).label("listed"),
        )
        .where(expired.where, *of_structure(structure_id))
        .group_by(structure, "kept_year", invoice.c.currency)
        .order_by("kept_year", "identifier", invoice.c.currency)
        .limit(MOST_GROUPS + 1)
    )
    return db.execute(query).mappings().all()


def expired_pages(db: Any, expired: Expired, structure_id: uuid.UUID | None) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Give, in pages and by portal number, what may be proposed: expired, under no hold and in no other list."""
    after = 0
    while not expired.none:
        free = (sa.not_(HELD), sa.not_(LISTED), invoice.c.portal_number > after, *of_structure(structure_id))
        query = sa.select(invoice).where(expired.where, *free).order_by(invoice.c.portal_number).limit(PAGE)
        rows = db.execute(query).mappings().all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        after = rows[-1]["portal_number"]


# Lists


def insert_list(tx: Any, values: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> int:
    number = tx.execute(elimination_list.insert().values(**values).returning(elimination_list.c.number)).scalar_one()
    tx.execute(elimination_item.insert(), [{**item, "list_number": number, "open": True} for item in items])
    return number


def list_row(db: Any, number: int) -> Mapping[str, Any] | None:
    return db.execute(sa.select(elimination_list).where(elimination_list.c.number == number)).mappings().one_or_none()


def locked_list(tx: Any, number: int) -> Mapping[str, Any] | None:
    """Return a list, which no other transaction changes until the commit."""
    query = sa.select(elimination_list).where(elimination_list.c.number == number).with_for_update()
    return tx.execute(query).mappings().one_or_none()


def list_rows(db: Any, before: int | None, limit: int) -> Sequence[Mapping[str, Any]]:
    query = sa.select(elimination_list).order_by(elimination_list.c.number.desc()).limit(limit)
    if before is not None:
        query = query.where(elimination_list.c.number < before)
    return db.execute(query).mappings().all()


def change_list(tx: Any, number: int, **values: Any) -> None:
    tx.execute(elimination_list.update().where(elimination_list.c.number == number).values(**values))


def sums(db: Any, number: int) -> tuple[int, dict[str, Any]]:
    """Return how much of a list is eliminated, and the sum of all its invoices by currency; the amounts of requests are those of the
    invoices that came of them."""
    item = elimination_item.c
    signed = sa.func.sum(sa.case((item.kind == "AVOIR", -item.gross), else_=item.gross))
    mine = item.list_number == number
    invoices = (mine, item.what == "invoice")
    done = db.execute(sa.select(sa.func.count()).where(mine, item.eliminated_at.is_not(None))).scalar_one()
    query = sa.select(item.currency, signed).where(*invoices).group_by(item.currency).order_by(item.currency)
    return done, {currency: gross or 0 for currency, gross in db.execute(query)}


def eliminated_requests(db: Any, number: int) -> dict[str, int]:
    """Return how many requests of a list are eliminated, by espace and kind."""
    item = elimination_item.c
    mine = (item.list_number == number, item.what == "request", item.eliminated_at.is_not(None))
    return dict(
        db.execute(sa.select(item.kind, sa.func.count()).where(*mine).group_by(item.kind).order_by(item.kind)).all()
    )


def items(db: Any, number: int, after: int = 0, *conditions: Any, limit: int = PAGE) -> Sequence[Mapping[str, Any]]:
    """Return invoices and requests of a list, by position."""
    mine = (elimination_item.c.list_number == number, elimination_item.c.position > after)
    query = sa.select(elimination_item).where(*mine, *conditions).order_by(elimination_item.c.position).limit(limit)
    return db.execute(query).mappings().all()


def slice_of(tx: Any, number: int, size: int) -> Sequence[Mapping[str, Any]]:
    """Return the next ``size`` invoices and requests of a list that are not eliminated, and the rest of what goes with the last."""
    left = elimination_item.c.eliminated_at.is_(None)
    found = list(items(tx, number, 0, left, limit=size))
    while found and found[-1]["bundle_id"] is not None:
        rest = items(tx, number, found[-1]["position"], left, elimination_item.c.bundle_id == found[-1]["bundle_id"])
        if not rest:
            break
        found += rest
    return found


def item_pages(db: Any, number: int, *conditions: Any) -> Iterator[Sequence[Mapping[str, Any]]]:
    """Give all invoices and requests of a list, in pages."""
    after = 0
    while rows := items(db, number, after, *conditions):
        yield rows
        after = rows[-1]["position"]


def close_items(tx: Any, number: int) -> None:
    """Let what a list names and is not eliminated be proposed again."""
    mine = (elimination_item.c.list_number == number, elimination_item.c.eliminated_at.is_(None))
    tx.execute(elimination_item.update().where(*mine).values(open=False))


def mark_eliminated(tx: Any, number: int, files: Mapping[int, Collection[str]]) -> None:
    """Note by position which invoices of a list are gone, each with the files that it had."""
    at = (elimination_item.c.list_number == number, elimination_item.c.position == sa.bindparam("of_position"))
    change = elimination_item.update().where(*at).values(eliminated_at=tx.now, files=sa.bindparam("to_files"))
    tx.execute(change, [{"of_position": position, "to_files": sorted(names)} for position, names in files.items()])


# Elimination


def locked_invoices(tx: Any, invoice_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Mapping[str, Any]]:
    """Return invoices by id, which no other transaction changes until the commit."""
    query = (
        sa.select(invoice)
        .where(invoice.c.invoice_id.in_(invoice_ids))
        .order_by(invoice.c.portal_number)
        .with_for_update()
    )
    return {row["invoice_id"]: row for row in tx.execute(query).mappings()}


def delete_invoices(tx: Any, invoice_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, set[str]]:
    """Delete invoices with all that was read from them, typed, kept and made, and return which files each had. Their history and the
    dates of their delays stay; a flux goes with the last of its invoices."""
    files: dict[uuid.UUID, set[str]] = {invoice_id: set() for invoice_id in invoice_ids}
    for invoice_id, sha256 in tx.execute(
        sa.select(document.c.invoice_id, document.c.sha256).where(document.c.invoice_id.in_(invoice_ids))
    ):
        files[invoice_id].add(sha256)
    for table in (document, invoice_content, typed, reminder, invoice_party):
        tx.execute(table.delete().where(table.c.invoice_id.in_(invoice_ids)))
    tx.execute(invoice.delete().where(invoice.c.invoice_id.in_(invoice_ids)))
    _leave_flux(tx, files)
    return files


def _leave_flux(tx: Any, files: Mapping[uuid.UUID, set[str]]) -> None:
    """Have the flux of deleted invoices cite their files no more, and delete those that have no invoice left."""
    left = sa.select(flux_item.c.flux_id, flux_item.c.invoice_id, flux_item.c.sha256).where(
        flux_item.c.invoice_id.in_(files)
    )
    last_of: dict[uuid.UUID, uuid.UUID] = {}
    for flux_id, invoice_id, sha256 in tx.execute(left).all():
        last_of[flux_id] = invoice_id
        files[invoice_id].update({sha256} - {None})
    tx.execute(flux_item.update().where(flux_item.c.invoice_id.in_(files)).values(sha256=None))
    alive = sa.select(flux_item.c.flux_id).join(invoice, invoice.c.invoice_id == flux_item.c.invoice_id)
    alive = alive.where(flux_item.c.flux_id.in_(last_of))
    over = set(last_of) - set(tx.execute(alive).scalars())
    for table in (flux_item, flux):
        sent = sa.select(table.c.flux_id, table.c.sha256).where(table.c.flux_id.in_(over), table.c.sha256.is_not(None))
        for flux_id, sha256 in tx.execute(sent).all():
            files[last_of[flux_id]].add(sha256)
        tx.execute(table.delete().where(table.c.flux_id.in_(over)))


# Holds


def holds_on(db: Any, number: int, *conditions: Any) -> tuple[int, int | None]:
    """Return how many invoices and requests of a list, not yet eliminated, are under a hold, and the first of these holds."""
    item = elimination_item.c
    mine = (item.list_number == number, item.eliminated_at.is_(None), *conditions)
    parties = sa.select(request_party.c.structure_id).where(request_party.c.request_id == item.invoice_id)
    structures = (item.supplier_structure_id, item.recipient_structure_id)
    is_held = held(item.invoice_id, *structures)
    count = db.execute(sa.select(sa.func.count()).select_from(elimination_item).where(*mine, is_held)).scalar_one()
    if not count:
        return 0, None
    hold = legal_hold.c
    on = sa.or_(hold.invoice_id == item.invoice_id, hold.structure_id.in_(structures), hold.structure_id.in_(parties))
    first = sa.select(sa.func.min(legal_hold.c.number)).where(_ACTIVE, sa.exists().where(*mine, on))
    return count, db.execute(first).scalar_one()


def insert_hold(tx: Any, values: Mapping[str, Any]) -> Mapping[str, Any]:
    return tx.execute(legal_hold.insert().values(**values).returning(*legal_hold.c)).mappings().one()


def locked_hold(tx: Any, number: int) -> Mapping[str, Any] | None:
    query = sa.select(legal_hold).where(legal_hold.c.number == number).with_for_update()
    return tx.execute(query).mappings().one_or_none()


def release(tx: Any, number: int, **values: Any) -> Mapping[str, Any]:
    change = legal_hold.update().where(legal_hold.c.number == number).values(released_at=tx.now, **values)
    return tx.execute(change.returning(*legal_hold.c)).mappings().one()


def holds(db: Any, ended: bool, limit: int) -> Sequence[Mapping[str, Any]]:
    query = sa.select(legal_hold).order_by(legal_hold.c.number.desc()).limit(limit)
    return db.execute(query if ended else query.where(_ACTIVE)).mappings().all()
