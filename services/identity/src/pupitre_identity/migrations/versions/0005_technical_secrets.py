"""Several secrets per technical account, each with a life of its own; documents of accounts; sign-in by an identity provider."""

import datetime
import uuid

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0005", "0004"

#: The life of a secret when this was written (R236); those that exist are given it from their account's creation on.
_LIFE = datetime.timedelta(days=424)
_FIRST_WARNING = datetime.timedelta(days=30)


def upgrade() -> None:
    op.add_column("technical_account", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.add_column("technical_account", sa.Column("created_key", sa.Text))
    op.create_index("uq_technical_account_created_key", "technical_account", ["structure_id", "created_key"], unique=True)
    op.create_table(
        "technical_secret",
        sa.Column("secret_id", sa.Uuid, primary_key=True),
        sa.Column(
            "technical_account_id",
            sa.Uuid,
            sa.ForeignKey("technical_account.technical_account_id", name="fk_technical_secret_technical_account"),
            nullable=False,
        ),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("issued_at", Instant, nullable=False),
        sa.Column("issued_by", sa.Text, nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("ends_at", Instant),
        sa.Column("ended_by", sa.Text),
        sa.Column("warn_at", Instant),
        sa.Column("exported_at", Instant),
    )
    op.create_index("ix_technical_secret_technical_account_id", "technical_secret", ["technical_account_id", "kind"])
    op.create_index("ix_technical_secret_warn_at", "technical_secret", ["warn_at"])
    _move_digests()
    for name in ("password_digest", "client_secret_digest"):
        op.drop_column("technical_account", name)
    _tie_tokens()
    _create_documents()
    _create_external_identities()


def _move_digests() -> None:
    account = sa.table(
        "technical_account",
        sa.column("technical_account_id", sa.Uuid),
        sa.column("password_digest", sa.Text),
        sa.column("client_secret_digest", sa.Text),
        sa.column("created_at", Instant),
        sa.column("created_by", sa.Text),
    )
    secret = sa.table(
        "technical_secret",
        *(sa.column(name, sa.Uuid) for name in ("secret_id", "technical_account_id")),
        *(sa.column(name, sa.Text) for name in ("kind", "digest", "issued_by")),
        *(sa.column(name, Instant) for name in ("issued_at", "expires_at", "warn_at")),
    )
    rows = [
        {
            "secret_id": uuid.uuid4(),
            "technical_account_id": row.technical_account_id,
            "kind": kind,
            "digest": digest,
            "issued_by": row.created_by,
            "issued_at": row.created_at,
            "expires_at": row.created_at + _LIFE,
            "warn_at": row.created_at + _LIFE - _FIRST_WARNING,
        }
        for row in op.get_bind().execute(sa.select(account)).all()
        for kind, digest in (("password", row.password_digest), ("client_secret", row.client_secret_digest))
    ]
    if rows:
        op.get_bind().execute(sa.insert(secret), rows)


def _tie_tokens() -> None:
    """Tie tokens to the secret that they were given for. Those that exist end: they live an hour, and clients ask for another."""
    op.drop_table("access_token")
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
        sa.Column(
            "secret_id", sa.Uuid, sa.ForeignKey("technical_secret.secret_id", name="fk_access_token_secret"), nullable=False
        ),
    )
    op.create_index("ix_access_token_expires_at", "access_token", ["expires_at"])


def _create_documents() -> None:
    op.create_table(
        "account_document",
        sa.Column("document_id", sa.Uuid, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_account_document_user"), nullable=False),
        sa.Column("designation", sa.Text, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("mime", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    )
    op.create_index("ix_account_document_user_id", "account_document", ["user_id"])
    op.create_index("ix_account_document_sha256", "account_document", ["sha256"])


def _create_external_identities() -> None:
    op.create_table(
        "external_identity",
        sa.Column("issuer", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_external_identity_user"), nullable=False),
        sa.Column("verified_at", Instant, nullable=False),
    )
    op.create_index("ix_external_identity_user_id", "external_identity", ["user_id"])
    op.create_table(
        "external_pending",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("issuer", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("claims", sa.JSON, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
    )
    op.create_index("ix_external_pending_asked_at", "external_pending", ["asked_at"])
