"""What organisation promises about the accounts that a structure is paid on (R086 to R089).

Account numbers travel in these calls alone: no event, log line or mail holds one. "MODIFICATION of organisation" is said of the
gestionnaire principal and of users with that habilitation.
"""

from .message import Call, Message, fields, nested
from .structure_values import Account, AccountFile, BankDetails, BankDetailsSummary, Factor

__all__ = [
    "Account",
    "AccountFile",
    "AddBankDetails",
    "BankDetails",
    "BankDetailsSummary",
    "ChangeBankDetails",
    "Factor",
    "GetAccountToPay",
    "GetBankDetails",
    "ListBankDetails",
    "RemoveBankDetails",
]


class ListBankDetails(Call):
    """List the bank details in use, by name, for a deposit to name where to be paid (R086); account numbers are masked.

    Users attached to the structure, its technical accounts, operators, services. Errors: not-found, for everybody else too.
    """

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)

    class Reply(Message):
        bank_details = nested(BankDetailsSummary, many=True, required=True)


class GetBankDetails(Call):
    """Read bank details whole. MODIFICATION of organisation, or operator. Errors: forbidden, not-found."""

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)
        bank_details_id = fields.UUID(required=True)

    class Reply(Message):
        bank_details = nested(BankDetails, required=True)


class GetAccountToPay(Call):
    """Read the account that an invoice asks to be paid on, whole: for the service that writes the invoice of somebody who may deposit
    for the structure. A RIB is given as the IBAN that it stands for. ``payee`` is the factor that is paid in place of the structure.

    Services, operators. Errors: forbidden, not-found.
    """

    service = "organisation"

    class Request(Message):
        structure_id = fields.UUID(required=True)
        bank_details_id = fields.UUID(required=True)

    class Reply(Message):
        iban = fields.String(required=True)
        bic = fields.String()
        holder = fields.String(required=True)
        payee = fields.String()


class AddBankDetails(Call):
    """Keep an account with its RIB file, which is in the blob store already (R088, R089).

    Faults of the account come by block (``country``, ``key``, ``national``, ``bic``, ``bank``, ``branch``, ``number``), those of the
    factor as ``factor_…``. MODIFICATION of organisation, or operator. Errors: forbidden, not-found, invalid,
    organisation.bank-details-exist (the name is taken), organisation.too-many-kept.
    """

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        name = fields.String(required=True)
        account = nested(Account, required=True)
        factor = nested(Factor)
        file = nested(AccountFile)

    class Reply(Message):
        bank_details = nested(BankDetailsSummary, required=True)


class ChangeBankDetails(Call):
    """Replace what is kept of an account; an absent ``file`` keeps the present one (R089). Errors: as adding, and conflict."""

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        bank_details_id = fields.UUID(required=True)
        version = fields.Integer(required=True)
        name = fields.String(required=True)
        account = nested(Account, required=True)
        factor = nested(Factor)
        file = nested(AccountFile)

    class Reply(Message):
        bank_details = nested(BankDetailsSummary, required=True)


class RemoveBankDetails(Call):
    """Take bank details out of use. MODIFICATION of organisation, or operator. Errors: forbidden, not-found."""

    service, writes = "organisation", True

    class Request(Message):
        structure_id = fields.UUID(required=True)
        bank_details_id = fields.UUID(required=True)

    class Reply(Message):
        pass
