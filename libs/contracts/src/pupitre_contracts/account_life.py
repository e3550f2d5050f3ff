"""What identity promises about the life of an account: second factor, secret question, deactivation, reactivation, erasure, and the
sollicitation to the support that needs no account.
"""

from .identity_values import User
from .message import Call, Event, Message, fields, nested


class UserDeactivated(Event):
    """A person closed his account (R050); he can reopen it by a link in a mail until ``until``, exclusive (R054)."""

    name, version, owner, subject_field = "user.deactivated", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)
    until = fields.Instant(required=True)


class UserReactivated(Event):
    """A deactivated account is open again, with a new password (R055)."""

    name, version, owner, subject_field = "user.reactivated", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)


class UserErased(Event):
    """A person's data are gone; what is left is the identifier that histories name. Whoever holds data of his deletes them."""

    name, version, owner, subject_field = "user.erased", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)


class SecondFactorEnabled(Event):
    """Signing in to an account asks for a code too from now on."""

    name, version, owner, subject_field = "second_factor.enabled", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)


class SecondFactorDisabled(Event):
    """Signing in asks for no code any more; ``disabled_by`` is the person himself or an operator."""

    name, version, owner, subject_field = "second_factor.disabled", 1, "identity", "user_id"

    user_id = fields.UUID(required=True)
    disabled_by = fields.String(required=True)


class SupportSollicitationSent(Event):
    """Somebody wrote to the support of the platform; what he wrote is in no event."""

    name, version, owner, subject_field = "support_sollicitation.sent", 1, "identity", "sollicitation_id"

    sollicitation_id = fields.UUID(required=True)
    number = fields.Integer(required=True)


class Successor(Message):
    """A user whom a gestionnaire principal may hand his role over to."""

    user_id = fields.UUID(required=True)
    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    email = fields.String(required=True)
    postal_code = fields.String()
    city = fields.String()


class Succession(Message):
    """Who becomes gestionnaire principal of a structure."""

    structure_id = fields.UUID(required=True)
    user_id = fields.UUID(required=True)


class Sollicitation(Message):
    """What somebody wrote to the support."""

    sollicitation_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    name = fields.String(required=True)
    email = fields.String(required=True)
    message = fields.String(required=True)
    language = fields.String(required=True)
    sent_at = fields.Instant(required=True)


class FindSuccessors(Call):
    """Search users who can sign in, by name, postal address or e-mail (R053): every word of a criterion must occur. Criteria narrow.

    ``user_ids`` looks up users who were found before. Users who are gestionnaire principal of a structure; the caller himself is left
    out. Errors: forbidden; invalid for less than three characters of search.
    """

    service = "identity"

    class Request(Message):
        name = fields.String()
        address = fields.String()
        email = fields.String()
        user_ids = fields.List(fields.UUID())
        page = fields.Integer(load_default=1, strict=True)
        page_size = fields.Integer(load_default=10, strict=True)

    class Reply(Message):
        users = nested(Successor, many=True, required=True)
        total = fields.Integer(required=True)


class DeactivateAccount(Call):
    """Close the calling user's account (R050): every session ends at once, and mails other than those about the account stop.

    ``successors`` names who takes over each structure of which he is gestionnaire principal (R052): all roles pass on together, and
    the account closes after that, or nothing happens. ``done`` is false when organisation does not answer: the request is kept and
    carried out as soon as it does. Errors: organisation.successors-needed, organisation.successor-by-operator (public structures,
    R026), not-found for a successor who cannot sign in, conflict.
    """

    service, writes = "identity", True

    class Request(Message):
        successors = nested(Succession, many=True, required=True)

    class Reply(Message):
        done = fields.Boolean(required=True)
        until = fields.Instant()


class AskReactivation(Call):
    """Have a link sent that reopens a deactivated account (R054). The answer is the same for every address.

    Nothing is sent after the 60 days. Errors: identity.too-many-tries.
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        email = fields.String(required=True)
        network = fields.String(required=True)

    class Reply(Message):
        pass


class DescribeLink(Call):
    """What the page of a link must ask for: ``question`` where the account has a secret question, ``wants_question`` where
    one is to be chosen. Uses nothing up. Errors: identity.link-refused, identity.reactivation-over.
    """

    service, anonymous, secret = "identity", True, True

    class Request(Message):
        link = fields.String(required=True)

    class Reply(Message):
        purpose = fields.String(required=True)
        question = fields.String()
        wants_question = fields.Boolean(required=True)


class ReactivateAccount(Call):
    """Reopen a deactivated account by way of a link, with a new password (R055). Signs nobody in.

    Where secret questions are the policy, ``answer`` to the former one is needed, and ``question`` and ``new_answer`` replace it.
    Errors: identity.link-refused, identity.reactivation-over after 60 days, identity.password-too-weak (the former one too),
    identity.answer-wrong, invalid.
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        link = fields.String(required=True)
        password = fields.String(required=True)
        answer = fields.String()
        question = fields.String()
        new_answer = fields.String()

    class Reply(Message):
        email = fields.String(required=True)


class ReopenAccount(Call):
    """Have a link sent that reopens an account deactivated for more than 60 days and not erased yet (R056). Operators.

    Errors: forbidden, not-found.
    """

    service, writes = "identity", True

    class Request(Message):
        email = fields.String(required=True)

    class Reply(Message):
        pass


class SetSecretQuestion(Call):
    """Replace the calling user's secret question and answer (R029). Only where the policy asks for them.

    Errors: identity.password-wrong, identity.too-many-tries, forbidden (no such policy here), invalid.
    """

    service, writes, secret = "identity", True, True

    class Request(Message):
        current = fields.String(required=True)
        question = fields.String(required=True)
        answer = fields.String(required=True)
        network = fields.String(required=True)

    class Reply(Message):
        pass


class StartSecondFactor(Call):
    """Give the calling user a key for his authenticator (RFC 6238); it counts from ConfirmSecondFactor on.

    Errors: identity.password-wrong, identity.too-many-tries, conflict (there is one already).
    """

    service, writes, secret = "identity", True, True

    class Request(Message):
        current = fields.String(required=True)
        network = fields.String(required=True)

    class Reply(Message):
        pass


class PendingSecondFactor(Call):
    """The key that the calling user is to enter or scan, until he confirms it. Errors: not-found."""

    service, secret = "identity", True

    class Request(Message):
        pass

    class Reply(Message):
        key = fields.String(required=True)
        uri = fields.String(required=True)


class ConfirmSecondFactor(Call):
    """Turn the second factor on with a first code; every other session ends. The recovery codes are in this reply and nowhere else.

    Errors: identity.code-wrong, identity.too-many-tries, not-found (none was started), conflict.
    """

    service, writes, secret = "identity", True, True

    class Request(Message):
        code = fields.String(required=True)
        session = fields.String(required=True)
        network = fields.String(required=True)

    class Reply(Message):
        recovery_codes = fields.List(fields.String(), required=True)


class RenewRecoveryCodes(Call):
    """Replace every recovery code by new ones, shown once. Errors: identity.password-wrong, identity.too-many-tries, not-found."""

    service, writes, secret = "identity", True, True

    class Request(Message):
        current = fields.String(required=True)
        network = fields.String(required=True)

    class Reply(Message):
        recovery_codes = fields.List(fields.String(), required=True)


class DisableSecondFactor(Call):
    """Turn the calling user's second factor off. Errors: identity.password-wrong, identity.too-many-tries, not-found."""

    service, writes, secret = "identity", True, True

    class Request(Message):
        current = fields.String(required=True)
        network = fields.String(required=True)

    class Reply(Message):
        pass


class RemoveSecondFactor(Call):
    """Turn a user's second factor off, who lost his authenticator and his recovery codes. Operators. Errors: forbidden, not-found."""

    service, writes = "identity", True

    class Request(Message):
        email = fields.String(required=True)

    class Reply(Message):
        pass


class SignInWithCode(Call):
    """Second step of a sign-in: ``challenge`` came with identity.second-factor-needed, ``code`` is the authenticator's or a recovery
    code, each of which serves once. Errors: identity.code-wrong, identity.sign-in-expired, identity.too-many-tries.
    """

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        challenge = fields.String(required=True)
        code = fields.String(required=True)
        network = fields.String(required=True)
        agent = fields.String()

    class Reply(Message):
        session = fields.String(required=True)
        user = nested(User, required=True)


class AskSupport(Call):
    """Write to the support, signed in or not (R056). ``number`` is the reference for people. Errors: invalid, identity.too-many-tries."""

    service, anonymous, writes, secret = "identity", True, True, True

    class Request(Message):
        name = fields.String(required=True)
        email = fields.String(required=True)
        message = fields.String(required=True)
        language = fields.Choice("fr", "en", load_default="fr")
        network = fields.String(required=True)

    class Reply(Message):
        number = fields.Integer(required=True)


class SollicitationToSend(Call):
    """What a mail to the support must say. For the service that sends mails alone. Errors: forbidden, not-found."""

    service = "identity"

    class Request(Message):
        sollicitation_id = fields.UUID(required=True)

    class Reply(Message):
        sollicitation = nested(Sollicitation, required=True)


class ListSollicitations(Call):
    """What was written to the support, newest first. For operators."""

    service = "identity"

    class Request(Message):
        limit = fields.Integer(load_default=100, strict=True)

    class Reply(Message):
        sollicitations = nested(Sollicitation, many=True, required=True)
