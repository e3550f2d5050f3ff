"""What nobody moves is announced (B.4, B.8): delays that end, drafts that stay. Each announcement is made once, and what was missed
while everything was down is made up by the last of it alone."""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from pupitre_contracts import invoicing as contract

from . import model, repository, work_queries
from .work_queries import DRAFT_UNSENT, DUE_NOW, DUE_SOON

DRAFT_DAYS, DRAFT_AGAIN_DAYS = 7, 7
#: Announcements of one transaction; the next run, a moment later, goes on.
BATCH = 200


def announce(scope: Any) -> None:
    """Announce every delay that ends and every draft that stays, some in each transaction."""
    now, rules = scope.clock.now(), scope.resources.payment
    today = model.civil_date(now)
    while True:
        with scope.reading() as db:
            due = work_queries.delays_to_announce(db, today, today + datetime.timedelta(days=rules.warn_days), BATCH)
            drafts = work_queries.drafts_to_announce(
                db, now - datetime.timedelta(days=DRAFT_DAYS), today - datetime.timedelta(days=DRAFT_AGAIN_DAYS), BATCH
            )
        wanted = [*_of_delays(due, today), *_of_drafts(drafts, today)]
        if not wanted:
            return
        with scope.begin() as tx:
            there = repository.lock_unchanged(tx, (row for row, _, _ in wanted))
            for row, about, stage in wanted:
                if row["invoice_id"] in there and repository.announced(tx, row["invoice_id"], about, stage):
                    tx.publish(_reminded(row, about, stage))


def _of_delays(rows: Iterable[Mapping[str, Any]], today: datetime.date) -> Iterable[tuple[Mapping[str, Any], str, datetime.date]]:
    for row in rows:
        yield row, DUE_NOW if today >= row["due_on"] else DUE_SOON, row["due_on"]


def _of_drafts(rows: Iterable[Mapping[str, Any]], today: datetime.date) -> Iterable[tuple[Mapping[str, Any], str, datetime.date]]:
    for row in rows:
        yield row, DRAFT_UNSENT, today


def _reminded(row: Mapping[str, Any], about: str, stage: datetime.date) -> contract.InvoiceReminded:
    values = {name: row[name] for name in contract.InvoiceReminded.declared if name in row}
    since = stage if about != DRAFT_UNSENT else model.civil_date(row["status_at"])
    return contract.InvoiceReminded(**{**values, "about": about, "since": since})
