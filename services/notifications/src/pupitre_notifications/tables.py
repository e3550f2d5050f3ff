"""The tables of notifications."""

import sqlalchemy as sa
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
