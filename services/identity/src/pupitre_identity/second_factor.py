"""A second factor for signing in (RS-54): an authenticator's codes, and recovery codes for who has lost it.

The key is made of the enrolment's number and identity's key, so the database does not hold it. Replies that hold secrets are not
recorded for the idempotency key.
"""

import base64
import uuid
from typing import Any

from pupitre_contracts import account_life, identity
from pupitre_contracts.errors import (
    CodeWrong,
    Conflict,
    NotFound,
    SecondFactorNeeded,
    SignInExpired,
    TooManyTries,
)

from . import life_records, model, one_time_codes, queries, repository
from .own_account import checked_password, own_row
from .secret_values import digest, new_secret
from .tries import Tries

#: Codes of one account that are looked at within an hour from all networks together: who tries them knows the password.
#: Recovery codes are not counted, so the owner still gets in.
CODE_KIND, MOST_CODES_ANYWHERE = "second-factor", 100


def start(request: Any, scope: Any) -> account_life.StartSecondFactor.Reply:
    user = checked_password(request, scope)
    with scope.begin() as tx:
        queries.user(tx, user.user_id, lock=True)
        present = queries.second_factor(tx, user.user_id)
        if present is not None and present.enabled_at is not None:
            raise Conflict(what="second_factor")
        life_records.start_second_factor(tx, user.user_id, uuid.uuid4())
        repository.log(tx, scope.actor_reference, "second_factor.started", scope.actor_reference)
    return account_life.StartSecondFactor.Reply()


def pending(request: Any, scope: Any) -> account_life.PendingSecondFactor.Reply:
    with scope.reading() as db:
        user = own_row(db, scope)
        found = queries.second_factor(db, user.user_id)
    if found is None or found.enabled_at is not None:
        raise NotFound(what="second_factor")
    key = _key(scope, found)
    return account_life.PendingSecondFactor.Reply(
        key=one_time_codes.text_of(key), uri=one_time_codes.uri_of(key, user.email)
    )


def confirm(request: Any, scope: Any) -> account_life.ConfirmSecondFactor.Reply:
    with scope.reading() as db:
        user = own_row(db, scope)
        found, attempt = queries.second_factor(db, user.user_id), Tries.of(user.email, request.network)
        attempt.check(db, scope.clock.now())
    if found is None:
        raise NotFound(what="second_factor")
    if found.enabled_at is not None:
        raise Conflict(what="second_factor")
    step = one_time_codes.matching_step(_key(scope, found), request.code, scope.clock.now(), found.last_step)
    if step is None:
        _count_wrong(scope, attempt, user, scope.actor_reference)
        raise CodeWrong()
    codes = one_time_codes.new_recovery_codes()
    with scope.begin() as tx:
        if not life_records.enable_second_factor(tx, user.user_id, found.enrolment_id, step):
            raise Conflict(what="second_factor")
        _replace_codes(tx, user.user_id, codes)
        ended = repository.end_sessions_of(tx, user.user_id, but=digest(request.session))
        name = scope.actor_reference
        repository.log(tx, name, "second_factor.enabled", name, sessions_ended=ended)
        tx.publish(account_life.SecondFactorEnabled(user_id=user.user_id))
    return account_life.ConfirmSecondFactor.Reply(recovery_codes=codes)


def renew_codes(request: Any, scope: Any) -> account_life.RenewRecoveryCodes.Reply:
    user, codes = checked_password(request, scope), one_time_codes.new_recovery_codes()
    with scope.begin() as tx:
        queries.user(tx, user.user_id, lock=True)
        _require_enabled(tx, user.user_id)
        _replace_codes(tx, user.user_id, codes)
        repository.log(tx, scope.actor_reference, "recovery_codes.renewed", scope.actor_reference)
    return account_life.RenewRecoveryCodes.Reply(recovery_codes=codes)


def disable(request: Any, scope: Any) -> account_life.DisableSecondFactor.Reply:
    user = checked_password(request, scope)
    with scope.begin() as tx:
        _disable(tx, scope, user.user_id)
    return account_life.DisableSecondFactor.Reply()


def remove(request: Any, scope: Any) -> account_life.RemoveSecondFactor.Reply:
    """For who has lost everything: an operator who has made sure of the person."""
    with scope.begin() as tx:
        user = queries.user_by_email(tx, request.email)
        if user is None:
            raise NotFound(what=f"user {request.email}")
        _disable(tx, scope, user.user_id)
        return tx.answer(account_life.RemoveSecondFactor.Reply())


def require(scope: Any, user: Any, attempt: Tries) -> None:
    """Raise SecondFactorNeeded, with what the second step goes on with, when signing in asks for a code."""
    with scope.reading() as db:
        found = queries.second_factor(db, user.user_id)
    if found is None or found.enabled_at is None:
        return
    challenge = new_secret()
    with scope.begin() as tx:
        attempt.check(tx, tx.now, lock=True)
        life_records.add_challenge(tx, digest(challenge), user.user_id)
        name = f"user:{user.user_id}"
        repository.log(tx, name, "session.code_asked", name, network=attempt.network)
    raise SecondFactorNeeded(challenge=challenge)


def sign_in(request: Any, scope: Any, open_session: Any) -> account_life.SignInWithCode.Reply:
    """Check the code of a sign-in whose password was right, and open the session with ``open_session``."""
    key = digest(request.challenge)
    with scope.reading() as db:
        user, found = _challenged(db, key, scope.clock.now())
        attempt = Tries.of(user.email, request.network)
        attempt.check(db, scope.clock.now())
    recovery = one_time_codes.recovery_key(request.code)
    name = f"user:{user.user_id}"
    if recovery is None:
        step = _looked_at(scope, user, found, request.code)
    with scope.begin() as tx:
        attempt.check(tx, tx.now, lock=True)
        _challenged(tx, key, tx.now)
        right = (
            life_records.use_recovery_code(tx, user.user_id, digest(recovery))
            if recovery is not None
            else step is not None and life_records.take_step(tx, user.user_id, step)
        )
        if right:
            life_records.end_challenges(tx, user.user_id)
            attempt.forget(tx)
            if recovery is not None:
                repository.log(tx, name, "recovery_code.used", name)
            session = open_session(tx, user, attempt.network, request.agent)
        else:
            life_records.count_wrong_code(tx, key)
            count = attempt.count_wrong(tx)
            repository.log(tx, "anonymous", "session.code_refused", name, network=attempt.network, count=count)
    if not right:
        raise CodeWrong()
    return account_life.SignInWithCode.Reply(session=session, user=identity.User(**queries.user_fields(user)))


def _looked_at(scope: Any, user: Any, found: Any, code: str) -> int | None:
    """Return the interval of an authenticator's code, after counting the look."""
    with scope.begin() as tx:
        counted = queries.requests(tx, CODE_KIND, str(user.user_id), lock=True)
        if wait := counted.wait(tx.now, MOST_CODES_ANYWHERE):
            raise TooManyTries(seconds=wait)
        repository.count_request(tx, CODE_KIND, str(user.user_id))
    return one_time_codes.matching_step(_key(scope, found), code, scope.clock.now(), found.last_step)


def _challenged(db: Any, key: str, now: Any) -> tuple[Any, Any]:
    """Return the rows of the user and of the authenticator of an open challenge. Raises SignInExpired."""
    challenge = queries.challenge(db, key)
    if challenge is not None and now - challenge.asked_at < model.CHALLENGE_LIFE and challenge.wrong < model.MOST_CODES:
        user, found = queries.user(db, challenge.user_id), queries.second_factor(db, challenge.user_id)
        if user.active and found is not None and found.enabled_at is not None:
            return user, found
    raise SignInExpired()


def _key(scope: Any, found: Any) -> bytes:
    secret = scope.resources.keyring.secret_for(f"second factor {found.enrolment_id}")
    return base64.urlsafe_b64decode(secret + "=")[: one_time_codes.KEY_OCTETS]


def _replace_codes(tx: Any, user_id: uuid.UUID, codes: list[str]) -> None:
    life_records.replace_recovery_codes(tx, user_id, [digest(one_time_codes.recovery_key(code)) for code in codes])


def _require_enabled(db: Any, user_id: uuid.UUID) -> None:
    found = queries.second_factor(db, user_id)
    if found is None or found.enabled_at is None:
        raise NotFound(what="second_factor")


def _disable(tx: Any, scope: Any, user_id: uuid.UUID) -> None:
    queries.user(tx, user_id, lock=True)
    _require_enabled(tx, user_id)
    life_records.drop_second_factor(tx, user_id)
    repository.log(tx, scope.actor_reference, "second_factor.disabled", f"user:{user_id}")
    tx.publish(account_life.SecondFactorDisabled(user_id=user_id, disabled_by=scope.actor_reference))


def _count_wrong(scope: Any, attempt: Tries, user: Any, actor: str) -> None:
    with scope.begin() as tx:
        count = attempt.count_wrong(tx)
        repository.log(tx, actor, "second_factor.refused", f"user:{user.user_id}", count=count)
