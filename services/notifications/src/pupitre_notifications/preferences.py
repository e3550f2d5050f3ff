"""How people want to be told of invoices (R040): at once, as long as they have chosen nothing else, or once a day."""

import uuid
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import communication as contract
from pupitre_contracts import errors

from .tables import preference

IMMEDIATE, DAILY = contract.MODES
DEFAULT = contract.Preferences(mode=IMMEDIATE, weekly_recap=True)


def my_preferences(request: contract.MyPreferences.Request, scope: Any) -> contract.MyPreferences.Reply:
    user_id = user_of(scope)
    with scope.reading() as db:
        return contract.MyPreferences.Reply(preferences=of(db, [user_id]).get(user_id, DEFAULT))


def set_preferences(request: contract.SetPreferences.Request, scope: Any) -> contract.SetPreferences.Reply:
    user_id = user_of(scope)
    chosen = contract.Preferences(mode=request.mode, weekly_recap=request.weekly_recap)
    with scope.begin() as tx:
        values = {**chosen.values, "changed_at": tx.now, "changed_by": scope.actor.reference}
        if not tx.insert_once(preference, user_id=user_id, **values):
            tx.execute(sa.update(preference).where(preference.c.user_id == user_id).values(**values))
        return tx.answer(contract.SetPreferences.Reply(preferences=chosen))


def of(db: Any, user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, contract.Preferences]:
    """Return what those of the users chose who chose anything."""
    wanted = list(user_ids)
    if not wanted:
        return {}
    rows = db.execute(_THEIRS, {"ids": wanted})
    return {row.user_id: contract.Preferences(mode=row.mode, weekly_recap=row.weekly_recap) for row in rows}


_THEIRS = sa.select(preference).where(preference.c.user_id.in_(sa.bindparam("ids", expanding=True)))


def user_of(scope: Any) -> uuid.UUID:
    """Return the calling user. Errors: forbidden."""
    if scope.actor.kind != "user":
        raise errors.Forbidden(needed="user account")
    return uuid.UUID(str(scope.actor.id))
