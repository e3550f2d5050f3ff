"""Leaving: an account is closed by its owner, whose roles pass on first (R050 to R053), reopened within 60 days (R054 to R056), or erased.

Closing touches two services. The wish is committed here first: from then on nobody takes the user for a successor. Then organisation
hands over all his roles in one transaction, and only then the account closes. Whatever dies in between, the wish is still there, and
``finish`` goes on with it: handing over what is handed over already changes nothing.
"""

import datetime
import logging
import uuid
from typing import Any

from pupitre_contracts import account_life, rattachements
from pupitre_contracts.errors import Conflict, NotFound, PasswordTooWeak, PupitreError, TimedOut, Unavailable

from . import concealment, life_records, links, model, passwords, queries, repository, secret_question, tables, wishes
from .own_account import own_row

log = logging.getLogger(__name__)

#: A wish older than this is not being carried out by the call that brought it any more.
LEFT_BEHIND = datetime.timedelta(seconds=60)
ERASED_AT_ONCE = 100


def deactivate(request: Any, scope: Any) -> account_life.DeactivateAccount.Reply:
    successors = [{"structure_id": str(each.structure_id), "user_id": str(each.user_id)} for each in request.successors]
    leaving_id = uuid.uuid4()
    with scope.begin() as tx:
        user = own_row(tx, scope, lock=True)
        life_records.begin_leaving(tx, user.user_id, leaving_id, successors)
        repository.log(tx, scope.actor_reference, "user.leaving", scope.actor_reference)
    try:
        return _leave(scope, user.user_id, leaving_id, successors, account_life.DeactivateAccount.Reply)
    except (TimedOut, Unavailable):
        return account_life.DeactivateAccount.Reply(done=False)


def finish(scope: Any) -> None:
    """Carry out what was asked for and not carried out, because something died or did not answer."""
    with scope.reading() as db:
        rows = queries.leaving(db, tables.leaving.c.asked_at <= scope.clock.now() - LEFT_BEHIND)
    for row in rows:
        try:
            _leave(scope, row.user_id, row.leaving_id, row.successors)
        except (TimedOut, Unavailable) as error:
            log.warning("user %s still waits to leave: %s", row.user_id, error)
        except PupitreError as error:
            log.warning("user %s stays: %s", row.user_id, error)


def somebody_waits(db: Any, now: datetime.datetime) -> bool:
    return bool(queries.leaving(db, tables.leaving.c.asked_at <= now - LEFT_BEHIND))


def _leave(
    scope: Any, user_id: uuid.UUID, leaving_id: uuid.UUID, successors: list[dict[str, str]], reply: Any | None = None
) -> Any:
    """Hand the roles over and close the account; a refusal ends the wish. Return the ``reply`` of the call that asked for it."""
    name = f"user:{user_id}"
    try:
        named = [account_life.Succession.load(each) for each in successors]
        scope.bus.call(rattachements.HandOverRoles, user_id=user_id, successors=named)
    except (TimedOut, Unavailable):
        raise
    except PupitreError as error:
        with scope.begin() as tx:
            life_records.forget_leaving(tx, user_id, leaving_id)
            repository.log(tx, name, "user.leaving_refused", name, code=error.code)
        raise
    with scope.begin() as tx:
        user = queries.user(tx, user_id, lock=True)
        if not life_records.forget_leaving(tx, user_id, leaving_id):
            if user.active:
                raise Conflict(what="account")
            return reply(done=True, until=model.reactivation_ends(user.deactivated_at)) if reply else None
        repository.change_user(tx, name, user_id, {"active": False, "deactivated_at": tx.now})
        ended = repository.end_sessions_of(tx, user_id)
        life_records.end_challenges(tx, user_id)
        for purpose in ("activation", "reset"):
            repository.replace_links(tx, user_id, purpose)
        until = model.reactivation_ends(tx.now)
        repository.log(tx, name, "user.deactivated", name, sessions_ended=ended)
        tx.publish(account_life.UserDeactivated(user_id=user_id, until=until))
        return tx.answer(reply(done=True, until=until)) if reply else None


def ask_reactivation(request: Any, scope: Any) -> account_life.AskReactivation.Reply:
    with scope.begin() as tx:
        wishes.add(tx, "reactivation", request.email, request.network)
    return account_life.AskReactivation.Reply()


def reopen(request: Any, scope: Any) -> account_life.ReopenAccount.Reply:
    """After the 60 days, as long as there is something to reopen: the support has made sure of the person."""
    with scope.begin() as tx:
        user = queries.user_by_email(tx, request.email)
        if not is_deactivated(user):
            raise NotFound(what=f"user {request.email}")
        links.ask(tx, scope, user, "reopening")
        return tx.answer(account_life.ReopenAccount.Reply())


def reactivate(request: Any, scope: Any) -> account_life.ReactivateAccount.Reply:
    """The password, and where there is one the question, are new (R055)."""
    hasher = scope.resources.hasher
    with scope.reading() as db:
        _, user = links.follow(db, request.link, "reactivation", scope.clock.now())
    passwords.check(request.password, personal=(user.email, user.given_name, user.family_name))
    if hasher.verify(request.password, user.password_hash):
        raise PasswordTooWeak(
            why_fr="c'est celui d'avant la désactivation ; choisissez-en un nouveau",
            why_en="it is the one from before the deactivation; choose a new one",
        )
    values: dict[str, Any] = {}
    if scope.settings.recovery_question:
        values = secret_question.hashed(scope, request.question, request.new_answer, answer_field="new_answer")
        secret_question.check_answer(scope, user, request.answer)
    values["password_hash"] = hasher.hash(request.password)
    with scope.begin() as tx:
        link, user = links.follow(tx, request.link, "reactivation", tx.now, lock=True)
        name = f"user:{user.user_id}"
        repository.use_link(tx, link.link_id)
        for purpose in links.REACTIVATES:
            repository.replace_links(tx, user.user_id, purpose)
        opened = {"active": True, "deactivated_at": None, "password_changed_at": tx.now}
        repository.change_user(tx, name, user.user_id, values | opened)
        repository.log(tx, name, "user.reactivated", name)
        tx.publish(account_life.UserReactivated(user_id=user.user_id))
    return account_life.ReactivateAccount.Reply(email=user.email)


def erase_due(scope: Any) -> None:
    """Take the personal data of accounts away that were closed long ago. The row stays, for what histories name by it."""
    days = datetime.timedelta(days=scope.settings.erasure_days)
    while True:
        with scope.reading() as db:
            due = queries.deactivated_before(db, scope.clock.now() - days, ERASED_AT_ONCE)
            due = [each for each in due if _is_due(scope, queries.user(db, each), days)]
        for user_id in due:
            _erase(scope, user_id, days)
        if len(due) < ERASED_AT_ONCE:
            return


def _is_due(scope: Any, user: Any, days: datetime.timedelta) -> bool:
    """Whatever the setting says, nobody loses what he can still reactivate himself."""
    now = scope.clock.now()
    return is_deactivated(user) and now >= max(model.reactivation_ends(user.deactivated_at), user.deactivated_at + days)


def _erase(scope: Any, user_id: uuid.UUID, days: datetime.timedelta) -> None:
    with scope.begin() as tx:
        user = queries.user(tx, user_id, lock=True)
        if not _is_due(scope, user, days):
            return  # reopened a moment ago
        life_records.delete_all_of(tx, user_id)
        concealment.forget(tx, user_id)
        repository.erase_user(tx, user_id)
        repository.log(tx, "service:identity", "user.erased", f"user:{user_id}")
        tx.publish(account_life.UserErased(user_id=user_id))


def is_deactivated(user: Any) -> bool:
    return user is not None and not user.active and user.deactivated_at is not None and user.erased_at is None
