"""Cadres of ordinary invoices that others must validate before the recipient has them."""

from __future__ import annotations

from dataclasses import dataclass

from .checks import require, require_types
from .lifecycle import AT_ONCE, SYSTEM, Lifecycle, Transition
from .requests import Role
from .values import Label

#: The role of who deposits an invoice, and the status in which the recipient begins with it: the portal's own lifecycle goes on there.
SUPPLIER, HANDED = "supplier", "DEPOSEE"


@dataclass(frozen=True, slots=True)
class InvoiceCadre:
    """A cadre de facturation of *Factures émises* with validation before the invoice goes to its recipient.

    `prelude` are the passages from sending (source None) up to `HANDED`; from there the invoice follows the portal's own lifecycle, and the
    délai global de paiement begins. `roles` are those who validate, each named by the supplier; `SUPPLIER` is who deposits.
    """

    code: str
    label: Label
    roles: tuple[Role, ...]
    prelude: Lifecycle
    #: Keys of the roles that must be named before it is sent; the others may be.
    needs: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_types(self, code=str, label=Label, prelude=Lifecycle)
        require(self.code.isalnum() and len(self.code) <= 20, f"{self.code!r} is not the code of a cadre")
        object.__setattr__(self, "roles", tuple(self.roles))
        object.__setattr__(self, "needs", tuple(self.needs))
        keys = {each.key for each in self.roles}
        require(bool(keys), f"the cadre {self.code} has nobody who validates")
        require(set(self.needs) <= keys, f"the cadre {self.code} needs unknown roles")
        for row in self.prelude.transitions:
            require(
                row.who in keys | {SUPPLIER, SYSTEM}, f"the prelude of {self.code} names the unknown role {row.who!r}"
            )
            require(row.source != HANDED, f"what follows {HANDED} is the portal's own")
            require(row.corrects <= keys, f"the prelude of {self.code} corrects unknown roles")
        require(
            any(row.source is None for row in self.prelude.transitions), f"the prelude of {self.code} has no beginning"
        )
        require(
            any(row.target == HANDED for row in self.prelude.transitions),
            f"the prelude of {self.code} never hands over",
        )

    @property
    def begins(self) -> Transition:
        """The row by which sending takes the invoice out of the draft."""
        return next(row for row in self.prelude.transitions if row.source is None)

    @property
    def statuses(self) -> frozenset[str]:
        """The statuses in which the recipient does not see the invoice yet."""
        return self.prelude.statuses - {HANDED}


__all__ = ["AT_ONCE", "HANDED", "SUPPLIER", "InvoiceCadre"]
