"""The tables of notifications."""

import sqlalchemy as sa
from pupitre_bus.row_security import Holder, seen_by
from pupitre_bus.types import Instant

metadata = sa.MetaData()

#: A mail to one user about one event. ``mail_id`` is made of event, template and user: the same mail is never written twice.
#: ``link_id`` names the link that identity gives when the mail is handed over: what opens an account is not kept here.
mail = sa.Table(
    "mail",
    metadata,
    sa.Column("mail_id", sa.Uuid, primary_key=True),
    sa.Column("event_id", sa.Uuid, nullable=False),
    sa.Column("template", sa.Text, nullable=False),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("to_address", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("about", sa.Text),
    sa.Column("link_id", sa.Uuid),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_at", Instant),
    sa.Column("last_error", sa.Text),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("sent_at", Instant),
    sa.Index("ix_mail_due", "state", "next_at"),
    sa.Index("ix_mail_user", "user_id", "created_at"),
    sa.Index("ix_mail_created", "created_at"),
)

#: News of the portal. They are mailed in the order of their readers: ``mailed_after`` is the last who was written to, and
#: ``mailed_at`` is set once there is nobody left.
news = sa.Table(
    "news",
    metadata,
    sa.Column("news_id", sa.Uuid, primary_key=True),
    sa.Column("title_fr", sa.Text, nullable=False),
    sa.Column("title_en", sa.Text, nullable=False),
    sa.Column("text_fr", sa.Text, nullable=False),
    sa.Column("text_en", sa.Text, nullable=False),
    sa.Column("domain", sa.Text),
    sa.Column("published_from", Instant, nullable=False),
    sa.Column("published_until", Instant),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("withdrawn_at", Instant),
    sa.Column("withdrawn_by", sa.Text),
    sa.Column("mailed_after", sa.Uuid),
    sa.Column("mailed_at", Instant),
    sa.Index("ix_news_shown", "published_from"),
    sa.Index("ix_news_unmailed", "mailed_at", "published_from"),
)

#: Messages of public structures. They are delivered in the order of the addressees' identifiers: see ``delivered_after``.
partner_message = sa.Table(
    "partner_message",
    metadata,
    sa.Column("message_id", sa.Uuid, primary_key=True),
    sa.Column("structure_id", sa.Uuid, nullable=False),
    sa.Column("structure_name", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("sent_at", Instant, nullable=False),
    sa.Column("sent_by", sa.Text, nullable=False),
    sa.Column("addressees", sa.Integer, nullable=False),
    sa.Column("delivered_after", sa.Uuid),
    sa.Column("delivered_at", Instant),
    sa.Index("ix_partner_message_sender", "structure_id", "sent_at"),
    sa.Index("ix_partner_message_undelivered", "delivered_at", "sent_at"),
    info=seen_by("structure_id", through=[Holder("message_addressee", "message_id")]),
)

message_addressee = sa.Table(
    "message_addressee",
    metadata,
    sa.Column("structure_id", sa.Uuid, primary_key=True),
    sa.Column("message_id", sa.Uuid, primary_key=True),
    info=seen_by("structure_id"),
)

#: How a person wants to be told; without a row, at once and with the weekly recap.
preference = sa.Table(
    "preference",
    metadata,
    sa.Column("user_id", sa.Uuid, primary_key=True),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("weekly_recap", sa.Boolean, nullable=False),
    sa.Column("changed_at", Instant, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
)

#: What a digest will say to one user. ``line_id`` is made of event, kind and user, as the identity of a mail is. ``settled_at`` is
#: set when the line went into the mail ``mail_id``, or into none because the user no longer wants digests.
digest_line = sa.Table(
    "digest_line",
    metadata,
    sa.Column("line_id", sa.Uuid, primary_key=True),
    sa.Column("user_id", sa.Uuid, nullable=False),
    sa.Column("structure_name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
    sa.Column("status_from", sa.Text),
    sa.Column("status_to", sa.Text),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("happened_at", Instant, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("settled_at", Instant),
    sa.Column("mail_id", sa.Uuid),
    sa.Index("ix_digest_line_due", "settled_at", "due_at", "user_id"),
)

#: How often invoices of a structure reached a status in a week (its Monday, in Paris), by the side the structure stands on.
#: The recap of the week is due at ``due_at`` and was written at ``told_at``.
movement = sa.Table(
    "movement",
    metadata,
    sa.Column("structure_id", sa.Uuid, primary_key=True),
    sa.Column("week", sa.Date, primary_key=True),
    sa.Column("espace", sa.Text, primary_key=True),
    sa.Column("status", sa.Text, primary_key=True),
    sa.Column("structure_name", sa.Text, nullable=False),
    sa.Column("moves", sa.Integer, nullable=False),
    sa.Column("due_at", Instant, nullable=False),
    sa.Column("told_at", Instant),
    sa.Index("ix_movement_untold", "told_at", "due_at"),
    info=seen_by("structure_id"),
)
