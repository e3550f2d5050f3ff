"""What the platform does with requests when time is over: passages that are due, and the reminders before them.

Each is made once: whoever comes second meets another version. What was missed while everything was down is made up as it is found due;
of several reminders that were missed the last alone is sent.
"""

import datetime
import logging
from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import errors
from pupitre_contracts import requests as contract
from pupitre_espaces import passages
from pupitre_espaces.lifecycle import due_at

from . import (
    model,
    repository,
    request_handing_over,
    request_kinds,
    request_parties,
    request_passing,
    request_repository,
)
from .request_passing import Act, Changes
from .request_tables import request

log = logging.getLogger(__name__)

BATCH = 50


def is_due(db: Any, now: datetime.datetime) -> bool:
    """Tell whether time is over, or a reminder due, for any request."""
    over = sa.or_(request.c.due_at <= now, request.c.remind_at <= now)
    return db.execute(sa.select(request.c.portal_number).where(over).limit(1)).first() is not None


def pass_time(scope: Any) -> None:
    """Make every passage and send every reminder that is due now. One that cannot be made does not keep the others from it."""
    now = scope.clock.now()
    for column, work in ((request.c.due_at, _pass), (request.c.remind_at, _remind)):
        for row in _due(scope, column, now):
            known = request_kinds.of(scope, row)
            if known is None:
                continue
            try:
                work(scope, known, row)
            except errors.Conflict:
                log.info("request %s was moved at the moment when its time was over", row["request_id"])
            except Exception:
                log.exception("what is due of request %s could not be made", row["request_id"])


def _due(scope: Any, column: Any, now: datetime.datetime) -> Iterator[Mapping[str, Any]]:
    """Give the requests that are due by a column, in batches; each once, whatever becomes of it."""
    order, after = (column, request.c.portal_number), None
    query = sa.select(request).where(column <= now).order_by(*order).limit(BATCH)
    while True:
        page = query if after is None else query.where(sa.tuple_(*order) > sa.tuple_(*after))
        with scope.reading() as db:
            rows = db.execute(page).mappings().all()
        yield from rows
        if len(rows) < BATCH:
            return
        last = rows[-1]
        after = (sa.literal(last[column.name], column.type), sa.literal(last["portal_number"]))


def _pass(scope: Any, known: request_kinds.Known, row: Mapping[str, Any]) -> None:
    after = known.table.after(row["status"], row["cadre"])
    if after is None:
        return
    named = request_parties.roles_of(row["parties"])
    made = passages.follow(known.table, row["status"], row["status_before"], after, row["cadre"], named)
    ready = request_handing_over.prepared(scope, known, row, made)
    with scope.begin() as tx:
        request_passing.make(tx, known, row, made, Act("timer"), Changes(invoice=ready))


def _remind(scope: Any, known: request_kinds.Known, row: Mapping[str, Any]) -> None:
    after, since = known.table.after(row["status"], row["cadre"]), row["timed_from"]
    with scope.begin() as tx:
        coming = request_passing.next_reminder(after, since, tx.now) if after is not None else None
        if not request_repository.reminded(tx, row, coming) or after is None or row["due_at"] <= tx.now:
            return
        left = min(each for each in after.remind if due_at(since, after.days - each) <= tx.now)
        stage = model.civil_date(due_at(since, after.days - left))
        if repository.announced(tx, row["request_id"], f"{row['status']} {left}", stage):
            tx.publish(_reminded(row, left))


def _reminded(row: Mapping[str, Any], left: int) -> contract.RequestReminded:
    values = {name: row[name] for name in contract.RequestReminded.declared if name in row and name != "parties"}
    return contract.RequestReminded(**values, days_left=left, parties=request_passing.shown_parties(row))
