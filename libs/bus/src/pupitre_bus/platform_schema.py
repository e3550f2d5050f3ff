"""The platform's tables as a service's first migration makes them. Frozen: a later change is a new function, called
by a new migration of each service, beside the change in ``tables.py``."""

import sqlalchemy as sa
from alembic.operations import Operations

from .types import Instant, Sequence


def platform_tables(op: Operations) -> None:
    """Create outbox, inbox, watermark, parked, idempotency and lease."""
    _create_outbox(op)
    _create_parked(op)
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Uuid, primary_key=True),
        sa.Column("received_at", Instant, nullable=False),
    )
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    op.create_table(
        "watermark",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("feed_seq", sa.BigInteger, nullable=False),
        sa.Column("moved_at", Instant, nullable=False),
    )
    op.create_table(
        "idempotency",
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("call", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("reply", sa.Text),
        sa.Column("created_at", Instant, nullable=False),
    )
    op.create_index("ix_idempotency_created_at", "idempotency", ["created_at"])
    op.create_table(
        "lease",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", Instant, nullable=False),
        sa.Column("last_run_at", Instant, nullable=False),
    )


def _create_outbox(op: Operations) -> None:
    op.create_table(
        "outbox",
        sa.Column("seq", Sequence, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("feed_seq", sa.BigInteger),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("subject_version", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("correlation_id", sa.Text),
        sa.Column("actor", sa.Text),
        sa.Column("occurred_at", Instant, nullable=False),
        sa.Column("published_at", Instant),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.Text),
        sa.UniqueConstraint("id", name="uq_outbox_id"),
        sa.UniqueConstraint("feed_seq", name="uq_outbox_feed_seq"),
        sa.UniqueConstraint("subject", "subject_version", name="uq_outbox_subject_version"),
        sqlite_autoincrement=True,
    )
    unnumbered, unpublished = sa.text("feed_seq IS NULL"), sa.text("published_at IS NULL")
    op.create_index(
        "ix_outbox_unnumbered", "outbox", ["seq"], postgresql_where=unnumbered, sqlite_where=unnumbered
    )
    op.create_index(
        "ix_outbox_unpublished", "outbox", ["feed_seq"], postgresql_where=unpublished, sqlite_where=unpublished
    )


def _create_parked(op: Operations) -> None:
    op.create_table(
        "parked",
        sa.Column("consumer", sa.Text, primary_key=True),
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("event_id", sa.Uuid),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("first_at", Instant, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
        sa.Column("next_at", Instant),
    )
    op.create_index("ix_parked_due", "parked", ["state", "next_at"])


def operator_acts(op: Operations) -> None:
    """Create operator_act."""
    op.create_table(
        "operator_act",
        sa.Column("number", Sequence, primary_key=True, autoincrement=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_operator_act_subject", "operator_act", ["subject"])


def audit_history(op: Operations, key: str) -> None:
    """Create history, history_head, history_anchor and history_anchored, whose chains the column ``key`` names, and have the
    database refuse to change or delete a line."""
    op.create_table(
        "history",
        sa.Column(key, sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("detail", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
    )
    op.create_table(
        "history_head",
        sa.Column(key, sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
    )
    op.create_table(
        "history_anchor",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("statement", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
        sa.Column("published_at", Instant),
    )
    op.create_table(
        "history_anchored",
        sa.Column(key, sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    _protect_history(op)


def _protect_history(op: Operations) -> None:
    if op.get_context().dialect.name == "sqlite":
        for act in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER history_no_{act.lower()} BEFORE {act} ON history "
                "BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION history_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the history is append-only'; END $$"
    )
    op.execute(
        "CREATE TRIGGER history_no_change BEFORE UPDATE OR DELETE ON history "
        "FOR EACH ROW EXECUTE FUNCTION history_append_only()"
    )
    op.execute(
        "CREATE TRIGGER history_no_truncate BEFORE TRUNCATE ON history "
        "FOR EACH STATEMENT EXECUTE FUNCTION history_append_only()"
    )
