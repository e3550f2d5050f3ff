"""Filters of lists that users keep."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0007", "0006"


def upgrade() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("filter_id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_saved_filter_user"), nullable=False),
        sa.Column("list", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("default", sa.Boolean, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.UniqueConstraint("user_id", "list", "name", name="uq_saved_filter_name"),
    )
