"""The kinds of request that an espace brings: their roles, cadres, form, lines and lifecycle.

A request is what one structure sends to others through the portal: a demand for payment, or any demand that passes through statuses. The
platform keeps it, shows it, asks for what is missing, moves it along its lifecycle, tells those whom it concerns, and keeps its history.
The ordinary invoice is one kind, of the portal itself. `RequestKind.complete` is the espace's own word on what was typed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import marshmallow

from . import forms
from .attachments import Attachment, MadeFile
from .checks import KEBAB, require, require_types
from .context import Structure, User
from .lifecycle import AFTER, DRAFT, SYSTEM, Lifecycle
from .parties import Party, Role, check_several, holders
from .payments import Amounts, Payment
from .ports import Clock
from .values import Finding, Label, Language

MOST_LINES = 2000
#: As `Role.always`: the structure of the platform's operator, which the setting PUPITRE_PLATFORM_SIRET names.
PLATFORM = "@platform"


@dataclass(frozen=True, slots=True)
class Cadre:
    """A cadre de facturation: who deposits with it, who else must be named, and from which pieces it may be deposited."""

    code: str
    label: Label
    #: Key of the role that deposits; what waits for such a request is work for this role.
    maker: str
    #: Keys of the other roles that must be named before it is sent.
    needs: tuple[str, ...] = ()
    #: Keys of roles that may be named, and need not.
    may_name: tuple[str, ...] = ()
    #: Cadres of the requests from which it is deposited; none: it may begin a dossier.
    after: frozenset[str] = frozenset()
    #: Whether it may also begin a dossier although `after` names pieces.
    begins: bool = False
    #: False for a cadre that is read in what comes from elsewhere and is not offered any more.
    offered: bool = True
    help: Label | None = None
    #: Keys of other roles that may deposit too, from a piece on which they are named.
    also: tuple[str, ...] = ()
    #: When it is not offered from a piece although it may follow it: one of these fits the piece's parties. Each says, by role, which
    #: published parameters the structure there has (`Party.parameters`), or None where nobody is named. `complete` has the last word.
    unless: tuple[Mapping[str, Mapping[str, Any] | None], ...] = ()

    def __post_init__(self) -> None:
        require_types(self, code=str, label=Label, maker=str, begins=bool, offered=bool, help=(Label, type(None)))
        require(self.code.isalnum() and len(self.code) <= 20, f"{self.code!r} is not the code of a cadre")
        object.__setattr__(self, "after", frozenset(self.after))
        object.__setattr__(self, "also", tuple(self.also))
        object.__setattr__(self, "unless", tuple(self.unless))
        require(self.maker not in self.also, f"the cadre {self.code} names its maker twice")
        require(not self.also or bool(self.after), f"the cadre {self.code} has other makers, and comes after no piece")

    @property
    def may_begin(self) -> bool:
        """Whether a request with this cadre may be the first of its dossier."""
        return self.begins or not self.after

    @property
    def makers(self) -> tuple[str, ...]:
        """All roles that may deposit, the one whose work it is first."""
        return (self.maker, *self.also)

    def fits(self, parties: Mapping[str, Mapping[str, Any]]) -> bool:
        """Tell whether it is offered from a piece; `parties` are the published parameters of who is named there, by role."""
        return not any(all(_has(parties, role, wanted) for role, wanted in each.items()) for each in self.unless)

    def maker_among(self, roles: Iterable[str]) -> str:
        """Return the role in which somebody who has these in the piece before deposits; the first one where he has none."""
        own = frozenset(roles)
        return next((each for each in self.makers if each in own), self.maker)


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as others see it: a piece of the same dossier, or one that a port found."""

    id: UUID
    number: str
    espace: str
    kind: str
    cadre: str
    status: str
    status_label: Label
    sent_at: datetime | None
    status_at: datetime
    dossier: str | None
    parties: tuple[Party, ...]
    form: Mapping[str, Any]
    amounts: Amounts | None = None
    #: Where one request is read alone, by a role that sees them: `RequestDraft.previous`, and `get` of the port. Since 1.1.
    lines: tuple[Mapping[str, Any], ...] = ()

    def party(self, role: str) -> Party | None:
        """Return who has a role, None for nobody; the first one where several have it."""
        return next(iter(self.holders(role)), None)

    def holders(self, role: str) -> tuple[Party, ...]:
        """Return all who have a role, in the order in which they were named. Since 1.1."""
        return holders(self.parties, role)


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """What was typed, as `RequestKind.complete` gets it: read by the schemas, with what is not readable left out.

    `previous` is the request from which this one is deposited, `dossier` all pieces sent so far, oldest first.
    """

    cadre: str
    number: str
    form: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...]
    parties: tuple[Party, ...]
    attachments: tuple[Attachment, ...]
    previous: RequestView | None
    dossier: tuple[RequestView, ...]
    structure: Structure
    user: User | None
    language: Language
    clock: Clock
    #: Of the requests of this kind that the maker has sent before: their numbers, and their values of `RequestKind.once_per` but for those
    #: that came to nothing (`RequestKind.frees`).
    taken_numbers: frozenset[str] = frozenset()
    taken_values: frozenset[str] = frozenset()

    def party(self, role: str) -> Party | None:
        """Return who has a role, None for nobody; the first one where several have it."""
        return next(iter(self.holders(role)), None)

    def holders(self, role: str) -> tuple[Party, ...]:
        """Return all who have a role, in the order in which they were named. Since 1.1."""
        return holders(self.parties, role)


@dataclass(frozen=True, slots=True)
class Completed:
    """The espace's word on a draft: form and lines with what it worked out, amounts, files, and what is wrong.

    `form` and `lines` are given back whole, in values that the schemas can dump. A finding's `term` is the name of a field, with the
    line before it where it is one of a line: "year", "3.volume". An "error" keeps the request from being sent, never from being saved.
    """

    form: Mapping[str, Any]
    lines: tuple[Mapping[str, Any], ...] = ()
    amounts: Amounts | None = None
    files: tuple[MadeFile, ...] = ()
    findings: tuple[Finding, ...] = ()
    #: The number that the espace proposes: the request gets it where its maker typed none.
    number: str = ""

    def __post_init__(self) -> None:
        require_types(self, form=Mapping, amounts=(Amounts, type(None)), number=str)
        for name, of in (("files", MadeFile), ("findings", Finding)):
            object.__setattr__(self, name, tuple(getattr(self, name)))
            require(all(type(each) is of for each in getattr(self, name)), f"Completed.{name} holds {of.__name__}")
        object.__setattr__(self, "lines", tuple(self.lines))
        require(len(self.lines) <= MOST_LINES, f"a request has at most {MOST_LINES} lines")


def _has(parties: Mapping[str, Mapping[str, Any]], role: str, wanted: Mapping[str, Any] | None) -> bool:
    if wanted is None or role not in parties:
        return wanted is None and role not in parties
    return all(parties[role].get(name) == value for name, value in wanted.items())


def as_typed(draft: RequestDraft) -> Completed:
    """Return a draft as it is: what a kind without rules of its own says."""
    return Completed(draft.form, draft.lines)


@dataclass(frozen=True, slots=True)
class RequestKind:
    """A kind of request of an espace."""

    #: kebab-case, unique within the espace.
    key: str
    label: Label
    roles: tuple[Role, ...]
    cadres: tuple[Cadre, ...]
    #: All versions of the kind's lifecycle; a request follows to its end the one in force when it was made.
    lifecycles: tuple[Lifecycle, ...]
    #: Schemas of the form and of one line, with fields of `pupitre_espaces.forms`; no schema of lines: the kind has no lines.
    form: type[marshmallow.Schema]
    line: type[marshmallow.Schema] | None = None
    #: Called at each saving and at sending, by invoicing, outside any transaction and under the deadline of a hook.
    complete: Callable[[RequestDraft], Completed] = as_typed
    #: "typed": the maker gives each request its number; "given": the portal does, as <prefix>-<year>-<counter>.
    numbering: Literal["typed", "given"] = "given"
    prefix: str = "DEM"
    #: Field of the form of which a maker sends one request per value (one per year); None: as many as he wants.
    once_per: str | None = None
    #: Statuses in which a request has come to nothing (rejected, abandoned): its value of `once_per` may be sent anew, its number may not.
    frees: frozenset[str] = frozenset()
    #: Whether requests of this kind stand in dossiers.
    has_dossier: bool = False
    payment: Payment | None = None
    #: How many files a request needs before it is sent, and may have by line.
    files_needed: int = 0
    help: Label | None = None
    #: Whether the page asks for the lines, and for files of lines, only once the form has been kept (header first, then lines).
    lines_after_form: bool = False

    def __post_init__(self) -> None:
        require_types(self, key=str, label=Label, complete=Callable)
        require(bool(KEBAB.fullmatch(self.key)) and len(self.key) <= 50, f"the kind {self.key!r} is not kebab-case")
        for name, of in (("roles", Role), ("cadres", Cadre), ("lifecycles", Lifecycle)):
            object.__setattr__(self, name, tuple(getattr(self, name)))
            require(bool(getattr(self, name)), f"the kind {self.key} has no {name}")
            require(
                all(isinstance(each, of) for each in getattr(self, name)), f"RequestKind.{name} holds {of.__name__}"
            )
        require(self.line is not None or not self.lines_after_form, f"the kind {self.key} has no lines to come after")
        object.__setattr__(self, "frees", frozenset(self.frees))
        unknown = self.frees - frozenset().union(*(table.statuses for table in self.lifecycles))
        require(not unknown, f"the kind {self.key} frees with unknown statuses: {', '.join(sorted(unknown))}")
        roles = [each.key for each in self.roles]
        require(len(set(roles)) == len(roles), f"the kind {self.key} names a role twice")
        codes = [each.code for each in self.cadres]
        require(len(set(codes)) == len(codes), f"the kind {self.key} names a cadre twice")
        for cadre in self.cadres:
            unknown = {*cadre.makers, *cadre.needs, *cadre.may_name} - set(roles)
            require(not unknown, f"the cadre {cadre.code} names unknown roles: {', '.join(sorted(unknown))}")
            require(cadre.after <= set(codes), f"the cadre {cadre.code} comes after unknown ones")
            unknown = frozenset().union(*cadre.unless) - set(roles)
            require(not unknown, f"the cadre {cadre.code} depends on unknown roles: {', '.join(sorted(unknown))}")
        for table in self.lifecycles:
            self._check(table, set(roles), set(codes))
        check_several(self)
        require(
            self.prefix.isalnum() and self.prefix.isupper(), f"{self.prefix!r} is not a prefix of numbers, in capitals"
        )
        if self.payment is not None:
            paid_roles = {self.payment.payee, self.payment.payer, *self.payment.instead}
            require(paid_roles <= set(roles), "the payment names unknown roles")
        for schema in (self.form, *((self.line,) if self.line else ())):
            is_schema = isinstance(schema, type) and issubclass(schema, marshmallow.Schema)
            require(is_schema, "form and line are marshmallow schemas")
            forms.describe(schema)
        paid, of_lines = (self.payment.fields, self.payment.line_fields) if self.payment is not None else ((), ())
        wanting = {each.when for table in self.lifecycles for row in table.transitions for each in row.effects}
        missing = sorted({self.once_per, *paid, *wanting} - {None, ""} - set(self.form._declared_fields))
        require(not missing, f"the form has no field {', '.join(missing)}")
        missing = sorted(set(of_lines) - set(self.line._declared_fields if self.line is not None else ()))
        require(not missing, f"lines have no field {', '.join(missing)}")

    def asks(self) -> frozenset[str]:
        """Return what the manifest must name in `may_ask` for the effects of its passages."""
        rows = (row for table in self.lifecycles for row in table.transitions)
        return frozenset(each.ask.partition(".")[0] for row in rows for each in row.effects)

    def _check(self, table: Lifecycle, roles: set[str], codes: set[str]) -> None:
        for row in table.transitions:
            where = f"the lifecycle {table.name}, {row.source} to {row.target}"
            require(row.who == SYSTEM or row.who in roles, f"{where}: unknown role {row.who!r}")
            require(
                row.cadres | row.by <= codes,
                f"{where}: unknown cadres {', '.join(sorted((row.cadres | row.by) - codes))}",
            )
            require(row.corrects | row.if_named <= roles, f"{where}: corrects or depends on unknown roles")
            require(not row.tells, f"{where}: tells is for the cadres of invoices")
            require(
                not row.hand_over or self.payment is not None,
                f"{where}: hands over, and the kind says not who pays whom",
            )
        for cadre in self.cadres:
            for maker in cadre.makers:
                try:
                    first = table.sending(cadre.code, maker)
                    list(table.at_once(first.target, cadre.code))
                except LookupError as error:
                    raise ValueError(str(error)) from error
                except Exception as error:
                    raise ValueError(f"the cadre {cadre.code} cannot be sent by {maker}: {error}") from error

    def role(self, key: str) -> Role:
        """Return the role of that key. Raises KeyError."""
        found = next((each for each in self.roles if each.key == key), None)
        if found is None:
            raise KeyError(key)
        return found

    def cadre(self, code: str) -> Cadre:
        """Return the cadre of that code. Raises KeyError."""
        found = next((each for each in self.cadres if each.code == code), None)
        if found is None:
            raise KeyError(code)
        return found

    def held(self, cadre: str) -> tuple[Role, ...]:
        """Return the roles that somebody always has with this cadre: those that no cadre names, and those that this one does."""
        named = frozenset().union(*((*each.needs, *each.may_name) for each in self.cadres))
        own = self.cadre(cadre)
        return tuple(
            role for role in self.roles if role.always and (role.key not in named or role.key in (*own.needs, *own.may_name))
        )

    def lifecycle(self, name: str) -> Lifecycle:
        """Return the version of that name. Raises KeyError."""
        found = next((each for each in self.lifecycles if each.name == name), None)
        if found is None:
            raise KeyError(name)
        return found

    def awaits(self, table: Lifecycle, status: str, cadre: str, maker: str | None = None) -> frozenset[str]:
        """Return the roles for which a request is work: whose move, or whose next piece, it waits for.

        `maker` is the role that deposited it, where that is not the first one of its cadre.
        """
        if status == DRAFT:
            return frozenset({maker or self.cadre(cadre).maker})
        following = table.followed_by(status, cadre, awaited=True)
        makers = frozenset(self.cadre(code).maker for code in following)
        return table.awaits(status, cadre) | makers

    def offered_to(
        self, roles: Iterable[str], previous: str | None = None, parties: Mapping[str, Mapping[str, Any]] | None = None
    ) -> tuple[Cadre, ...]:
        """Return the cadres that someone in these roles may deposit: to begin a dossier, or from a piece with the cadre `previous`.

        `parties` are the published parameters of who is named on that piece, by role.
        """
        own = frozenset(roles)
        offered = [each for each in self.cadres if each.offered]
        if previous is None:
            return tuple(each for each in offered if each.maker in own and each.may_begin)
        follow = (each for each in offered if own.intersection(each.makers) and previous in each.after)
        return tuple(each for each in follow if parties is None or each.fits(parties))

    def timed(self) -> bool:
        """Tell whether any passage of the kind is made when time is over."""
        return any(row.call == AFTER for table in self.lifecycles for row in table.transitions)
