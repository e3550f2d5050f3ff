"""Rattachements and habilitations at chosen services, gestionnaires secondaires, generated requests, mandats de facturation."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0006", "0005"


def _authorship() -> list[sa.Column]:
    return [
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    ]


def upgrade() -> None:
    op.add_column("rattachement", sa.Column("whole_structure", sa.Boolean, nullable=False, server_default=sa.true()))
    for name in ("manages_structure", "manages_users"):
        op.add_column("rattachement", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("uq_service_structure", "structure_service", ["structure_service_id", "structure_id"], unique=True)
    op.create_table(
        "rattachement_service",
        sa.Column("rattachement_service_id", sa.Uuid, primary_key=True),
        sa.Column("structure_id", sa.Uuid, nullable=False),
        sa.Column("rattachement_id", sa.Uuid, nullable=False),
        sa.Column("structure_service_id", sa.Uuid, nullable=False),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        *_authorship(),
        sa.ForeignKeyConstraint(
            ["rattachement_id", "structure_id"],
            ["rattachement.rattachement_id", "rattachement.structure_id"],
            name="fk_rattachement_service_rattachement",
        ),
        sa.ForeignKeyConstraint(
            ["structure_service_id", "structure_id"],
            ["structure_service.structure_service_id", "structure_service.structure_id"],
            name="fk_rattachement_service_service",
        ),
    )
    _one_only("uq_rattachement_service_one", "rattachement_service", "rattachement_id", "structure_service_id")
    _habilitations_of_services()
    op.add_column("approbation", sa.Column("structure_service_ids", sa.JSON))
    op.add_column("approbation", sa.Column("generated_by", sa.Text))
    _mandats()


def _habilitations_of_services() -> None:
    # Written out, since SQLite takes a reference with a new column but no constraint afterwards.
    kind = sa.Uuid().compile(dialect=op.get_bind().dialect)
    op.execute(
        f"ALTER TABLE habilitation ADD COLUMN structure_service_id {kind} "
        "CONSTRAINT fk_habilitation_service REFERENCES structure_service (structure_service_id)"
    )
    op.add_column("habilitation", sa.Column("starts_on", sa.Date))
    op.drop_index("uq_habilitation_one", "habilitation")
    here = ("rattachement_id", "open_espace_id")
    _one_only("uq_habilitation_one", "habilitation", *here, where="ended_at IS NULL AND structure_service_id IS NULL")
    _one_only("uq_habilitation_one_of_service", "habilitation", *here, "structure_service_id")


def _mandats() -> None:
    op.create_table(
        "mandat",
        sa.Column("mandat_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column(
            "structure_id", sa.Uuid, sa.ForeignKey("structure.structure_id", name="fk_mandat_structure"), nullable=False
        ),
        sa.Column(
            "mandataire_id", sa.Uuid, sa.ForeignKey("structure.structure_id", name="fk_mandat_mandataire"), nullable=False
        ),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("ended_at", Instant),
        *_authorship(),
        sa.UniqueConstraint("number", name="uq_mandat_number"),
    )
    op.create_index("ix_mandat_mandataire_id", "mandat", ["mandataire_id"])
    _one_only("uq_mandat_one", "mandat", "structure_id", "mandataire_id")
    op.execute("INSERT INTO number_sequence (name, last) VALUES ('mandat', 100000)")


def _one_only(name: str, table: str, *columns: str, where: str = "ended_at IS NULL") -> None:
    op.create_index(name, table, list(columns), unique=True, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
