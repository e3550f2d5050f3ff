"""The lifecycle of the ordinary invoice, as a table of the engine that plugins' tables run on too (``pupitre_espaces.lifecycle``).

The engine knows no status by name. An invoice carries the name of the table that was in force when it was made; the
ordinary invoice is one table (B.2), and others are added beside it, each valid from a date. What is not in the table is
refused, and what comes too late for it is kept in the history. What plugins put before it is in :mod:`circuits`.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from pupitre_contracts import errors
from pupitre_espaces import lifecycle as engine
from pupitre_espaces import statuses
from pupitre_espaces.lifecycle import Need, Transition

__all__ = ["INVOICE", "LABELS", "LIFECYCLES", "Lifecycle", "Transition", "check_condition", "check_motive", "in_force"]


class Lifecycle(engine.Lifecycle):
    """A table of the portal's own, with the portal's errors: one row leads from a status to another.

    In its rows ``call`` is "move" for a change of status and nothing else, or the name of the call that also does something to
    the invoice, and ``condition`` is what the actor must state: "mandat-refused", that the accountant refused the payment order.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._rows = {(row.source, row.target): row for row in self.transitions}
        if len(self._rows) != len(self.transitions):
            raise ValueError(f"the lifecycle {self.name} names a transition twice")

    def transition(self, status: str, target: str, call: str = "move") -> Transition:
        """Return the row from ``status`` to ``target``. Raises TransitionForbidden when there is none for this call."""
        row = self._rows.get((status, target))
        if row is None or row.call != call:
            forbid(status, target, [each.target for each in self.transitions if each.source == status and each.call == call])
        return row

    def overtaken_by(self, status: str, target: str) -> str | None:
        """Tell whose message ``target`` is, when an invoice at ``status`` has overtaken it: it is there already, has gone
        further on the ladder, or has ended. None when the move is possible, or was never any (P12)."""
        if (status, target) in self._rows or not (status in self.final or status in self.ladder or status == target):
            return None
        return next((row.who for row in self.transitions if row.target == target and row.call == "move"), None)


def forbid(status: str, target: str, possible: Iterable[str]) -> None:
    """Raise TransitionForbidden, which names what is possible."""
    raise errors.TransitionForbidden(status_from=status, status_to=target, allowed=", ".join(possible) or "aucun / none")


def check_motive(transition: Transition, motive: str | None) -> str | None:
    """Return the motive, trimmed. Raises MotiveMissing where the row demands one."""
    given = (motive or "").strip() or None
    if transition.motive == "required" and given is None:
        raise errors.MotiveMissing(status_to=transition.target)
    return given


def check_condition(transition: Transition, mandat_refused: bool) -> None:
    """Raise MandatNotRefused where the row demands the statement that the accountant refused the payment order (B.2)."""
    if transition.condition == "mandat-refused" and not mandat_refused:
        raise errors.MandatNotRefused(status_from=transition.source, status_to=transition.target)


def in_force(kind: str, day: datetime.date, tables: "Iterable[engine.Lifecycle] | None" = None) -> engine.Lifecycle:
    """Return the newest table of a kind that is valid on ``day``: the one that an object made that day follows to its end."""
    return engine.in_force(kind, day, LIFECYCLES.values() if tables is None else tables)


def _rows(
    sources: Iterable[str], targets: Iterable[str], who: str, motive: Need = "none", condition: str = ""
) -> list[Transition]:
    return [Transition(source, target, who, motive, condition=condition) for source in sources for target in targets]


def _ladder(openings: tuple[str, ...], steps: tuple[str, ...], who: str) -> list[Transition]:
    """Every step may be skipped, none is taken backwards."""
    rows = _rows(openings, steps, who, "optional")
    for index, step in enumerate(steps):
        rows += _rows([step], steps[index + 1 :], who, "optional")
    return rows


#: Where the recipient starts to work on an invoice.
AVAILABLE = ("MISE_A_DISPOSITION", "COMPLETEE")
LADDER = (
    "PRISE_EN_COMPTE_DESTINATAIRE",
    "SERVICE_FAIT",
    "MANDATEE",
    "MISE_A_DISPOSITION_COMPTABLE",
    "COMPTABILISEE",
    "MISE_EN_PAIEMENT",
)
RETURNS = ("SUSPENDUE", "A_RECYCLER", "REJETEE")
#: From here an invoice may still go back; once COMPTABILISEE it cannot.
_RETURNABLE = (*AVAILABLE, *LADDER[:2])
#: From here only because the accountant refused the payment order.
ORDERED = LADDER[2:4]

#: The passages that lead to payment, before which espaces of the recipient are asked.
PAYING = LADDER[2:]

#: What an ordinary invoice follows: the version of this lifecycle in force on the day it is made (B.2).
INVOICE_KIND = "invoice"
INVOICE = Lifecycle(
    INVOICE_KIND,
    [
        Transition(None, "BROUILLON", "supplier", call="prepare"),
        Transition("BROUILLON", "DEPOSEE", "supplier", call="send"),
        Transition("BROUILLON", "SUPPRIMEE", "supplier", call="delete"),
        Transition(None, "DEPOSEE", "supplier", call="flux"),
        Transition("DEPOSEE", "MISE_A_DISPOSITION", "system", call="route"),
        *_ladder(AVAILABLE, LADDER, "recipient"),
        *_rows(_RETURNABLE, RETURNS, "recipient", "required"),
        *_rows(ORDERED, RETURNS, "recipient", "required", "mandat-refused"),
        Transition("SUSPENDUE", "COMPLETEE", "supplier", documents=True),
        Transition("A_RECYCLER", "DEPOSEE", "supplier", call="recycle"),
        *_rows(("SUSPENDUE", "A_RECYCLER"), ("ABANDONNEE",), "supplier", "required"),
    ],
    ladder=LADDER,
)

LIFECYCLES = {table.name: table for table in (INVOICE,)}

#: Counted as a status of its own: a rejected invoice that its supplier has not done with (B.3).
UNTREATED = "REJETEE, untreated"
#: Invoices that wait for somebody, by side (R167); of the supplier also those that are UNTREATED.
TO_DO = {
    "issued": ("BROUILLON", "A_RECYCLER", "SUSPENDUE"),
    "received": (*AVAILABLE, "PRISE_EN_COMPTE_DESTINATAIRE", "SERVICE_FAIT"),
}

#: What its supplier acknowledges when it comes back (B.3), and when that becomes compulsory (B.8).
TO_ACKNOWLEDGE = ("REJETEE", "SUSPENDUE")
COMPULSORY_AFTER = datetime.timedelta(days=7)

#: French and English names of the statuses of the reference, shown to people; plugins' tables may have others (``circuits.label``).
LABELS = {code: (label.fr, label.en) for code, label in statuses.LABELS.items()}
