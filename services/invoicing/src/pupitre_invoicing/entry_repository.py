"""Reads and writes of entries: what was typed, the numbers given, the documents joined."""

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import errors

from .tables import document, entry, invoice_content, number_sequence

#: Portal-made numbers: the year, and six digits that go on without a gap.
_NUMBER = "{year}-{last:06d}"


def row(db: Any, invoice_id: uuid.UUID) -> Mapping[str, Any] | None:
    """Return what was typed of an invoice, None for one that came as a file."""
    return db.execute(sa.select(entry).where(entry.c.invoice_id == invoice_id)).mappings().one_or_none()


def insert(tx: Any, invoice_id: uuid.UUID, typed: Mapping[str, Any], saved_by: str | None) -> None:
    values = {"typed": typed, "confirmed": False, "saved_at": tx.now, "saved_by": saved_by}
    tx.execute(entry.insert().values(invoice_id=invoice_id, **values))


def change(tx: Any, invoice_id: uuid.UUID, **values: Any) -> None:
    tx.execute(entry.update().where(entry.c.invoice_id == invoice_id).values(**values))


def replace_content(tx: Any, invoice_id: uuid.UUID, values: Mapping[str, Any]) -> None:
    mine = invoice_content.c.invoice_id == invoice_id
    tx.execute(invoice_content.update().where(mine).values({name: each for name, each in values.items() if name != "invoice_id"}))


def drop_written(tx: Any, invoice_id: uuid.UUID) -> None:
    """Forget the file that a confirmation wrote, and what was rendered from it."""
    tx.execute(document.delete().where(document.c.invoice_id == invoice_id, document.c.kind != "document"))


def join(tx: Any, invoice_id: uuid.UUID, files: Iterable[Mapping[str, Any]]) -> None:
    """Join files to an entry."""
    same = {"invoice_id": invoice_id, "kind": "document", "language": "", "added_at": tx.now}
    for each in files:
        tx.execute(document.insert().values(document_id=uuid.uuid4(), **same, **each))


def change_documents(tx: Any, invoice_id: uuid.UUID, changes: Iterable[Any]) -> None:
    """Take files away from an entry, or say to which line they belong."""
    for each in changes:
        mine = (document.c.invoice_id == invoice_id, document.c.kind == "document", document.c.document_id == each.document_id)
        made = document.delete().where(*mine) if each.remove else document.update().where(*mine).values(line=each.line)
        if tx.execute(made).rowcount != 1:
            raise errors.NotFound(what=f"document {each.document_id}")


def next_number(tx: Any, structure_id: uuid.UUID, year: int) -> str:
    """Return the structure's next number of a year; the numbers of a year leave no gap (CGI annexe II art. 242 nonies A)."""
    key = {"structure_id": structure_id, "year": year}
    tx.insert_once(number_sequence, **key, last=0)
    mine = (number_sequence.c.structure_id == structure_id, number_sequence.c.year == year)
    change = number_sequence.update().where(*mine).values(last=number_sequence.c.last + 1)
    return _NUMBER.format(year=year, last=tx.execute(change.returning(number_sequence.c.last)).scalar_one())


def give_back(tx: Any, structure_id: uuid.UUID, number: str | None) -> None:
    """Take back the number of a draft that is deleted, where no later one was given: no gap then."""
    year, dash, last = (number or "").partition("-")
    if dash and year.isdecimal() and last.isdecimal():
        mine = (number_sequence.c.structure_id == structure_id, number_sequence.c.year == int(year))
        latest = number_sequence.c.last == int(last)
        tx.execute(number_sequence.update().where(*mine, latest).values(last=number_sequence.c.last - 1))
