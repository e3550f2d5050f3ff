"""What a structure says of itself beyond its creation, requests about structures, bank details and documents."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0004", "0003"


def upgrade() -> None:
    for name in ("rcs_number", "complement2", "moa_presence"):
        op.add_column("structure", sa.Column(name, sa.Text))
    op.add_column("structure", sa.Column("non_diffusible", sa.Boolean, nullable=False, server_default=sa.false()))
    for table in ("structure", "structure_service"):
        op.add_column(table, sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    _create_structure_request()
    _create_bank_details()
    _create_structure_document()
    op.execute("INSERT INTO number_sequence (name, last) VALUES ('structure_request', 100000), ('bank_details', 1000)")


def _create_structure_request() -> None:
    op.create_table(
        "structure_request",
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("structure_id", sa.Uuid, sa.ForeignKey("structure.structure_id", name="fk_request_structure")),
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("structure_name", sa.Text, nullable=False),
        sa.Column("wanted", sa.JSON, nullable=False),
        sa.Column("motive", sa.Text),
        sa.Column("sirene_state", sa.Text, nullable=False),
        sa.Column("user_id", sa.Uuid),
        sa.Column("asked_by", sa.Text, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("decided_by", sa.Text),
        sa.Column("decided_at", Instant),
        sa.Column("decision_motive", sa.Text),
        sa.Column("rating", sa.Text),
        sa.UniqueConstraint("number", name="uq_structure_request_number"),
    )
    op.create_index("ix_structure_request_structure_id", "structure_request", ["structure_id"])
    op.create_index("ix_structure_request_user_id", "structure_request", ["user_id"])
    waiting = sa.text("state = 'DEMANDE'")
    op.create_index(
        "uq_structure_request_one_waiting",
        "structure_request",
        ["identifier"],
        unique=True,
        postgresql_where=waiting,
        sqlite_where=waiting,
    )


def _create_bank_details() -> None:
    op.create_table(
        "bank_details",
        sa.Column("bank_details_id", sa.Uuid, primary_key=True),
        sa.Column("portal_number", sa.BigInteger, nullable=False),
        _structure_id("fk_bank_details_structure"),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("account", sa.JSON, nullable=False),
        sa.Column("factor", sa.JSON),
        *_file(),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("ended_at", Instant),
        *_authorship(),
        sa.UniqueConstraint("portal_number", name="uq_bank_details_portal_number"),
    )
    present = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_bank_details_name",
        "bank_details",
        ["structure_id", "name_key"],
        unique=True,
        postgresql_where=present,
        sqlite_where=present,
    )
    op.create_index("ix_bank_details_file_sha256", "bank_details", ["file_sha256"])


def _create_structure_document() -> None:
    op.create_table(
        "structure_document",
        sa.Column("document_id", sa.Uuid, primary_key=True),
        _structure_id("fk_structure_document_structure"),
        sa.Column("designation", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        *_file(),
        sa.Column("version", sa.Integer, nullable=False),
        *_authorship(),
    )
    op.create_index("ix_structure_document_structure_id", "structure_document", ["structure_id"])
    op.create_index("ix_structure_document_file_sha256", "structure_document", ["file_sha256"])


def _file() -> list[sa.Column]:
    return [
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file_mime", sa.Text, nullable=False),
        sa.Column("file_size", sa.BigInteger, nullable=False),
        sa.Column("file_sha256", sa.Text, nullable=False),
    ]


def _structure_id(foreign_key: str) -> sa.Column:
    return sa.Column("structure_id", sa.Uuid, sa.ForeignKey("structure.structure_id", name=foreign_key), nullable=False)


def _authorship() -> list[sa.Column]:
    return [
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    ]
