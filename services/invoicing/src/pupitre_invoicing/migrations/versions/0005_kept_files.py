"""Files that programs send before the invoices they belong to."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant, Sequence

revision, down_revision = "0005", "0004"


def upgrade() -> None:
    op.create_table(
        "kept_file",
        sa.Column("portal_number", Sequence, primary_key=True, autoincrement=True),
        sa.Column("structure_id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("added_at", Instant, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_kept_file_sha256", "kept_file", ["sha256"])
    op.create_index("ix_kept_file_added", "kept_file", ["added_at"])
