"""The lifecycle engine: tables of transitions, read by everybody, written here as data.

The engine knows no status by name. An invoice carries the name of the table that was in force when it was made; the
ordinary invoice is one table (B.2), and others are added beside it, each valid from a date. What is not in the table is
refused, and what comes too late for it is kept in the history.
"""

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pupitre_contracts import errors

Who = Literal["supplier", "recipient", "system"]
Motive = Literal["required", "optional", "none"]
Condition = Literal["", "mandat-refused"]


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: ``who`` may take an invoice from ``source`` to ``target``.

    ``call`` is the call that makes it: "move" for a change of status and nothing else, or the name of the call that
    also does something to the invoice. ``documents`` tells whether files may be added with it. ``condition`` is what the
    actor must state: "mandat-refused", that the accountant refused the payment order.
    """

    source: str | None
    target: str
    who: Who
    motive: Motive = "none"
    call: str = "move"
    documents: bool = False
    condition: Condition = ""


class Lifecycle:
    """The transitions of one kind of object. ``ladder`` lists the statuses of processing in their order, first to
    last. ``kind`` is what it is a version of, and ``valid_from`` the day from which new objects follow it."""

    def __init__(
        self,
        name: str,
        transitions: Iterable[Transition],
        ladder: tuple[str, ...] = (),
        *,
        kind: str | None = None,
        valid_from: datetime.date = datetime.date.min,
    ) -> None:
        self.name, self.kind, self.valid_from = name, kind or name, valid_from
        self.transitions = tuple(transitions)
        self.ladder = ladder
        self._rows = {(row.source, row.target): row for row in self.transitions}
        if len(self._rows) != len(self.transitions):
            raise ValueError(f"the lifecycle {name} names a transition twice")

    @property
    def statuses(self) -> frozenset[str]:
        return frozenset(row.target for row in self.transitions)

    @property
    def final(self) -> frozenset[str]:
        """Return the statuses that nothing leaves."""
        return self.statuses - {row.source for row in self.transitions}

    def allowed(self, status: str, who: Iterable[str], call: str | None = None) -> tuple[Transition, ...]:
        """Return what ``who`` may do from ``status``, in the order of the table; ``call`` narrows it to one call."""
        sides = frozenset(who)
        return tuple(
            row for row in self.transitions if row.source == status and row.who in sides and call in (None, row.call)
        )

    def transition(self, status: str, target: str, call: str = "move") -> Transition:
        """Return the row from ``status`` to ``target``. Raises TransitionForbidden when there is none for this call."""
        row = self._rows.get((status, target))
        if row is None or row.call != call:
            possible = [each.target for each in self.transitions if each.source == status and each.call == call]
            raise errors.TransitionForbidden(
                status_from=status, status_to=target, allowed=", ".join(possible) or "aucun / none"
            )
        return row

    def overtaken_by(self, status: str, target: str) -> Who | None:
        """Tell whose message ``target`` is, when an invoice at ``status`` has overtaken it: it is there already, has gone
        further on the ladder, or has ended. None when the move is possible, or was never any (P12)."""
        if (status, target) in self._rows or not (status in self.final or status in self.ladder or status == target):
            return None
        return next((row.who for row in self.transitions if row.target == target and row.call == "move"), None)


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


def in_force(kind: str, day: datetime.date, tables: "Iterable[Lifecycle] | None" = None) -> Lifecycle:
    """Return the newest table of a kind that is valid on ``day``: the one that an object made that day follows to its end."""
    known = LIFECYCLES.values() if tables is None else tables
    return max((each for each in known if each.kind == kind and each.valid_from <= day), key=lambda each: each.valid_from)


def _rows(
    sources: Iterable[str], targets: Iterable[str], who: Who, motive: Motive = "none", condition: Condition = ""
) -> list[Transition]:
    return [Transition(source, target, who, motive, condition=condition) for source in sources for target in targets]


def _ladder(openings: tuple[str, ...], steps: tuple[str, ...], who: Who) -> list[Transition]:
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

INVOICE = Lifecycle(
    "invoice",
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

#: French and English names of the statuses, shown to people.
LABELS = {
    "BROUILLON": ("Brouillon", "Draft"),
    "DEPOSEE": ("Déposée", "Deposited"),
    "MISE_A_DISPOSITION": ("Mise à disposition du destinataire", "Made available to the recipient"),
    "A_RECYCLER": ("À recycler", "To be recycled"),
    "SUSPENDUE": ("Suspendue", "Suspended"),
    "COMPLETEE": ("Complétée", "Completed"),
    "REJETEE": ("Rejetée", "Rejected"),
    "PRISE_EN_COMPTE_DESTINATAIRE": ("Prise en compte par le destinataire", "Taken into account by the recipient"),
    "SERVICE_FAIT": ("Service fait", "Service rendered"),
    "MANDATEE": ("Mandatée", "Payment order made"),
    "MISE_A_DISPOSITION_COMPTABLE": ("Mise à disposition du comptable", "Made available to the accountant"),
    "COMPTABILISEE": ("Comptabilisée", "Booked"),
    "MISE_EN_PAIEMENT": ("Mise en paiement", "Payment ordered"),
    "ABANDONNEE": ("Abandonnée", "Abandoned"),
    "SUPPRIMEE": ("Supprimée", "Deleted"),
}
