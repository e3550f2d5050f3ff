"""Requests of the kinds that espaces bring, and the documents that espaces keep."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.migrations import index_parts_of_texts
from pupitre_bus.types import Instant, Money, Sequence

revision, down_revision = "0010", "0009"


def upgrade() -> None:
    op.create_table(
        "request_party",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("structure_id", sa.Uuid, nullable=False),
        sa.Column("structure_service_id", sa.Uuid),
        sa.Column("espace", sa.Text, nullable=False),
        sa.Column("acts", sa.Boolean, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("listed_at", Instant, nullable=False),
    )
    op.create_index("ix_request_party_list", "request_party", ["structure_id", "espace", "listed_at"])
    by_status = ["structure_id", "espace", "kind", "status", "listed_at"]
    op.create_index("ix_request_party_status", "request_party", by_status)
    acts = sa.column("acts", sa.Boolean).is_(True)
    by_work = ["structure_id", "espace", "listed_at"]
    op.create_index("ix_request_party_work", "request_party", by_work, postgresql_where=acts, sqlite_where=acts)
    _request()
    op.create_table(
        "request_document",
        sa.Column("document_id", sa.Uuid, primary_key=True),
        sa.Column("request_id", sa.Uuid, sa.ForeignKey("request.request_id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("line", sa.Integer),
        sa.Column("designation", sa.Text),
        sa.Column("made", sa.Boolean, nullable=False),
        sa.Column("added_at", Instant, nullable=False),
    )
    op.create_index("ix_request_document_request", "request_document", ["request_id", "added_at"])
    op.create_index("ix_request_document_sha256", "request_document", ["sha256"])
    op.create_table(
        "request_sequence",
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("espace", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("last", sa.Integer, nullable=False),
    )
    op.create_table(
        "record",
        sa.Column("espace", sa.Text, primary_key=True),
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("collection", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("document", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("searched", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    )


def _request() -> None:
    op.create_table(
        "request",
        sa.Column("portal_number", Sequence, primary_key=True, autoincrement=True),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("espace", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("kind_label_fr", sa.Text, nullable=False),
        sa.Column("kind_label_en", sa.Text, nullable=False),
        sa.Column("lifecycle", sa.Text, nullable=False),
        sa.Column("cadre", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("number_key", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("status_label_fr", sa.Text, nullable=False),
        sa.Column("status_label_en", sa.Text, nullable=False),
        sa.Column("status_before", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("sent_at", Instant),
        sa.Column("status_at", Instant, nullable=False),
        sa.Column("listed_at", Instant, nullable=False),
        sa.Column("timed_from", Instant, nullable=False),
        sa.Column("due_at", Instant),
        sa.Column("remind_at", Instant),
        sa.Column("maker_structure_id", sa.Uuid, nullable=False),
        sa.Column("maker_role", sa.Text, nullable=False),
        sa.Column("maker_name", sa.Text, nullable=False),
        sa.Column("parties", sa.JSON, nullable=False),
        sa.Column("form", sa.JSON, nullable=False),
        sa.Column("lines", sa.JSON, nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("net", Money),
        sa.Column("vat", Money),
        sa.Column("gross", Money),
        sa.Column("once_value", sa.Text),
        sa.Column("previous_id", sa.Uuid),
        sa.Column("dossier_id", sa.Uuid),
        sa.Column("dossier_number", sa.Text),
        sa.Column("invoice_id", sa.Uuid),
        sa.Column("last_motive", sa.Text),
        sa.Column("searched", sa.Text, nullable=False),
        sa.UniqueConstraint("request_id", name="uq_request_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_request_dossier", "request", ["dossier_id", "portal_number"])
    op.create_index("ix_request_maker", "request", ["maker_structure_id", "portal_number"])
    sent = sa.column("status", sa.Text) != "BROUILLON"
    for name, column in (("uq_request_number", "number_key"), ("uq_request_once", "once_value")):
        columns = ["maker_structure_id", "espace", "kind", column]
        op.create_index(name, "request", columns, unique=True, postgresql_where=sent, sqlite_where=sent)
    for name, column in (("ix_request_due", "due_at"), ("ix_request_remind", "remind_at")):
        waits = sa.column(column, Instant).is_not(None)
        op.create_index(name, "request", [column], postgresql_where=waits, sqlite_where=waits)
    index_parts_of_texts(op, "postgresql_request_searched", "request", "searched")
