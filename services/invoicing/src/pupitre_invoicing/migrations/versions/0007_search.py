"""What searches compare, kept beside each text; an index of the parts of texts on PostgreSQL; indexes by date of issue."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.migrations import index_parts_of_texts
from pupitre_bus.search_texts import search_key

revision, down_revision = "0007", "0006"

_KEYS = {
    "search_number": "number",
    "search_supplier": "supplier_name",
    "search_recipient": "recipient_name",
    "search_service": "code_service",
    "search_engagement": "engagement",
    "search_contract": "contract",
}
_IDENTIFIERS = ("supplier_identifier", "recipient_siret")
_PIECE = 1000


def upgrade() -> None:
    for name in _KEYS:
        op.add_column("invoice", sa.Column(name, sa.Text))
    _fill()
    op.create_index("ix_invoice_issued_date", "invoice", ["supplier_structure_id", "issue_date"])
    op.create_index("ix_invoice_received_date", "invoice", ["recipient_structure_id", "issue_date"])
    index_parts_of_texts(op, "postgresql_invoice_searched", "invoice", "searched")


def _fill() -> None:
    invoice = sa.table("invoice", *(sa.column(name) for name in ("portal_number", "searched", *_KEYS, *_KEYS.values(), *_IDENTIFIERS)))
    read = sa.select(*(invoice.c[name] for name in ("portal_number", *_KEYS.values(), *_IDENTIFIERS)))
    write = invoice.update().where(invoice.c.portal_number == sa.bindparam("of_number"))
    write = write.values(searched=sa.bindparam("to_searched"), **{name: sa.bindparam(f"to_{name}") for name in _KEYS})
    connection, after = op.get_bind(), 0
    while rows := connection.execute(
        read.where(invoice.c.portal_number > after).order_by(invoice.c.portal_number).limit(_PIECE)
    ).mappings().all():
        connection.execute(write, [_values(row) for row in rows])
        after = rows[-1]["portal_number"]


def _values(row: sa.RowMapping) -> dict[str, object]:
    keys = {name: search_key(row[column]) if row[column] else None for name, column in _KEYS.items()}
    texts = [*keys.values(), *(search_key(row[name]) for name in _IDENTIFIERS if row[name])]
    filled = {f"to_{name}": key for name, key in keys.items()}
    return {**filled, "of_number": row["portal_number"], "to_searched": "\n".join(text for text in texts if text)}
