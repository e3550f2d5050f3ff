"""Users, sessions, technical accounts, access tokens and the log."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.migrations import platform_tables
from pupitre_bus.types import Instant, Sequence

revision, down_revision = "0001", None


def upgrade() -> None:
    platform_tables(op)
    _create_users()
    _create_technical_accounts()
    op.create_table(
        "number_sequence",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO number_sequence (name, last) VALUES ('technical_account', 10000000)")
    _create_log()


def _create_users() -> None:
    op.create_table(
        "user_account",
        sa.Column("user_id", sa.Uuid, primary_key=True),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("email_key", sa.Text, nullable=False),
        sa.Column("contact_email", sa.Text),
        sa.Column("given_name", sa.Text, nullable=False),
        sa.Column("family_name", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("last_sign_in_at", Instant),
        *_authorship(),
        sa.UniqueConstraint("email_key", name="uq_user_account_email_key"),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_session_user"), nullable=False),
        sa.Column("network", sa.Text, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.Column("ended_at", Instant),
        sa.Column("previous_sign_in_at", Instant),
    )
    op.create_index("ix_session_user_id", "session", ["user_id"])
    op.create_index("ix_session_created_at", "session", ["created_at"])
    op.create_table(
        "wrong_sign_in",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("network", sa.Text, primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("last_at", Instant, nullable=False),
    )
    op.create_index("ix_wrong_sign_in_last_at", "wrong_sign_in", ["last_at"])


def _create_technical_accounts() -> None:
    op.create_table(
        "technical_account",
        sa.Column("technical_account_id", sa.Uuid, primary_key=True),
        sa.Column("portal_number", sa.BigInteger, nullable=False),
        sa.Column("structure_id", sa.Uuid, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("login", sa.Text, nullable=False),
        sa.Column("password_digest", sa.Text, nullable=False),
        sa.Column("client_id", sa.Text, nullable=False),
        sa.Column("client_secret_digest", sa.Text, nullable=False),
        sa.Column("active", sa.Boolean, nullable=False),
        *_authorship(),
        sa.UniqueConstraint("portal_number", name="uq_technical_account_portal_number"),
        sa.UniqueConstraint("login", name="uq_technical_account_login"),
        sa.UniqueConstraint("client_id", name="uq_technical_account_client_id"),
    )
    op.create_index("ix_technical_account_structure_id", "technical_account", ["structure_id"])
    op.create_table(
        "access_token",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column(
            "technical_account_id",
            sa.Uuid,
            sa.ForeignKey("technical_account.technical_account_id", name="fk_access_token_technical_account"),
            nullable=False,
        ),
        sa.Column("scope", sa.Text, nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
    )
    op.create_index("ix_access_token_expires_at", "access_token", ["expires_at"])


def _create_log() -> None:
    op.create_table(
        "identity_log",
        sa.Column("seq", Sequence, primary_key=True, autoincrement=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("object", sa.Text, nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_identity_log_object", "identity_log", ["object"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION identity_log_is_final() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'identity_log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER identity_log_is_final BEFORE UPDATE OR DELETE OR TRUNCATE ON identity_log "
            "FOR EACH STATEMENT EXECUTE FUNCTION identity_log_is_final()"
        )
    else:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER identity_log_no_{verb.lower()} BEFORE {verb} ON identity_log "
                "BEGIN SELECT RAISE(ABORT, 'identity_log is append-only'); END"
            )


def _authorship() -> list[sa.Column]:
    return [
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    ]
