"""Invoices, their documents and history, flux."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.migrations import platform_tables
from pupitre_bus.types import Instant, Money, Sequence

revision, down_revision = "0001", None


def upgrade() -> None:
    platform_tables(op)
    _create_invoice()
    _index_invoice()
    _create_parts()
    _create_history()
    _protect_history()
    _create_flux()


def _create_invoice() -> None:
    op.create_table(
        "invoice",
        sa.Column("portal_number", Sequence, primary_key=True, autoincrement=True),
        sa.Column("invoice_id", sa.Uuid, nullable=False),
        sa.Column("lifecycle", sa.Text, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("number_key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("cadre", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("issue_date", sa.Date, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("deposited_at", Instant),
        sa.Column("status_at", Instant, nullable=False),
        sa.Column("supplier_structure_id", sa.Uuid, nullable=False),
        sa.Column("supplier_identifier", sa.Text),
        sa.Column("supplier_name", sa.Text, nullable=False),
        sa.Column("recipient_structure_id", sa.Uuid),
        sa.Column("recipient_siret", sa.Text),
        sa.Column("recipient_name", sa.Text),
        sa.Column("structure_service_id", sa.Uuid),
        sa.Column("code_service", sa.Text),
        sa.Column("engagement", sa.Text),
        sa.Column("contract", sa.Text),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("net", Money),
        sa.Column("vat", Money),
        sa.Column("gross", Money),
        sa.Column("due", Money),
        sa.Column("deposit_mode", sa.Text, nullable=False),
        sa.Column("numero_flux", sa.Text),
        sa.Column("last_motive", sa.Text),
        sa.Column("last_comment", sa.Text),
        sa.Column("searched", sa.Text, nullable=False),
        sa.Column("original_sha256", sa.Text, nullable=False),
        sa.Column("receipt_sha256", sa.Text),
        sa.Column("receipt_at", Instant),
        sa.UniqueConstraint("invoice_id", name="uq_invoice_id"),
        sqlite_autoincrement=True,
    )


def _index_invoice() -> None:
    sent = sa.text("status != 'BROUILLON'")
    op.create_index(
        "uq_invoice_number",
        "invoice",
        ["supplier_structure_id", "number_key"],
        unique=True,
        postgresql_where=sent,
        sqlite_where=sent,
    )
    op.create_index("ix_invoice_issued", "invoice", ["supplier_structure_id", "deposited_at"])
    op.create_index("ix_invoice_issued_status", "invoice", ["supplier_structure_id", "status", "status_at"])
    op.create_index("ix_invoice_received", "invoice", ["recipient_structure_id", "deposited_at"])
    op.create_index("ix_invoice_received_status", "invoice", ["recipient_structure_id", "status", "status_at"])
    op.create_index("ix_invoice_flux", "invoice", ["numero_flux"])


def _create_parts() -> None:
    op.create_table(
        "invoice_content",
        sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoice.invoice_id", ondelete="CASCADE"), primary_key=True),
        sa.Column("format", sa.Text),
        sa.Column("profile", sa.Text),
        sa.Column("content", sa.JSON, nullable=False),
        sa.Column("report", sa.JSON, nullable=False),
    )
    op.create_table(
        "document",
        sa.Column("document_id", sa.Uuid, primary_key=True),
        sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoice.invoice_id", ondelete="CASCADE"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("added_at", Instant, nullable=False),
    )
    op.create_index("ix_document_invoice", "document", ["invoice_id", "added_at"])
    single = sa.text("kind != 'document'")
    op.create_index(
        "uq_document_single",
        "document",
        ["invoice_id", "kind", "language"],
        unique=True,
        postgresql_where=single,
        sqlite_where=single,
    )


def _create_history() -> None:
    op.create_table(
        "history",
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("previous", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("invoice_id", sa.Uuid, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("actor_name", sa.Text),
        sa.Column("structure_name", sa.Text),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("status_from", sa.Text),
        sa.Column("status_to", sa.Text),
        sa.Column("motive", sa.Text),
        sa.Column("comment", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
    )
    op.create_index("ix_history_invoice", "history", ["invoice_id", "number"])
    op.create_table(
        "history_head",
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("seal", sa.Text, nullable=False),
    )


def _protect_history() -> None:
    """Refuse every change of a written line, even one made by hand."""
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


def _create_flux() -> None:
    op.create_table(
        "flux",
        sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
        sa.Column("flux_id", sa.Uuid, nullable=False),
        sa.Column("numero_flux", sa.Text),
        sa.Column("structure_id", sa.Uuid, nullable=False),
        sa.Column("actor_kind", sa.Text, nullable=False),
        sa.Column("actor_id", sa.Text, nullable=False),
        sa.Column("actor_name", sa.Text, nullable=False),
        sa.Column("syntaxe_flux", sa.Text, nullable=False),
        sa.Column("code_interface", sa.Text, nullable=False),
        sa.Column("deposit_mode", sa.Text, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("state_at", Instant, nullable=False),
        sa.Column("deposited_at", Instant, nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("errors", sa.JSON, nullable=False),
        sa.UniqueConstraint("flux_id", name="uq_flux_id"),
        sa.UniqueConstraint("numero_flux", name="uq_flux_numero"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_flux_structure", "flux", ["structure_id", "deposited_at"])
    still_open = {"postgresql_where": sa.text("open IS true"), "sqlite_where": sa.text("open IS 1")}
    op.create_index("ix_flux_open", "flux", ["sequence"], **still_open)
    op.create_table(
        "flux_item",
        sa.Column("flux_id", sa.Uuid, sa.ForeignKey("flux.flux_id"), primary_key=True),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text),
        sa.Column("number", sa.Text),
        sa.Column("supplier_identifier", sa.Text),
        sa.Column("recipient_siret", sa.Text),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("invoice_id", sa.Uuid),
        sa.Column("errors", sa.JSON, nullable=False),
        sa.Column("settled_at", Instant),
    )
    op.create_index("ix_flux_item_outcome", "flux_item", ["flux_id", "outcome"])
