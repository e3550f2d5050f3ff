"""What is due by the clock: digests, recaps, news by mail, messages to partners. One look tells whether there is any of it."""

import datetime
import logging
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import errors

from . import digests, news, partner_messages, recaps

log = logging.getLogger(__name__)

_ANY = sa.select(
    sa.or_(
        sa.exists().where(partner_messages.DUE),
        sa.exists().where(news.DUE),
        sa.exists().where(digests.DUE),
        sa.exists().where(recaps.DUE),
    )
)


def any_due(db: Any, now: datetime.datetime) -> bool:
    """Tell whether anything is to be done now."""
    return bool(db.execute(_ANY, {"now": now}).scalar_one())


def run(scope: Any) -> None:
    """Do what is due. One part that cannot be done, because a service does not answer, leaves the others alone and is tried again."""
    for part in (partner_messages.deliver_due, news.mail_due, digests.send_due, recaps.send_due):
        try:
            part(scope)
        except errors.PupitreError as error:
            log.warning("%s is put off: %s", part.__module__, error)


def forget(scope: Any) -> None:
    """Delete what digests and recaps have said long since; the mails themselves stay."""
    with scope.begin() as tx:
        digests.forget(tx)
        recaps.forget(tx)
