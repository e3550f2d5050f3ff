"""The table of those who validate invoices, on the metadata that all tables of invoicing share."""

import sqlalchemy as sa
from pupitre_bus.row_security import seen_by
from pupitre_bus.types import Instant

from .request_tables import BROUILLON, metadata

__all__ = ["BROUILLON", "invoice_party", "metadata"]

#: A structure that validates an invoice in a role of its cadre. ``seen_by_id`` is its structure once the invoice has come to it; from
#: then on it sees the invoice. ``acts``: the invoice waits for it, since ``asked_at``; ``due_at`` is when its time is over. Names of the
#: role are kept for the day when its plugin is away. There is no foreign key: the row comes before its invoice, which is seen by it.
invoice_party = sa.Table(
    "invoice_party",
    metadata,
    sa.Column("invoice_id", sa.Uuid, primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("role_label_fr", sa.Text, nullable=False),
    sa.Column("role_label_en", sa.Text, nullable=False),
    sa.Column("espace", sa.Text, nullable=False),
    sa.Column("structure_id", sa.Uuid, nullable=False),
    sa.Column("identifier", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("search_name", sa.Text),
    sa.Column("seen_by_id", sa.Uuid),
    sa.Column("supplier_structure_id", sa.Uuid, nullable=False),
    sa.Column("recipient_structure_id", sa.Uuid),
    sa.Column("acts", sa.Boolean, nullable=False),
    sa.Column("asked_at", Instant),
    sa.Column("due_at", Instant),
    sa.Column("answered_at", Instant),
    sa.Index("ix_invoice_party_seen", "seen_by_id", "espace"),
    info=seen_by("seen_by_id", "supplier_structure_id", "recipient_structure_id"),
)
