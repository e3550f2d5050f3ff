"""Several structures may have one role of a request."""

import sqlalchemy as sa
from alembic import op
from pupitre_bus.types import Instant

revision, down_revision = "0014", "0013"

_TABLE, _KEY = "request_party", ["request_id", "role", "structure_id"]
_BEFORE = "request_party_before"


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.drop_constraint(f"{_TABLE}_pkey", _TABLE, type_="primary")
        op.create_primary_key(f"{_TABLE}_pkey", _TABLE, _KEY)
        return
    # SQLite cannot change the key of a table: its rows move to a new one.
    indexes = {
        "ix_request_party_list": ["structure_id", "espace", "listed_at"],
        "ix_request_party_status": ["structure_id", "espace", "kind", "status", "listed_at"],
        "ix_request_party_work": ["structure_id", "espace", "listed_at"],
    }
    for name in indexes:
        op.drop_index(name, _TABLE)
    op.rename_table(_TABLE, _BEFORE)
    table = op.create_table(
        _TABLE,
        sa.Column("request_id", sa.Uuid, primary_key=True),
        sa.Column("role", sa.Text, primary_key=True),
        sa.Column("structure_id", sa.Uuid, primary_key=True),
        sa.Column("structure_service_id", sa.Uuid),
        sa.Column("espace", sa.Text, nullable=False),
        sa.Column("acts", sa.Boolean, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("listed_at", Instant, nullable=False),
    )
    before = sa.table(_BEFORE, *(sa.column(column.name) for column in table.columns))
    op.execute(table.insert().from_select(list(table.columns.keys()), sa.select(before)))
    op.drop_table(_BEFORE)
    acts = sa.column("acts", sa.Boolean).is_(True)
    for name, of in indexes.items():
        op.create_index(name, _TABLE, of, **({"sqlite_where": acts} if name.endswith("_work") else {}))
