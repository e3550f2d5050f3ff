"""Payment delays as events, what was announced of an invoice, and what its supplier acknowledged."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    for column in (
        sa.Column("delay_days", sa.Integer),
        sa.Column("delay_started_on", sa.Date),
        sa.Column("due_on", sa.Date),
        sa.Column("delay_state", sa.Text),
        sa.Column("delay_ended_on", sa.Date),
        sa.Column("acknowledged_at", Instant),
        sa.Column("treated_at", Instant),
    ):
        op.add_column("invoice", column)
    op.create_table(
        "delay_event",
        sa.Column("invoice_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("on", sa.Date, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("balance", sa.Integer),
        sa.Column("effect", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text),
    )
    op.create_table(
        "reminder",
        sa.Column("invoice_id", sa.Uuid, primary_key=True),
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("stage", sa.Date, primary_key=True),
        sa.Column("at", Instant, nullable=False),
    )
    for name, column, where in (
        ("ix_invoice_due_on", "due_on", "delay_state = 'RUNNING'"),
        ("ix_invoice_draft", "status_at", "status = 'BROUILLON'"),
    ):
        op.create_index(name, "invoice", [column], postgresql_where=sa.text(where), sqlite_where=sa.text(where))
