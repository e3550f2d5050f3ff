"""What identity promises: who a person or a program is. It owns users, sessions, technical accounts and access tokens.

Identity alone signs the tokens that say who acts; what somebody may do belongs to the service that owns the data.
"""

from .identity_values import Account, OpenSession, PersonalData, TechnicalAccount, User
from .message import Call, Event, Message, fields, nested


class UserCreated(Event):
    """A person got an account; emitted in the commit that stores it. Carries personal data: the name and the address."""

    name, version, owner, subject_field = "user.created", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)
    email = fields.String(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)


class AccountLinkAsked(Event):
    """A link was asked for that proves who reads a person's sign-in address. The link itself is in no event.

    ``purpose``: ``activation`` after signing up, ``reset`` for a forgotten password.
    """

    name, version, owner, subject_field = "account_link.asked", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)
    link_id = fields.UUID(required=True)
    purpose = fields.String(required=True)
    expires_at = fields.Instant(required=True)


class UserActivated(Event):
    """The link of the sign-up was followed: the account can be used."""

    name, version, owner, subject_field = "user.activated", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)


class SignUpRepeated(Event):
    """Somebody signed up with the address of an account that exists: nothing changed, and its owner is told by mail."""

    name, version, owner, subject_field = "sign_up.repeated", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)


class PasswordChanged(Event):
    """A person's password was changed (``how`` is ``change``) or replaced by way of a link (``reset``); other sessions are over."""

    name, version, owner, subject_field = "password.changed", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)
    how = fields.Choice("change", "reset", required=True)


class TechnicalAccountCreated(Event):
    """A structure got a technical account for machines; the secret is never in an event."""

    name, version, owner, subject_field = "technical_account.created", 1, "identity", "technical_account_id"

    technical_account_id = fields.UUID(required=True)
    structure_id = fields.UUID(required=True)
    login = fields.String(required=True)


class SignIn(Call):
    """Open a session with address and password.

    Errors: identity.sign-in-refused; identity.too-many-tries, with the seconds to wait, for the caller's network alone;
    identity.not-activated for the right password of an account whose link was not followed (R022), identity.account-deactivated for that
    of a deactivated one, identity.second-factor-needed where SignInWithCode must follow (RS-54). ``session`` is a secret of
    256 bits for the browser's cookie; only its hash is stored. ``user.last_sign_in_at`` is the sign-in before this one (R009).
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        email = fields.String(required=True)
        password = fields.String(required=True)
        network = fields.String(required=True)
        agent = fields.String()

    class Reply(Message):
        session = fields.String(required=True)
        user = nested(User, required=True)


class SignUp(Call):
    """Create an account that cannot be used before its link is followed (R022), and have that link sent to the address.

    The answer is the same when the address has an account already: its owner alone is told, by mail. Errors:
    identity.password-too-weak, invalid, identity.too-many-tries.
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        email = fields.String(required=True)
        given_name = fields.String(required=True)
        family_name = fields.String(required=True)
        password = fields.String(required=True)
        language = fields.Choice("fr", "en", load_default="fr")
        network = fields.String(required=True)

    class Reply(Message):
        pass


class AskForLink(Call):
    """Have a new link sent to the sign-in address (R023): ``activation`` of an account, or ``reset`` of a forgotten password.

    Every older link for the same purpose is void. The answer is the same for an address without an account, and for one that needs no
    such link; a link that was sent less than a minute ago is not sent again. Errors: identity.too-many-tries.
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        email = fields.String(required=True)
        purpose = fields.Choice("activation", "reset", required=True)
        network = fields.String(required=True)

    class Reply(Message):
        pass


class ActivateAccount(Call):
    """Follow the link of a sign-up. Signs nobody in.

    The password of the sign-up is needed too, since somebody else may have signed up with this address. Errors:
    identity.link-refused, identity.password-wrong, identity.too-many-tries.
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        link = fields.String(required=True)
        password = fields.String(required=True)
        network = fields.String(required=True)

    class Reply(Message):
        email = fields.String(required=True)


class ResetPassword(Call):
    """Replace a forgotten password by way of a link; every session of the account ends, and nobody is signed in.

    Errors: identity.link-refused; identity.password-too-weak, after which the link can still be used; identity.answer-wrong, where
    secret questions are the policy and the account has one (R029).
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        link = fields.String(required=True)
        password = fields.String(required=True)
        answer = fields.String()

    class Reply(Message):
        email = fields.String(required=True)


class LinkToSend(Call):
    """The link that a mail must carry, while it can be used. For the service that sends mails alone. Errors: forbidden,
    identity.link-refused (used, replaced or expired since it was asked for: there is nothing to send).

    Asked again it is the same link, so that a mail is the same however often its sending is tried.
    """

    service, secret = "identity", True

    class Request(Message):
        link_id = fields.UUID(required=True)

    class Reply(Message):
        link = fields.String(required=True)
        purpose = fields.String(required=True)
        expires_at = fields.Instant(required=True)


class GetAccount(Call):
    """The calling user's own account."""

    service = "identity"

    class Request(Message):
        pass

    class Reply(Message):
        account = nested(Account, required=True)


class ChangePersonalData(Call):
    """Replace the calling user's personal data (R027). Errors: invalid, naming the fields, with nothing changed; conflict when
    ``version`` is not the present one.
    """

    service, writes = "identity", True

    class Request(Message):
        personal = nested(PersonalData, required=True)
        version = fields.Integer(required=True)

    class Reply(Message):
        account = nested(Account, required=True)


class ChangePassword(Call):
    """Replace the calling user's password (R028). Every other session of his ends; ``session`` is the one that stays.

    Errors: identity.password-wrong, identity.password-too-weak, identity.too-many-tries.
    """

    service, writes, secret = "identity", True, True

    class Request(Message):
        current = fields.String(required=True)
        new = fields.String(required=True)
        session = fields.String(required=True)
        network = fields.String(required=True)

    class Reply(Message):
        ended = fields.Integer(required=True)


class ListSessions(Call):
    """The calling user's open sessions, newest first; ``session`` is the secret of the one that asks."""

    service, secret = "identity", True

    class Request(Message):
        session = fields.String(required=True)

    class Reply(Message):
        sessions = nested(OpenSession, many=True, required=True)


class EndSessions(Call):
    """End sessions of the calling user by their ``session_id``; others' are left alone and not counted."""

    service, writes = "identity", True

    class Request(Message):
        session_ids = fields.List(fields.String(), required=True)

    class Reply(Message):
        ended = fields.Integer(required=True)


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
    """OAuth 2 client credentials: exchange a client's secret for a bearer token of one hour.

    The token ends with the secret, should that be sooner; ``secret_expires_at`` is when the secret does. Errors:
    identity.client-refused, identity.secret-expired (R236).
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        client_id = fields.String(required=True)
        client_secret = fields.String(required=True)
        scope = fields.String(load_default="openid")

    class Reply(Message):
        access_token = fields.String(required=True)
        expires_in = fields.Integer(required=True)
        scope = fields.String(required=True)
        secret_expires_at = fields.Instant()


class ResumeAccessToken(Call):
    """Tell which technical account calls, from its bearer token and, where given, its ``cpro-account`` login and password.

    Errors: identity.session-ended for the token, identity.account-refused for the login, identity.secret-expired for either (R236).
    ``secret_expires_at`` is when the first of the secrets that were used stops being good. The login names the account that acts,
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
        secret_expires_at = fields.Instant()


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

    Only the structure's gestionnaire principal, or an operator. Errors: forbidden; identity.secrets-shown for a key that was used.
    """

    service, writes, secret = "identity", True, True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        label = fields.String(load_default="")

    class Reply(Message):
        account = nested(TechnicalAccount, required=True)
        client_secret = fields.String(required=True)
        password = fields.String(required=True)
        secret_expires_at = fields.Instant()
