"""Lifecycles as tables: who may take a request from which status to which, and what happens by itself.

A lifecycle is data that an espace gives; the platform reads it and knows no status by name. One row is one passage. People make the
rows of their role; the rows of `SYSTEM` are made by the platform when their `call` says: at once, after a number of days without an
answer, or when another request is sent from this one or into its dossier. What is not in the table is refused.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from . import statuses
from .checks import require, require_types
from .values import Label

#: Who makes a passage without being asked: the platform.
SYSTEM = "system"
#: The status of a request that its maker has not sent; nobody else sees it.
DRAFT = "BROUILLON"
#: As the target of a passage: the status from which the request came to the one that it leaves.
BEFORE = "@before"
#: Days are counted, and end, where the public bodies are.
PARIS = ZoneInfo("Europe/Paris")
#: The code of the motive that says nothing by itself, and needs a text.
OTHER = "AUTRE"

Need = Literal["required", "optional", "none"]
Delay = Literal["", "start", "interrupt", "resume", "end"]
#: When the platform makes a row of `SYSTEM` by itself.
AT_ONCE, AFTER, SENT_FROM, IN_DOSSIER = "at-once", "after", "sent-from", "in-dossier"
_OF_SYSTEM = frozenset({AT_ONCE, AFTER, SENT_FROM, IN_DOSSIER})
#: What a passage may ask of those who own it, for the structure that made the request: files of the annuaire (FAR37), or no more of them.
ANNUAIRE_SUBSCRIBE, ANNUAIRE_UNSUBSCRIBE = "annuaire.subscribe", "annuaire.unsubscribe"
EFFECTS = frozenset({ANNUAIRE_SUBSCRIBE, ANNUAIRE_UNSUBSCRIBE})


@dataclass(frozen=True, slots=True)
class Motive:
    """A coded motive of a passage. One that is `blocked` is offered only to be refused, with that text saying what to do instead."""

    code: str
    label: Label
    blocked: Label | None = None

    def __post_init__(self) -> None:
        require_types(self, code=str, label=Label, blocked=(Label, type(None)))
        require(self.code.isupper() and self.code.isascii(), f"the motive {self.code!r} is not a code in capitals")


@dataclass(frozen=True, slots=True)
class Effect:
    """Something outside the request that comes of a passage: `ask` is one of `EFFECTS`, `when` the field of the form that wants it.

    The service that owns it does it, once, after the passage; it refuses an espace whose manifest does not name in `may_ask` what comes
    before the dot of `ask`.
    """

    ask: str
    #: A field of the form without which nothing is asked; empty: always.
    when: str = ""

    def __post_init__(self) -> None:
        require_types(self, ask=str, when=str)
        require(self.ask in EFFECTS, f"the effect {self.ask!r} is none of {', '.join(sorted(EFFECTS))}")

    def wanted(self, form: Mapping[str, Any]) -> bool:
        """Tell whether a request with this form asks for it."""
        return not self.when or bool(form.get(self.when))


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: `who` (the key of a role, or `SYSTEM`) may take a request from `source` to `target`.

    `call` is "move" for what people do, "send" for the passage out of the draft, or says when the platform makes a row of `SYSTEM`:
    `AT_ONCE` when the request comes to `source`; `AFTER` `days` whole days without an answer, in the first minute of the day that
    follows; `SENT_FROM` when a request with a cadre of `by` is sent from this one; `IN_DOSSIER` when one is sent into its dossier.
    """

    source: str | None
    target: str
    who: str
    motive: Need = "none"
    call: str = "move"
    #: Whether files may be added with it.
    documents: bool = False
    #: For the ordinary invoice: what the actor must state, see invoicing.
    condition: str = ""
    #: The cadres that it is for; none: all.
    cadres: frozenset[str] = frozenset()
    #: For `AFTER`: how many days the one who is asked has.
    days: int = 0
    #: For `AFTER`: how many days before the end he is reminded.
    remind: tuple[int, ...] = ()
    #: For `SENT_FROM` and `IN_DOSSIER`: the cadres that bring it about.
    by: frozenset[str] = frozenset()
    #: Coded motives; with any, one of them is given.
    motives: tuple[Motive, ...] = ()
    #: What the actor must tick, and what the history then keeps (R171).
    statement: Label | None = None
    #: Keys of the roles whose structure the actor names anew with it (a wrong valideur, a wrong maîtrise d'œuvre).
    corrects: frozenset[str] = frozenset()
    #: What it does to the délai global de paiement.
    delay: Delay = ""
    #: Whether the request becomes an invoice in *Factures reçues* of the role that pays (`RequestKind.payment`).
    hand_over: bool = False
    #: What the button says; the status it leads to unless told.
    label: Label | None = None
    #: Whether the request waits for it: False for what may be done but need not, such as giving up.
    awaited: bool = True
    #: Whether the days of `AFTER` that began at an earlier status go on: who takes note of a request wins no time by it.
    keeps_time: bool = False
    #: For `AT_ONCE`: made only where these roles are named; the rows are tried in the order of the table.
    if_named: frozenset[str] = frozenset()
    #: In the prelude of an invoice's cadre: who is told of it although he does not see the invoice yet (`invoice_cadres.RECIPIENT`).
    tells: frozenset[str] = frozenset()
    #: What else comes of it, outside the request.
    effects: tuple[Effect, ...] = ()

    def __post_init__(self) -> None:
        require_types(self, source=(str, type(None)), target=str, who=str, call=str, days=int)
        for name in ("cadres", "by", "corrects", "if_named", "tells"):
            given = getattr(self, name)
            require(not isinstance(given, str), f"Transition.{name} is a set, not one text")
            object.__setattr__(self, name, frozenset(given))
        object.__setattr__(self, "motives", tuple(self.motives))
        object.__setattr__(self, "remind", tuple(self.remind))
        object.__setattr__(self, "effects", tuple(self.effects))
        where = f"{self.source} to {self.target}"
        require(self.motive in get_args(Need), f"{where}: motive is one of {', '.join(get_args(Need))}")
        require(self.delay in get_args(Delay), f"{where}: unknown delay {self.delay!r}")
        require((self.call == AFTER) == (self.days > 0), f"{where}: days go with {AFTER!r}")
        require(not self.remind or self.call == AFTER, f"{where}: only what happens after a time can be reminded of")
        require(all(0 < each <= self.days for each in self.remind), f"{where}: reminders are days before the end")
        require(
            (self.call in (SENT_FROM, IN_DOSSIER)) == bool(self.by), f"{where}: by names the cadres that bring it about"
        )
        require(not self.if_named or self.call == AT_ONCE, f"{where}: if_named is for what the platform makes at once")
        require(
            self.call not in _OF_SYSTEM or self.who == SYSTEM, f"{where}: {self.call!r} is made by {SYSTEM!r} alone"
        )

    def is_for(self, cadre: str) -> bool:
        """Tell whether the row is for requests of this cadre."""
        return not self.cadres or cadre in self.cadres


class NoPassage(Exception):
    """The table has no row for what was asked; `allowed` are the statuses to which the same actor may take the request."""

    def __init__(self, source: str, target: str, allowed: Collection[str]) -> None:
        super().__init__(f"no passage from {source} to {target}; possible: {', '.join(allowed) or 'none'}")
        self.source, self.target, self.allowed = source, target, tuple(allowed)


class Lifecycle:
    """The passages of one kind of request.

    `kind` names what it is a version of, and `valid_from` the day from which new requests follow it: a request keeps the version in
    force when it was made, to its end. `ladder` lists the statuses of processing in their order, first to last, where the order
    matters: what comes for a status that was passed is late, and is kept in the history without effect. `labels` names statuses that
    `pupitre_espaces.statuses` does not.
    """

    def __init__(
        self,
        name: str,
        transitions: Iterable[Transition],
        ladder: tuple[str, ...] = (),
        *,
        kind: str | None = None,
        valid_from: datetime.date = datetime.date.min,
        labels: Mapping[str, Label] | None = None,
    ) -> None:
        self.name, self.kind, self.valid_from = name, kind or name, valid_from
        self.transitions = tuple(transitions)
        self.ladder = ladder
        self.labels = dict(labels or {})
        for index, row in enumerate(self.transitions):
            for other in self.transitions[index + 1 :]:
                if _same_question(row, other):
                    raise ValueError(f"the lifecycle {name} names a transition twice: {row.source} to {row.target}")
        unnamed = sorted(status for status in self.statuses if self.label(status) is None)
        if unnamed:
            raise ValueError(f"the lifecycle {name} has statuses without a label: {', '.join(unnamed)}")

    @property
    def statuses(self) -> frozenset[str]:
        """Every status that a request can have."""
        return frozenset(row.target for row in self.transitions if row.target != BEFORE)

    @property
    def final(self) -> frozenset[str]:
        """The statuses that nothing leaves."""
        return self.statuses - {row.source for row in self.transitions}

    def label(self, status: str) -> Label | None:
        """Return the name of a status; None for one that is not known."""
        return self.labels.get(status) or statuses.LABELS.get(status)

    def allowed(
        self, status: str, who: Iterable[str], call: str | None = None, cadre: str = ""
    ) -> tuple[Transition, ...]:
        """Return what `who` may do from `status`, in the order of the table; `call` narrows it to one call."""
        sides = frozenset(who)
        return tuple(row for row in self._leaving(status, cadre) if row.who in sides and call in (None, row.call))

    def find(self, status: str, target: str, who: Iterable[str], cadre: str = "") -> Transition:
        """Return the row by which one of these roles takes a request to `target`. Raises NoPassage."""
        possible = self.allowed(status, who, "move", cadre)
        for row in possible:
            if row.target == target:
                return row
        raise NoPassage(status, target, [row.target for row in possible])

    def sending(self, cadre: str, maker: str) -> Transition:
        """Return the row by which the maker sends his draft. Raises NoPassage where the table has none for the cadre."""
        rows = self.allowed(DRAFT, [maker], "send", cadre)
        if not rows:
            raise NoPassage(DRAFT, f"send {cadre}".strip(), ())
        return rows[0]

    def at_once(self, status: str, cadre: str = "", named: Collection[str] = ()) -> Iterator[Transition]:
        """Give the rows that the platform makes, one after the other, once a request has come to `status`.

        `named` are the keys of the roles in which somebody is named, for rows that depend on it.
        """
        seen, known = {status}, frozenset(named)
        while row := next(
            (each for each in self._leaving(status, cadre) if each.call == AT_ONCE and each.if_named <= known), None
        ):
            if row.target in seen:
                raise ValueError(f"the lifecycle {self.name} goes in a circle by itself: {row.source} to {row.target}")
            seen.add(row.target)
            yield row
            status = row.target

    def after(self, status: str, cadre: str = "") -> Transition | None:
        """Return the row that the platform makes when nobody answers in time, if there is one."""
        return next((each for each in self._leaving(status, cadre) if each.call == AFTER), None)

    def reaction(self, status: str, cadre: str, call: str, sent: str) -> Transition | None:
        """Return what befalls a request when another one, of the cadre `sent`, is sent from it or into its dossier (`call`)."""
        return next((row for row in self._leaving(status, cadre) if row.call == call and sent in row.by), None)

    def awaits(self, status: str, cadre: str = "") -> frozenset[str]:
        """Return the roles whose move is awaited at `status`: for them the request is work."""
        return frozenset(row.who for row in self._leaving(status, cadre) if row.who != SYSTEM and row.awaited)

    def followed_by(self, status: str, cadre: str = "", *, awaited: bool = False) -> frozenset[str]:
        """Return the cadres of the requests that may be sent from one at `status`; `awaited`: only those that it waits for."""
        rows = (row for row in self._leaving(status, cadre) if row.call == SENT_FROM)
        return frozenset().union(*(row.by for row in rows if row.awaited or not awaited))

    def _leaving(self, status: str | None, cadre: str) -> Iterator[Transition]:
        return (row for row in self.transitions if row.source == status and row.is_for(cadre))


def in_force(kind: str, day: datetime.date, tables: Iterable[Lifecycle]) -> Lifecycle:
    """Return the newest table of a kind that is valid on `day`: the one that a request made that day follows to its end."""
    return max(
        (each for each in tables if each.kind == kind and each.valid_from <= day), key=lambda each: each.valid_from
    )


def due_at(since: datetime.datetime, days: int) -> datetime.datetime:
    """Return when `days` whole days after the day of `since` are over: the first instant of the day that follows, in UTC."""
    day = since.astimezone(PARIS).date() + datetime.timedelta(days=days + 1)
    return datetime.datetime.combine(day, datetime.time(), PARIS).astimezone(datetime.UTC)


def _same_question(one: Transition, other: Transition) -> bool:
    """Tell whether two rows answer the same question: same actor and call between the same statuses, for a common cadre."""
    if (one.source, one.target, one.who, one.call) != (other.source, other.target, other.who, other.call):
        return False
    return not one.cadres or not other.cadres or bool(one.cadres & other.cadres)
