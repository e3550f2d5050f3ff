"""Invoices that are typed: what was typed, the numbers that the portal gives, and what a document is called and belongs to."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    op.create_table(
        "entry",
        sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoice.invoice_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("typed", sa.JSON, nullable=False),
        sa.Column("given_number", sa.Text),
        sa.Column("confirmed", sa.Boolean, nullable=False),
        sa.Column("saved_at", Instant, nullable=False),
        sa.Column("saved_by", sa.Text),
    )
    op.create_table(
        "number_sequence",
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    for column in (sa.Column("designation", sa.Text), sa.Column("type", sa.Text), sa.Column("line", sa.Integer)):
        op.add_column("document", column)
