"""Mails that carry a link which is not stored."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    op.add_column("mail", sa.Column("link_id", sa.Uuid))
