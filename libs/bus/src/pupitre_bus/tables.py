"""The tables that every service with a database has beside its own: its event log, and what it knows of others' events.

``migrations.platform_tables`` creates them in a service's first migration; the two are compared by a test on both
databases. ``info={"only_changes": columns}`` marks what is only ever added to: a service's role may fill in these
columns later, change nothing else, and delete nothing (``grants``).
"""

import sqlalchemy as sa

from .types import Instant, Sequence

metadata = sa.MetaData()

#: Events of this service, written in the transaction of the fact. ``seq`` is taken before commit and has gaps: only
#: ``feed_seq``, given to committed rows by the one active relay, may serve as a cursor.
outbox = sa.Table(
    "outbox",
    metadata,
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
    info={"only_changes": ("feed_seq", "published_at", "attempts", "last_error")},
)
sa.Index(
    "ix_outbox_unnumbered",
    outbox.c.seq,
    postgresql_where=outbox.c.feed_seq.is_(None),
    sqlite_where=outbox.c.feed_seq.is_(None),
)
sa.Index(
    "ix_outbox_unpublished",
    outbox.c.feed_seq,
    postgresql_where=outbox.c.published_at.is_(None),
    sqlite_where=outbox.c.published_at.is_(None),
)

#: Events whose effect is committed here, so that a second delivery has none.
inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Uuid, primary_key=True),
    sa.Column("received_at", Instant, nullable=False),
    sa.Index("ix_inbox_received_at", "received_at"),
)

#: Up to which ``feed_seq`` of each source every event was taken in.
watermark = sa.Table(
    "watermark",
    metadata,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("feed_seq", sa.BigInteger, nullable=False),
    sa.Column("moved_at", Instant, nullable=False),
)

#: Messages whose handling failed: waiting for the next try, waiting for an operator, or done at last.
parked = sa.Table(
    "parked",
    metadata,
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
    sa.Index("ix_parked_due", "state", "next_at"),
)

#: Answers of write calls, so that a repeated key gets the first answer. ``reply`` is null only inside the first
#: transaction.
idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("actor", sa.Text, primary_key=True),
    sa.Column("call", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("reply", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Index("ix_idempotency_created_at", "created_at"),
)

#: Who runs a piece of scheduled work, until when, and when it was last started.
lease = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", Instant, nullable=False),
    sa.Column("last_run_at", Instant, nullable=False),
)

#: What operators did by hand to the messages of this service: who, when, to what.
operator_act = sa.Table(
    "operator_act",
    metadata,
    sa.Column("number", Sequence, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Index("ix_operator_act_subject", "subject"),
    sqlite_autoincrement=True,
    info={"only_changes": ()},
)
