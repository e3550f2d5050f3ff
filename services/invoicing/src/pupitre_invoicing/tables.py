"""The tables of invoicing. Portal numbers are the integers of the compatible API; everything else is known by UUID."""

import sqlalchemy as sa
from pupitre_bus.row_security import Holder, seen_by, seen_through, seen_through_any
from pupitre_bus.types import Instant, Money, Sequence

from .party_tables import BROUILLON, metadata

#: What is kept under the id of an invoice or of a request.
_OF_EITHER = (Holder("invoice", "invoice_id"), Holder("request", "invoice_id", "request_id"))

#: An invoice as lists and rules need it. ``version`` counts its changes: every change names the version it was made from. While others
#: validate it, its recipient stands in ``destined_structure_id``; their time runs from ``answer_since`` to ``answer_due_at``, and
#: ``wakes_at`` is when the platform has next to remind them of it, or to go on without them. ``search_origin`` has the invoices that it
#: names (BG-3), one a line; ``created_by`` is the actor of the first line of its history; ``vat_eur`` is BT-111, if not in euros itself.
invoice = sa.Table(
    "invoice",
    metadata,
    sa.Column("portal_number", Sequence, primary_key=True, autoincrement=True),
    sa.Column("invoice_id", sa.Uuid, nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("number_key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("cadre", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("issue_date", sa.Date, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("deposited_at", Instant),
    sa.Column("status_at", Instant, nullable=False),
    sa.Column("supplier_structure_id", sa.Uuid, nullable=False),
    sa.Column("supplier_identifier", sa.Text),
    sa.Column("supplier_name", sa.Text, nullable=False),
    sa.Column("recipient_structure_id", sa.Uuid),
    sa.Column("recipient_siret", sa.Text),
    sa.Column("recipient_name", sa.Text),
    sa.Column("structure_service_id", sa.Uuid),
    sa.Column("code_service", sa.Text),
    sa.Column("engagement", sa.Text),
    sa.Column("contract", sa.Text),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("net", Money),
    sa.Column("vat", Money),
    sa.Column("vat_eur", Money),
    sa.Column("gross", Money),
    sa.Column("due", Money),
    sa.Column("deposit_mode", sa.Text, nullable=False),
    sa.Column("numero_flux", sa.Text),
    sa.Column("last_motive", sa.Text),
    sa.Column("last_comment", sa.Text),
    sa.Column("searched", sa.Text, nullable=False),
    sa.Column("search_number", sa.Text),
    sa.Column("search_supplier", sa.Text),
    sa.Column("search_recipient", sa.Text),
    sa.Column("search_service", sa.Text),
    sa.Column("search_engagement", sa.Text),
    sa.Column("search_contract", sa.Text),
    sa.Column("search_origin", sa.Text),
    sa.Column("created_by", sa.Text),
    sa.Column("search_creator", sa.Text),
    sa.Column("original_sha256", sa.Text, nullable=False),
    sa.Column("receipt_sha256", sa.Text),
    sa.Column("receipt_at", Instant),
    sa.Column("delay_days", sa.Integer),
    sa.Column("delay_started_on", sa.Date),
    sa.Column("due_on", sa.Date),
    sa.Column("delay_state", sa.Text),
    sa.Column("delay_ended_on", sa.Date),
    sa.Column("acknowledged_at", Instant),
    sa.Column("treated_at", Instant),
    sa.Column("destined_structure_id", sa.Uuid),
    sa.Column("answer_since", Instant),
    sa.Column("answer_due_at", Instant),
    sa.Column("wakes_at", Instant),
    sa.Column("request_id", sa.Uuid),
    sa.UniqueConstraint("invoice_id", name="uq_invoice_id"),
    sqlite_autoincrement=True,
    info=seen_by("supplier_structure_id", "recipient_structure_id", through=(Holder("invoice_party", "invoice_id"),)),
)
#: H.7: a number is taken once and for all when the invoice is sent; drafts may still collide.
sa.Index(
    "uq_invoice_number",
    invoice.c.supplier_structure_id,
    invoice.c.number_key,
    unique=True,
    postgresql_where=invoice.c.status != BROUILLON,
    sqlite_where=invoice.c.status != BROUILLON,
)
for _side, _structure in (("issued", invoice.c.supplier_structure_id), ("received", invoice.c.recipient_structure_id)):
    sa.Index(f"ix_invoice_{_side}", _structure, invoice.c.deposited_at)
    sa.Index(f"ix_invoice_{_side}_status", _structure, invoice.c.status, invoice.c.status_at)
    sa.Index(f"ix_invoice_{_side}_date", _structure, invoice.c.issue_date)
    sa.Index(f"ix_invoice_{_side}_number", _structure, invoice.c.search_number)
    _names = invoice.c.search_origin.is_not(None)
    sa.Index(f"ix_invoice_{_side}_origin", _structure, invoice.c.search_origin, postgresql_where=_names, sqlite_where=_names)
sa.Index("ix_invoice_flux", invoice.c.numero_flux)
sa.Index(
    "ix_invoice_due_on",
    invoice.c.due_on,
    postgresql_where=invoice.c.delay_state == "RUNNING",
    sqlite_where=invoice.c.delay_state == "RUNNING",
)
sa.Index(
    "ix_invoice_wakes",
    invoice.c.wakes_at,
    postgresql_where=invoice.c.wakes_at.is_not(None),
    sqlite_where=invoice.c.wakes_at.is_not(None),
)
sa.Index(
    "ix_invoice_draft",
    invoice.c.status_at,
    postgresql_where=invoice.c.status == BROUILLON,
    sqlite_where=invoice.c.status == BROUILLON,
)

#: The délai global de paiement of an invoice or a request as events (B.6), numbered from 1; an invoice's own columns follow from them.
delay_event = sa.Table(
    "delay_event",
    metadata,
    sa.Column("invoice_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("on", sa.Date, nullable=False),
    sa.Column("days", sa.Integer, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("balance", sa.Integer),
    sa.Column("effect", sa.Boolean, nullable=False),
    sa.Column("reason", sa.Text),
    info={"only_changes": (), **seen_through_any(*_OF_EITHER)},
)

#: What was announced of an invoice or a request, once each: ``what`` is about (B.8), ``stage`` is the date that it was about.
reminder = sa.Table(
    "reminder",
    metadata,
    sa.Column("invoice_id", sa.Uuid, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("stage", sa.Date, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    info=seen_through_any(*_OF_EITHER),
)

#: What was read from the file and what the checks said: heavy, and only read with one invoice.
invoice_content = sa.Table(
    "invoice_content",
    metadata,
    sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoice.invoice_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("format", sa.Text),
    sa.Column("profile", sa.Text),
    sa.Column("content", sa.JSON, nullable=False),
    sa.Column("report", sa.JSON, nullable=False),
    info=seen_through("invoice", "invoice_id"),
)

#: Files of an invoice; the bytes lie in the blob store under ``sha256``. A readable PDF is kept once per language.
document = sa.Table(
    "document",
    metadata,
    sa.Column("document_id", sa.Uuid, primary_key=True),
    sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoice.invoice_id", ondelete="CASCADE"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("added_at", Instant, nullable=False),
    sa.Column("designation", sa.Text),
    sa.Column("type", sa.Text),
    sa.Column("line", sa.Integer),
    sa.Index("ix_document_invoice", "invoice_id", "added_at"),
    sa.Index("ix_document_sha256", "sha256"),
    info=seen_through("invoice", "invoice_id"),
)
sa.Index(
    "uq_document_single",
    document.c.invoice_id,
    document.c.kind,
    document.c.language,
    unique=True,
    postgresql_where=document.c.kind != "document",
    sqlite_where=document.c.kind != "document",
)

#: What was typed of an invoice that is entered on a page or through the API, as it was typed; ``given_number`` is the one that the
#: portal gave it. Until it is confirmed its invoice is a draft without a file: ``original_sha256`` is empty.
entry = sa.Table(
    "entry",
    metadata,
    sa.Column("invoice_id", sa.Uuid, sa.ForeignKey("invoice.invoice_id", ondelete="CASCADE"), primary_key=True),
    sa.Column("typed", sa.JSON, nullable=False),
    sa.Column("given_number", sa.Text),
    sa.Column("confirmed", sa.Boolean, nullable=False),
    sa.Column("saved_at", Instant, nullable=False),
    sa.Column("saved_by", sa.Text),
    info=seen_through("invoice", "invoice_id"),
)

#: Files that programs sent before the invoices they belong to.
kept_file = sa.Table(
    "kept_file",
    metadata,
    sa.Column("portal_number", Sequence, primary_key=True, autoincrement=True),
    sa.Column("structure_id", sa.Uuid, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("mime", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("added_at", Instant, nullable=False),
    sa.Index("ix_kept_file_sha256", "sha256"),
    sa.Index("ix_kept_file_added", "added_at"),
    sqlite_autoincrement=True,
    info=seen_by("structure_id"),
)

#: The last number that the portal gave to a structure's invoices of a year.
number_sequence = sa.Table(
    "number_sequence",
    metadata,
    sa.Column("structure_id", sa.Uuid, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False),
    info=seen_by("structure_id"),
)

#: The append-only history, one chain per structure that supplies invoices or makes requests; ``invoice_id`` is the id of either. A
#: trigger refuses every UPDATE and DELETE.
history = sa.Table(
    "history",
    metadata,
    sa.Column("structure_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("previous", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("invoice_id", sa.Uuid, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text),
    sa.Column("structure_name", sa.Text),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("status_from", sa.Text),
    sa.Column("status_to", sa.Text),
    sa.Column("motive", sa.Text),
    sa.Column("comment", sa.Text),
    sa.Column("before", sa.Text),
    sa.Column("after", sa.Text),
    sa.Index("ix_history_invoice", "invoice_id", "number"),
    info={"only_changes": (), **seen_by("structure_id", through=_OF_EITHER)},
)

#: Where each chain ends. ``seal`` authenticates the end with a key that is not in the database.
history_head = sa.Table(
    "history_head",
    metadata,
    sa.Column("structure_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("seal", sa.Text, nullable=False),
)

#: Signed statements of where chains ended at an instant, numbered without a gap; each is copied outside the database,
#: and ``published_at`` says when.
history_anchor = sa.Table(
    "history_anchor",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("statement", sa.Text, nullable=False),
    sa.Column("seal", sa.Text, nullable=False),
    sa.Column("published_at", Instant),
    info={"only_changes": ("published_at",)},
)

#: Up to which line each chain is in an anchor.
history_anchored = sa.Table(
    "history_anchored",
    metadata,
    sa.Column("structure_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
)

#: A deposit to be processed in the background. ``sequence`` gives the fifteen digits of its official number.
flux = sa.Table(
    "flux",
    metadata,
    sa.Column("sequence", Sequence, primary_key=True, autoincrement=True),
    sa.Column("flux_id", sa.Uuid, nullable=False),
    sa.Column("numero_flux", sa.Text),
    sa.Column("structure_id", sa.Uuid, nullable=False),
    sa.Column("actor_kind", sa.Text, nullable=False),
    sa.Column("actor_id", sa.Text, nullable=False),
    sa.Column("actor_name", sa.Text, nullable=False),
    sa.Column("syntaxe_flux", sa.Text, nullable=False),
    sa.Column("code_interface", sa.Text, nullable=False),
    sa.Column("deposit_mode", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("state_at", Instant, nullable=False),
    sa.Column("deposited_at", Instant, nullable=False),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("listed", sa.Boolean, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("errors", sa.JSON, nullable=False),
    sa.Column("parties", sa.JSON),
    sa.UniqueConstraint("flux_id", name="uq_flux_id"),
    sa.UniqueConstraint("numero_flux", name="uq_flux_numero"),
    sa.Index("ix_flux_structure", "structure_id", "deposited_at"),
    sa.Index("ix_flux_sha256", "sha256"),
    sqlite_autoincrement=True,
    info=seen_by("structure_id"),
)
sa.Index("ix_flux_open", flux.c.sequence, postgresql_where=flux.c.open.is_(True), sqlite_where=flux.c.open.is_(True))

#: One file of a flux. ``outcome`` leaves "pending" exactly once, in the transaction that stores the invoice or the
#: refusal. ``codes`` are those of the catalogue that its errors have, between blanks.
flux_item = sa.Table(
    "flux_item",
    metadata,
    sa.Column("flux_id", sa.Uuid, sa.ForeignKey("flux.flux_id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text),
    sa.Column("number", sa.Text),
    sa.Column("supplier_identifier", sa.Text),
    sa.Column("recipient_siret", sa.Text),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("invoice_id", sa.Uuid),
    sa.Column("errors", sa.JSON, nullable=False),
    sa.Column("codes", sa.Text, nullable=False, server_default=""),
    sa.Column("settled_at", Instant),
    sa.Index("ix_flux_item_outcome", "flux_id", "outcome"),
    sa.Index("ix_flux_item_sha256", "sha256"),
    info=seen_through("flux", "flux_id"),
)

_ACTS = ("visa_by", "visa_reference", "visa_at", "eliminated_by", "eliminated_at", "withdrawn_by", "withdrawn_at", "certificate", "seal")

#: A proposal to eliminate what need not be kept any more (RS-74). ``digest`` covers what :data:`elimination_item` says of its invoices.
elimination_list = sa.Table(
    "elimination_list",
    metadata,
    sa.Column("number", Sequence, primary_key=True, autoincrement=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("structure_id", sa.Uuid),
    sa.Column("year", sa.Integer),
    sa.Column("invoices", sa.Integer, nullable=False),
    sa.Column("requests", sa.Integer, nullable=False, server_default="0"),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("proposed_at", Instant, nullable=False),
    *(sa.Column(name, Instant if name.endswith("_at") else sa.Text) for name in _ACTS),
    sqlite_autoincrement=True,
    info={"only_changes": ("state", *_ACTS), **seen_by("structure_id")},
)

#: An invoice or a request (``what``) of an elimination list, which stays when it is gone; a request's maker and first other party stand in
#: the columns of an invoice. What has one ``bundle_id`` goes together. ``open``: it is in no second list meanwhile. ``files`` are the
#: SHA-256 of the files that it had when it was eliminated.
elimination_item = sa.Table(
    "elimination_item",
    metadata,
    sa.Column("list_number", sa.BigInteger, sa.ForeignKey("elimination_list.number"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("what", sa.Text, nullable=False, server_default="invoice"),
    *(sa.Column(name, sa.Uuid, nullable=name == "bundle_id") for name in ("bundle_id", "invoice_id")),
    sa.Column("portal_number", sa.BigInteger, nullable=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("number", "kind", "currency", "supplier_name")),
    *(sa.Column(name, sa.Date, nullable=False) for name in ("issue_date", "term_on")),
    sa.Column("supplier_structure_id", sa.Uuid, nullable=False),
    sa.Column("recipient_structure_id", sa.Uuid),
    *(sa.Column(name, sa.Text) for name in ("supplier_identifier", "recipient_siret", "recipient_name")),
    sa.Column("gross", Money),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("original_sha256", "state_sha256")),
    sa.Column("open", sa.Boolean, nullable=False),
    sa.Column("eliminated_at", Instant),
    sa.Column("files", sa.JSON),
    info={"only_changes": ("open", "eliminated_at", "files"), **seen_by("supplier_structure_id", "recipient_structure_id")},
)
_OPEN = {"postgresql_where": elimination_item.c.open.is_(True), "sqlite_where": elimination_item.c.open.is_(True)}
sa.Index("uq_elimination_open", elimination_item.c.invoice_id, unique=True, **_OPEN)

#: What keeps an invoice, a request (by ``invoice_id`` too), or all of a structure, from being eliminated until it is released.
legal_hold = sa.Table(
    "legal_hold",
    metadata,
    sa.Column("number", Sequence, primary_key=True, autoincrement=True),
    sa.Column("invoice_id", sa.Uuid),
    sa.Column("structure_id", sa.Uuid),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("what", "reason", "placed_by")),
    sa.Column("placed_at", Instant, nullable=False),
    *(sa.Column(name, sa.Text) for name in ("released_by", "release_reason")),
    sa.Column("released_at", Instant),
    sqlite_autoincrement=True,
    info={"only_changes": ("released_by", "release_reason", "released_at"), **seen_by("structure_id")},
)
