"""Links by mail that prove who reads a sign-in address (RS-51): 256 bits, one purpose, one use, kept as a hash.

A link is made of its number and identity's key, so the service that sends the mail can ask for it again, and nobody stores it.
"""

import uuid
from typing import Any

from pupitre_contracts import account_life, identity
from pupitre_contracts.errors import LinkRefused, ReactivationOver

from . import queries, repository, tables
from .model import LINK_AGAIN, reactivation_ends
from .secret_values import digest

#: Links that reopen a deactivated account: asked for by its owner within 60 days, or sent by an operator after them.
REACTIVATES = {"reactivation": "reactivation", "reopening": "reactivation"}


def ask(tx: Any, scope: Any, user: Any, purpose: str) -> None:
    """Have a link sent to ``user``; older ones for the same purpose are void. Nothing happens when one was sent a moment ago."""
    table = tables.account_link
    queries.user(tx, user.user_id, lock=True)  # who asks twice at once gets one link
    newest = queries.links(tx, table.c.user_id == user.user_id, table.c.purpose == purpose)[:1]
    if newest and newest[0][0].is_good(tx.now) and tx.now - newest[0][0].asked_at < LINK_AGAIN:
        return
    repository.replace_links(tx, user.user_id, purpose)
    link_id = uuid.uuid4()
    repository.add_link(tx, link_id, digest(_link(scope, link_id)), user, purpose)
    repository.log(tx, f"user:{user.user_id}", f"link.asked:{purpose}", f"user:{user.user_id}")
    (link, _), *_ = queries.links(tx, table.c.link_id == link_id)
    tx.publish(
        identity.AccountLinkAsked(user_id=user.user_id, link_id=link_id, purpose=purpose, expires_at=link.expires_at)
    )


def follow(db: Any, secret: str, purpose: str, now: Any, *, lock: bool = False) -> tuple[Any, Any]:
    """Return the rows of the link and of the user whom it was sent to. Raises LinkRefused; ReactivationOver for one that reopens
    an account and comes too late for it.
    """
    link, row, user = _found(db, secret, lock=lock)
    if purpose in (link.purpose, REACTIVATES.get(link.purpose)):
        _refuse_late(link, user, now)
        # A link proves the address that it was sent to, and no other.
        if link.is_good(now) and user.active == (link.purpose not in REACTIVATES) and user.email_key == link.email_key:
            return row, user
    raise LinkRefused()


def describe(request: Any, scope: Any) -> account_life.DescribeLink.Reply:
    now = scope.clock.now()
    with scope.reading() as db:
        purpose = _found(db, request.link)[0].purpose
        _, user = follow(db, request.link, purpose, now)
    asks = scope.settings.recovery_question
    question = user.question if asks and user.answer_hash is not None and purpose != "activation" else None
    return account_life.DescribeLink.Reply(
        purpose=purpose, question=question, wants_question=asks and purpose in REACTIVATES
    )


def _found(db: Any, secret: str, *, lock: bool = False) -> tuple[Any, Any, Any]:
    found = queries.links(db, tables.account_link.c.digest == digest(secret), lock=lock)
    if not found:
        raise LinkRefused()
    return *found[0], queries.user(db, found[0][1].user_id, lock=lock)


def _refuse_late(link: Any, user: Any, now: Any) -> None:
    """Whoever holds the link reads the address: he may be told that the 60 days are over, which another link would not mend."""
    waits = link.purpose == "reactivation" and link.used_at is None and not user.active and user.deactivated_at is not None
    if waits and now >= reactivation_ends(user.deactivated_at):
        raise ReactivationOver()


def link_to_send(request: Any, scope: Any) -> identity.LinkToSend.Reply:
    with scope.reading() as db:
        found = queries.links(db, tables.account_link.c.link_id == request.link_id)
    if not found or not found[0][0].is_good(scope.clock.now()):
        raise LinkRefused()
    link = found[0][0]
    return identity.LinkToSend.Reply(
        link=_link(scope, request.link_id), purpose=link.purpose, expires_at=link.expires_at
    )


def _link(scope: Any, link_id: uuid.UUID) -> str:
    return scope.resources.keyring.secret_for(f"account link {link_id}")
