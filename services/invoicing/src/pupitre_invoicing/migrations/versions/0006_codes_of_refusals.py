"""The codes of the catalogue under which files of flux were refused, to be searched by."""

import sqlalchemy as sa
from alembic import op
from pupitre_invoicing import catalogue

revision, down_revision = "0006", "0005"

_PIECE = 500


def upgrade() -> None:
    op.add_column("flux_item", sa.Column("codes", sa.Text, nullable=False, server_default=""))
    connection = op.get_bind()
    table = sa.table(
        "flux_item",
        sa.column("flux_id", sa.Uuid),
        sa.column("position", sa.Integer),
        sa.column("outcome", sa.Text),
        sa.column("errors", sa.JSON),
        sa.column("codes", sa.Text),
    )
    key = (table.c.flux_id, table.c.position)
    query = sa.select(*key, table.c.errors).where(table.c.outcome.in_(("refused", "incident"))).order_by(*key).limit(_PIECE)
    rows = connection.execute(query).all()
    while rows:
        for flux_id, position, errors in rows:
            codes = catalogue.codes_of((each["rule"], each["term"]) for each in errors if each["severity"] == "error")
            where = (table.c.flux_id == flux_id, table.c.position == position)
            connection.execute(table.update().where(*where).values(codes=codes))
        last = [sa.literal(rows[-1][0], sa.Uuid), sa.literal(rows[-1][1], sa.Integer)]
        rows = connection.execute(query.where(sa.tuple_(*key) > sa.tuple_(*last))).all()
