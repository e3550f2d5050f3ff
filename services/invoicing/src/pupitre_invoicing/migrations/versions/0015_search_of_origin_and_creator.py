"""What searches compare of the invoices that an invoice names, of who made it, and of who validates it; filled for what is there."""

import json
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op
from pupitre_bus.search_texts import search_key

revision, down_revision = "0015", "0014"

_PIECE = 1000


def upgrade() -> None:
    for name in ("search_origin", "created_by", "search_creator"):
        op.add_column("invoice", sa.Column(name, sa.Text))
    op.add_column("invoice_party", sa.Column("search_name", sa.Text))
    _fill_invoices()
    _fill_parties()
    named = sa.text("search_origin IS NOT NULL")
    for side, structure in (("issued", "supplier_structure_id"), ("received", "recipient_structure_id")):
        name, columns = f"ix_invoice_{side}_origin", [structure, "search_origin"]
        op.create_index(name, "invoice", columns, postgresql_where=named, sqlite_where=named)


def _fill_invoices() -> None:
    invoice = sa.table("invoice", *map(sa.column, ("portal_number", "invoice_id", "search_origin", "created_by", "search_creator")))
    content = sa.table("invoice_content", sa.column("invoice_id"), sa.column("content", sa.JSON))
    entry = sa.table("entry", sa.column("invoice_id"), sa.column("typed", sa.JSON))
    history = sa.table("history", *map(sa.column, ("invoice_id", "number", "actor", "actor_name", "status_from", "status_to")))
    read = (
        sa.select(invoice.c.portal_number, invoice.c.invoice_id, content.c.content, entry.c.typed)
        .outerjoin(content, content.c.invoice_id == invoice.c.invoice_id)
        .outerjoin(entry, entry.c.invoice_id == invoice.c.invoice_id)
        .order_by(invoice.c.portal_number)
        .limit(_PIECE)
    )
    began = sa.select(history.c.invoice_id, history.c.actor, history.c.actor_name).order_by(history.c.number.desc())
    began = began.where(history.c.status_from.is_(None), history.c.status_to.is_not(None))
    write = invoice.update().where(invoice.c.portal_number == sa.bindparam("of_number"))
    write = write.values({name: sa.bindparam(f"to_{name}") for name in ("search_origin", "created_by", "search_creator")})
    connection, after = op.get_bind(), 0
    while rows := connection.execute(read.where(invoice.c.portal_number > after)).mappings().all():
        lines = connection.execute(began.where(history.c.invoice_id.in_([row["invoice_id"] for row in rows]))).all()
        # The first line of each invoice is read last.
        makers = {invoice_id: (actor, name) for invoice_id, actor, name in lines}
        connection.execute(write, [_values(row, *makers.get(row["invoice_id"], (None, None))) for row in rows])
        after = rows[-1]["portal_number"]


def _values(row: Any, actor: str | None, name: str | None) -> dict[str, Any]:
    content, typed = (_read(row[column]) for column in ("content", "typed"))
    named = [each.get("number") for each in content.get("preceding") or () if isinstance(each, dict)]
    if not named and typed.get("kind") == "AVOIR":
        named = [typed.get("origin_number")]
    return {
        "of_number": row["portal_number"],
        "to_search_origin": _keys(named),
        "to_created_by": actor,
        "to_search_creator": search_key(name) if name else None,
    }


def _read(value: Any) -> dict[str, Any]:
    found = json.loads(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}


def _keys(named: Iterable[str | None]) -> str | None:
    return "\n".join(dict.fromkeys(key for each in named if (key := search_key(each)))) or None


def _fill_parties() -> None:
    party = sa.table("invoice_party", sa.column("name"), sa.column("search_name"))
    connection = op.get_bind()
    for name in connection.execute(sa.select(party.c.name).distinct()).scalars().all():
        connection.execute(party.update().where(party.c.name == name).values(search_name=search_key(name)))
