"""The tables of the annuaire as files: enrolments, files, deliveries."""

import sqlalchemy as sa
from pupitre_bus.row_security import seen_by
from pupitre_bus.types import Instant

from .table_parts import authorship, metadata, of_structure, one_only

#: Who gets the annuaire's files (R262), by the request that asked for them; rows end. What its gestionnaire ended, that request does not
#: open anew.
annuaire_enrolment = sa.Table(
    "annuaire_enrolment",
    metadata,
    sa.Column("enrolment_id", sa.Uuid, primary_key=True),
    of_structure("structure_id", "fk_annuaire_enrolment_structure"),
    sa.Column("espace", sa.Text, nullable=False),
    sa.Column("request_id", sa.Uuid, nullable=False),
    sa.Column("asked_in", sa.Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("ended_for_good", sa.Boolean, nullable=False),
    *authorship(),
    info=seen_by("structure_id"),
)
one_only(
    "uq_annuaire_enrolment_one",
    annuaire_enrolment.c.structure_id,
    annuaire_enrolment.c.request_id,
    where=annuaire_enrolment.c.ended_at.is_(None),
)

#: The annuaire's files, one a day, the same for all; kept until ``kept_until``. ``next_at`` is when the following one is due.
annuaire_file = sa.Table(
    "annuaire_file",
    metadata,
    sa.Column("file_id", sa.Uuid, primary_key=True),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("since", sa.BigInteger),
    sa.Column("head", sa.BigInteger, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("file_sha256", sa.Text, nullable=False),
    sa.Column("produced_at", Instant, nullable=False),
    sa.Column("next_at", Instant, nullable=False),
    sa.Column("kept_until", Instant, nullable=False),
    sa.UniqueConstraint("due_on", name="uq_annuaire_file_due_on"),
    sa.Index("ix_annuaire_file_file_sha256", "file_sha256"),
)

#: Which structures were given which file.
annuaire_delivery = sa.Table(
    "annuaire_delivery",
    metadata,
    sa.Column("file_id", sa.Uuid, sa.ForeignKey("annuaire_file.file_id", name="fk_annuaire_delivery_file"), primary_key=True),
    of_structure("structure_id", "fk_annuaire_delivery_structure", primary_key=True),
    sa.Column("delivered_at", Instant, nullable=False),
    info=seen_by("structure_id"),
)
