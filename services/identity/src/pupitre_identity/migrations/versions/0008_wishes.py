"""What was asked about an address, until it is carried out."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0008", "0007"


def upgrade() -> None:
    op.create_table(
        "account_wish",
        sa.Column("wish_id", sa.Uuid, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("given_name", sa.Text),
        sa.Column("family_name", sa.Text),
        sa.Column("language", sa.Text),
        sa.Column("password_hash", sa.Text),
        sa.Column("asked_at", Instant, nullable=False),
    )
    op.create_index("ix_account_wish_asked_at", "account_wish", ["asked_at"])
