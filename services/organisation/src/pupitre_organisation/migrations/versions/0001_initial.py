"""Structures, their services, rattachements, open espaces, habilitations and the log."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.migrations import platform_tables
from pupitre_bus.types import Instant, Sequence

revision, down_revision = "0001", None


def upgrade() -> None:
    platform_tables(op)
    _create_structure()
    _create_structure_service()
    _create_rattachement()
    _create_espaces()
    op.create_table(
        "number_sequence",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO number_sequence (name, last) VALUES ('structure', 1000), ('structure_service', 1000)")
    _create_log()


def _create_structure() -> None:
    op.create_table(
        "structure",
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("portal_number", sa.BigInteger, nullable=False),
        sa.Column("identifier_type", sa.Text, nullable=False),
        sa.Column("identifier", sa.Text, nullable=False),
        sa.Column("siren", sa.Text),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("name_key", sa.Text, nullable=False),
        sa.Column("label", sa.Text),
        sa.Column("label_key", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.Text),
        sa.Column("vat_number", sa.Text),
        sa.Column("line", sa.Text),
        sa.Column("complement", sa.Text),
        sa.Column("postal_code", sa.Text),
        sa.Column("postal_code_key", sa.Text, nullable=False),
        sa.Column("city", sa.Text),
        sa.Column("city_key", sa.Text, nullable=False),
        sa.Column("country", sa.Text, nullable=False),
        sa.Column("requires_service", sa.Boolean, nullable=False),
        sa.Column("requires_engagement", sa.Boolean, nullable=False),
        sa.Column("requires_service_or_engagement", sa.Boolean, nullable=False),
        sa.Column("payment_not_reported", sa.Boolean, nullable=False),
        sa.Column("receives_edi", sa.Boolean, nullable=False),
        *_authorship(),
        sa.UniqueConstraint("portal_number", name="uq_structure_portal_number"),
        sa.UniqueConstraint("identifier_type", "identifier", name="uq_structure_identifier"),
    )
    op.create_index("ix_structure_siren", "structure", ["siren"])
    op.create_index("ix_structure_name_key", "structure", ["name_key"])


def _create_structure_service() -> None:
    op.create_table(
        "structure_service",
        sa.Column("structure_service_id", sa.Uuid, primary_key=True),
        sa.Column("portal_number", sa.BigInteger, nullable=False),
        _structure_id("fk_service_structure"),
        sa.Column("code", sa.Text, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("description", sa.Text),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date),
        sa.Column("requires_engagement", sa.Boolean, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        *_authorship(),
        sa.UniqueConstraint("portal_number", name="uq_service_portal_number"),
        sa.UniqueConstraint("structure_id", "code", name="uq_service_code"),
    )


def _create_rattachement() -> None:
    op.create_table(
        "rattachement",
        sa.Column("rattachement_id", sa.Uuid, primary_key=True),
        _structure_id("fk_rattachement_structure"),
        sa.Column("user_id", sa.Uuid, nullable=False),
        sa.Column("role", sa.Text, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        *_authorship(),
        sa.UniqueConstraint("rattachement_id", "structure_id", name="uq_rattachement_structure"),
    )
    op.create_index("ix_rattachement_user_id", "rattachement", ["user_id"])
    _one_only("uq_rattachement_one_gp", "rattachement", ["structure_id"], "role = 'GP' AND ended_at IS NULL")
    _one_only("uq_rattachement_one_per_user", "rattachement", ["structure_id", "user_id"], "ended_at IS NULL")


def _create_espaces() -> None:
    op.create_table(
        "open_espace",
        sa.Column("open_espace_id", sa.Uuid, primary_key=True),
        _structure_id("fk_open_espace_structure"),
        sa.Column("espace", sa.Text, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        *_authorship(),
        sa.UniqueConstraint("open_espace_id", "structure_id", name="uq_open_espace_structure"),
    )
    _one_only("uq_open_espace_one", "open_espace", ["structure_id", "espace"], "ended_at IS NULL")
    op.create_table(
        "habilitation",
        sa.Column("habilitation_id", sa.Uuid, primary_key=True),
        sa.Column("structure_id", sa.Uuid, nullable=False),
        sa.Column("rattachement_id", sa.Uuid, nullable=False),
        sa.Column("open_espace_id", sa.Uuid, nullable=False),
        sa.Column("profile", sa.Text, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        *_authorship(),
        sa.ForeignKeyConstraint(
            ["rattachement_id", "structure_id"],
            ["rattachement.rattachement_id", "rattachement.structure_id"],
            name="fk_habilitation_rattachement",
        ),
        sa.ForeignKeyConstraint(
            ["open_espace_id", "structure_id"],
            ["open_espace.open_espace_id", "open_espace.structure_id"],
            name="fk_habilitation_open_espace",
        ),
    )
    op.create_index("ix_habilitation_open_espace_id", "habilitation", ["open_espace_id"])
    _one_only("uq_habilitation_one", "habilitation", ["rattachement_id", "open_espace_id"], "ended_at IS NULL")


def _create_log() -> None:
    op.create_table(
        "organisation_log",
        sa.Column("seq", Sequence, primary_key=True, autoincrement=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_organisation_log_object", "organisation_log", ["object"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION organisation_log_is_final() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'organisation_log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER organisation_log_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON organisation_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION organisation_log_is_final()"
        )
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER organisation_log_no_{verb.lower()} BEFORE {verb} ON organisation_log "
                "BEGIN SELECT RAISE(ABORT, 'organisation_log is append-only'); END"
            )


def _one_only(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, unique=True, postgresql_where=sa.text(where), sqlite_where=sa.text(where))


def _structure_id(foreign_key: str) -> sa.Column:
    return sa.Column("structure_id", sa.Uuid, sa.ForeignKey("structure.structure_id", name=foreign_key), nullable=False)


def _authorship() -> list[sa.Column]:
    return [
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    ]
