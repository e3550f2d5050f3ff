"""The search keys of structures and of their accounts as all searches make them: signs such as № compare as the letters they stand for."""

from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from alembic import op
from pupitre_bus.search_texts import search_key

revision, down_revision = "0008", "0007"

_OF_STRUCTURES = {"name_key": "name", "label_key": "label", "postal_code_key": "postal_code", "city_key": "city"}
_OF_ACCOUNTS = {"name_key": "name"}
_PIECE = 1000


def upgrade() -> None:
    connection = op.get_bind()
    structure = sa.table("structure", *_columns("portal_number", *_OF_STRUCTURES, *_OF_STRUCTURES.values()))
    for number, keys in _differing(structure, _OF_STRUCTURES):
        connection.execute(structure.update().where(structure.c.portal_number == number).values(keys))
    account = sa.table("bank_details", *_columns("portal_number", "structure_id", "ended_at", "name_key", "name"))
    for number, keys in _differing(account, _OF_ACCOUNTS):
        # Of two accounts in use whose names were told apart by such a sign, the second keeps its key: both stay.
        other = account.alias()
        same = other.c.structure_id == account.c.structure_id, other.c.ended_at.is_(None), other.c.name_key == keys["name_key"]
        alone = ~sa.exists().where(*same).correlate(account)
        connection.execute(account.update().where(account.c.portal_number == number, alone).values(keys))
    if connection.dialect.name != "sqlite":
        # The numbering of changes waits for the commit otherwise, and no table may be altered while it waits.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
        op.execute("SET CONSTRAINTS ALL DEFERRED")


def _columns(*names: str) -> Iterator[sa.ColumnClause]:
    return (sa.column(name) for name in names)


def _differing(table: sa.TableClause, keys: Mapping[str, str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Give the number of each row whose keys are not what they would be now, with these."""
    connection, after = op.get_bind(), 0
    read = sa.select(table.c.portal_number, *(table.c[name] for name in (*keys, *keys.values()))).order_by(table.c.portal_number)
    while rows := connection.execute(read.where(table.c.portal_number > after).limit(_PIECE)).mappings().all():
        for row in rows:
            wanted = {key: search_key(row[text]) for key, text in keys.items()}
            if any(row[key] != value for key, value in wanted.items()):
                yield row["portal_number"], wanted
        after = rows[-1]["portal_number"]
