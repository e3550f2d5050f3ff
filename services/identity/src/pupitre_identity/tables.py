"""Identity's tables. Nothing secret is stored: passwords as argon2id hashes, every other secret as its SHA-256."""

import sqlalchemy as sa
from pupitre_bus import audit
from pupitre_bus.types import Instant, Sequence

metadata = sa.MetaData()

#: Users (R020, R021). ``email_key`` is what two spellings of an address share; ``activated_at`` is empty until the link of the
#: sign-up is followed; ``active`` is false for an account that was closed: ``deactivated_at`` when its owner closed it, ``erased_at``
#: when his data were taken away. ``name_key`` and ``address_key`` are what searches compare with.
user_account = sa.Table(
    "user_account",
    metadata,
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("email_key", sa.Text, nullable=False),
    sa.Column("contact_email", sa.Text),
    sa.Column("given_name", sa.Text, nullable=False),
    sa.Column("family_name", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("password_changed_at", Instant),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("activated_at", Instant),
    sa.Column("last_sign_in_at", Instant),
    sa.Column("notification_email", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("mobile", sa.Text),
    sa.Column("street", sa.Text),
    sa.Column("city", sa.Text),
    sa.Column("postal_code", sa.Text),
    sa.Column("region", sa.Text),
    sa.Column("country", sa.Text),
    sa.Column("notify_invoicing", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("notify_news", sa.Boolean, nullable=False, server_default=sa.true()),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("deactivated_at", Instant),
    sa.Column("erased_at", Instant),
    sa.Column("name_key", sa.Text),
    sa.Column("address_key", sa.Text),
    sa.Column("question", sa.Text),
    sa.Column("answer_hash", sa.Text),
    sa.Column("wrong_answers", sa.Integer, nullable=False, server_default="0"),
    sa.Column("wrong_answer_at", Instant),
    sa.UniqueConstraint("email_key", name="uq_user_account_email_key"),
    sa.Index("ix_user_account_deactivated_at", "deactivated_at"),
)

session = sa.Table(
    "session",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_session_user"), nullable=False),
    sa.Column("network", sa.Text, nullable=False),
    sa.Column("agent", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Column("ended_at", Instant),
    sa.Column("previous_sign_in_at", Instant),
    sa.Index("ix_session_user_id", "user_id"),
    sa.Index("ix_session_created_at", "created_at"),
)

#: Links sent to sign-in addresses. ``digest`` is what is kept of the link; ``email_key`` the address it was sent to.
account_link = sa.Table(
    "account_link",
    metadata,
    sa.Column("link_id", sa.Uuid, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_account_link_user"), nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("email_key", sa.Text, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("used_at", Instant),
    sa.Column("replaced_at", Instant),
    sa.UniqueConstraint("digest", name="uq_account_link_digest"),
    sa.Index("ix_account_link_user_id", "user_id", "purpose"),
    sa.Index("ix_account_link_asked_at", "asked_at"),
)

#: What was asked about an address and is not carried out yet; rows live for a second.
account_wish = sa.Table(
    "account_wish",
    metadata,
    sa.Column("wish_id", sa.Uuid, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("given_name", sa.Text),
    sa.Column("family_name", sa.Text),
    sa.Column("language", sa.Text),
    sa.Column("password_hash", sa.Text),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Index("ix_account_wish_asked_at", "asked_at"),
)

#: How many requests of one kind came from one network within the hour that began at ``since``.
request_count = sa.Table(
    "request_count",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("network", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("since", Instant, nullable=False),
    sa.Index("ix_request_count_since", "since"),
)

#: Wrong sign-ins by account and network, both as digests: addresses that nobody owns are nobody's business.
wrong_sign_in = sa.Table(
    "wrong_sign_in",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("network", sa.Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
    sa.Index("ix_wrong_sign_in_last_at", "last_at"),
)

technical_account = sa.Table(
    "technical_account",
    metadata,
    sa.Column("technical_account_id", sa.Uuid, primary_key=True),
    sa.Column("portal_number", sa.BigInteger, nullable=False),
    sa.Column("structure_id", sa.Uuid, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("login", sa.Text, nullable=False),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.Column("created_key", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.UniqueConstraint("portal_number", name="uq_technical_account_portal_number"),
    sa.UniqueConstraint("login", name="uq_technical_account_login"),
    sa.UniqueConstraint("client_id", name="uq_technical_account_client_id"),
    sa.Index("ix_technical_account_structure_id", "structure_id"),
    sa.Index("uq_technical_account_created_key", "structure_id", "created_key", unique=True),
)

#: Secrets of technical accounts (R235, R236). ``ends_at`` is when a replaced one stops being good, perhaps before ``expires_at``;
#: ``warn_at`` when the next warning of its expiry is due; ``exported_at`` when its connection data were taken away.
technical_secret = sa.Table(
    "technical_secret",
    metadata,
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
    sa.Index("ix_technical_secret_technical_account_id", "technical_account_id", "kind"),
    sa.Index("ix_technical_secret_warn_at", "warn_at"),
)

access_token = sa.Table(
    "access_token",
    metadata,
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
    sa.Index("ix_access_token_expires_at", "expires_at"),
)

#: Documents that users keep with their accounts (R091). While a row names a file by its ``sha256``, the blob store keeps it.
account_document = sa.Table(
    "account_document",
    metadata,
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
    sa.Index("ix_account_document_user_id", "user_id"),
    sa.Index("ix_account_document_sha256", "sha256"),
)

#: Filters of lists that users keep; ``query`` is what the page's address had.
saved_filter = sa.Table(
    "saved_filter",
    metadata,
    sa.Column("filter_id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_saved_filter_user"), nullable=False),
    sa.Column("list", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("default", sa.Boolean, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.UniqueConstraint("user_id", "list", "name", name="uq_saved_filter_name"),
)

#: Who a person is at an identity provider (R024), and when he validated the data that it told of him (R025).
external_identity = sa.Table(
    "external_identity",
    metadata,
    sa.Column("issuer", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_external_identity_user"), nullable=False),
    sa.Column("verified_at", Instant, nullable=False),
    sa.Index("ix_external_identity_user_id", "user_id"),
)

#: What a provider told of who has yet to validate it, kept for half an hour; ``digest`` is of the secret in his browser.
external_pending = sa.Table(
    "external_pending",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("claims", sa.JSON, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Index("ix_external_pending_asked_at", "asked_at"),
)

#: Last number given, by sequence: works alike on both databases and leaves no gap when a transaction is rolled back.
number_sequence = sa.Table(
    "number_sequence",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("last", sa.BigInteger, nullable=False),
)

#: What was done to an account, a user's or a technical one: one chain of hashes per account (RS-22). The database refuses to
#: change or delete a line. What merely happened, such as a sign-in, is in ``identity_log``.
HISTORY = audit.declare(metadata, "identity", "account_id")

#: The secret of an account's personal data in its history: once it is deleted, nothing tells any more what they were.
history_secret = sa.Table(
    "history_secret",
    metadata,
    sa.Column("account_id", sa.Uuid, primary_key=True),
    sa.Column("secret", sa.LargeBinary, nullable=False),
)

#: Sign-ins, sessions, links, access tokens, and what was refused. The database refuses to change or delete a line.
identity_log = sa.Table(
    "identity_log",
    metadata,
    sa.Column("seq", Sequence, primary_key=True, autoincrement=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Index("ix_identity_log_object", "object"),
    sqlite_autoincrement=True,
    info={"only_changes": ()},
)

#: Users who asked for their account to be closed, until it is: who takes over their roles is settled with organisation meanwhile.
leaving = sa.Table(
    "leaving",
    metadata,
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_leaving_user"), primary_key=True),
    sa.Column("leaving_id", sa.Uuid, nullable=False),
    sa.Column("successors", sa.JSON, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
)

#: Authenticators (RFC 6238). The key is made of ``enrolment_id`` and identity's own key, and stored nowhere; ``last_step`` is the last
#: interval whose code was taken, so that none serves twice.
second_factor = sa.Table(
    "second_factor",
    metadata,
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_second_factor_user"), primary_key=True),
    sa.Column("enrolment_id", sa.Uuid, nullable=False),
    sa.Column("started_at", Instant, nullable=False),
    sa.Column("enabled_at", Instant),
    sa.Column("last_step", sa.BigInteger, nullable=False),
)

recovery_code = sa.Table(
    "recovery_code",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_recovery_code_user"), nullable=False),
    sa.Column("used_at", Instant),
    sa.Index("ix_recovery_code_user_id", "user_id"),
)

#: Sign-ins whose password was right and whose code is still to come.
sign_in_challenge = sa.Table(
    "sign_in_challenge",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Uuid, sa.ForeignKey("user_account.user_id", name="fk_sign_in_challenge_user"), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Index("ix_sign_in_challenge_user_id", "user_id"),
    sa.Index("ix_sign_in_challenge_asked_at", "asked_at"),
)

#: What was written to the support of the platform (R056).
support_sollicitation = sa.Table(
    "support_sollicitation",
    metadata,
    sa.Column("sollicitation_id", sa.Uuid, primary_key=True),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("sent_at", Instant, nullable=False),
    sa.UniqueConstraint("number", name="uq_support_sollicitation_number"),
)
