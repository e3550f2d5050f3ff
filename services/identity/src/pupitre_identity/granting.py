"""Carrying out what was asked about addresses: only here does it matter which have accounts, and nobody waits for it."""

import logging
import uuid
from typing import Any

from pupitre_contracts import identity

from . import concealment, leaving, links, model, queries, repository, wishes
from .sign_in import ANYBODY

log = logging.getLogger(__name__)


def grant(scope: Any) -> None:
    """Carry out every wish, each in a transaction of its own; one that fails is tried again at the next run."""
    failed: set[uuid.UUID] = set()
    while True:
        wish_id = None
        try:
            with scope.begin() as tx:
                row = wishes.take(tx, failed)
                if row is None:
                    return
                wish_id = row.wish_id
                (_sign_up if row.kind == wishes.SIGN_UP else _send_link)(tx, scope, row)
        except Exception:
            if wish_id is None:
                raise
            log.exception("the wish %s waits for the next run", wish_id)
            failed.add(wish_id)


def _sign_up(tx: Any, scope: Any, wish: Any) -> None:
    """An account that was never activated may be signed up for again: the last password and names hold, and a new link goes out."""
    names = {"given_name": wish.given_name, "family_name": wish.family_name}
    values = {**names, "language": wish.language, "password_hash": wish.password_hash}
    user_id = uuid.uuid4()
    key = model.email_key(wish.email)
    if repository.add_user(tx, f"user:{user_id}", {"user_id": user_id, "email": wish.email, "email_key": key, **values}):
        after = concealment.concealed(tx, user_id, {"email": wish.email, "language": wish.language, **names})
        repository.log(tx, f"user:{user_id}", "user.signed_up", f"user:{user_id}", after=after)
        tx.publish(identity.UserCreated(user_id=user_id, email=wish.email, **names))
    user = queries.user_by_email(tx, wish.email)
    if user.activated_at is not None:
        repository.log(tx, ANYBODY, "user.sign_up_repeated", f"user:{user.user_id}")
        tx.publish(identity.SignUpRepeated(user_id=user.user_id))
        return
    if user.user_id != user_id:
        repository.change_user(tx, ANYBODY, user.user_id, values | {"password_changed_at": tx.now})
        told = concealment.changes(tx, user, {**names, "language": wish.language})
        repository.log(tx, ANYBODY, "user.signed_up_again", f"user:{user.user_id}", **told)
    links.ask(tx, scope, user, "activation")


def _send_link(tx: Any, scope: Any, wish: Any) -> None:
    user = queries.user_by_email(tx, wish.email)
    if user is not None and _may_have(tx, user, wish.kind):
        links.ask(tx, scope, user, wish.kind)
    else:
        repository.log(tx, ANYBODY, f"link.refused:{wish.kind}", "unknown")


def _may_have(tx: Any, user: Any, purpose: str) -> bool:
    if purpose == "reactivation":
        return leaving.is_deactivated(user) and tx.now < model.reactivation_ends(user.deactivated_at)
    return user.active and (user.activated_at is None) == (purpose == "activation")
