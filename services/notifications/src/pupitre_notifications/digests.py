"""The daily digest (R040, R041): lines are noted as things happen, and one mail a day and user says them, by structure.

The identity of the mail is made of day and user, and the lines are settled in the transaction that writes it: whatever stops or runs
twice, there is one digest a day. A line that comes due when the day has had its digest waits for the next one.
"""

import datetime
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import identity, organisation

from . import digest_texts, model, preferences, readers, repository, timetable, writing
from .tables import digest_line

TEMPLATE = "daily-digest"
USERS_AT_A_TIME = 100
MOST_LINES = 1000
RUN_SECONDS = 8.0
KEPT = datetime.timedelta(days=92)


def wants(user: identity.User, chosen: Mapping[uuid.UUID, Any]) -> bool:
    """Tell whether a person gets the news of invoices once a day. The switch of his account comes first (R043)."""
    mode = chosen.get(user.user_id, preferences.DEFAULT).mode
    return user.notify_invoicing is not False and mode == preferences.DAILY


def line(event_id: uuid.UUID | str, user: identity.User, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a line for one user; ``values`` has the columns that say what happened."""
    line_id = model.mail_id(event_id, f"{TEMPLATE}:{values['kind']}:{values['structure_name']}", user.user_id)
    return {"line_id": line_id, "user_id": user.user_id, "status_from": None, "status_to": None, **values}


def lines_of_flux(scope: Any, event: Any, users: Iterable[identity.User], path: str) -> list[dict[str, Any]]:
    """Return the lines that tell users how a flux of their structure ended."""
    users = list(users)
    if not users:
        return []
    found = scope.bus.call(organisation.GetStructure, structure_id=event.structure_id).structure
    values = {
        "structure_name": found.name,
        "kind": digest_texts.FLUX,
        "about": event.numero_flux,
        "status_to": event.state,
        "path": path,
        "happened_at": scope.event_meta.time,
    }
    return [line(scope.event_meta.id, user, values) for user in users]


def add(tx: Any, lines: Iterable[Mapping[str, Any]], hour: int) -> None:
    """Note lines for the next digest of their users; one that is noted stays as it is."""
    due_at = timetable.next_digest(tx.now, hour)
    tx.insert_new(digest_line, [{**each, "due_at": due_at} for each in lines])


def send_due(scope: Any) -> None:
    """Write the digests that are due; what is left after some seconds is for the next run."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until:
        with scope.reading() as db:
            user_ids = list(db.execute(_DUE_USERS, {"now": scope.clock.now(), "most": USERS_AT_A_TIME}).scalars())
        if not user_ids:
            return
        known = readers.people(scope, user_ids)
        with scope.begin() as tx:
            for user_id in user_ids:
                _settle(tx, scope.resources, user_id, known.get(user_id))


def forget(tx: Any) -> None:
    """Delete what was said, or will not be, a season ago."""
    tx.execute(sa.delete(digest_line).where(digest_line.c.settled_at < tx.now - KEPT))


def _settle(tx: Any, resources: Any, user_id: uuid.UUID, user: identity.User | None) -> None:
    rows = tx.execute(_DUE_LINES, {"user": user_id, "now": tx.now, "most": MOST_LINES}).all()
    if not rows:
        return
    if user is None or user.notify_invoicing is False:
        _mark(tx, rows, settled_at=tx.now)
        return
    mail = _mail(user, rows, timetable.day_of(tx.now), resources.public_url)
    if repository.add(tx, [mail]):
        _mark(tx, rows, settled_at=tx.now, mail_id=mail["mail_id"])
    else:
        _mark(tx, rows, due_at=timetable.next_digest(tx.now, resources.digest_hour))


def _mail(user: identity.User, rows: Sequence[Any], day: datetime.date, public_url: str) -> dict[str, Any]:
    event_id = uuid.uuid5(model.NAMESPACE, f"digest/{day.isoformat()}")
    subject, body = digest_texts.digest(user, rows, day, public_url)
    return {
        "mail_id": model.mail_id(event_id, TEMPLATE, user.user_id),
        "event_id": event_id,
        "template": TEMPLATE,
        "user_id": user.user_id,
        "to_address": writing.address_of(user),
        "subject": subject,
        "body": body,
        "about": day.isoformat(),
        "link_id": None,
    }


def _mark(tx: Any, rows: Sequence[Any], **values: Any) -> None:
    unsettled = digest_line.c.line_id.in_([row.line_id for row in rows]) & digest_line.c.settled_at.is_(None)
    tx.execute(sa.update(digest_line).where(unsettled).values(**values))


DUE = sa.and_(digest_line.c.settled_at.is_(None), digest_line.c.due_at <= sa.bindparam("now"))
_DUE_USERS = sa.select(digest_line.c.user_id).where(DUE).distinct().order_by(digest_line.c.user_id).limit(sa.bindparam("most"))
_DUE_LINES = (
    sa.select(digest_line)
    .where(DUE, digest_line.c.user_id == sa.bindparam("user"))
    .order_by(digest_line.c.structure_name, digest_line.c.happened_at, digest_line.c.line_id)
    .limit(sa.bindparam("most"))
)
