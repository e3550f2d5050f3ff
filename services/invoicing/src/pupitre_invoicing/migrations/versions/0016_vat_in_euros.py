"""The VAT in euros (BT-111) of invoices in another currency, for lists; filled from what was read in their files."""

import json
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Money

revision, down_revision = "0016", "0015"

_PIECE = 1000
_LARGEST = Decimal("9999999999999999.99")


def upgrade() -> None:
    op.add_column("invoice", sa.Column("vat_eur", Money))
    invoice = sa.table("invoice", *map(sa.column, ("portal_number", "invoice_id", "currency")), sa.column("vat_eur", Money))
    content = sa.table("invoice_content", sa.column("invoice_id"), sa.column("content", sa.JSON))
    read = (
        sa.select(invoice.c.portal_number, content.c.content)
        .join(content, content.c.invoice_id == invoice.c.invoice_id)
        .where(invoice.c.currency != "EUR")
        .order_by(invoice.c.portal_number)
        .limit(_PIECE)
    )
    write = invoice.update().where(invoice.c.portal_number == sa.bindparam("of_number"))
    write = write.values(vat_eur=sa.bindparam("to_vat_eur", type_=Money))
    connection, after = op.get_bind(), 0
    while rows := connection.execute(read.where(invoice.c.portal_number > after)).all():
        connection.execute(write, [{"of_number": number, "to_vat_eur": _in_euros(value)} for number, value in rows])
        after = rows[-1].portal_number


def _in_euros(value: Any) -> Decimal | None:
    content = json.loads(value) if isinstance(value, str) else value
    if not isinstance(content, dict) or content.get("accounting_currency") != "EUR":
        return None
    try:
        amount = Decimal((content.get("totals") or {}).get("vat_accounting") or "")
    except InvalidOperation:
        return None
    return amount.quantize(Decimal("0.01")) if abs(amount) <= _LARGEST else None
