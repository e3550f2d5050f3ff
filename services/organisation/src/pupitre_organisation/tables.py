"""Organisation's tables. Rows that gave a right are never deleted: they end."""

import sqlalchemy as sa
from pupitre_bus import audit
from pupitre_bus.row_security import seen_by
from pupitre_bus.types import Instant, Sequence

from .annuaire_tables import annuaire_delivery, annuaire_enrolment, annuaire_file
from .table_parts import authorship, metadata, of_structure, one_only

__all__ = [
    "HISTORY",
    "annuaire_delivery",
    "annuaire_enrolment",
    "annuaire_file",
    "approbation",
    "bank_details",
    "directory_change",
    "habilitation",
    "mandat",
    "metadata",
    "number_sequence",
    "open_espace",
    "organisation_log",
    "rattachement",
    "rattachement_service",
    "structure",
    "structure_document",
    "structure_request",
    "structure_service",
]


def _file() -> list[sa.Column]:
    """A file in the blob store."""
    return [
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("file_mime", sa.Text, nullable=False),
        sa.Column("file_size", sa.BigInteger, nullable=False),
        sa.Column("file_sha256", sa.Text, nullable=False),
    ]


#: Structures (R060 to R070). The ``_key`` columns are what searches compare.
structure = sa.Table(
    "structure",
    metadata,
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
    sa.Column("rcs_number", sa.Text),
    sa.Column("complement2", sa.Text),
    sa.Column("moa_presence", sa.Text),
    sa.Column("non_diffusible", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    *authorship(),
    sa.UniqueConstraint("portal_number", name="uq_structure_portal_number"),
    sa.UniqueConstraint("identifier_type", "identifier", name="uq_structure_identifier"),
    sa.Index("ix_structure_siren", "siren"),
    sa.Index("ix_structure_name_key", "name_key"),
)

structure_service = sa.Table(
    "structure_service",
    metadata,
    sa.Column("structure_service_id", sa.Uuid, primary_key=True),
    sa.Column("portal_number", sa.BigInteger, nullable=False),
    of_structure("structure_id", "fk_service_structure"),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("description", sa.Text),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date),
    sa.Column("requires_engagement", sa.Boolean, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    *authorship(),
    sa.UniqueConstraint("portal_number", name="uq_service_portal_number"),
    sa.UniqueConstraint("structure_id", "code", name="uq_service_code"),
    sa.Index("uq_service_structure", "structure_service_id", "structure_id", unique=True),
)

#: Who may act for a structure, and as what (R100, R120). ``whole_structure`` says that the rattachement is at the structure's level;
#: ``starts_on`` and ``ends_on`` are the days of its validity there (R105). The two flags make a gestionnaire secondaire (R123).
rattachement = sa.Table(
    "rattachement",
    metadata,
    sa.Column("rattachement_id", sa.Uuid, primary_key=True),
    of_structure("structure_id", "fk_rattachement_structure"),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("starts_on", sa.Date),
    sa.Column("ends_on", sa.Date),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("whole_structure", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("manages_structure", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("manages_users", sa.Boolean, nullable=False, server_default=sa.false()),
    *authorship(),
    sa.UniqueConstraint("rattachement_id", "structure_id", name="uq_rattachement_structure"),
    sa.Index("ix_rattachement_user_id", "user_id"),
)
one_only(
    "uq_rattachement_one_gp",
    rattachement.c.structure_id,
    where=sa.and_(rattachement.c.role == sa.literal_column("'GP'"), rattachement.c.ended_at.is_(None)),
)
one_only(
    "uq_rattachement_one_per_user",
    rattachement.c.structure_id,
    rattachement.c.user_id,
    where=rattachement.c.ended_at.is_(None),
)

#: The services that a rattachement is limited to, or holds beside the structure's level (R101), each with its days of validity.
rattachement_service = sa.Table(
    "rattachement_service",
    metadata,
    sa.Column("rattachement_service_id", sa.Uuid, primary_key=True),
    sa.Column("structure_id", sa.Uuid, nullable=False),
    sa.Column("rattachement_id", sa.Uuid, nullable=False),
    sa.Column("structure_service_id", sa.Uuid, nullable=False),
    sa.Column("starts_on", sa.Date),
    sa.Column("ends_on", sa.Date),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    *authorship(),
    sa.ForeignKeyConstraint(
        ["rattachement_id", "structure_id"],
        ["rattachement.rattachement_id", "rattachement.structure_id"],
        name="fk_rattachement_service_rattachement",
    ),
    sa.ForeignKeyConstraint(
        ["structure_service_id", "structure_id"],
        ["structure_service.structure_service_id", "structure_service.structure_id"],
        name="fk_rattachement_service_service",
    ),
)
one_only(
    "uq_rattachement_service_one",
    rattachement_service.c.rattachement_id,
    rattachement_service.c.structure_service_id,
    where=rattachement_service.c.ended_at.is_(None),
)

#: Espaces that structures opened, and those they closed since.
open_espace = sa.Table(
    "open_espace",
    metadata,
    sa.Column("open_espace_id", sa.Uuid, primary_key=True),
    of_structure("structure_id", "fk_open_espace_structure"),
    sa.Column("espace", sa.Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    *authorship(),
    sa.UniqueConstraint("open_espace_id", "structure_id", name="uq_open_espace_structure"),
)
one_only(
    "uq_open_espace_one", open_espace.c.structure_id, open_espace.c.espace, where=open_espace.c.ended_at.is_(None)
)

#: What a user may do in an espace: hangs on a rattachement and on an open espace of the same structure (R130). Without a service it
#: holds for the whole structure.
habilitation = sa.Table(
    "habilitation",
    metadata,
    sa.Column("habilitation_id", sa.Uuid, primary_key=True),
    sa.Column("structure_id", sa.Uuid, nullable=False),
    sa.Column("rattachement_id", sa.Uuid, nullable=False),
    sa.Column("open_espace_id", sa.Uuid, nullable=False),
    sa.Column("profile", sa.Text, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    *authorship(),
    sa.Column(
        "structure_service_id",
        sa.Uuid,
        sa.ForeignKey("structure_service.structure_service_id", name="fk_habilitation_service"),
    ),
    sa.Column("starts_on", sa.Date),
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
    sa.Index("ix_habilitation_open_espace_id", "open_espace_id"),
)
one_only(
    "uq_habilitation_one",
    habilitation.c.rattachement_id,
    habilitation.c.open_espace_id,
    where=sa.and_(habilitation.c.ended_at.is_(None), habilitation.c.structure_service_id.is_(None)),
)
one_only(
    "uq_habilitation_one_of_service",
    habilitation.c.rattachement_id,
    habilitation.c.open_espace_id,
    habilitation.c.structure_service_id,
    where=habilitation.c.ended_at.is_(None),
)

#: Requests that a gestionnaire decides (R150); ``wishes`` are the habilitations asked for, ``structure_service_ids`` the services of a
#: rattachement asked for. ``generated_by`` says who opened the espace that made the portal ask for a user (R141).
approbation = sa.Table(
    "approbation",
    metadata,
    sa.Column("approbation_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    of_structure("structure_id", "fk_approbation_structure"),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("wishes", sa.JSON, nullable=False),
    sa.Column("comment", sa.Text),
    sa.Column("starts_on", sa.Date),
    sa.Column("ends_on", sa.Date),
    sa.Column("motive", sa.Text),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("decided_at", Instant),
    sa.Column("decided_by", sa.Text),
    sa.Column("structure_service_ids", sa.JSON),
    sa.Column("generated_by", sa.Text),
    sa.UniqueConstraint("number", name="uq_approbation_number"),
    sa.Index("ix_approbation_structure_id", "structure_id", "state"),
    sa.Index("ix_approbation_user_id", "user_id"),
)
one_only(
    "uq_approbation_one_rattachement",
    approbation.c.structure_id,
    approbation.c.user_id,
    where=sa.and_(
        approbation.c.kind == sa.literal_column("'RATTACHEMENT'"), approbation.c.state == sa.literal_column("'DEMANDE'")
    ),
)

#: Requests to create, activate or inactivate structures (R068, R069); ``wanted`` is what a creation asks for.
structure_request = sa.Table(
    "structure_request",
    metadata,
    sa.Column("request_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("structure_id", sa.Uuid, sa.ForeignKey("structure.structure_id", name="fk_request_structure")),
    sa.Column("identifier", sa.Text, nullable=False),
    sa.Column("structure_name", sa.Text, nullable=False),
    sa.Column("wanted", sa.JSON, nullable=False),
    sa.Column("motive", sa.Text),
    sa.Column("sirene_state", sa.Text, nullable=False),
    sa.Column("user_id", sa.Uuid),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("decided_by", sa.Text),
    sa.Column("decided_at", Instant),
    sa.Column("decision_motive", sa.Text),
    sa.Column("rating", sa.Text),
    sa.UniqueConstraint("number", name="uq_structure_request_number"),
    sa.Index("ix_structure_request_structure_id", "structure_id"),
    sa.Index("ix_structure_request_user_id", "user_id"),
)
one_only(
    "uq_structure_request_one_waiting",
    structure_request.c.identifier,
    where=structure_request.c.state == sa.literal_column("'DEMANDE'"),
)

#: Accounts that a structure is paid on (R086 to R089). Taken out of use, they end: invoices may name them.
bank_details = sa.Table(
    "bank_details",
    metadata,
    sa.Column("bank_details_id", sa.Uuid, primary_key=True),
    sa.Column("portal_number", sa.BigInteger, nullable=False),
    of_structure("structure_id", "fk_bank_details_structure"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("name_key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("account", sa.JSON, nullable=False),
    sa.Column("factor", sa.JSON),
    *_file(),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("ended_at", Instant),
    *authorship(),
    sa.UniqueConstraint("portal_number", name="uq_bank_details_portal_number"),
    sa.Index("ix_bank_details_file_sha256", "file_sha256"),
    info=seen_by("structure_id"),
)
one_only(
    "uq_bank_details_name",
    bank_details.c.structure_id,
    bank_details.c.name_key,
    where=bank_details.c.ended_at.is_(None),
)

#: Files that a structure keeps for reuse (R073, R090).
structure_document = sa.Table(
    "structure_document",
    metadata,
    sa.Column("document_id", sa.Uuid, primary_key=True),
    of_structure("structure_id", "fk_structure_document_structure"),
    sa.Column("designation", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    *_file(),
    sa.Column("version", sa.Integer, nullable=False),
    *authorship(),
    sa.Index("ix_structure_document_structure_id", "structure_id"),
    sa.Index("ix_structure_document_file_sha256", "file_sha256"),
    info=seen_by("structure_id"),
)

#: Last number given, by sequence: works alike on both databases and leaves no gap when a transaction is rolled back.
number_sequence = sa.Table(
    "number_sequence",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

#: Who did what to a structure, when, what was before and after: one chain of hashes per structure (RS-22). The database refuses
#: to change or delete a line.
HISTORY = audit.declare(metadata, "organisation", "structure_id", **seen_by("structure_id", added_by_all=True))

#: What was written down before there was a chained history: nothing is added any more, and nothing changed or deleted.
organisation_log = sa.Table(
    "organisation_log",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Index("ix_organisation_log_object", "object"),
    sqlite_autoincrement=True,
    info={"only_changes": ()},
)

#: The number of each structure's latest change, its services' included, in the order of commits; triggers write it (migration 0005).
directory_change = sa.Table(
    "directory_change",
    metadata,
    of_structure("structure_id", "fk_directory_change_structure", primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("number", name="uq_directory_change_number"),
)

#: Mandats de facturation: a structure lets another one deposit invoices for it (R280).
mandat = sa.Table(
    "mandat",
    metadata,
    sa.Column("mandat_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    of_structure("structure_id", "fk_mandat_structure"),
    of_structure("mandataire_id", "fk_mandat_mandataire"),
    sa.Column("starts_on", sa.Date, nullable=False),
    sa.Column("ends_on", sa.Date),
    sa.Column("ended_at", Instant),
    *authorship(),
    sa.UniqueConstraint("number", name="uq_mandat_number"),
    sa.Index("ix_mandat_mandataire_id", "mandataire_id"),
)
one_only("uq_mandat_one", mandat.c.structure_id, mandat.c.mandataire_id, where=mandat.c.ended_at.is_(None))
