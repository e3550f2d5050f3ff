"""What organisation's calls about a structure's own affairs are made of: its sheet, requests, bank details."""

from .message import Message, fields, nested

REQUEST_KINDS = ("CREATION", "ACTIVATION", "INACTIVATION")
REQUEST_STATES = ("DEMANDE", "APPROUVE", "REFUSE")
SIRENE_STATES = ("ACTIF", "FERME", "INCONNU", "SANS_SOURCE")
RATINGS = ("UP", "DOWN")
ACCOUNT_KINDS = ("IBAN", "RIB")


class Person(Message):
    """Somebody as others see him: the gestionnaire principal of a structure (R067), the author of a request (R068)."""

    given_name = fields.String(required=True)
    family_name = fields.String(required=True)
    email = fields.String(required=True)


class StructureRequest(Message):
    """A request to create, activate or inactivate a structure: who asked, when, why, and what became of it (R068).

    ``sirene_state`` is what the register said of the SIRET at that moment; ``rating`` is the requester's thumb (R069). ``mine`` tells the
    reader that he asked.
    """

    request_id = fields.UUID(required=True)
    number = fields.Integer(required=True)
    kind = fields.Choice(*REQUEST_KINDS, required=True)
    state = fields.Choice(*REQUEST_STATES, required=True)
    structure_id = fields.UUID()
    identifier = fields.String(required=True)
    structure_name = fields.String(required=True)
    motive = fields.String()
    sirene_state = fields.Choice(*SIRENE_STATES, required=True)
    asked_by = fields.String(required=True)
    requester = nested(Person)
    asked_at = fields.Instant(required=True)
    decided_by = fields.String()
    decided_at = fields.Instant()
    decision_motive = fields.String()
    rating = fields.Choice(*RATINGS)
    mine = fields.Boolean(required=True)


class FieldChange(Message):
    """One field that was changed; an absent value was, or is now, empty."""

    field = fields.String(required=True)
    before = fields.String()
    after = fields.String()


class Factor(Message):
    """The factoring company that is paid in place of the structure (R089)."""

    name = fields.String(required=True)
    country = fields.String(required=True)
    identifier_type = fields.String(required=True)
    identifier = fields.String(required=True)


class Account(Message):
    """An account to be paid on, block by block (R088).

    IBAN: ``country``, ``key`` (2), ``national`` part, ``bic`` (8 or 11). RIB: ``country``, ``bank`` (5), ``branch`` (5),
    ``number`` (11), ``key`` (2).
    """

    kind = fields.Choice(*ACCOUNT_KINDS, required=True)
    country = fields.String(load_default="FR")
    key = fields.String(required=True)
    national = fields.String()
    bic = fields.String()
    bank = fields.String()
    branch = fields.String()
    number = fields.String()


class AccountFile(Message):
    """The RIB file, in the blob store."""

    name = fields.String(required=True)
    mime = fields.String(required=True)
    size = fields.Integer(required=True, strict=True)
    sha256 = fields.String(required=True)


class BankDetailsSummary(Message):
    """Bank details as a list shows them: ``masked`` keeps the beginning and the last four characters of the account."""

    bank_details_id = fields.UUID(required=True)
    portal_number = fields.Integer(required=True)
    name = fields.String(required=True)
    kind = fields.Choice(*ACCOUNT_KINDS, required=True)
    masked = fields.String(required=True)
    factor_name = fields.String()
    version = fields.Integer(required=True)


class BankDetails(BankDetailsSummary):
    """Bank details whole, for those who keep them."""

    account = nested(Account, required=True)
    factor = nested(Factor)
    file = nested(AccountFile, required=True)
