"""The tables of requests and records, on the metadata that all tables of invoicing share."""

import sqlalchemy as sa
from pupitre_bus.row_security import seen_by, seen_through
from pupitre_bus.types import Instant, Money, Sequence

metadata = sa.MetaData()

BROUILLON = "BROUILLON"

#: A structure that sees a request, in one of its roles, which others may have too; ``structure_service_id`` narrows it to the users of
#: that service. A draft has its maker's row alone, and a role that sees a request later gets its rows then. What lists sort and choose by
#: is kept beside it. There is no foreign key: the row comes before its request, which is seen by it.
request_party = sa.Table(
    "request_party",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("structure_id", sa.Uuid, primary_key=True),
    sa.Column("structure_service_id", sa.Uuid),
    sa.Column("espace", sa.Text, nullable=False),
    sa.Column("acts", sa.Boolean, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("listed_at", Instant, nullable=False),
    sa.Index("ix_request_party_list", "structure_id", "espace", "listed_at"),
    sa.Index("ix_request_party_status", "structure_id", "espace", "kind", "status", "listed_at"),
    info=seen_by("structure_id"),
)
sa.Index(
    "ix_request_party_work",
    request_party.c.structure_id,
    request_party.c.espace,
    request_party.c.listed_at,
    postgresql_where=request_party.c.acts.is_(True),
    sqlite_where=request_party.c.acts.is_(True),
)

#: A request as its last change left it. ``parties`` are all of its parties as pages show them, those included that do not see it yet;
#: ``form`` and ``lines`` are under the kind's schemas; ``findings`` are what keeps a draft from being sent. ``listed_at`` is when it was
#: sent, or begun. ``due_at`` is when the platform makes the next passage unless somebody moves it, with days that count from
#: ``timed_from``; ``remind_at`` is when it reminds of that. ``once_value`` is empty again where the request came to nothing. Names of
#: kind and status are kept for the day when the plugin is away.
request = sa.Table(
    "request",
    metadata,
    sa.Column("portal_number", Sequence, primary_key=True, autoincrement=True),
    sa.Column("request_id", sa.Uuid, nullable=False),
    sa.Column("espace", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("kind_label_fr", sa.Text, nullable=False),
    sa.Column("kind_label_en", sa.Text, nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("cadre", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("number_key", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("status_label_fr", sa.Text, nullable=False),
    sa.Column("status_label_en", sa.Text, nullable=False),
    sa.Column("status_before", sa.Text),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Column("status_at", Instant, nullable=False),
    sa.Column("listed_at", Instant, nullable=False),
    sa.Column("timed_from", Instant, nullable=False),
    sa.Column("due_at", Instant),
    sa.Column("remind_at", Instant),
    sa.Column("maker_structure_id", sa.Uuid, nullable=False),
    sa.Column("maker_role", sa.Text, nullable=False),
    sa.Column("maker_name", sa.Text, nullable=False),
    sa.Column("parties", sa.JSON, nullable=False),
    sa.Column("form", sa.JSON, nullable=False),
    sa.Column("lines", sa.JSON, nullable=False),
    sa.Column("findings", sa.JSON, nullable=False),
    sa.Column("net", Money),
    sa.Column("vat", Money),
    sa.Column("gross", Money),
    sa.Column("once_value", sa.Text),
    sa.Column("previous_id", sa.Uuid),
    sa.Column("dossier_id", sa.Uuid),
    sa.Column("dossier_number", sa.Text),
    sa.Column("invoice_id", sa.Uuid),
    sa.Column("last_motive", sa.Text),
    sa.Column("searched", sa.Text, nullable=False),
    sa.UniqueConstraint("request_id", name="uq_request_id"),
    sa.Index("ix_request_dossier", "dossier_id", "portal_number"),
    sa.Index("ix_request_maker", "maker_structure_id", "portal_number"),
    sqlite_autoincrement=True,
    info=seen_through("request_party", "request_id"),
)
_sent = request.c.status != BROUILLON
#: A maker's number, and what he may ask once only (`RequestKind.once_per`), are taken when the request is sent; drafts may collide.
for _name, _column in (("uq_request_number", request.c.number_key), ("uq_request_once", request.c.once_value)):
    sa.Index(
        _name,
        request.c.maker_structure_id,
        request.c.espace,
        request.c.kind,
        _column,
        unique=True,
        postgresql_where=_sent,
        sqlite_where=_sent,
    )
for _name, _column in (("ix_request_due", request.c.due_at), ("ix_request_remind", request.c.remind_at)):
    sa.Index(_name, _column, postgresql_where=_column.is_not(None), sqlite_where=_column.is_not(None))

#: Files of a request, or of one ``line`` of it (from 1); ``made``: the espace made it of what was typed.
request_document = sa.Table(
    "request_document",
    metadata,
    sa.Column("document_id", sa.Uuid, primary_key=True),
    sa.Column("request_id", sa.Uuid, sa.ForeignKey("request.request_id", ondelete="CASCADE"), nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("line", sa.Integer),
    sa.Column("designation", sa.Text),
    sa.Column("made", sa.Boolean, nullable=False),
    sa.Column("added_at", Instant, nullable=False),
    sa.Index("ix_request_document_request", "request_id", "added_at"),
    sa.Index("ix_request_document_sha256", "sha256"),
    info=seen_through("request", "request_id"),
)

#: The last number that the portal gave to a maker's requests of a kind in a year.
request_sequence = sa.Table(
    "request_sequence",
    metadata,
    sa.Column("structure_id", sa.Uuid, primary_key=True),
    sa.Column("espace", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
    info=seen_by("structure_id"),
)

#: A document that an espace keeps for a structure; ``version`` counts its changes from 1.
record = sa.Table(
    "record",
    metadata,
    sa.Column("espace", sa.Text, primary_key=True),
    sa.Column("structure_id", sa.Uuid, primary_key=True),
    sa.Column("collection", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("searched", sa.Text, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    info=seen_by("structure_id"),
)
