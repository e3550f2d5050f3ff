"""What identity promises: who a person or a program is. It owns users, sessions, technical accounts and access tokens.

Identity alone signs the tokens that say who acts; what somebody may do belongs to the service that owns the data.
"""

from .message import Call, Event, Message, fields, nested


class UserCreated(Event):
    """A person got an account; emitted in the commit that stores it. Carries personal data: the name and the address."""

    name, version, owner, subject_field = "user.created", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)
    email = fields.String(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)


class TechnicalAccountCreated(Event):
    """A structure got a technical account for machines; the secret is never in an event."""

    name, version, owner, subject_field = "technical_account.created", 1, "identity", "technical_account_id"

    technical_account_id = fields.UUID(required=True)
    structure_id = fields.UUID(required=True)
    login = fields.String(required=True)


class User(Message):
    """A natural person, known by the login address (R020)."""

    user_id = fields.UUID(required=True)
    email = fields.String(required=True)
    contact_email = fields.String()
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    language = fields.Choice("fr", "en", required=True)
    last_sign_in_at = fields.Instant()


class TechnicalAccount(Message):
    """A structure's account for machines: an OAuth client and a login of the ``cpro-account`` header."""

    technical_account_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    structure_id = fields.UUID(required=True)
    login = fields.String(required=True)
    client_id = fields.String(required=True)
    label = fields.String()


class SignIn(Call):
    """Open a session with address and password. Errors: identity.sign-in-refused (also while slowed down after failures).

    ``session`` is a secret of 256 bits for the browser's cookie; only its hash is stored. ``user.last_sign_in_at`` is the
    sign-in before this one (R009).
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        email = fields.String(required=True)
        password = fields.String(required=True)
        network = fields.String(required=True)

    class Reply(Message):
        session = fields.String(required=True)
        user = nested(User, required=True)


class ResumeSession(Call):
    """Tell who a session belongs to, and give the actor tokens for one request (60 seconds, one per service).

    Errors: identity.session-ended (unknown, idle for 30 minutes, older than 12 hours, signed out, or account closed).
    """

    service, anonymous = "identity", True

    class Request(Message):
        session = fields.String(required=True)

    class Reply(Message):
        user = nested(User, required=True)
        tokens = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class SignOut(Call):
    """End a session; an unknown one is no error."""

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        session = fields.String(required=True)

    class Reply(Message):
        pass


class IssueAccessToken(Call):
    """OAuth 2 client credentials: exchange a client's secret for a bearer token of one hour. Errors: identity.client-refused."""

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        client_id = fields.String(required=True)
        client_secret = fields.String(required=True)
        scope = fields.String(load_default="openid")

    class Reply(Message):
        access_token = fields.String(required=True)
        expires_in = fields.Integer(required=True)
        scope = fields.String(required=True)


class ResumeAccessToken(Call):
    """Tell which technical account calls, from its bearer token and, where given, its ``cpro-account`` login and password.

    Errors: identity.session-ended for the token, identity.account-refused for the login. The login names the account that acts,
    which may be another structure's than the client's: one vendor's application serves many customers. ``login`` may be left out
    only on Pupitre's own API, where the client's own account acts.
    """

    service, anonymous = "identity", True

    class Request(Message):
        access_token = fields.String(required=True)
        login = fields.String()
        password = fields.String()

    class Reply(Message):
        account = nested(TechnicalAccount, required=True)
        tokens = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class CreateUser(Call):
    """Create an active account. For operators and platform services; self sign-up is another call.

    Errors: identity.user-exists (any letter case, R020), identity.password-too-weak, invalid.
    """

    service, writes, secret = "identity", True, True

    class Request(Message):
        email = fields.String(required=True)
        given_name = fields.String(required=True)
        family_name = fields.String(required=True)
        password = fields.String(required=True)
        language = fields.Choice("fr", "en", load_default="fr")

    class Reply(Message):
        user = nested(User, required=True)


class UsersByIds(Call):
    """Names and addresses of users, for display and mail; unknown identifiers are left out. For services and operators."""

    service = "identity"

    class Request(Message):
        user_ids = fields.List(fields.UUID(), required=True)

    class Reply(Message):
        users = nested(User, many=True, required=True)


class UserByEmail(Call):
    """Find a user by login address, any letter case. For services and operators. Errors: not-found."""

    service = "identity"

    class Request(Message):
        email = fields.String(required=True)

    class Reply(Message):
        user = nested(User, required=True)


class ListUsers(Call):
    """List accounts by address. For operators."""

    service = "identity"

    class Request(Message):
        limit = fields.Integer(load_default=200, strict=True)

    class Reply(Message):
        users = nested(User, many=True, required=True)


class CreateTechnicalAccount(Call):
    """Create a technical account of a structure; its secrets are in this reply and nowhere else (R126).

    Only the structure's gestionnaire principal, or an operator. Errors: forbidden.
    """

    service, writes, secret = "identity", True, True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        label = fields.String(load_default="")

    class Reply(Message):
        account = nested(TechnicalAccount, required=True)
        client_secret = fields.String(required=True)
        password = fields.String(required=True)
