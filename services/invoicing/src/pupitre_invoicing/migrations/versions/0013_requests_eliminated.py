"""Elimination lists hold requests beside invoices, and what goes together."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0013", "0012"


def upgrade() -> None:
    op.add_column("elimination_list", sa.Column("requests", sa.Integer, nullable=False, server_default="0"))
    op.add_column("elimination_item", sa.Column("what", sa.Text, nullable=False, server_default="invoice"))
    op.add_column("elimination_item", sa.Column("bundle_id", sa.Uuid))
