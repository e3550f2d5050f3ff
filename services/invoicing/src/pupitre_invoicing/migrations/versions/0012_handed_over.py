"""Invoices know the request that they come from."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0012", "0011"


def upgrade() -> None:
    op.add_column("invoice", sa.Column("request_id", sa.Uuid))
