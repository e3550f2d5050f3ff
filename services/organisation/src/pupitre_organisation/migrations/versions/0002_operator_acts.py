"""What operators did by hand."""

from alembic import op
from pupitre_bus.migrations import operator_acts

revision, down_revision = "0002", "0001"


def upgrade() -> None:
    operator_acts(op)
