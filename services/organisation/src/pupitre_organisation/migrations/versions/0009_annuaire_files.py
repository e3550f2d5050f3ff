"""The annuaire as files (FAR37): who subscribes, the files, and who was given which."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0009", "0008"


def upgrade() -> None:
    op.create_table(
        "annuaire_enrolment",
        sa.Column("enrolment_id", sa.Uuid, primary_key=True),
        _structure("fk_annuaire_enrolment_structure"),
        sa.Column("espace", sa.Text, nullable=False),
        sa.Column("request_id", sa.Uuid, nullable=False),
        sa.Column("asked_in", sa.Text, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("ended_for_good", sa.Boolean, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    )
    open_one = sa.text("ended_at IS NULL")
    op.create_index(
        "uq_annuaire_enrolment_one",
        "annuaire_enrolment",
        ["structure_id", "request_id"],
        unique=True,
        postgresql_where=open_one,
        sqlite_where=open_one,
    )
    op.create_table(
        "annuaire_file",
        sa.Column("file_id", sa.Uuid, primary_key=True),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger),
        sa.Column("head", sa.BigInteger, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("file_sha256", sa.Text, nullable=False),
        sa.Column("produced_at", Instant, nullable=False),
        sa.Column("next_at", Instant, nullable=False),
        sa.Column("kept_until", Instant, nullable=False),
        sa.UniqueConstraint("due_on", name="uq_annuaire_file_due_on"),
    )
    op.create_index("ix_annuaire_file_file_sha256", "annuaire_file", ["file_sha256"])
    op.create_table(
        "annuaire_delivery",
        sa.Column("file_id", sa.Uuid, sa.ForeignKey("annuaire_file.file_id", name="fk_annuaire_delivery_file"), primary_key=True),
        _structure("fk_annuaire_delivery_structure", primary_key=True),
        sa.Column("delivered_at", Instant, nullable=False),
    )


def _structure(name: str, **more: bool) -> sa.Column:
    return sa.Column("structure_id", sa.Uuid, sa.ForeignKey("structure.structure_id", name=name), nullable=False, **more)
