"""The audit history: one chain of hashes per structure. Lines of organisation_log stay as they were written."""

from alembic import op
from pupitre_bus.migrations import audit_history

revision, down_revision = "0007", "0006"


def upgrade() -> None:
    audit_history(op, "structure_id")
