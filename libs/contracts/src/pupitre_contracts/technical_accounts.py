"""What identity promises about the secrets of technical accounts: their life, their renewal, and who is told (R233 to R239)."""

from .identity_values import TechnicalAccount
from .message import Call, Event, Message, fields, nested

SECRET_KINDS = ("password", "client_secret")
"""``password`` goes with the login in the ``cpro-account`` header, ``client_secret`` with the client id at the token endpoint."""

MOST_OVERLAP_DAYS = 30


class TechnicalSecretRenewed(Event):
    """New secrets replaced those of a technical account; they are in no event.

    ``how`` is ``reset`` when the former ones were void at once (R237), ``rotation`` when they are good until ``former_until``.
    """

    name, version, owner, subject_field = "technical_secret.renewed", 1, "identity", "technical_account_id"

    technical_account_id = fields.UUID(required=True)
    structure_id = fields.UUID(required=True)
    login = fields.String(required=True)
    label = fields.String()
    kinds = fields.List(fields.Choice(*SECRET_KINDS), required=True)
    how = fields.Choice("reset", "rotation", required=True)
    former_until = fields.Instant()
    expires_at = fields.Instant(required=True)
    renewed_by = fields.String(required=True)


class TechnicalSecretExpiryAnnounced(Event):
    """Secrets of a technical account will expire in ``days`` days (30, 15, 7, 1), or have expired (0). Each is announced once."""

    name, version, owner, subject_field = "technical_secret_expiry.announced", 1, "identity", "technical_account_id"

    technical_account_id = fields.UUID(required=True)
    structure_id = fields.UUID(required=True)
    login = fields.String(required=True)
    label = fields.String()
    kinds = fields.List(fields.Choice(*SECRET_KINDS), required=True)
    days = fields.Integer(required=True)
    expires_at = fields.Instant(required=True)


class TechnicalAccountRevoked(Event):
    """A technical account opens nothing any more, and will not again."""

    name, version, owner, subject_field = "technical_account.revoked", 1, "identity", "technical_account_id"

    technical_account_id = fields.UUID(required=True)
    structure_id = fields.UUID(required=True)
    login = fields.String(required=True)
    revoked_by = fields.String(required=True)


class TechnicalSecret(Message):
    """A secret that still opens something or has expired. ``ends_at`` is set for one that was replaced and overlaps."""

    kind = fields.Choice(*SECRET_KINDS, required=True)
    issued_at = fields.Instant(required=True)
    expires_at = fields.Instant(required=True)
    ends_at = fields.Instant()
    expired = fields.Boolean(required=True)


class ManagedAccount(Message):
    """A technical account as its gestionnaire principal sees it. ``version`` counts its renewals."""

    account = nested(TechnicalAccount, required=True)
    active = fields.Boolean(required=True)
    version = fields.Integer(required=True)
    created_at = fields.Instant(required=True)
    secrets = nested(TechnicalSecret, many=True, required=True)


class ListTechnicalAccounts(Call):
    """The technical accounts of structures, revoked ones included, by number (R239). Never a secret.

    Only the gestionnaire principal of each, or an operator. Errors: forbidden; not-found for a structure that the caller is not
    attached to.
    """

    service = "identity"

    class Request(Message):
        structure_ids = fields.List(fields.UUID(), required=True)

    class Reply(Message):
        accounts = nested(ManagedAccount, many=True, required=True)


class RenewTechnicalSecrets(Call):
    """Replace secrets of a technical account; the new ones are in this reply and nowhere else (R235).

    With ``overlap_days`` 0 the former ones are refused at once (R237), with up to 30 they stay good that long, so that systems can
    be changed without an outage; of each kind at most two are good at a time. Only the structure's gestionnaire principal (R126), or an
    operator. Errors: forbidden; not-found; conflict when ``version`` is not the present one, or the account is revoked; invalid.
    """

    service, writes, secret = "identity", True, True

    class Request(Message):
        technical_account_id = fields.UUID(required=True)
        kinds = fields.List(fields.Choice(*SECRET_KINDS), required=True)
        overlap_days = fields.Integer(load_default=0, strict=True)
        version = fields.Integer(required=True, strict=True)

    class Reply(Message):
        account = nested(TechnicalAccount, required=True)
        password = fields.String()
        client_secret = fields.String()
        former_until = fields.Instant()
        secret_expires_at = fields.Instant(required=True)


class RevokeTechnicalAccount(Call):
    """End a technical account for good: its secrets and tokens are refused from the next request on.

    Only the structure's gestionnaire principal, or an operator. Errors: forbidden; not-found; conflict as for a renewal.
    """

    service, writes = "identity", True

    class Request(Message):
        technical_account_id = fields.UUID(required=True)
        version = fields.Integer(required=True, strict=True)

    class Reply(Message):
        pass


class TakeConnectionData(Call):
    """Take the connection data of secrets that were just shown away as a file, once (R238).

    The caller proves that he holds them; what is exported a second time is refused. Only the structure's gestionnaire principal, or an
    operator. Errors: forbidden; not-found; identity.account-refused for a secret that is not good; identity.already-exported.
    """

    service, writes, secret = "identity", True, True

    class Request(Message):
        technical_account_id = fields.UUID(required=True)
        password = fields.String()
        client_secret = fields.String()

    class Reply(Message):
        account = nested(TechnicalAccount, required=True)
        secret_expires_at = fields.Instant(required=True)


class GetGestionnairePrincipal(Call):
    """Who is gestionnaire principal of a structure, absent when nobody is. For services. Errors: not-found."""

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        structure_name = fields.String(required=True)
        user_id = fields.UUID()
