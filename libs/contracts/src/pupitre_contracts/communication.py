"""What notifications promises beside mails: news of the portal, messages of public bodies to their suppliers, and how a person
wants to be told."""

from .identity_values import User
from .message import Call, Message, fields, nested

DOMAINS = ("marche", "commande", "facturation", "organisation", "raccordements", "outils")
"""The domains of the portal (R003), which a news item may be about."""

MODES = ("immediate", "daily")


class News(Message):
    """A news item of the portal (R006): plain text in both languages. Without ``domain`` it is about the portal as a whole.

    ``published_from`` and ``published_until`` bound when it shows; ``author`` is who wrote it, in words; a withdrawn one shows nowhere.
    """

    news_id = fields.UUID(required=True)
    title_fr = fields.String(required=True)
    title_en = fields.String(required=True)
    text_fr = fields.String(required=True)
    text_en = fields.String(required=True)
    domain = fields.Choice(*DOMAINS)
    published_from = fields.Instant(required=True)
    published_until = fields.Instant()
    author = fields.String(required=True)
    created_at = fields.Instant(required=True)
    withdrawn_at = fields.Instant()


class PublishNews(Call):
    """Publish a news item, now or from an instant on; users with the switch on get it by mail then (R006, R044). For operators.

    Errors: forbidden, invalid (an empty or overlong text, an end before the beginning).
    """

    service, writes = "notifications", True

    class Request(Message):
        title_fr = fields.String(required=True)
        title_en = fields.String(required=True)
        text_fr = fields.String(required=True)
        text_en = fields.String(required=True)
        domain = fields.Choice(*DOMAINS)
        published_from = fields.Instant()
        published_until = fields.Instant()
        author = fields.String(required=True)

    class Reply(Message):
        news = nested(News, required=True)


class WithdrawNews(Call):
    """Take a news item off every page, and stop its mails; doing it again changes nothing. For operators. Errors: forbidden, not-found."""

    service, writes = "notifications", True

    class Request(Message):
        news_id = fields.UUID(required=True)
        author = fields.String(required=True)

    class Reply(Message):
        news = nested(News, required=True)


class ListNews(Call):
    """The news that show now, newest first, of one ``domain`` or of all. Anybody."""

    service, anonymous = "notifications", True

    class Request(Message):
        domain = fields.Choice(*DOMAINS)
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=10, strict=True)

    class Reply(Message):
        news = nested(News, many=True, required=True)
        total = fields.Integer(required=True)


class GetNews(Call):
    """One news item that shows now. Anybody. Errors: not-found."""

    service, anonymous = "notifications", True

    class Request(Message):
        news_id = fields.UUID(required=True)

    class Reply(Message):
        news = nested(News, required=True)


class ListAllNews(Call):
    """Every news item, newest first, those to come, past and withdrawn included. For operators. Errors: forbidden."""

    service = "notifications"

    class Request(Message):
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=50, strict=True)

    class Reply(Message):
        news = nested(News, many=True, required=True)
        total = fields.Integer(required=True)


class PartnerMessage(Message):
    """A message of a public structure to the suppliers that have issued an invoice to it (R007). Nobody can answer it.

    ``addressees`` counts the structures it has reached so far; ``delivered`` tells that it has reached all of them.
    """

    message_id = fields.UUID(required=True)
    structure_id = fields.UUID(required=True)
    structure_name = fields.String(required=True)
    subject = fields.String(required=True)
    text = fields.String(required=True)
    author = fields.String(required=True)
    sent_at = fields.Instant(required=True)
    addressees = fields.Integer()
    delivered = fields.Boolean()


class SendMessage(Call):
    """Send a message to the suppliers linked to a public structure; it reaches them within moments.

    A user with MODIFICATION in Mes messages, or in Factures reçues where he has no habilitation in Mes messages. Errors: forbidden,
    not-found (a structure that is not his), invalid.
    """

    service, writes = "notifications", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        subject = fields.String(required=True)
        text = fields.String(required=True)

    class Reply(Message):
        message = nested(PartnerMessage, required=True)


class SentMessages(Call):
    """The messages of the calling user's public structures, newest first; to those who may see Mes messages or Factures reçues."""

    service = "notifications"

    class Request(Message):
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=25, strict=True)

    class Reply(Message):
        messages = nested(PartnerMessage, many=True, required=True)
        total = fields.Integer(required=True)


class ReceivedMessages(Call):
    """The messages that reached structures the calling user is attached to, newest first, each once."""

    service = "notifications"

    class Request(Message):
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=25, strict=True)

    class Reply(Message):
        messages = nested(PartnerMessage, many=True, required=True)
        total = fields.Integer(required=True)


class ReadMessage(Call):
    """One message that the calling user may see, as sender or as addressee. Errors: not-found."""

    service = "notifications"

    class Request(Message):
        message_id = fields.UUID(required=True)

    class Reply(Message):
        message = nested(PartnerMessage, required=True)


class Preferences(Message):
    """How a person wants to be told of invoices: by a mail at once, or by one digest a day (R040); and whether by the weekly recap of
    his structures as well (R042). The switches of his account come first (R043, R044)."""

    mode = fields.Choice(*MODES, required=True)
    weekly_recap = fields.Boolean(required=True)


class MyPreferences(Call):
    """How the calling user is told. Errors: forbidden (no user)."""

    service = "notifications"

    class Request(Message):
        pass

    class Reply(Message):
        preferences = nested(Preferences, required=True)


class SetPreferences(Call):
    """Choose how the calling user is told, from the next event on. Errors: forbidden (no user)."""

    service, writes = "notifications", True

    class Request(Message):
        mode = fields.Choice(*MODES, required=True)
        weekly_recap = fields.Boolean(required=True)

    class Reply(Message):
        preferences = nested(Preferences, required=True)


class NewsReaders(Call):
    """The users who want news by mail (R044), in the order of their identifiers, after ``after``. Asked of identity, by services.

    Accounts that are closed, or were never activated, are left out. An empty page is the end.
    """

    service = "identity"

    class Request(Message):
        after = fields.UUID()
        limit = fields.Integer(load_default=200, strict=True)

    class Reply(Message):
        users = nested(User, many=True, required=True)
