"""The bank details that the fake organisation knows."""

import uuid
from typing import Any

from pupitre_contracts import bank_details, errors

IBAN = "FR7630006000011234567890189"


class FakeAccounts:
    """Bank details by structure; every account is the same one."""

    def __init__(self) -> None:
        self._kept: dict[uuid.UUID, list[bank_details.BankDetailsSummary]] = {}

    def add(self, structure: Any, name: str = "Compte courant") -> Any:
        """Give a structure bank details."""
        masked = f"{IBAN[:4]} •••• {IBAN[-4:]}"
        values = {"bank_details_id": uuid.uuid4(), "portal_number": 1, "name": name, "kind": "IBAN", "masked": masked, "version": 1}
        made = bank_details.BankDetailsSummary(**values)
        self._kept.setdefault(structure.structure_id, []).append(made)
        return made

    def replies(self) -> dict[Any, Any]:
        return {bank_details.ListBankDetails: self._list, bank_details.GetAccountToPay: self._whole}

    def _list(self, request: Any, scope: Any) -> Any:
        return {"bank_details": self._kept.get(request.structure_id, [])}

    def _whole(self, request: Any, scope: Any) -> Any:
        if request.bank_details_id not in {each.bank_details_id for each in self._kept.get(request.structure_id, [])}:
            raise errors.NotFound(what="bank_details")
        return {"iban": IBAN, "bic": "AGRIFRPP882", "holder": "Fournitures du Quai"}
