"""Signing in through an external identity provider, by OpenID Connect (R024, R025). Off where no provider is configured: not-found."""

from .identity_values import PersonalData, User
from .message import Call, Message, fields, nested


class BeginExternalSignIn(Call):
    """Where to send the browser. ``browser_secret`` is a secret for its cookie: who comes back must hold it.

    Errors: not-found without a provider, identity.provider-unavailable.
    """

    service, anonymous, secret = "identity", True, True

    timeout = 12.0

    class Request(Message):
        redirect_uri = fields.String(required=True)

    class Reply(Message):
        address = fields.String(required=True)
        browser_secret = fields.String(required=True)


class CompleteExternalSignIn(Call):
    """Take the provider's answer. Whoever signed in through it before, and validated his data, gets a session.

    Anybody else gets ``pending``, a secret of half an hour for :class:`ConfirmExternalProfile`: nothing is stored of him as a user
    yet. Errors: identity.external-sign-in-refused, identity.provider-unavailable, not-found.
    """

    service, anonymous, writes, secret = "identity", True, True, True

    timeout = 20.0

    class Request(Message):
        browser_secret = fields.String(required=True)
        state = fields.String(required=True)
        code = fields.String(required=True)
        redirect_uri = fields.String(required=True)
        network = fields.String(required=True)
        agent = fields.String()

    class Reply(Message):
        session = fields.String()
        pending = fields.String()


class ExternalProfile(Call):
    """What the provider told of who is to validate his data. Errors: identity.link-refused when too much time has passed."""

    service, anonymous, secret = "identity", True, True

    class Request(Message):
        pending = fields.String(required=True)

    class Reply(Message):
        email = fields.String(required=True)
        known = fields.Boolean(required=True)
        personal = nested(PersonalData, required=True)
        structure_identifier = fields.String()


class ConfirmExternalProfile(Call):
    """Store the data that a person checked and completed at his first sign-in through the provider, and open a session (R025).

    Who has an account with the address that the provider vouches for keeps it. Errors: invalid, naming the fields, with nothing
    stored; identity.link-refused; identity.external-sign-in-refused.
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        pending = fields.String(required=True)
        personal = nested(PersonalData, required=True)
        network = fields.String(required=True)
        agent = fields.String()

    class Reply(Message):
        session = fields.String(required=True)
        user = nested(User, required=True)
        structure_identifier = fields.String()
