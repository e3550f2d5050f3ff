"""What several modules of tables are made of: their metadata, and columns and indexes that recur."""

import sqlalchemy as sa
from pupitre_bus.types import Instant

metadata = sa.MetaData()


def authorship() -> list[sa.Column]:
    """Who made a row, and who changed it last."""
    return [
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("changed_at", Instant, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
    ]


def of_structure(column: str, constraint: str, **more: bool) -> sa.Column:
    """A column that names a structure."""
    return sa.Column(column, sa.Uuid, sa.ForeignKey("structure.structure_id", name=constraint), nullable=False, **more)


def one_only(name: str, *columns: sa.Column, where: sa.ColumnElement[bool]) -> sa.Index:
    """A unique index over the rows that ``where`` names, on both databases."""
    return sa.Index(name, *columns, unique=True, postgresql_where=where, sqlite_where=where)
