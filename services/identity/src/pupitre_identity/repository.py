"""What identity writes; every function works in the transaction it is given."""

import datetime
import uuid
from collections.abc import Iterable
from typing import Any

from . import queries, tables
from .model import ACCESS_TOKEN_LIFE, FORGOTTEN_AFTER, HOUR, LINK_LIVES, SESSION_LIFE


def log(tx: Any, actor: str, action: str, object: str, **detail: Any) -> None:
    """Add a line to the append-only log; ``detail`` is JSON-able and never holds a secret."""
    tx.execute(tables.identity_log.insert().values(at=tx.now, actor=actor, action=action, object=object, detail=detail))


def add_user(tx: Any, actor: str, values: dict[str, Any]) -> bool:
    """Store a user; False if the address is taken."""
    stored = {"active": True, "password_changed_at": tx.now, **_authorship(tx, actor), **values}
    return tx.insert_once(tables.user_account, **stored)


def change_user(tx: Any, actor: str, user_id: uuid.UUID, values: dict[str, Any]) -> None:
    """Replace values of a user; who did it and when are written with them."""
    table = tables.user_account
    tx.execute(
        table.update().where(table.c.user_id == user_id).values(**values, changed_at=tx.now, changed_by=actor)
    )


def add_link(tx: Any, link_id: uuid.UUID, digest: str, user: Any, purpose: str) -> None:
    """Store a link that is asked for now."""
    tx.execute(
        tables.account_link.insert().values(
            link_id=link_id, digest=digest, user_id=user.user_id, purpose=purpose, email_key=user.email_key, asked_at=tx.now
        )
    )


def replace_links(tx: Any, user_id: uuid.UUID, purpose: str) -> None:
    """Void the links for one purpose that can still be followed (R023)."""
    table = tables.account_link
    voided = table.update().where(table.c.user_id == user_id, table.c.purpose == purpose, table.c.used_at.is_(None))
    tx.execute(voided.where(table.c.replaced_at.is_(None)).values(replaced_at=tx.now))


def use_link(tx: Any, link_id: uuid.UUID) -> None:
    table = tables.account_link
    tx.execute(table.update().where(table.c.link_id == link_id).values(used_at=tx.now))


def count_request(tx: Any, kind: str, network: str) -> None:
    """Count one more request of a kind from a network."""
    table = tables.request_count
    if tx.insert_once(table, kind=kind, network=network, count=1, since=tx.now):
        return
    counted = queries.requests(tx, kind, network, lock=True).one_more(tx.now)
    here = (table.c.kind == kind, table.c.network == network)
    tx.execute(table.update().where(*here).values(count=counted.count, since=counted.since))


def signed_in(tx: Any, user_id: uuid.UUID, password_hash: str | None) -> None:
    """Record a sign-in, and the renewed hash where there is one."""
    values: dict[str, Any] = {"last_sign_in_at": tx.now}
    if password_hash is not None:
        values |= {"password_hash": password_hash, "changed_at": tx.now, "changed_by": f"user:{user_id}"}
    table = tables.user_account
    tx.execute(table.update().where(table.c.user_id == user_id).values(**values))


def count_wrong_sign_in(tx: Any, account: str, network: str) -> int:
    """Count one more wrong sign-in and return how many there are now."""
    table = tables.wrong_sign_in
    fresh = tx.insert_once(table, account=account, network=network, count=1, last_at=tx.now)
    if fresh:
        return 1
    counted = queries.wrong_sign_ins(tx, account, network, lock=True).one_more(tx.now)
    here = (table.c.account == account, table.c.network == network)
    tx.execute(table.update().where(*here).values(count=counted.count, last_at=counted.last_at))
    return counted.count


def forget_wrong_sign_ins(tx: Any, account: str, network: str) -> None:
    table = tables.wrong_sign_in
    tx.execute(table.delete().where(table.c.account == account, table.c.network == network))


def add_session(
    tx: Any, digest: str, user_id: uuid.UUID, network: str, agent: str | None, previous: datetime.datetime | None
) -> None:
    tx.execute(
        tables.session.insert().values(
            digest=digest,
            user_id=user_id,
            network=network,
            agent=agent,
            created_at=tx.now,
            seen_at=tx.now,
            previous_sign_in_at=previous,
        )
    )


def touch_session(tx: Any, digest: str) -> None:
    table = tables.session
    tx.execute(table.update().where(table.c.digest == digest, table.c.seen_at < tx.now).values(seen_at=tx.now))


def end_session(tx: Any, digest: str) -> uuid.UUID | None:
    """End an open session and return its user, or None if there was none."""
    table = tables.session
    ended = table.update().where(table.c.digest == digest, table.c.ended_at.is_(None)).values(ended_at=tx.now)
    return tx.execute(ended.returning(table.c.user_id)).scalar_one_or_none()


def end_sessions_of(tx: Any, user_id: uuid.UUID, *, only: Iterable[str] | None = None, but: str | None = None) -> int:
    """End open sessions of a user, all or ``only`` those with these digests, ``but`` never this one; return how many."""
    table = tables.session
    ended = table.update().where(table.c.user_id == user_id, table.c.ended_at.is_(None))
    if only is not None:
        ended = ended.where(table.c.digest.in_(list(only)))
    if but is not None:
        ended = ended.where(table.c.digest != but)
    return tx.execute(ended.values(ended_at=tx.now)).rowcount


def next_number(tx: Any, name: str) -> int:
    """Return the next number of a sequence; concurrent transactions take turns."""
    table = tables.number_sequence
    step = table.update().where(table.c.name == name).values(last=table.c.last + 1).returning(table.c.last)
    return tx.execute(step).scalar_one()


def add_technical_account(tx: Any, actor: str, values: dict[str, Any]) -> None:
    tx.execute(tables.technical_account.insert().values(active=True, **_authorship(tx, actor), **values))


def add_access_token(tx: Any, digest: str, technical_account_id: uuid.UUID, scope: str) -> None:
    tx.execute(
        tables.access_token.insert().values(
            digest=digest,
            technical_account_id=technical_account_id,
            scope=scope,
            issued_at=tx.now,
            expires_at=tx.now + ACCESS_TOKEN_LIFE,
        )
    )


def purge(tx: Any) -> None:
    """Delete what no longer opens anything: sessions, tokens and links past their life, counts that are forgotten."""
    session, token, wrong = tables.session, tables.access_token, tables.wrong_sign_in
    link, counted = tables.account_link, tables.request_count
    tx.execute(link.delete().where(link.c.asked_at < tx.now - max(LINK_LIVES.values())))
    tx.execute(counted.delete().where(counted.c.since < tx.now - HOUR))
    tx.execute(session.delete().where(session.c.created_at < tx.now - SESSION_LIFE))
    tx.execute(token.delete().where(token.c.expires_at < tx.now))
    tx.execute(wrong.delete().where(wrong.c.last_at < tx.now - FORGOTTEN_AFTER))


def _authorship(tx: Any, actor: str) -> dict[str, Any]:
    return {"created_at": tx.now, "created_by": actor, "changed_at": tx.now, "changed_by": actor}
