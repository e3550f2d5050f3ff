"""What identity reads. ``db`` is a reading connection or an open transaction."""

import uuid
from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import identity as contract

from . import tables
from .model import Link, Requests, Session, WrongSignIns, email_key

_USER = [column for column in tables.user_account.c if column.name != "password_hash"]
_USER_FIELDS = (
    "user_id",
    "email",
    "contact_email",
    "notification_email",
    "given_name",
    "family_name",
    "language",
    "notify_invoicing",
    "notify_news",
    "last_sign_in_at",
)
_ACCOUNT_FIELDS = ("technical_account_id", "portal_number", "structure_id", "login", "client_id", "label")


def user_by_email(db: Any, email: str) -> Any | None:
    """Return the row of the user with this login address in any letter case, hash included, or None."""
    table = tables.user_account
    return db.execute(sa.select(table).where(table.c.email_key == email_key(email))).one_or_none()


def users_by_ids(db: Any, user_ids: Iterable[uuid.UUID]) -> list[Any]:
    """Return the rows of the users that exist, by address."""
    table = tables.user_account
    return db.execute(sa.select(*_USER).where(table.c.user_id.in_(set(user_ids))).order_by(table.c.email_key)).all()


def users(db: Any, limit: int) -> list[Any]:
    """Return the rows of the users who are not erased, by address."""
    table = tables.user_account
    query = sa.select(*_USER).where(table.c.erased_at.is_(None)).order_by(table.c.email_key)
    return db.execute(query.limit(limit)).all()


def news_readers(db: Any, after: uuid.UUID | None, limit: int) -> list[Any]:
    """Return the rows of the users who want news by mail and whose accounts are in use, by identifier."""
    table = tables.user_account
    query = sa.select(*_USER).where(table.c.notify_news, table.c.active, table.c.activated_at.is_not(None))
    if after is not None:
        query = query.where(table.c.user_id > after)
    return db.execute(query.order_by(table.c.user_id).limit(limit)).all()


def wrong_sign_ins(db: Any, account: str, network: str, *, lock: bool = False) -> WrongSignIns:
    """Return the count for an account (a digest) and a network; ``lock`` holds it until the transaction ends."""
    table = tables.wrong_sign_in
    query = sa.select(table.c.count, table.c.last_at).where(table.c.account == account, table.c.network == network)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return WrongSignIns(*row) if row is not None else WrongSignIns()


def requests(db: Any, kind: str, network: str, *, lock: bool = False) -> Requests:
    """Return the count of one kind of request from a network; ``lock`` holds it until the transaction ends."""
    table = tables.request_count
    query = sa.select(table.c.count, table.c.since).where(table.c.kind == kind, table.c.network == network)
    row = db.execute(query.with_for_update() if lock else query).one_or_none()
    return Requests(*row) if row is not None else Requests()


def user(db: Any, user_id: uuid.UUID, *, lock: bool = False) -> Any | None:
    """Return the whole row of a user, hash included, or None; ``lock`` holds it until the transaction ends."""
    query = sa.select(tables.user_account).where(tables.user_account.c.user_id == user_id)
    return db.execute(query.with_for_update() if lock else query).one_or_none()


def links(db: Any, *where: Any, lock: bool = False) -> list[tuple[Link, Any]]:
    """Return links with their rows, newest first; ``lock`` holds them until the transaction ends."""
    table = tables.account_link
    query = sa.select(table).where(*where).order_by(table.c.asked_at.desc())
    names = ("purpose", "email_key", "asked_at", "used_at", "replaced_at")
    rows = db.execute(query.with_for_update() if lock else query).all()
    return [(Link(**{name: getattr(row, name) for name in names}), row) for row in rows]


def sessions_of(db: Any, user_id: uuid.UUID) -> list[Any]:
    """Return the rows of a user's sessions that were not ended, newest first."""
    table = tables.session
    query = sa.select(table).where(table.c.user_id == user_id, table.c.ended_at.is_(None))
    return db.execute(query.order_by(table.c.created_at.desc(), table.c.digest)).all()


def session_with_user(db: Any, digest: str) -> tuple[Session, Any] | None:
    """Return a session and the row of its user, or None."""
    table, user = tables.session, tables.user_account
    columns = [table.c.created_at, table.c.seen_at, table.c.ended_at, table.c.previous_sign_in_at]
    query = sa.select(*(column.label(f"session_{column.name}") for column in columns), *_USER)
    row = db.execute(query.join_from(table, user).where(table.c.digest == digest)).one_or_none()
    return None if row is None else (Session(*row[:4]), row)


def account_by_client_id(db: Any, client_id: str) -> Any | None:
    table = tables.technical_account
    return db.execute(sa.select(table).where(table.c.client_id == client_id, table.c.active)).one_or_none()


def account_by_login(db: Any, login: str) -> Any | None:
    return db.execute(_account_by_login(), {"login": login.strip()}).one_or_none()


@cache
def _account_by_login() -> sa.Select:
    table = tables.technical_account
    return sa.select(table).where(table.c.login == sa.bindparam("login"), table.c.active)


def account_by_access_token(db: Any, digest: str, now: Any) -> Any | None:
    """Return the row of the technical account that holds a token still good at ``now``, or None."""
    return db.execute(_account_by_access_token(), {"digest": digest, "now": now}).one_or_none()


@cache
def _account_by_access_token() -> sa.Select:
    """Asked with each request of a program, and made once: building it costs more than running it."""
    token, account, secret = tables.access_token, tables.technical_account, tables.technical_secret
    now = sa.bindparam("now", type_=token.c.expires_at.type)
    found = (secret.c.expires_at.label("secret_expires_at"), secret.c.ends_at.label("secret_ends_at"))
    query = sa.select(account, *found).join_from(account, token).join(secret, secret.c.secret_id == token.c.secret_id)
    good = sa.or_(secret.c.ends_at.is_(None), secret.c.ends_at > now)
    # A token ends with its secret: one that expired is told apart from one that was voided.
    lasts = sa.or_(token.c.expires_at > now, token.c.expires_at == secret.c.expires_at)
    return query.where(token.c.digest == sa.bindparam("digest"), lasts, good, account.c.active)


def technical_account(db: Any, account_id: uuid.UUID) -> Any | None:
    """Return the row of a technical account that was not revoked, or None."""
    table = tables.technical_account
    return db.execute(sa.select(table).where(table.c.technical_account_id == account_id, table.c.active)).one_or_none()


def technical_accounts_of(db: Any, structure_ids: Iterable[uuid.UUID]) -> list[Any]:
    table = tables.technical_account
    query = sa.select(table).where(table.c.structure_id.in_(set(structure_ids)))
    return db.execute(query.order_by(table.c.portal_number)).all()


def good_secrets(db: Any, account_id: uuid.UUID, kind: str, now: Any) -> list[Any]:
    """Return the secrets of a kind that were not voided, newest first; they may have expired."""
    return [row for row in good_secrets_of(db, [account_id], now).get(account_id, []) if row.kind == kind]


def good_secrets_of(db: Any, account_ids: Iterable[uuid.UUID], now: Any) -> dict[uuid.UUID, list[Any]]:
    """Return the secrets of accounts that were not voided, newest first; they may have expired."""
    found: dict[uuid.UUID, list[Any]] = {}
    for row in db.execute(_good_secrets(), {"accounts": list(set(account_ids)), "now": now}):
        found.setdefault(row.technical_account_id, []).append(row)
    return found


@cache
def _good_secrets() -> sa.Select:
    table = tables.technical_secret
    ends_later = table.c.ends_at > sa.bindparam("now", type_=table.c.ends_at.type)
    return (
        sa.select(table)
        .where(table.c.technical_account_id.in_(sa.bindparam("accounts", expanding=True)), table.c.ends_at.is_(None) | ends_later)
        .order_by(table.c.kind.desc(), table.c.ends_at.is_(None).desc(), table.c.issued_at.desc())
    )


def any_expiry_to_announce(db: Any, now: Any) -> bool:
    table = tables.technical_secret
    return db.execute(sa.select(table.c.secret_id).where(table.c.warn_at <= now).limit(1)).first() is not None


def secrets_to_announce(db: Any, now: Any, limit: int) -> list[Any]:
    """Return the secrets whose expiry is to be announced now, with what tells of their account, the oldest first."""
    table, account = tables.technical_secret, tables.technical_account
    told = (account.c.structure_id, account.c.login, account.c.label)
    query = sa.select(table, *told).join_from(table, account).where(table.c.warn_at <= now)
    return db.execute(query.order_by(table.c.warn_at, table.c.technical_account_id).limit(limit).with_for_update(of=table)).all()


def user_fields(row: Any, **changes: Any) -> dict[str, Any]:
    """Return what the contracts tell of a user."""
    return {name: getattr(row, name) for name in _USER_FIELDS} | changes


def account_fields(row: Any) -> dict[str, Any]:
    """Return what the contracts tell of a technical account."""
    return {name: getattr(row, name) for name in _ACCOUNT_FIELDS}


def account(row: Any) -> dict[str, Any]:
    """Return what a user is told of his own account, as the contract's values."""
    personal = {name: getattr(row, name) for name in contract.PersonalData.declared}
    return {
        "user_id": row.user_id,
        "email": row.email,
        "personal": contract.PersonalData(**personal),
        "version": row.version,
        "password_changed_at": row.password_changed_at or row.created_at,
        "created_at": row.created_at,
    }


def documents(
    db: Any,
    user_id: uuid.UUID,
    *,
    only: Iterable[uuid.UUID] | None = None,
    offset: int = 0,
    limit: int | None = None,
) -> list[Any]:
    """Return the rows of the documents that a user keeps, by designation."""
    table = tables.account_document
    query = sa.select(table).where(table.c.user_id == user_id)
    if only is not None:
        query = query.where(table.c.document_id.in_(set(only)))
    return db.execute(query.order_by(table.c.designation, table.c.added_at, table.c.document_id).offset(offset).limit(limit)).all()


def count_documents(db: Any, user_id: uuid.UUID) -> int:
    table = tables.account_document
    return db.execute(sa.select(sa.func.count()).select_from(table).where(table.c.user_id == user_id)).scalar_one()


def cited_files(db: Any, names: Iterable[str]) -> list[str]:
    """Return which of some files, by their SHA-256, a document cites."""
    cited = tables.account_document.c.sha256
    return sorted(db.execute(sa.select(cited).where(cited.in_(set(names))).distinct()).scalars())


def user_of_external_identity(db: Any, issuer: str, subject: str) -> Any | None:
    """Return the row of the user whom a provider knows as ``subject``, or None."""
    known, user = tables.external_identity, tables.user_account
    query = sa.select(*_USER).join_from(user, known).where(known.c.issuer == issuer, known.c.subject == subject)
    return db.execute(query).one_or_none()


def external_pending(db: Any, digest: str, *, lock: bool = False) -> Any | None:
    query = sa.select(tables.external_pending).where(tables.external_pending.c.digest == digest)
    return db.execute(query.with_for_update() if lock else query).one_or_none()


def second_factor(db: Any, user_id: uuid.UUID) -> Any | None:
    """Return the row of a user's authenticator, confirmed or not, or None."""
    table = tables.second_factor
    return db.execute(sa.select(table).where(table.c.user_id == user_id)).one_or_none()


def recovery_codes_left(db: Any, user_id: uuid.UUID) -> int:
    table = tables.recovery_code
    left = sa.select(sa.func.count()).select_from(table).where(table.c.user_id == user_id, table.c.used_at.is_(None))
    return db.execute(left).scalar_one()


def challenge(db: Any, digest: str) -> Any | None:
    """Return the row of a sign-in that waits for its code, or None."""
    table = tables.sign_in_challenge
    return db.execute(sa.select(table).where(table.c.digest == digest)).one_or_none()


def leaving(db: Any, *where: Any) -> list[Any]:
    """Return the rows of those who asked for their account to be closed and wait for it, oldest first."""
    return db.execute(sa.select(tables.leaving).where(*where).order_by(tables.leaving.c.asked_at)).all()


def is_open(row: Any) -> bool:
    """Tell whether its owner can sign in to an account."""
    return row.active and row.activated_at is not None


def deactivated_before(db: Any, at: Any, most: int) -> list[uuid.UUID]:
    """Return users who deactivated their accounts before ``at`` and were not erased."""
    table = tables.user_account
    query = sa.select(table.c.user_id).where(table.c.deactivated_at <= at, table.c.erased_at.is_(None), table.c.active.is_(False))
    return list(db.execute(query.order_by(table.c.deactivated_at).limit(most)).scalars())


def successors(
    db: Any, words: dict[str, list[str]], user_ids: list[uuid.UUID], but: uuid.UUID, page: int, size: int
) -> tuple[list[Any], int]:
    """Return a page of the users who can sign in and whom every word fits, by name, and how many there are; ``but`` is left out."""
    table = tables.user_account
    columns = {"name": table.c.name_key, "address": table.c.address_key, "email": table.c.email_key}
    left = sa.select(tables.leaving.c.user_id)
    where = [table.c.active, table.c.activated_at.is_not(None), table.c.user_id != but, table.c.user_id.not_in(left)]
    where += [columns[name].contains(word, autoescape=True) for name, each in words.items() for word in each]
    if user_ids:
        where.append(table.c.user_id.in_(user_ids))
    total = db.execute(sa.select(sa.func.count()).select_from(table).where(*where)).scalar_one()
    query = sa.select(table).where(*where).order_by(table.c.name_key, table.c.email_key)
    return db.execute(query.limit(size).offset((page - 1) * size)).all(), total


def sollicitations(db: Any, *where: Any, limit: int = 1) -> list[Any]:
    """Return what was written to the support, newest first."""
    table = tables.support_sollicitation
    return db.execute(sa.select(table).where(*where).order_by(table.c.number.desc()).limit(limit)).all()
