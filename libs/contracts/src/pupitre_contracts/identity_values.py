"""What identity's calls carry: people, their accounts and sessions, and accounts of machines."""

from .message import Message, fields, nested


class User(Message):
    """A natural person, known by the login address (R020). ``active`` is false while he cannot sign in, or is about to leave."""

    user_id = fields.UUID(required=True)
    email = fields.String(required=True)
    contact_email = fields.String()
    notification_email = fields.String()
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    language = fields.Choice("fr", "en", required=True)
    notify_invoicing = fields.Boolean()
    notify_news = fields.Boolean()
    last_sign_in_at = fields.Instant()
    active = fields.Boolean()


class PersonalData(Message):
    """What a person tells of himself (R021). Only the names are needed; the sign-in address is not changed here.

    ``notification_email`` receives mails in place of ``contact_email``, and that in place of the sign-in address. The switches
    (R044) stop mails that are not mandatory.
    """

    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    language = fields.Choice("fr", "en", required=True)
    contact_email = fields.String()
    notification_email = fields.String()
    phone = fields.String()
    mobile = fields.String()
    street = fields.String()
    city = fields.String()
    postal_code = fields.String()
    region = fields.String()
    country = fields.String()
    notify_invoicing = fields.Boolean(required=True)
    notify_news = fields.Boolean(required=True)


class Account(Message):
    """A person's account as he sees it himself. ``version`` counts the changes of personal data.

    ``second_factor_at`` is since when signing in asks for a code; ``wants_question`` tells that secret questions are the policy here.
    """

    user_id = fields.UUID(required=True)
    email = fields.String(required=True)
    personal = nested(PersonalData, required=True)
    version = fields.Integer(required=True)
    password_changed_at = fields.Instant(required=True)
    created_at = fields.Instant(required=True)
    second_factor_at = fields.Instant()
    recovery_codes_left = fields.Integer()
    question = fields.String()
    wants_question = fields.Boolean()


class OpenSession(Message):
    """A browser that is signed in. ``session_id`` names it and opens nothing; ``agent`` is what the browser said it is."""

    session_id = fields.String(required=True)
    opened_at = fields.Instant(required=True)
    seen_at = fields.Instant(required=True)
    network = fields.String(required=True)
    agent = fields.String()
    current = fields.Boolean(required=True)


class TechnicalAccount(Message):
    """A structure's account for machines: an OAuth client and a login of the ``cpro-account`` header."""

    technical_account_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    structure_id = fields.UUID(required=True)
    login = fields.String(required=True)
    client_id = fields.String(required=True)
    label = fields.String()
