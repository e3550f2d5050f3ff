"""Indexes of invoice numbers as searches compare them: a whole number is found at once on either side."""

from alembic import op

revision, down_revision = "0008", "0007"


def upgrade() -> None:
    op.create_index("ix_invoice_issued_number", "invoice", ["supplier_structure_id", "search_number"])
    op.create_index("ix_invoice_received_number", "invoice", ["recipient_structure_id", "search_number"])
