"""Elimination lists of what need not be kept any more, their invoices, and legal holds."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant, Money, Sequence

revision, down_revision = "0009", "0008"


def upgrade() -> None:
    op.create_table(
        "elimination_list",
        sa.Column("number", Sequence, primary_key=True, autoincrement=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("structure_id", sa.Uuid),
        sa.Column("year", sa.Integer),
        sa.Column("invoices", sa.Integer, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("proposed_by", sa.Text, nullable=False),
        sa.Column("proposed_at", Instant, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("visa_by", "visa_reference", "eliminated_by", "withdrawn_by", "certificate", "seal")),
        *(sa.Column(name, Instant) for name in ("visa_at", "eliminated_at", "withdrawn_at")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "elimination_item",
        sa.Column("list_number", sa.BigInteger, sa.ForeignKey("elimination_list.number"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("invoice_id", sa.Uuid, nullable=False),
        sa.Column("portal_number", sa.BigInteger, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("number", "kind", "currency", "supplier_name")),
        *(sa.Column(name, sa.Date, nullable=False) for name in ("issue_date", "term_on")),
        sa.Column("supplier_structure_id", sa.Uuid, nullable=False),
        sa.Column("recipient_structure_id", sa.Uuid),
        *(sa.Column(name, sa.Text) for name in ("supplier_identifier", "recipient_siret", "recipient_name")),
        sa.Column("gross", Money),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("original_sha256", "state_sha256")),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("eliminated_at", Instant),
        sa.Column("files", sa.JSON),
    )
    still_open = {"postgresql_where": sa.text("open IS true"), "sqlite_where": sa.text("open IS 1")}
    op.create_index("uq_elimination_open", "elimination_item", ["invoice_id"], unique=True, **still_open)
    op.create_table(
        "legal_hold",
        sa.Column("number", Sequence, primary_key=True, autoincrement=True),
        sa.Column("invoice_id", sa.Uuid),
        sa.Column("structure_id", sa.Uuid),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("what", "reason", "placed_by")),
        sa.Column("placed_at", Instant, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("released_by", "release_reason")),
        sa.Column("released_at", Instant),
        sqlite_autoincrement=True,
    )
