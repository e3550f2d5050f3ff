"""Requests that a gestionnaire decides, and days of validity of rattachements."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0003", "0002"


def upgrade() -> None:
    for name in ("starts_on", "ends_on"):
        op.add_column("rattachement", sa.Column(name, sa.Date))
    op.create_table(
        "approbation",
        sa.Column("approbation_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column(
            "structure_id",
            sa.Uuid,
            sa.ForeignKey("structure.structure_id", name="fk_approbation_structure"),
            nullable=False,
        ),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("wishes", sa.JSON, nullable=False),
        sa.Column("comment", sa.Text),
        sa.Column("starts_on", sa.Date),
        sa.Column("ends_on", sa.Date),
        sa.Column("motive", sa.Text),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("decided_at", Instant),
        sa.Column("decided_by", sa.Text),
        sa.UniqueConstraint("number", name="uq_approbation_number"),
    )
    op.create_index("ix_approbation_structure_id", "approbation", ["structure_id", "state"])
    op.create_index("ix_approbation_user_id", "approbation", ["user_id"])
    waiting = sa.text("kind = 'RATTACHEMENT' AND state = 'DEMANDE'")
    op.create_index(
        "uq_approbation_one_rattachement",
        "approbation",
        ["structure_id", "user_id"],
        unique=True,
        postgresql_where=waiting,
        sqlite_where=waiting,
    )
    op.execute("INSERT INTO number_sequence (name, last) VALUES ('approbation', 100000)")
