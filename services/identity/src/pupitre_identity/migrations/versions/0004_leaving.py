"""Deactivation and erasure, secret questions, second factors, search of users, sollicitations to the support."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0004", "0003"

_ADDRESS = ("street", "postal_code", "city", "region", "country")


def upgrade() -> None:
    for column in (
        sa.Column("deactivated_at", Instant),
        sa.Column("erased_at", Instant),
        sa.Column("name_key", sa.Text),
        sa.Column("address_key", sa.Text),
        sa.Column("question", sa.Text),
        sa.Column("answer_hash", sa.Text),
        sa.Column("wrong_answers", sa.Integer, nullable=False, server_default="0"),
        sa.Column("wrong_answer_at", Instant),
    ):
        op.add_column("user_account", column)
    op.create_index("ix_user_account_deactivated_at", "user_account", ["deactivated_at"])
    _fill_search_keys()
    op.create_table(
        "leaving",
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_leaving_user"), primary_key=True),
        sa.Column("leaving_id", sa.Uuid, nullable=False),
        sa.Column("successors", sa.JSON, nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
    )
    op.create_table(
        "second_factor",
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_second_factor_user"), primary_key=True),
        sa.Column("enrolment_id", sa.Uuid, nullable=False),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("enabled_at", Instant),
        sa.Column("last_step", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_recovery_code_user"), nullable=False),
        sa.Column("used_at", Instant),
    )
    op.create_index("ix_recovery_code_user_id", "recovery_code", ["user_id"])
    op.create_table(
        "sign_in_challenge",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_sign_in_challenge_user"), nullable=False),
        sa.Column("asked_at", Instant, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
    )
    op.create_index("ix_sign_in_challenge_user_id", "sign_in_challenge", ["user_id"])
    op.create_index("ix_sign_in_challenge_asked_at", "sign_in_challenge", ["asked_at"])
    op.create_table(
        "support_sollicitation",
        sa.Column("sollicitation_id", sa.Uuid, primary_key=True),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text, nullable=False),
        sa.Column("message", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("sent_at", Instant, nullable=False),
        sa.UniqueConstraint("number", name="uq_support_sollicitation_number"),
    )
    op.execute("INSERT INTO number_sequence (name, last) VALUES ('sollicitation', 0)")


def _fill_search_keys() -> None:
    """Make the keys of the accounts that there are, as the service makes them."""
    from pupitre_identity.model import search_key

    names = ("user_id", "given_name", "family_name", *_ADDRESS)
    types = {"user_id": sa.Uuid}
    table = sa.table(
        "user_account",
        *(sa.column(name, types.get(name, sa.Text)) for name in names),
        sa.column("name_key", sa.Text),
        sa.column("address_key", sa.Text),
    )
    connection = op.get_bind()
    for row in connection.execute(sa.select(*(table.c[name] for name in names))).all():
        keys = {
            "name_key": search_key(f"{row.given_name} {row.family_name}"),
            "address_key": search_key(" ".join(getattr(row, name) or "" for name in _ADDRESS)),
        }
        connection.execute(table.update().where(table.c.user_id == row.user_id).values(**keys))
