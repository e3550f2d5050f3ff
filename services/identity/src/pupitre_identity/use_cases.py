"""What operators and services may want of users' accounts.

Signing in is in ``sign_in``, machines in ``technical_accounts``.

CreateUser records no answer for its idempotency key: the record would hold a fast hash of the password. Repeating it is
refused with identity.user-exists, which tells that the first one succeeded.
"""

import uuid
from typing import Any

from pupitre_contracts import communication, identity
from pupitre_contracts.errors import Invalid, NotFound, UserExists

from . import concealment, model, passwords, queries, repository

MOST_USERS = 1000


def create_user(request: Any, scope: Any) -> identity.CreateUser.Reply:
    email = model.checked_email(request.email)
    names = model.checked_personal_data({"given_name": request.given_name, "family_name": request.family_name})
    passwords.check(request.password, personal=(email, *names.values()))
    with scope.reading() as db:
        if queries.user_by_email(db, email) is not None:
            raise UserExists(email=email)
    user = {"user_id": uuid.uuid4(), "email": email, "language": request.language, **names}
    stored = {"email_key": model.email_key(email), "password_hash": scope.resources.hasher.hash(request.password)}
    with scope.begin() as tx:
        if not repository.add_user(tx, scope.actor_reference, user | stored | {"activated_at": tx.now}):
            raise UserExists(email=email)
        after = concealment.concealed(tx, user["user_id"], user)
        repository.log(tx, scope.actor_reference, "user.created", f"user:{user['user_id']}", after=after)
        tx.publish(identity.UserCreated(user_id=user["user_id"], email=email, **names))
    return identity.CreateUser.Reply(user=identity.User(**user))


def users_by_ids(request: Any, scope: Any) -> identity.UsersByIds.Reply:
    if len(request.user_ids) > MOST_USERS:
        raise Invalid(what="users_by_ids", fields={"user_ids": [f"at most {MOST_USERS}"]})
    with scope.reading() as db:
        rows = [row for row in queries.users_by_ids(db, request.user_ids) if row.erased_at is None]
        leaving = {row.user_id for row in queries.leaving(db)}
    return identity.UsersByIds.Reply(
        users=[
            identity.User(**queries.user_fields(row, active=queries.is_open(row) and row.user_id not in leaving))
            for row in rows
        ]
    )


def user_by_email(request: Any, scope: Any) -> identity.UserByEmail.Reply:
    with scope.reading() as db:
        row = queries.user_by_email(db, request.email)
    if row is None or row.erased_at is not None:
        raise NotFound(what=f"user {request.email}")
    return identity.UserByEmail.Reply(user=identity.User(**queries.user_fields(row)))


def list_users(request: Any, scope: Any) -> identity.ListUsers.Reply:
    with scope.reading() as db:
        rows = queries.users(db, max(1, min(request.limit, MOST_USERS)))
    return identity.ListUsers.Reply(users=_users(rows))


def news_readers(request: Any, scope: Any) -> communication.NewsReaders.Reply:
    """Page through the users who want news by mail (R044)."""
    with scope.reading() as db:
        rows = queries.news_readers(db, request.after, max(1, min(request.limit, MOST_USERS)))
    return communication.NewsReaders.Reply(users=_users(rows))


def _users(rows: list[Any]) -> list[identity.User]:
    return [identity.User(**queries.user_fields(row)) for row in rows]
