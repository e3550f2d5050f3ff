"""The way of an invoice through its circuit of validation, until its recipient has it (R170 to R173).

What may be done and what happens by itself is the plugin's table, read by ``pupitre_espaces.passages``; this keeps what it says: the
invoice, who of those who validate it sees it and is waited for, the history, the events.
"""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import invoice_parties as contract
from pupitre_contracts.requests import PartyOfEvent
from pupitre_espaces import passages
from pupitre_espaces.invoice_cadres import HANDED, RECIPIENT, SUPPLIER
from pupitre_espaces.lifecycle import Transition, due_at
from pupitre_espaces.passages import Passage

from . import circuits, delays, history, lifecycle, model, party_queries, queries, repository, telling
from .circuits import Circuit

AVAILABLE = "MISE_A_DISPOSITION"
PLATFORM = "service:invoicing"


@dataclass(frozen=True, slots=True)
class Act:
    """Who brings passages about: his part, himself, and what he says. ``action`` is what the history calls it."""

    who: str
    actor: str
    action: str
    actor_name: str | None = None
    structure_name: str | None = None
    motive: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Way:
    """Passages that an invoice makes one after the other."""

    circuit: Circuit
    made: tuple[Passage, ...]

    @property
    def status(self) -> str:
        return self.made[-1].target

    @property
    def handed(self) -> bool:
        """Whether it comes to its recipient by them."""
        return self.status == HANDED


def way(circuit: Circuit, status: str | None, before: str | None, row: Transition, roles: Sequence[str]) -> Way:
    """Return the passages that ``row`` brings about for an invoice in which ``roles`` are named."""
    return Way(circuit, passages.follow(circuit.table, status, before, row, circuit.cadre.code, roles))


def begin(circuit: Circuit, status: str | None, roles: Sequence[str]) -> Way:
    """Return the passages that sending brings about."""
    return way(circuit, status, None, circuit.begins, roles)


def columns(going: Way, destined: Any, now: datetime.datetime, since: datetime.datetime | None = None) -> dict[str, Any]:
    """Return the columns of an invoice after its passages; ``destined`` is the structure that it is for, ``since`` when the time began of
    those who were asked before."""
    if going.handed:
        return {
            "lifecycle": lifecycle.in_force(lifecycle.INVOICE_KIND, model.civil_date(now)).name,
            "status": AVAILABLE,
            "status_at": now,
            "deposited_at": now,
            "recipient_structure_id": destined,
            "destined_structure_id": None,
            **NO_TIME,
        }
    if since is None or not all(each.row.keeps_time for each in going.made):
        since = now
    return {
        "lifecycle": going.circuit.name,
        "status": going.status,
        "status_at": now,
        "recipient_structure_id": None,
        "destined_structure_id": destined,
        **_times(going.circuit, going.status, since, now),
    }


#: The columns of an invoice that waits for nobody's answer within a time.
NO_TIME = {"answer_since": None, "answer_due_at": None, "wakes_at": None}


def _times(circuit: Circuit, status: str, since: datetime.datetime, now: datetime.datetime) -> dict[str, Any]:
    """Return when the time of those who are asked began, when it is over, and when the platform has next to see to it."""
    row = circuit.table.after(status, circuit.cadre.code)
    if row is None:
        return {**NO_TIME, "answer_since": since}
    return {"answer_since": since, "answer_due_at": due_at(since, row.days), "wakes_at": next_look(row, since, now)}


def next_look(row: Transition, since: datetime.datetime, now: datetime.datetime) -> datetime.datetime:
    """Return the next instant, after ``now``, of a reminder or of the end of a time that runs since ``since``."""
    looks = [due_at(since, row.days - days) for days in row.remind]
    return min((each for each in looks if each > now), default=due_at(since, row.days))


def parties_after(
    going: Way, rows: Sequence[Mapping[str, Any]], values: Mapping[str, Any], act: Act, now: datetime.datetime
) -> list[dict[str, Any]]:
    """Return the rows of those who validate an invoice after its passages; ``values`` are the invoice's columns then."""
    waits = frozenset() if going.handed else going.circuit.awaits(going.status)
    visited = {each.target for each in going.made}
    sees_from = {role.key: role.sees_from for role in going.circuit.roles}
    found = []
    for row in rows:
        since, acts = sees_from.get(row["role"], frozenset()), row["role"] in waits
        sees = row["seen_by_id"] is not None or not since or bool(since & visited)
        found.append(
            {
                **row,
                "seen_by_id": row["structure_id"] if sees else None,
                "recipient_structure_id": values["recipient_structure_id"],
                "acts": acts,
                "asked_at": now if acts else row["asked_at"],
                "due_at": values["answer_due_at"] if acts else None,
                "answered_at": now if act.who == row["role"] else row["answered_at"],
            }
        )
    return found


def lines(going: Way, row: Mapping[str, Any], act: Act, before: str | None, after: str) -> list[history.Line]:
    """Return the lines of the history that say what an invoice passed through; ``after`` is the digest of its state at the end."""
    first, *others = going.made
    said = history.Line(
        invoice_id=row["invoice_id"],
        actor=act.actor,
        actor_name=act.actor_name,
        structure_name=act.structure_name,
        action=act.action,
        status_from=first.source,
        status_to=first.target,
        motive=act.motive,
        comment=act.comment,
        before=before,
        after=after,
    )
    followed = [("pass", each.source, each.target) for each in others]
    if going.handed:
        followed.append(("route", HANDED, AVAILABLE))
    return [
        said,
        *(
            history.Line(
                invoice_id=row["invoice_id"],
                actor=PLATFORM,
                action=action,
                status_from=source,
                status_to=target,
                before=after,
                after=after,
            )
            for action, source, target in followed
        ),
    ]


def publish(tx: Any, going: Way, row: Mapping[str, Any], named: Sequence[Mapping[str, Any]], act: Act) -> None:
    """Tell of what an invoice passed through, and of its coming to its recipient; ``row`` and ``named`` are as they are at the end."""
    for each in going.made:
        tx.publish(_passed(going, each, row, named, act, is_first=each is going.made[0]))
    if going.handed:
        telling.publish_sending(tx, row, going.made[-1].source, act.actor, by="system")


def _passed(
    going: Way, passage: Passage, row: Mapping[str, Any], named: Sequence[Mapping[str, Any]], act: Act, *, is_first: bool
) -> contract.InvoicePassed:
    cadre, label = going.circuit.cadre, going.circuit.table.label(passage.target)
    is_last = passage is going.made[-1]
    told = RECIPIENT in passage.row.tells
    return contract.InvoicePassed(
        **{name: row[name] for name in _OF_ROW},
        espace=going.circuit.espace,
        cadre=cadre.code,
        cadre_label_fr=cadre.label.fr,
        cadre_label_en=cadre.label.en,
        status_from=passage.source,
        status_to=passage.target,
        status_label_fr=label.fr,
        status_label_en=label.en,
        by=act.who if is_first else "system",
        actor=act.actor if is_first else PLATFORM,
        motive=act.motive if is_first else None,
        comment=act.comment if is_first else None,
        supplier_acts=is_last and not going.handed and SUPPLIER in going.circuit.awaits(going.status),
        recipient_structure_id=(row["destined_structure_id"] or row["recipient_structure_id"]) if told else None,
        recipient_name=row["recipient_name"] if told else None,
        structure_service_id=row["structure_service_id"] if told else None,
        due_at=row["answer_due_at"] if is_last else None,
        parties=[of_event(each, acts=each["acts"] and is_last) for each in named if each["seen_by_id"] is not None],
    )


_OF_ROW = ("invoice_id", "portal_number", "number", "supplier_structure_id", "supplier_name", "currency", "gross")


def of_event(row: Mapping[str, Any], acts: bool) -> PartyOfEvent:
    """Return one who validates an invoice as events tell it."""
    named = {name: row[name] for name in ("role", "structure_id", "name", "espace")}
    return PartyOfEvent(**named, acts=acts)


def carry_out(
    tx: Any,
    scope: Any,
    row: Mapping[str, Any],
    going: Way,
    act: Act,
    named: Sequence[Mapping[str, Any]],
    more: Mapping[str, Any] | None = None,
    documents: Sequence[Any] = (),
) -> Mapping[str, Any]:
    """Make the passages of a stored invoice in the open transaction; return the invoice after them.

    ``row`` is the invoice before, ``named`` are the rows of those who validate it, ``more`` are columns that change besides. Of two
    that start from one version, the second raises Conflict.
    """
    before = telling.digest(tx, row)
    destined = {**row, **(more or {})}
    values = {**(more or {}), **columns(going, destined["destined_structure_id"], tx.now, row["answer_since"])}
    values |= {"last_motive": act.motive, "last_comment": act.comment, "acknowledged_at": None}
    opened = delays.opening(tx, [{**row, **values}]) if going.handed else []
    for each in opened:
        values |= each.columns
    repository.change_invoice(tx, row["invoice_id"], row["version"], row["number"], **values)
    delays.keep(tx, *opened)
    for each in documents:
        repository.insert_document(tx, row["invoice_id"], kind="document", **each.values)
    after = parties_after(going, named, values, act, tx.now)
    party_queries.replace(tx, [row["invoice_id"]], after)
    now = queries.invoice_row(tx, invoice_id=row["invoice_id"])
    written = lines(going, now, act, before, telling.digest(tx, now))
    history.append(tx, scope.resources.sealer, row["supplier_structure_id"], written)
    publish(tx, going, now, after, act)
    return now


def wake(scope: Any) -> None:
    """Remind those whose time runs out, and go on where it has: once each, and after a standstill by the last reminder alone."""
    after = 0
    while True:
        with scope.reading() as db:
            rows = party_queries.waking(db, scope.clock.now(), after)
        if not rows:
            return
        for row in rows:
            after = row["portal_number"]
            circuit = circuits.of_row(scope.resources.espaces, row) if circuits.in_validation(row) else None
            # Without its plugin an invoice waits: when it is back, what was missed is made up.
            if circuit is not None:
                _see_to(scope, row, circuit)


def _see_to(scope: Any, row: Mapping[str, Any], circuit: Circuit) -> None:
    passage = circuit.table.after(row["status"], circuit.cadre.code)
    with scope.begin() as tx:
        if passage is None:
            party_queries.sleep_until(tx, row, None)
        elif due_at(row["answer_since"], passage.days) > tx.now:
            if party_queries.sleep_until(tx, row, next_look(passage, row["answer_since"], tx.now)):
                tx.publish(_awaited(circuit, passage, row, tx.now))
        # A move that came first has set another time, or none.
        elif party_queries.sleep_until(tx, row, None):
            roles = [each["role"] for each in row["parties"]]
            going = way(circuit, row["status"], party_queries.status_before(tx, row), passage, roles)
            act = Act("system", PLATFORM, "pass")
            carry_out(tx, scope, row, going, act, row["parties"])


def _awaited(circuit: Circuit, passage: Transition, row: Mapping[str, Any], now: datetime.datetime) -> contract.InvoiceAwaited:
    label = circuit.table.label(row["status"])
    passed = [days for days in passage.remind if due_at(row["answer_since"], passage.days - days) <= now]
    return contract.InvoiceAwaited(
        **{name: row[name] for name in (*_OF_ROW, "cadre", "status")},
        espace=circuit.espace,
        status_label_fr=label.fr,
        status_label_en=label.en,
        days_left=min(passed, default=passage.days),
        due_at=row["answer_due_at"],
        supplier_acts=SUPPLIER in circuit.awaits(row["status"]),
        parties=[of_event(each, acts=each["acts"]) for each in row["parties"] if each["seen_by_id"] is not None],
    )
