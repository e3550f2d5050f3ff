"""News, messages of public structures, preferences, digests and weekly recaps."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    op.create_table(
        "news",
        sa.Column("news_id", sa.Uuid, primary_key=True),
        sa.Column("title_fr", sa.Text, nullable=False),
        sa.Column("title_en", sa.Text, nullable=False),
        sa.Column("text_fr", sa.Text, nullable=False),
        sa.Column("text_en", sa.Text, nullable=False),
        sa.Column("domain", sa.Text),
        sa.Column("published_from", Instant, nullable=False),
        sa.Column("published_until", Instant),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("withdrawn_at", Instant),
        sa.Column("withdrawn_by", sa.Text),
        sa.Column("mailed_after", sa.Uuid),
        sa.Column("mailed_at", Instant),
    )
    op.create_index("ix_news_shown", "news", ["published_from"])
    op.create_index("ix_news_unmailed", "news", ["mailed_at", "published_from"])
    op.create_table(
        "partner_message",
        sa.Column("message_id", sa.Uuid, primary_key=True),
        sa.Column("structure_id", sa.Uuid, nullable=False),
        sa.Column("structure_name", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("sent_at", Instant, nullable=False),
        sa.Column("sent_by", sa.Text, nullable=False),
        sa.Column("addressees", sa.Integer, nullable=False),
        sa.Column("delivered_after", sa.Uuid),
        sa.Column("delivered_at", Instant),
    )
    op.create_index("ix_partner_message_sender", "partner_message", ["structure_id", "sent_at"])
    op.create_index("ix_partner_message_undelivered", "partner_message", ["delivered_at", "sent_at"])
    op.create_table(
        "message_addressee",
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("message_id", sa.Uuid, primary_key=True),
    )
    op.create_table(
        "preference",
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("weekly_recap", sa.Boolean, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    )
    op.create_table(
        "digest_line",
        sa.Column("line_id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("structure_name", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("about", sa.Text, nullable=False),
        sa.Column("status_from", sa.Text),
        sa.Column("status_to", sa.Text),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("happened_at", Instant, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("settled_at", Instant),
        sa.Column("mail_id", sa.Uuid),
    )
    op.create_index("ix_digest_line_due", "digest_line", ["settled_at", "due_at", "user_id"])
    op.create_table(
        "movement",
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("week", sa.Date, primary_key=True),
        sa.Column("espace", sa.Text, primary_key=True),
        sa.Column("status", sa.Text, primary_key=True),
        sa.Column("structure_name", sa.Text, nullable=False),
        sa.Column("moves", sa.Integer, nullable=False),
        sa.Column("due_at", Instant, nullable=False),
        sa.Column("told_at", Instant),
    )
    op.create_index("ix_movement_untold", "movement", ["told_at", "due_at"])
