"""The weekly recap of each structure (R042): movements are counted as they are told of, and told once, on the Monday after."""

import datetime
import time
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import invoicing

from . import digest_texts, model, preferences, readers, repository, timetable, writing
from .tables import movement

TEMPLATE = "weekly-recap"
STRUCTURES_AT_A_TIME = 20
RUN_SECONDS = 8.0
KEPT = datetime.timedelta(days=92)
_SIDES = (model.ISSUED, model.RECEIVED)


def count(tx: Any, moves: Iterable[tuple[invoicing.InvoiceMoved, Any]], hour: int) -> None:
    """Count moves, each with the instant it happened at, for both structures. An instant on the way to another status is left out."""
    counted: Counter[tuple] = Counter()
    names = {}
    for event, happened_at in moves:
        if event.status_to == "DEPOSEE":
            continue
        week = timetable.week_to_count(happened_at, tx.now, hour)
        for espace, structure_id, name in (
            (model.ISSUED, event.supplier_structure_id, event.supplier_name),
            (model.RECEIVED, event.recipient_structure_id, event.recipient_name),
        ):
            counted[structure_id, week, espace, event.status_to] += 1
            names[structure_id] = name
    if not counted:
        return
    # In one order everywhere, so that two who count at once do not wait for each other.
    keys = [dict(zip(("structure_id", "week", "espace", "status"), key, strict=True)) for key in sorted(counted)]
    fresh = [
        {**key, "structure_name": names[key["structure_id"]], "moves": 0, "due_at": timetable.recap_at(key["week"], hour)}
        for key in keys
    ]
    tx.insert_new(movement, fresh)
    tx.execute(_COUNT, [{f"of_{name}": value for name, value in key.items()} | {"more": counted[tuple(key.values())]} for key in keys])


def send_due(scope: Any) -> None:
    """Write the recaps that are due; what is left after some seconds is for the next run."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until:
        with scope.reading() as db:
            due = db.execute(_DUE_STRUCTURES, {"now": scope.clock.now(), "most": STRUCTURES_AT_A_TIME}).all()
            rows = db.execute(_MOVEMENTS, {"keys": [tuple(key) for key in due]}).all() if due else []
        if not rows:
            return
        mails = _mails(scope, rows)
        with scope.begin() as tx:
            repository.add(tx, mails)
            tx.execute(_TOLD, {"keys": [tuple(key) for key in due], "at": tx.now})


def forget(tx: Any) -> None:
    """Delete what was told a season ago."""
    tx.execute(sa.delete(movement).where(movement.c.told_at < tx.now - KEPT))


def _mails(scope: Any, rows: Iterable[Any]) -> list[dict[str, Any]]:
    by_structure: dict[tuple, list[Any]] = defaultdict(list)
    for row in rows:
        by_structure[row.structure_id, row.week].append(row)
    # The counts are of all of the structure's invoices: who sees those of some services only is not told them.
    wanted = dict.fromkeys((structure_id, espace, None) for structure_id, _ in by_structure for espace in _SIDES)
    members = readers.ask(scope, list(wanted))
    people = {user.user_id: user for users in members.values() for user in users if user.notify_invoicing is not False}
    with scope.reading() as db:
        chosen = preferences.of(db, people)
    mails = []
    for (structure_id, week), own in by_structure.items():
        seen: dict[uuid.UUID, dict[str, dict[str, int]]] = defaultdict(dict)
        for espace in _SIDES:
            counts = {row.status: row.moves for row in own if row.espace == espace}
            for user in members[structure_id, espace, None] if counts else ():
                seen[user.user_id][espace] = counts
        event_id = uuid.uuid5(model.NAMESPACE, f"recap/{structure_id}/{week.isoformat()}")
        for user_id, sides in seen.items():
            if user_id not in people or not chosen.get(user_id, preferences.DEFAULT).weekly_recap:
                continue
            subject, body = digest_texts.recap(people[user_id], own[0].structure_name, week, sides, scope.resources.public_url)
            mails.append(
                {
                    "mail_id": model.mail_id(event_id, TEMPLATE, user_id),
                    "event_id": event_id,
                    "template": TEMPLATE,
                    "user_id": user_id,
                    "to_address": writing.address_of(people[user_id]),
                    "subject": subject,
                    "body": body,
                    "about": str(structure_id),
                    "link_id": None,
                }
            )
    return mails


DUE = sa.and_(movement.c.told_at.is_(None), movement.c.due_at <= sa.bindparam("now"))
_KEY = sa.tuple_(movement.c.structure_id, movement.c.week)
_DUE_STRUCTURES = (
    sa.select(movement.c.structure_id, movement.c.week)
    .where(DUE)
    .distinct()
    .order_by(movement.c.structure_id, movement.c.week)
    .limit(sa.bindparam("most"))
)
_MOVEMENTS = sa.select(movement).where(_KEY.in_(sa.bindparam("keys", expanding=True)), movement.c.told_at.is_(None))
_TOLD = (
    sa.update(movement)
    .where(_KEY.in_(sa.bindparam("keys", expanding=True)), movement.c.told_at.is_(None))
    .values(told_at=sa.bindparam("at"))
)
_COUNT = (
    sa.update(movement)
    .where(
        movement.c.structure_id == sa.bindparam("of_structure_id"),
        movement.c.week == sa.bindparam("of_week"),
        movement.c.espace == sa.bindparam("of_espace"),
        movement.c.status == sa.bindparam("of_status"),
    )
    .values(moves=movement.c.moves + sa.bindparam("more"))
)
