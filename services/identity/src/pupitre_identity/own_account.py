"""A user's own account: personal data, password, and the browsers that are signed in."""

from typing import Any

from pupitre_contracts import identity
from pupitre_contracts.errors import Conflict, NotFound, PasswordWrong, SessionEnded

from . import concealment, model, passwords, queries, repository
from .access import user_id_of
from .model import Session
from .secret_values import digest
from .tries import Tries


def get_account(request: Any, scope: Any) -> identity.GetAccount.Reply:
    with scope.reading() as db:
        return identity.GetAccount.Reply(account=_account(db, scope))


def change_personal_data(request: Any, scope: Any) -> identity.ChangePersonalData.Reply:
    values = model.checked_personal_data({name: getattr(request.personal, name) for name in request.personal.declared})
    with scope.begin() as tx:
        before = own_row(tx, scope, lock=True)
        if before.version != request.version:
            raise Conflict(what="account")
        changed = sorted(name for name, value in values.items() if getattr(before, name) != value)
        if changed:
            repository.change_user(tx, scope.actor_reference, before.user_id, {**values, "version": before.version + 1})
            told = concealment.changes(tx, before, {name: values[name] for name in changed})
            repository.log(tx, scope.actor_reference, "user.changed", f"user:{before.user_id}", **told)
        return tx.answer(identity.ChangePersonalData.Reply(account=_account(tx, scope)))


def change_password(request: Any, scope: Any) -> identity.ChangePassword.Reply:
    user = checked_password(request, scope)
    passwords.check(request.new, personal=(user.email, user.given_name, user.family_name))
    hashed = scope.resources.hasher.hash(request.new)
    with scope.begin() as tx:
        if own_row(tx, scope, lock=True).password_hash != user.password_hash:
            raise Conflict(what="password")
        repository.change_user(
            tx, scope.actor_reference, user.user_id, {"password_hash": hashed, "password_changed_at": tx.now}
        )
        ended = repository.end_sessions_of(tx, user.user_id, but=digest(request.session))
        repository.log(tx, scope.actor_reference, "password.changed", f"user:{user.user_id}", sessions_ended=ended)
        tx.publish(identity.PasswordChanged(user_id=user.user_id, how="change"))
    return identity.ChangePassword.Reply(ended=ended)


def list_sessions(request: Any, scope: Any) -> identity.ListSessions.Reply:
    current, now = digest(request.session), scope.clock.now()
    with scope.reading() as db:
        rows = queries.sessions_of(db, own_row(db, scope).user_id)
    return identity.ListSessions.Reply(
        sessions=[
            identity.OpenSession(
                session_id=row.digest,
                opened_at=row.created_at,
                seen_at=row.seen_at,
                network=row.network,
                agent=row.agent,
                current=row.digest == current,
            )
            for row in rows
            if Session(row.created_at, row.seen_at).open(now)
        ]
    )


def end_sessions(request: Any, scope: Any) -> identity.EndSessions.Reply:
    with scope.begin() as tx:
        user = own_row(tx, scope)
        ended = repository.end_sessions_of(tx, user.user_id, only=request.session_ids)
        if ended:
            repository.log(tx, scope.actor_reference, "session.ended", f"user:{user.user_id}", count=ended)
        return tx.answer(identity.EndSessions.Reply(ended=ended))


def checked_password(request: Any, scope: Any) -> Any:
    """Return the calling user's row when ``request.current`` is his password. Raises PasswordWrong, or TooManyTries."""
    with scope.reading() as db:
        user = own_row(db, scope)
        tries = Tries.of(user.email, request.network)
        tries.check(db, scope.clock.now())
    if not scope.resources.hasher.verify(request.current, user.password_hash):
        with scope.begin() as tx:
            count = tries.count_wrong(tx)
            repository.log(tx, scope.actor_reference, "password.refused", f"user:{user.user_id}", count=count)
        raise PasswordWrong()
    return user


def _account(db: Any, scope: Any) -> identity.Account:
    user = own_row(db, scope)
    factor = queries.second_factor(db, user.user_id)
    values = queries.account(user) | {"wants_question": scope.settings.recovery_question}
    if scope.settings.recovery_question:
        values["question"] = user.question
    if factor is not None and factor.enabled_at is not None:
        values["second_factor_at"] = factor.enabled_at
        values["recovery_codes_left"] = queries.recovery_codes_left(db, user.user_id)
    return identity.Account(**values)


def own_row(db: Any, scope: Any, *, lock: bool = False) -> Any:
    """Return the calling user's row. Raises Forbidden for who is not a user, NotFound for one who is gone."""
    user = queries.user(db, user_id_of(scope.actor), lock=lock)
    if user is None:
        raise NotFound(what=scope.actor_reference)
    if not user.active:
        # A token made a moment before the account was closed proves who asks, and opens nothing (R051).
        raise SessionEnded()
    return user
