"""Anchors of the history, who cites a blob by its name, what operators did by hand."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.migrations import operator_acts
from pupitre_bus.types import Instant

revision, down_revision = "0002", "0001"


def upgrade() -> None:
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
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
    )
    for table in ("document", "flux", "flux_item"):
        op.create_index(f"ix_{table}_sha256", table, ["sha256"])
    operator_acts(op)
