"""Which blobs are cited: by documents of invoices and requests, by flux and their files, and by what structures and users keep."""

import datetime
import logging
from collections.abc import Collection, Iterator
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import account_documents, structure_documents

from . import entry_files
from .request_tables import request_document
from .tables import document, flux, flux_item, kept_file

log = logging.getLogger(__name__)

#: From the put of a file to the commit of the row that cites it: a deposit takes seconds, a flux that waits for the
#: engine is cited while it waits. What is swept is kept aside as long again.
MINIMUM_AGE = datetime.timedelta(days=1)


def cited(db: Any, names: Collection[str]) -> set[str]:
    """Return which of some blobs a row cites."""
    return {
        sha256
        for table in (document, request_document, flux, flux_item, kept_file)
        for sha256 in db.execute(sa.select(table.c.sha256).where(table.c.sha256.in_(names)).distinct()).scalars()
    }


def sweep(scope: Any) -> list[str]:
    """Put aside the blobs that no row cites, a day after they were last put; delete them a day later."""
    entry_files.let_go(scope)
    swept = scope.resources.blobs.sweep(lambda names: _asked(scope, names), datetime.datetime.now(datetime.UTC), MINIMUM_AGE)
    if swept:
        log.info("%d file(s) that nothing cites were put aside", len(swept))
    return swept


def put_aside(scope: Any, names: Collection[str]) -> None:
    """Put aside those of some blobs that no row cites any more, as the next :func:`sweep` would, which deletes them a day later."""
    scope.resources.blobs.put_aside(set(names) - _asked(scope, names), datetime.datetime.now(datetime.UTC), MINIMUM_AGE)


def _asked(scope: Any, names: Collection[str]) -> set[str]:
    with scope.reading() as db:
        here = cited(db, names)
    # A service that does not answer ends the sweep: nothing is taken away on a guess.
    by_structures = scope.bus.call(structure_documents.CitedFiles, names=sorted(names)).cited
    by_users = scope.bus.call(account_documents.CitedAccountFiles, names=sorted(names)).cited
    return here.union(by_structures, by_users)


def cited_files(db: Any, size: int) -> Iterator[list[tuple[str, str]]]:
    """Give every cited blob in pages: its name, and in words what cites it. One that is cited twice comes twice."""
    columns = (document.c.document_id, document.c.sha256, document.c.invoice_id, document.c.kind, document.c.name)
    yield from _pages(db, sa.select(*columns), document.c.document_id, size, _document)
    columns = (request_document.c.document_id, request_document.c.sha256, request_document.c.request_id, request_document.c.name)
    yield from _pages(db, sa.select(*columns), request_document.c.document_id, size, _request_document)
    columns = (flux.c.sequence, flux.c.sha256, flux.c.numero_flux, flux.c.file_name)
    yield from _pages(db, sa.select(*columns), flux.c.sequence, size, _flux)
    columns = (kept_file.c.portal_number, kept_file.c.sha256, kept_file.c.name)
    yield from _pages(db, sa.select(*columns), kept_file.c.portal_number, size, _kept_file)
    # What became an invoice is its original, seen above.
    refused = sa.select(flux_item, flux.c.numero_flux).join(flux, flux.c.flux_id == flux_item.c.flux_id)
    refused = refused.where(flux_item.c.sha256.is_not(None), flux_item.c.outcome != "accepted")
    yield from _pages(db, refused, flux_item.c.flux_id, size, _item, flux_item.c.position)


def _pages(db: Any, query: Any, key: Any, size: int, words: Any, second: Any = None) -> Iterator[list[tuple[str, str]]]:
    columns = [key] if second is None else [key, second]
    query, after = query.order_by(*columns).limit(size), None
    while True:
        page = query if after is None else query.where(sa.tuple_(*columns) > sa.tuple_(*after))
        rows = db.execute(page).mappings().all()
        if rows:
            yield [(row["sha256"], words(row)) for row in rows]
        if len(rows) < size:
            return
        after = [sa.literal(rows[-1][column.name], column.type) for column in columns]


def _document(row: Any) -> str:
    return f"{row['kind']} of invoice {row['invoice_id']} ({row['name']})"


def _request_document(row: Any) -> str:
    return f"document of request {row['request_id']} ({row['name']})"


def _flux(row: Any) -> str:
    return f"flux {row['numero_flux']} ({row['file_name']})"


def _kept_file(row: Any) -> str:
    return f"file {row['portal_number']} kept for an invoice ({row['name']})"


def _item(row: Any) -> str:
    return f"file {row['position'] + 1} of flux {row['numero_flux']} ({row['file_name']})"
