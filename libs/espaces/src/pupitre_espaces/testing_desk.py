"""A desk in memory: requests of an espace played through its own tables, by the rules that the platform follows.

desk = Desk(hooks)
request = desk.save("demande", "A21", farmer, form={"year": 2023}, parties={"instructeur": ddt})
assert desk.errors(request) == []
desk.send(request)
desk.move(request, "instructeur", "SERVICE_FAIT")
desk.pass_days(15)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import marshmallow

from . import forms, passages
from .context import EspaceContext, Structure, User
from .events import EspaceEvent
from .invoice_cadres import SUPPLIER, InvoiceCadre
from .lifecycle import DRAFT, PARIS, SYSTEM, Delay, Lifecycle, NoPassage, Transition, due_at, in_force
from .parties import Party, Role, key_of
from .pending import PendingRecords
from .ports import InvoiceView
from .requests import PLATFORM, Attachment, Cadre, Completed, RequestDraft, RequestKind, RequestView
from .testing import FixedClock, a_host
from .testing_ports import MemoryInvoices, MemoryRecords, memory_ports
from .values import Finding, Label, Language, Objection

#: Who has a role: a structure, or several of them where the role may be had by several.
Named = Structure | Party | Sequence[Structure | Party]

#: Who always has a role on the desk, where the test names nobody: the platform's operator, or another body of the State.
OPERATOR = Structure("operator", "11000000000011", "Exploitant", "public")


class NotReady(AssertionError):
    """A draft was sent although something is wrong with it; `findings` say what."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f"{each.rule} {each.term or ''}: {each.message.en}" for each in findings))
        self.findings = findings


@dataclass(eq=False)
class DeskRequest:
    """A request on the desk; `story` lists the statuses it went through, each with who made it."""

    kind: RequestKind
    table: Lifecycle
    cadre: str
    maker: Structure
    number: str
    raw_form: Mapping[str, Any]
    raw_lines: tuple[Mapping[str, Any], ...]
    #: By role; where several have it, the others stand under "<role>.2" and so on.
    parties: dict[str, Party]
    attachments: tuple[Attachment, ...]
    previous: DeskRequest | None
    dossier: str | None
    #: The role in which it is deposited.
    maker_role: str = ""
    status: str = DRAFT
    before: str | None = None
    id: UUID = field(default_factory=uuid4)
    sent_at: datetime | None = None
    status_at: datetime | None = None
    #: From when the days of `AFTER` count: from `status_at`, unless passages kept an earlier time.
    timed_from: datetime | None = None
    completed: Completed | None = None
    findings: tuple[Finding, ...] = ()
    handed_over: bool = False
    story: list[tuple[str, str]] = field(default_factory=list)
    #: What passages really did to the délai global de paiement of the claim: (what, when).
    delay: list[tuple[str, datetime]] = field(default_factory=list)
    #: What its passages asked of those who own it, in their order (`lifecycle.EFFECTS`).
    effects: list[str] = field(default_factory=list)

    @property
    def awaits(self) -> frozenset[str]:
        """The roles for which it is work."""
        return self.kind.awaits(self.table, self.status, self.cadre, self.maker_role)

    def view(self) -> RequestView:
        """Return it as other requests and ports see it."""
        label = self.table.label(self.status) or self.kind.label
        form = self.completed.form if self.completed else {}
        amounts = self.completed.amounts if self.completed else None
        lines = self.completed.lines if self.completed else ()
        return RequestView(
            id=self.id, number=self.number, espace="", kind=self.kind.key, cadre=self.cadre, status=self.status, status_label=label,
            sent_at=self.sent_at, status_at=self.status_at or self.sent_at, dossier=self.dossier,
            parties=tuple(self.parties.values()), form=form, amounts=amounts, lines=lines,
        )  # fmt: skip


class Desk:
    """Plays the kinds of one plugin. The clock stands still until :meth:`pass_days` moves it."""

    def __init__(self, plugin: Any, now: datetime | None = None, **options: Any) -> None:
        self.host = a_host(plugin, "invoicing", **options)
        self.host.ask()
        self.clock = FixedClock(now) if now else FixedClock()
        self.requests: list[DeskRequest] = []
        #: Ordinary invoices, as reactions find them by id. Since 1.1.
        self.invoices: dict[UUID, InvoiceView] = {}
        self._delays: list[tuple[DeskRequest, Delay]] = []
        self._records: dict[str, MemoryRecords] = {}
        self._fired: set[tuple[UUID, str]] = set()
        problems = self.host.problems()
        if problems:
            raise AssertionError(problems)
        self._kinds = {key: (espace, kind) for (espace, key), kind in self.host.kinds().items()}
        for espace, cadre in self.host.cadres().values():
            kind = _as_kind(cadre)
            self._kinds[kind.key] = (espace, kind)

    def issue(
        self, code: str, supplier: Structure, *, parties: Mapping[str, Named] | None = None
    ) -> DeskRequest:
        """Send an invoice of a cadre of *Factures émises* that others validate: it is played up to `HANDED`, where the portal goes on."""
        return self.send(self.save(f"invoice-{code.lower()}", code, supplier, parties=parties))

    def save(
        self,
        kind: str,
        cadre: str,
        maker: Structure,
        *,
        form: Mapping[str, Any] | None = None,
        lines: tuple[Mapping[str, Any], ...] | list[Mapping[str, Any]] = (),
        parties: Mapping[str, Named] | None = None,
        attachments: tuple[Attachment, ...] = (),
        previous: DeskRequest | None = None,
        number: str = "",
        user: User | None = None,
        language: Language = "fr",
    ) -> DeskRequest:
        """Keep a draft. A piece that is deposited from another one takes over its parties, but the roles that are named anew: each of them
        whole, by one structure or by several. Raises ValueError for more than may have a role."""
        found = self._kinds[kind][1]
        named = dict(previous.parties) if previous else {}
        maker_role = found.cadre(cadre).maker_among(each.role for each in named.values() if each.structure == maker)
        for role, who in (parties or {}).items():
            _name(named, found.role(role), who)
        for held in found.held(cadre):
            siret = OPERATOR.siret if held.always == PLATFORM else str(held.always)
            named.setdefault(held.key, Party(held.key, replace(OPERATOR, siret=siret)))
        if maker_role not in named or named[maker_role].structure != maker:
            named[maker_role] = Party(maker_role, maker)
        day = self.clock.now().astimezone(PARIS).date()
        request = DeskRequest(
            kind=found,
            table=in_force(found.lifecycles[0].kind, day, found.lifecycles),
            cadre=cadre,
            maker=maker,
            number=number
            or (f"{found.prefix}-{day.year}-{len(self.requests) + 1:05}" if found.numbering == "given" else ""),
            raw_form=form or {},
            raw_lines=tuple(lines),
            parties=named,
            attachments=attachments,
            previous=previous,
            dossier=(previous.dossier if previous else f"D-{len(self.requests) + 1}") if found.has_dossier else None,
            maker_role=maker_role,
        )
        self._look(request, user, language)
        self.requests.append(request)
        return request

    def errors(self, request: DeskRequest) -> list[str]:
        """Return the rules of the errors that keep a draft from being sent, each with its term."""
        return [f"{each.rule} {each.term or ''}".strip() for each in request.findings if each.severity == "error"]

    def send(self, request: DeskRequest) -> DeskRequest:
        """Send a draft. Raises NotReady with its errors."""
        self._look(request, None, "fr")
        wrong = tuple(each for each in request.findings if each.severity == "error")
        if wrong:
            raise NotReady(wrong)
        previous = request.previous
        if previous is not None and request.cadre not in previous.table.followed_by(previous.status, previous.cadre):
            raise NoPassage(previous.status, f"sent from it: {request.cadre}", ())
        row = request.table.sending(request.cadre, request.maker_role)
        request.sent_at = self.clock.now()
        self._take(request, row)
        for other in self.requests:
            if (
                other is not request
                and other.dossier is not None
                and other.dossier == request.dossier
                and other.status != DRAFT
            ):
                is_previous = other is request.previous
                self._make(
                    other,
                    passages.reactions(
                        other.table,
                        other.status,
                        other.before,
                        other.cadre,
                        request.cadre,
                        is_previous=is_previous,
                        named=other.parties,
                    ),
                )
        return request

    def move(
        self,
        request: DeskRequest,
        role: str,
        to: str,
        *,
        motive_code: str | None = None,
        motive: str | None = None,
        stated: bool = False,
        parties: Mapping[str, Named] | None = None,
    ) -> DeskRequest:
        """Have a role move a request.

        Raises NoPassage, `passages.WrongMotive`, or ValueError for a statement that is not ticked or a correction that is not asked.
        """
        row = request.table.find(request.status, to, [role], request.cadre)
        passages.check_motive(row, motive_code, motive)
        if row.statement is not None and not stated:
            raise ValueError(f"the statement is to be ticked: {row.statement.en}")
        if set(parties or {}) - row.corrects:
            raise ValueError(f"{row.source} to {row.target} corrects {', '.join(sorted(row.corrects)) or 'nobody'}")
        for key, who in (parties or {}).items():
            _name(request.parties, request.kind.role(key), who)
        return self._take(request, row)

    def fire(
        self, event: str, structure: Structure, *, roles: Iterable[str] = ("structure",), id: UUID | None = None, **data: Any
    ) -> None:
        """Have the plugin react to an event that concerns a structure in these roles, as invoicing does: what it keeps, it keeps once for
        each `id`. `data` are the values that `EVENTS` lists. Raises ReactionFailed, and ValueError for values that the event has not."""
        fired = EspaceEvent(id or uuid4(), event, self.clock.now(), frozenset(roles), data)
        if (fired.id, structure.id) in self._fired:
            return
        pending = PendingRecords(self.records(structure), self.clock.now, "espace")
        context = self._context(structure, pending)
        for key in self.host.reactions():
            self.host.react(key, fired, context)
        self._fired.add((fired.id, structure.id))
        for each in pending.changes():
            if each.document is None:
                self.records(structure).delete(each.collection, each.key)
            else:
                self.records(structure).put(each.collection, each.key, each.document)

    def objections(self, invoice: InvoiceView, recipient: Structure, status_to: str = "MANDATEE") -> list[Objection]:
        """Return what keeps an invoice from passing on towards its payment, as invoicing asks it. Raises EspaceSilent. Since 1.1."""
        context = self._context(recipient, self.records(recipient))
        found = self.host.objections(self.host.guards(), invoice=invoice, status_to=status_to, context=context)
        return [each for _, each in found]

    def records(self, structure: Structure) -> MemoryRecords:
        """Return the documents that the espace keeps for a structure of the desk."""
        return self._records.setdefault(structure.id, MemoryRecords(self.clock, "espace"))

    def pass_days(self, days: int) -> None:
        """Move the clock by whole days, one after the other, and make what is due on each of them."""
        for _ in range(days):
            self.clock.time += timedelta(days=1)
            for request in self.requests:
                row = request.table.after(request.status, request.cadre) if request.status != DRAFT else None
                if row is not None and due_at(request.timed_from, row.days) <= self.clock.now():
                    self._take(request, row)

    def work_of(self, role: str) -> list[DeskRequest]:
        """Return the requests that wait for a role."""
        return [each for each in self.requests if role in each.awaits]

    def delay_of(self, request: DeskRequest) -> list[Delay]:
        """Return what happened to the délai of the claim, in its order: to that of the dossier, where there is one."""
        return [
            what
            for each, what in self._delays
            if each is request or (each.dossier is not None and each.dossier == request.dossier)
        ]

    def sees(self, request: DeskRequest, role: str) -> bool:
        """Tell whether a role of the request sees it by now."""
        if request.status == DRAFT:
            return role == request.maker_role
        since = request.kind.role(role).sees_from
        return role in request.parties and (not since or any(status in since for status, _ in request.story))

    def _context(self, structure: Structure, records: PendingRecords | MemoryRecords) -> EspaceContext:
        ports = replace(memory_ports(self.clock), records=records, invoices=MemoryInvoices(self.invoices))
        return EspaceContext(structure=structure, user=None, language="fr", clock=self.clock, ports=ports)

    def _look(self, request: DeskRequest, user: User | None, language: Language) -> None:
        form, findings = forms.read(request.kind.form, request.raw_form)
        lines = []
        for index, raw in enumerate(request.raw_lines, 1):
            values, more = forms.read(request.kind.line, raw, line=index) if request.kind.line else ({}, ())
            lines.append(values)
            findings += more
        espace = next(espace for espace, kind in self._kinds.values() if kind is request.kind)
        others = [each for each in self.requests if each.sent_at and each is not request]
        sent = [each for each in others if each.kind is request.kind and each.maker == request.maker]
        once = request.kind.once_per
        counted = [each for each in sent if once and each.status not in request.kind.frees]
        draft = RequestDraft(
            cadre=request.cadre,
            number=request.number,
            form=form,
            lines=tuple(lines),
            parties=tuple(request.parties.values()),
            attachments=request.attachments,
            previous=request.previous.view() if request.previous else None,
            dossier=tuple(each.view() for each in others if each.dossier and each.dossier == request.dossier),
            structure=request.maker,
            user=user,
            language=language,
            clock=self.clock,
            taken_numbers=frozenset(each.number for each in sent),
            taken_values=frozenset(str(each.completed.form.get(once)) for each in counted),
        )
        request.completed = self.host.complete(espace, request.kind, draft)
        request.number = request.number or request.completed.number
        request.findings = passages.check_typed(request.kind, draft, findings, request.completed)

    def _take(self, request: DeskRequest, row: Transition) -> DeskRequest:
        self._make(
            request,
            passages.follow(request.table, request.status, request.before, row, request.cadre, request.parties),
        )
        return request

    def _make(self, request: DeskRequest, made: tuple[passages.Passage, ...]) -> None:
        for each in made:
            request.before, request.status = each.source, each.target
            request.status_at = self.clock.now()
            if request.timed_from is None or not each.row.keeps_time:
                request.timed_from = request.status_at
            request.story.append((each.target, SYSTEM if each.by_platform else each.row.who))
            effect = passages.effect_on_delay(self.delay_of(request), each.row.delay)
            if effect:
                request.delay.append((effect, self.clock.now()))
                self._delays.append((request, effect))
            if each.row.hand_over:
                request.handed_over = True
            form = request.completed.form if request.completed else {}
            request.effects += [effect.ask for effect in each.row.effects if effect.wanted(form)]


def _name(named: dict[str, Party], role: Role, who: Named) -> None:
    """Put who is named into a role instead of those who were."""
    given = [who] if isinstance(who, Structure | Party) else list(who)
    if len(given) > role.most:
        raise ValueError(f"the role {role.key} is had by at most {role.most}, and {len(given)} are named")
    for key in [key for key, each in named.items() if each.role == role.key]:
        del named[key]
    for place, each in enumerate(given, 1):
        party = each if isinstance(each, Party) else Party(role.key, each)
        named[key_of(role.key, place)] = replace(party, role=role.key, place=place)


def _as_kind(cadre: InvoiceCadre) -> RequestKind:
    """Return a cadre of ordinary invoices as a kind of request with its prelude for lifecycle, to be played."""
    rows = [
        replace(
            row,
            source=DRAFT if row.source is None else row.source,
            call="send" if row.source is None else row.call,
            tells=(),
        )
        for row in cadre.prelude.transitions
    ]
    may_name = tuple(each.key for each in cadre.roles if each.key not in cadre.needs)
    return RequestKind(
        key=f"invoice-{cadre.code.lower()}",
        label=cadre.label,
        roles=(Role(SUPPLIER, Label("Fournisseur", "Supplier")), *cadre.roles),
        cadres=(Cadre(cadre.code, cadre.label, SUPPLIER, needs=cadre.needs, may_name=may_name),),
        lifecycles=(Lifecycle(cadre.prelude.name, rows, labels=cadre.prelude.labels),),
        form=marshmallow.Schema,
    )
