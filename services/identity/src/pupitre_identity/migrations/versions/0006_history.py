"""The audit history: one chain of hashes per account, and the secrets that keep personal data out of it."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.migrations import audit_history

revision, down_revision = "0006", "0005"


def upgrade() -> None:
    audit_history(op, "account_id")
    op.create_table(
        "history_secret",
        sa.Column("account_id", sa.Uuid, primary_key=True),
        sa.Column("secret", sa.LargeBinary, nullable=False),
    )
