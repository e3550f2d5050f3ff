"""Invoices that others validate before their recipient has them: who they are, and when the platform goes on without them."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0011", "0010"


def upgrade() -> None:
    op.create_table(
        "invoice_party",
        sa.Column("invoice_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("position", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("role_label_fr", "role_label_en", "espace")),
        sa.Column("structure_id", sa.Uuid, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("identifier", "name")),
        sa.Column("seen_by_id", sa.Uuid),
        sa.Column("supplier_structure_id", sa.Uuid, nullable=False),
        sa.Column("recipient_structure_id", sa.Uuid),
        sa.Column("acts", sa.Boolean, nullable=False),
        *(sa.Column(name, Instant) for name in ("asked_at", "due_at", "answered_at")),
    )
    op.create_index("ix_invoice_party_seen", "invoice_party", ["seen_by_id", "espace"])
    op.add_column("invoice", sa.Column("destined_structure_id", sa.Uuid))
    for name in ("answer_since", "answer_due_at", "wakes_at"):
        op.add_column("invoice", sa.Column(name, Instant))
    waiting = sa.text("wakes_at IS NOT NULL")
    op.create_index("ix_invoice_wakes", "invoice", ["wakes_at"], postgresql_where=waiting, sqlite_where=waiting)
    op.add_column("flux", sa.Column("parties", sa.JSON))
