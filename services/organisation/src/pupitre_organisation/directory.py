"""The annuaire as anybody may read it: search, one entry, and the whole of it in pieces (R260 to R262)."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import directory
from pupitre_contracts.errors import Invalid, NotFound

from . import annuaire, identifiers, model, queries, tables

_structure, _change = tables.structure, tables.directory_change
_PUBLIC = _structure.c.type == model.PUBLIC
_BY_NAME = (_structure.c.name_key, _structure.c.portal_number)
_LARGEST_NUMBER = 2**63 - 1


def search_directory(request: Any, scope: Any) -> directory.SearchDirectory.Reply:
    size = _checked("page_size", request.page_size, 1, model.LARGEST_PAGE)
    page = _checked("page", request.page, 1, 1_000_000)
    found = [_PUBLIC, *annuaire.text_criteria(request)]
    if request.identifier:
        found.append(annuaire.identified([request.identifier]))
    if request.active is not None:
        found.append(_structure.c.active == request.active)
    rest = sa.select(_structure).where(*found).order_by(*_BY_NAME).limit(size + 1)
    turned = sa.tuple_(*_BY_NAME) > sa.tuple_(*_place(request.after)) if request.after else None
    rest = rest.where(turned) if turned is not None else rest.offset((page - 1) * size)
    with scope.reading() as db:
        total = db.execute(sa.select(sa.func.count()).select_from(_structure).where(*found)).scalar_one()
        rows = db.execute(rest).all()
    shown = rows[:size]
    return directory.SearchDirectory.Reply(
        structures=[directory.StructureSummary(**queries.summary(row)) for row in shown],
        total=total,
        next=_cursor(shown[-1]) if len(rows) > size else None,
    )


def get_directory_entry(request: Any, scope: Any) -> directory.GetDirectoryEntry.Reply:
    if (request.structure_id is None) == (request.identifier is None):
        fault = "identifiant ou structure_id, l'un des deux / either this or structure_id"
        raise Invalid(what="annuaire", fields={"identifier": [fault]})
    if request.structure_id is not None:
        wanted = _structure.c.structure_id == request.structure_id
    else:
        wanted = _structure.c.identifier == identifiers.normalised(request.identifier)
    with scope.reading() as db:
        # Two types of identifier may share a text: the SIRET is what invoices name.
        order = (_structure.c.identifier_type != "SIRET", _structure.c.portal_number)
        row = db.execute(_entries().where(wanted).order_by(*order).limit(1)).first()
        if row is None:
            raise NotFound(what=f"structure {request.structure_id or request.identifier}")
        return directory.GetDirectoryEntry.Reply(entry=_messages(db, [row], scope)[0])


def read_directory(request: Any, scope: Any) -> directory.ReadDirectory.Reply:
    limit = _checked("limit", request.limit, 1, model.LARGEST_PAGE)
    order = _structure.c.portal_number if request.since is None else _change.c.number
    after = max(_checked(name, getattr(request, name) or 0, 0, _LARGEST_NUMBER) for name in ("since", "after"))
    with scope.reading() as db:
        head = db.execute(sa.select(sa.func.coalesce(sa.func.max(_change.c.number), 0))).scalar_one()
        rows = db.execute(_entries().where(order > after).order_by(order).limit(limit)).all()
        entries = _messages(db, rows, scope)
    last = (rows[-1].portal_number if request.since is None else rows[-1].change) if len(rows) == limit else None
    return directory.ReadDirectory.Reply(entries=entries, head=head, next=last)


def _entries() -> sa.Select:
    return sa.select(_structure, _change.c.number.label("change")).join_from(_structure, _change).where(_PUBLIC)


def _messages(db: Any, rows: Sequence[Any], scope: Any) -> list[directory.DirectoryEntry]:
    """Return entries with their services: one query for all of them."""
    services = queries.services(db, [row.structure_id for row in rows], model.today(scope.clock.now()))
    return [
        directory.DirectoryEntry(
            **queries.summary(row),
            address=queries.address(row),
            parameters=queries.parameters(row),
            services=services[row.structure_id],
            change=row.change,
        )
        for row in rows
    ]


def _cursor(row: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps([row.name_key, row.portal_number]).encode()).decode()


def _place(cursor: str) -> tuple[str, int]:
    """Return after what a page begins. Raises Invalid for what is no cursor of ours."""
    try:
        name_key, number = json.loads(base64.b64decode(cursor.encode(), altchars=b"-_", validate=True))
        if not (isinstance(name_key, str) and "\0" not in name_key and isinstance(number, int) and abs(number) < _LARGEST_NUMBER):
            raise ValueError(cursor)
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        fault = "ce n'est pas la suite d'une recherche / not the next of a search"
        raise Invalid(what="annuaire", fields={"after": [fault]}) from error
    return name_key, number


def _checked(field: str, value: int, least: int, most: int) -> int:
    if not least <= value <= most:
        raise Invalid(what="annuaire", fields={field: [f"de {least} à {most} / {least} to {most}"]})
    return value
