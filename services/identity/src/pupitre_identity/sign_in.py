"""Signing in, the session that follows, and signing out.

A refusal never tells why, and takes the same time whether the account exists or not. Replies that hold a secret are
not recorded for the idempotency key: a repeated sign-in opens another session, and the first is never used.
"""

from typing import Any

from pupitre_bus.actors import Actor
from pupitre_contracts import account_life, identity
from pupitre_contracts.errors import AccountDeactivated, NotActivated, SessionEnded, SignInRefused

from . import external_sign_in, model, queries, repository, second_factor
from .secret_values import digest, new_secret
from .tries import Tries

ANYBODY = "anonymous"
AGENT_CHARACTERS = 200


def sign_in(request: Any, scope: Any) -> identity.SignIn.Reply:
    tries = Tries.of(request.email, request.network)
    with scope.reading() as db:
        tries.check(db, scope.clock.now())
        user = queries.user_by_email(db, request.email)
    hasher = scope.resources.hasher
    right = hasher.verify(request.password, user.password_hash if user is not None else None)
    if not right or not (user.active or user.deactivated_at):
        _refuse(scope, tries, user)
    if not user.active:
        over = scope.clock.now() >= model.reactivation_ends(user.deactivated_at)
        raise AccountDeactivated(over=over, until=model.last_day(user.deactivated_at).isoformat())
    if user.activated_at is None:
        raise NotActivated()
    external_sign_in.require_local(scope, user)
    renewed = hasher.hash(request.password) if hasher.outdated(user.password_hash) else None
    second_factor.require(scope, user, tries)
    with scope.begin() as tx:
        # Guesses sent all at once are judged in turn: after one wrong, the right one comes too early.
        tries.check(tx, tx.now, lock=True)
        tries.forget(tx)
        session = _open_session(tx, user, tries.network, request.agent, renewed)
    return identity.SignIn.Reply(session=session, user=identity.User(**queries.user_fields(user)))


def sign_in_with_code(request: Any, scope: Any) -> account_life.SignInWithCode.Reply:
    return second_factor.sign_in(request, scope, _open_session)


def resume_session(request: Any, scope: Any) -> identity.ResumeSession.Reply:
    now = scope.clock.now()
    key = digest(request.session)
    with scope.reading() as db:
        found = queries.session_with_user(db, key)
    if found is None or not found[0].open(now) or not found[1].active:
        raise SessionEnded()
    session, user = found
    if session.due_for_touch(now):
        with scope.begin() as tx:
            repository.touch_session(tx, key)
    actor = Actor("user", str(user.user_id), f"{user.given_name} {user.family_name}")
    fields = queries.user_fields(user, last_sign_in_at=session.previous_sign_in_at)
    return identity.ResumeSession.Reply(user=identity.User(**fields), tokens=scope.resources.actor_tokens(actor))


def sign_out(request: Any, scope: Any) -> identity.SignOut.Reply:
    with scope.begin() as tx:
        user_id = repository.end_session(tx, digest(request.session))
        if user_id is not None:
            repository.log(tx, f"user:{user_id}", "session.ended", f"user:{user_id}")
        return tx.answer(identity.SignOut.Reply())


def _open_session(tx: Any, user: Any, network: str, agent: str | None, renewed: str | None = None) -> str:
    """Open a session and return its secret. Raises SignInRefused for an account that was closed since its row was read."""
    session, present = new_secret(), queries.user(tx, user.user_id, lock=True)
    if not present.active:
        raise SignInRefused()
    repository.signed_in(tx, user.user_id, renewed)
    shown = (agent or "")[:AGENT_CHARACTERS] or None
    repository.add_session(tx, digest(session), user.user_id, network, shown, present.last_sign_in_at)
    repository.log(tx, f"user:{user.user_id}", "session.opened", f"user:{user.user_id}", network=network)
    return session


def _refuse(scope: Any, tries: Tries, user: Any | None) -> None:
    with scope.begin() as tx:
        count = tries.count_wrong(tx)
        target = f"user:{user.user_id}" if user is not None else "unknown"
        repository.log(tx, ANYBODY, "session.refused", target, network=tries.network, count=count)
    raise SignInRefused()
