"""Cadres of ordinary invoices that others must validate before the recipient has them."""

from __future__ import annotations

from dataclasses import dataclass

from .checks import require, require_types
from .lifecycle import AT_ONCE, SYSTEM, Lifecycle, Transition
from .parties import Role
from .values import Label

#: The role of who deposits an invoice, and the status in which the recipient begins with it: the portal's own lifecycle goes on there.
SUPPLIER, HANDED = "supplier", "DEPOSEE"
#: The one who is to have the invoice in the end: he has no part in the prelude, but a row may tell him of it (`Transition.tells`).
RECIPIENT = "recipient"


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
    #: Preludes of before, for invoices that were sent under them: each goes on under its own to the end.
    earlier: tuple[Lifecycle, ...] = ()

    def __post_init__(self) -> None:
        require_types(self, code=str, label=Label, prelude=Lifecycle)
        require(self.code.isalnum() and len(self.code) <= 20, f"{self.code!r} is not the code of a cadre")
        for name in ("roles", "needs", "earlier"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        keys = [each.key for each in self.roles]
        require(bool(keys), f"the cadre {self.code} has nobody who validates")
        require(len(set(keys)) == len(keys), f"the cadre {self.code} names a role twice")
        require(
            not {SUPPLIER, RECIPIENT} & set(keys), f"the cadre {self.code}: supplier and recipient are the portal's"
        )
        for role in self.roles:
            plain = not role.several and role.sees_lines
            require(plain, f"the cadre {self.code}: one structure is {role.key}, and sees the whole invoice")
        require(set(self.needs) <= set(keys), f"the cadre {self.code} needs unknown roles")
        names = [each.name for each in (self.prelude, *self.earlier)]
        require(len(set(names)) == len(names), f"two preludes of {self.code} have one name")
        for table in (self.prelude, *self.earlier):
            self._check(table, frozenset(keys))

    def _check(self, table: Lifecycle, keys: frozenset[str]) -> None:
        where = f"the prelude {table.name} of {self.code}"
        for row in table.transitions:
            require(row.who in keys | {SUPPLIER, SYSTEM}, f"{where} names the unknown role {row.who!r}")
            require(row.source != HANDED, f"what follows {HANDED} is the portal's own")
            require(row.corrects | row.if_named <= keys, f"{where} corrects or depends on unknown roles")
            require(row.tells <= {RECIPIENT}, f"{where}: those with a role are told anyway, the others are nobody")
        require(any(row.source is None for row in table.transitions), f"{where} has no beginning")
        require(any(row.target == HANDED for row in table.transitions), f"{where} never hands over")
        for status in table.statuses:
            for named in (frozenset[str](), keys):
                list(table.at_once(status, self.code, named))

    @property
    def begins(self) -> Transition:
        """The row by which sending takes the invoice out of the draft."""
        return next(row for row in self.prelude.transitions if row.source is None)

    @property
    def statuses(self) -> frozenset[str]:
        """The statuses in which the recipient does not see the invoice yet."""
        return self.prelude.statuses - {HANDED}

    def role(self, key: str) -> Role:
        """Return the role of that key. Raises KeyError."""
        found = next((each for each in self.roles if each.key == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def table(self, name: str) -> Lifecycle:
        """Return the prelude of that name, of now or of before. Raises KeyError."""
        found = next((each for each in (self.prelude, *self.earlier) if each.name == name), None)
        if found is None:
            raise KeyError(name)
        return found


__all__ = ["AT_ONCE", "HANDED", "RECIPIENT", "SUPPLIER", "InvoiceCadre"]
