"""Signing up, links by mail, personal data, and counts of requests by network."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0003", "0002"

_TEXTS = ("notification_email", "phone", "mobile", "street", "city", "postal_code", "region", "country")


def upgrade() -> None:
    for name in ("password_changed_at", "activated_at"):
        op.add_column("user_account", sa.Column(name, Instant))
    for name in _TEXTS:
        op.add_column("user_account", sa.Column(name, sa.Text))
    for name in ("notify_invoicing", "notify_news"):
        op.add_column("user_account", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("user_account", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    # Who has an account already was let in by an operator.
    op.execute("UPDATE user_account SET activated_at = created_at, password_changed_at = created_at")
    op.add_column("session", sa.Column("agent", sa.Text))
    op.create_table(
        "account_link",
        sa.Column("link_id", sa.Uuid, primary_key=True),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_account_link_user"), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("email_key", sa.Text, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("used_at", Instant),
        sa.Column("replaced_at", Instant),
        sa.UniqueConstraint("digest", name="uq_account_link_digest"),
    )
    op.create_index("ix_account_link_user_id", "account_link", ["user_id", "purpose"])
    op.create_index("ix_account_link_asked_at", "account_link", ["asked_at"])
    op.create_table(
        "request_count",
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("network", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("since", Instant, nullable=False),
    )
    op.create_index("ix_request_count_since", "request_count", ["since"])
