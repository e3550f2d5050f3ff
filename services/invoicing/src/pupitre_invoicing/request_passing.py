"""Passages of a request, made in an open transaction: its row, its parties, its history and its events change together or not at all."""

import datetime
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pupitre_contracts import requests as contract
from pupitre_espaces.lifecycle import DRAFT, SYSTEM, due_at
from pupitre_espaces.passages import Passage

from . import (
    history,
    request_delays,
    request_handing_over,
    request_history,
    request_parties,
    request_queries,
    request_repository,
)
from .request_invoices import Prepared
from .request_kinds import Known

PLATFORM = "service:invoicing"


@dataclass(frozen=True, slots=True)
class Act:
    """What makes passages: somebody's move or sending, or the platform by itself (``role`` is then ``SYSTEM``)."""

    action: str
    role: str = SYSTEM
    actor: str = PLATFORM
    actor_name: str | None = None
    structure_name: str | None = None
    motive: str | None = None
    comment: str | None = None
    #: The structure that acts.
    structure_id: str | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What an act changes beside the status: columns, parties named anew, files that come with it."""

    values: Mapping[str, Any] = field(default_factory=dict)
    parties: Sequence[request_parties.Kept] | None = None
    files: Sequence[Mapping[str, Any]] = ()
    #: The invoice that the request becomes, where a passage hands it over.
    invoice: Prepared | None = None


def make(
    tx: Any, known: Known, row: Mapping[str, Any], made: Sequence[Passage], act: Act, changes: Changes | None = None
) -> Mapping[str, Any]:
    """Make passages of a request and return it as it is then. Raises Conflict when it is at another version by now, and
    Taken when it is sent and its number, or what is asked once only, is another's."""
    changes = changes or Changes()
    before = request_history.digest(tx, row)
    last = made[-1]
    cadre, maker = (changes.values.get(name, row[name]) for name in ("cadre", "maker_role"))
    parties = changes.parties if changes.parties is not None else row["parties"]
    parties = request_parties.after(known, parties, [each.target for each in made], last.target, cadre, maker)
    label = known.label(last.target)
    since = row["timed_from"] if all(each.row.keeps_time for each in made) else tx.now
    once = changes.values.get("once_value", row["once_value"])
    values = {
        **changes.values,
        # What came to nothing may be asked anew.
        "once_value": None if last.target in known.kind.frees else once,
        "status": last.target,
        "status_label_fr": label.fr,
        "status_label_en": label.en,
        "status_before": last.source,
        "status_at": tx.now,
        "parties": parties,
        "last_motive": act.motive,
        "timed_from": since,
        **times(known, last.target, cadre, since, tx.now),
    }
    if changes.invoice is not None:
        history.CHAIN.take(tx, [row["maker_structure_id"], changes.invoice.payee.structure_id])
        values["invoice_id"] = uuid.uuid4()
    request_repository.change(tx, row, values)
    request_repository.add_documents(tx, row["request_id"], changes.files)
    now = request_queries.row(tx, row["request_id"])
    request_delays.follow(tx, known, now, made)
    if changes.invoice is not None:
        request_handing_over.hand_over(tx, now, now["invoice_id"], changes.invoice, act)
    if row["status"] == DRAFT:
        tx.publish(_sent(now))
    _record(tx, known, now, made, act, before)
    return now


def times(
    known: Known, status: str, cadre: str, since: datetime.datetime, now: datetime.datetime
) -> dict[str, datetime.datetime | None]:
    """Return when the platform goes on by itself from a status, with days that count from ``since``, and when it next reminds of that;
    None where it does not."""
    row = known.table.after(status, cadre)
    if row is None:
        return {"due_at": None, "remind_at": None}
    return {"due_at": due_at(since, row.days), "remind_at": next_reminder(row, since, now)}


def next_reminder(row: Any, since: datetime.datetime, now: datetime.datetime) -> datetime.datetime | None:
    """Return when a row that is made after a time is next to be reminded of, after ``now``."""
    stages = (due_at(since, row.days - left) for left in row.remind)
    return min((each for each in stages if each > now), default=None)


def _record(
    tx: Any, known: Known, now: Mapping[str, Any], made: Sequence[Passage], act: Act, before: str
) -> None:
    after = request_history.digest(tx, now)
    lines = []
    for index, each in enumerate(made):
        # What the platform adds to somebody's act is its own.
        by = act if index == 0 else Act("route")
        lines.append(
            history.Line(
                invoice_id=now["request_id"],
                actor=by.actor,
                actor_name=by.actor_name,
                structure_name=by.structure_name,
                action=by.action,
                status_from=each.source,
                status_to=each.target,
                motive=by.motive,
                comment=by.comment,
                before=before if index == 0 else after,
                after=after,
            )
        )
        tx.publish(_moved(known, now, each, by, stays=index == len(made) - 1))
        for effect in each.row.effects:
            if effect.wanted(now["form"]):
                tx.publish(_asked(now, effect.ask, by))
    history.append(tx, tx.scope.resources.sealer, now["maker_structure_id"], lines)


def _sent(now: Mapping[str, Any]) -> contract.RequestSent:
    values = {name: now[name] for name in contract.RequestSent.declared if name in now and name != "parties"}
    return contract.RequestSent(**values, parties=shown_parties(now))


def _moved(known: Known, now: Mapping[str, Any], passage: Passage, by: Act, *, stays: bool) -> contract.RequestMoved:
    """Return the event of one passage; nobody has work with a status that the request leaves in the same moment."""
    label = known.label(passage.target)
    values = {name: now[name] for name in contract.RequestMoved.declared if name in now and name != "parties"}
    values |= {"status_from": passage.source, "status_to": passage.target, "status_label_fr": label.fr, "status_label_en": label.en}
    values |= {"by": by.role, "actor": by.actor, "motive": by.motive, "comment": by.comment}
    values |= {"by_structure_id": uuid.UUID(by.structure_id)} if by.structure_id is not None else {}
    return contract.RequestMoved(**values, parties=shown_parties(now, acts=stays))


def _asked(now: Mapping[str, Any], effect: str, by: Act) -> contract.RequestEffectAsked:
    names = ("request_id", "espace", "kind", "number")
    values = {name: now[name] for name in names}
    return contract.RequestEffectAsked(**values, effect=effect, structure_id=now["maker_structure_id"], actor=by.actor)


def shown_parties(row: Mapping[str, Any], *, acts: bool = True) -> list[Any]:
    """Return those who see a request, as events tell them."""
    return [
        contract.PartyOfEvent(
            role=each["role"],
            structure_id=uuid.UUID(each["structure_id"]),
            name=each["name"],
            espace=each["espace"],
            structure_service_id=uuid.UUID(each["structure_service_id"]) if each["structure_service_id"] else None,
            code_service=each["code_service"],
            acts=acts and each["acts"],
        )
        for each in row["parties"]
        if each["sees"] and each["structure_id"] is not None
    ]
