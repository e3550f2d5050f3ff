"""The tables of notifications."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.migrations import platform_tables
from pupitre_bus.types import Instant

revision, down_revision = "0001", None


def upgrade() -> None:
    platform_tables(op)
    op.create_table(
        "mail",
        sa.Column("mail_id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("to_address", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("about", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_at", Instant),
        sa.Column("last_error", sa.Text),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("sent_at", Instant),
    )
    op.create_index("ix_mail_due", "mail", ["state", "next_at"])
    op.create_index("ix_mail_user", "mail", ["user_id", "created_at"])
    op.create_index("ix_mail_created", "mail", ["created_at"])
