"""What identity writes; every function works in the transaction it is given."""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from pupitre_bus import audit

from . import queries, tables
from .model import CHALLENGE_LIFE, FORGOTTEN_AFTER, HOUR, LINK_LIVES, SESSION_LIFE, search_key

#: What happens to an account without changing it begins like this or ends like that: it goes to the log.
_PASSING = (("session.", "access_token.", "link."), ("refused", "_repeated"))


def log(
    tx: Any,
    actor: str,
    action: str,
    object: str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    **detail: Any,
) -> None:
    """Write down what was done to ``object``, an account (``user:…``, ``technical:…``), in the transaction of the act.

    It is a line of the account's audit history; sign-ins, sessions, links, tokens and refusals go to the append-only log instead.
    ``before``, ``after`` and ``detail`` never hold a secret, nor personal data: those go through ``concealment``.
    """
    starts, ends = _PASSING
    kind, _, account = object.partition(":")
    if not action.startswith(starts) and not action.endswith(ends) and kind in ("user", "technical"):
        key = uuid.UUID(account)
        told = {"detail": detail, "before": before, "after": after}
        audit.record(tx, tables.HISTORY, key, actor=actor, action=action, object=object, **told)
        return
    happened = {name: values for name, values in (("before", before), ("after", after)) if values is not None}
    row = {"at": tx.now, "actor": actor, "action": action, "object": object, "detail": detail | happened}
    tx.execute(tables.identity_log.insert().values(**row))


def add_user(tx: Any, actor: str, values: dict[str, Any]) -> bool:
    """Store a user; False if the address is taken."""
    stored = {"active": True, "password_changed_at": tx.now, **_authorship(tx, actor), **values, **_search_keys(values)}
    return tx.insert_once(tables.user_account, **stored)


def change_user(tx: Any, actor: str, user_id: uuid.UUID, values: dict[str, Any]) -> None:
    """Replace values of a user; who did it and when are written with them."""
    table = tables.user_account
    changed = {**values, **_search_keys(values), "changed_at": tx.now, "changed_by": actor}
    tx.execute(table.update().where(table.c.user_id == user_id).values(**changed))


def erase_user(tx: Any, user_id: uuid.UUID) -> None:
    """Take everything personal out of a user's row and free his address; the identifier stays for what refers to it."""
    nothing = dict.fromkeys(
        (
            *("contact_email", "notification_email", "phone", "mobile", "street", "city", "postal_code", "region", "country"),
            *("name_key", "address_key", "question", "answer_hash", "wrong_answer_at", "last_sign_in_at"),
        )
    )
    address = f"{user_id}@erased.invalid"
    erased = {"email": address, "email_key": address, "given_name": "-", "family_name": "-", "password_hash": ""}
    table = tables.user_account
    stamped = {"erased_at": tx.now, "changed_at": tx.now, "changed_by": "service:identity"}
    tx.execute(table.update().where(table.c.user_id == user_id).values(**nothing, **erased, **stamped))


def _search_keys(values: dict[str, Any]) -> dict[str, str]:
    """Return the keys of searches that go with new values: names come together, and so does an address."""
    keys = {}
    if "family_name" in values:
        keys["name_key"] = search_key(f"{values['given_name']} {values['family_name']}")
    if "city" in values:
        parts = ("street", "postal_code", "city", "region", "country")
        keys["address_key"] = search_key(" ".join(values[name] or "" for name in parts))
    return keys


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


def add_technical_account(tx: Any, actor: str, values: dict[str, Any], key: str | None) -> bool:
    """Store a technical account; False if one was made for this key of the structure already."""
    stored = {"active": True, "created_key": key, **_authorship(tx, actor), **values}
    return tx.insert_once(tables.technical_account, **stored)


def count_renewal(tx: Any, actor: str, account_id: uuid.UUID, version: int) -> bool:
    """Count a change of an account that is in use; False if it is not at this version any more."""
    table = tables.technical_account
    this = (table.c.technical_account_id == account_id, table.c.version == version, table.c.active)
    counted = table.update().where(*this).values(version=version + 1, changed_at=tx.now, changed_by=actor)
    return tx.execute(counted).rowcount == 1


def add_technical_secret(
    tx: Any,
    actor: str,
    account_id: uuid.UUID,
    kind: str,
    digest: str,
    expires_at: datetime.datetime,
    warn_at: datetime.datetime | None,
) -> None:
    tx.execute(
        tables.technical_secret.insert().values(
            secret_id=uuid.uuid4(),
            technical_account_id=account_id,
            kind=kind,
            digest=digest,
            issued_at=tx.now,
            issued_by=actor,
            expires_at=expires_at,
            warn_at=warn_at,
        )
    )


def end_technical_secret(tx: Any, actor: str, secret_id: uuid.UUID, at: datetime.datetime) -> None:
    """Have a secret be good until ``at`` and no longer; its expiry concerns nobody any more."""
    table = tables.technical_secret
    tx.execute(table.update().where(table.c.secret_id == secret_id).values(ends_at=at, ended_by=actor, warn_at=None))


def end_technical_account(tx: Any, actor: str, account_id: uuid.UUID) -> None:
    """Deactivate an account and void its secrets."""
    account, secret = tables.technical_account, tables.technical_secret
    tx.execute(account.update().where(account.c.technical_account_id == account_id).values(active=False))
    good = (secret.c.technical_account_id == account_id, sa.or_(secret.c.ends_at.is_(None), secret.c.ends_at > tx.now))
    tx.execute(secret.update().where(*good).values(ends_at=tx.now, ended_by=actor, warn_at=None))


def export_technical_secrets(tx: Any, secret_ids: Iterable[uuid.UUID]) -> bool:
    """Mark secrets as taken away; False if one of them was before."""
    table, wanted = tables.technical_secret, set(secret_ids)
    taken = table.update().where(table.c.secret_id.in_(wanted), table.c.exported_at.is_(None)).values(exported_at=tx.now)
    return tx.execute(taken).rowcount == len(wanted)


def set_next_warning(tx: Any, secret_id: uuid.UUID, at: datetime.datetime | None) -> None:
    table = tables.technical_secret
    tx.execute(table.update().where(table.c.secret_id == secret_id).values(warn_at=at))


def add_access_token(tx: Any, digest: str, secret: Any, scope: str, expires_at: datetime.datetime) -> None:
    """Store a token that was given for ``secret``, a row, and ends with it at the latest."""
    tx.execute(
        tables.access_token.insert().values(
            digest=digest,
            technical_account_id=secret.technical_account_id,
            secret_id=secret.secret_id,
            scope=scope,
            issued_at=tx.now,
            expires_at=expires_at,
        )
    )


def add_document(tx: Any, actor: str, user_id: uuid.UUID, values: dict[str, Any]) -> uuid.UUID:
    """Store a document that a user keeps, and return its identifier."""
    document_id = uuid.uuid4()
    stored = {"document_id": document_id, "user_id": user_id, "added_at": tx.now, "changed_at": tx.now, "changed_by": actor}
    tx.execute(tables.account_document.insert().values(**stored, **values))
    return document_id


def change_document(tx: Any, actor: str, document_id: uuid.UUID, version: int, values: dict[str, Any]) -> bool:
    """Replace values of a document; False if it is not at this version any more."""
    table = tables.account_document
    this = table.update().where(table.c.document_id == document_id, table.c.version == version)
    return tx.execute(this.values(**values, version=version + 1, changed_at=tx.now, changed_by=actor)).rowcount == 1


def remove_documents(tx: Any, document_ids: Iterable[uuid.UUID]) -> None:
    table = tables.account_document
    tx.execute(table.delete().where(table.c.document_id.in_(set(document_ids))))


def add_external_pending(tx: Any, digest: str, issuer: str, subject: str, claims: dict[str, Any]) -> None:
    values = {"digest": digest, "issuer": issuer, "subject": subject, "claims": claims, "asked_at": tx.now}
    tx.execute(tables.external_pending.insert().values(**values))


def remove_external_pending(tx: Any, digest: str) -> None:
    tx.execute(tables.external_pending.delete().where(tables.external_pending.c.digest == digest))


def add_external_identity(tx: Any, issuer: str, subject: str, user_id: uuid.UUID) -> bool:
    """Tie a person's identity at a provider to his account; False if it is tied already."""
    return tx.insert_once(tables.external_identity, issuer=issuer, subject=subject, user_id=user_id, verified_at=tx.now)


def purge(tx: Any) -> None:
    """Delete what no longer opens anything: sessions, tokens and links past their life, counts that are forgotten."""
    session, token, wrong = tables.session, tables.access_token, tables.wrong_sign_in
    link, counted, pending, challenge = tables.account_link, tables.request_count, tables.external_pending, tables.sign_in_challenge
    tx.execute(tables.account_wish.delete().where(tables.account_wish.c.asked_at < tx.now - HOUR))
    tx.execute(pending.delete().where(pending.c.asked_at < tx.now - HOUR))
    tx.execute(challenge.delete().where(challenge.c.asked_at < tx.now - CHALLENGE_LIFE))
    tx.execute(link.delete().where(link.c.asked_at < tx.now - max(LINK_LIVES.values())))
    tx.execute(counted.delete().where(counted.c.since < tx.now - HOUR))
    tx.execute(session.delete().where(session.c.created_at < tx.now - SESSION_LIFE))
    tx.execute(token.delete().where(token.c.expires_at < tx.now))
    tx.execute(wrong.delete().where(wrong.c.last_at < tx.now - FORGOTTEN_AFTER))


def _authorship(tx: Any, actor: str) -> dict[str, Any]:
    return {"created_at": tx.now, "created_by": actor, "changed_at": tx.now, "changed_by": actor}
