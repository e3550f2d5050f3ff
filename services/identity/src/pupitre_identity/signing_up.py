"""Getting an account, and getting into it again when the password is forgotten.

Anybody may ask, so every answer, and all the work that is done for it, is the same whether the address has an account or not (RS-57);
only its owner learns, by mail. None of these calls records its answer: the record would hold a fast hash of the password.
"""

from typing import Any

from pupitre_contracts import identity
from pupitre_contracts.errors import PasswordWrong

from . import links, model, passwords, repository, secret_question, wishes
from .sign_in import ANYBODY
from .tries import Tries


def sign_up(request: Any, scope: Any) -> identity.SignUp.Reply:
    email = model.checked_email(request.email)
    names = model.checked_personal_data({"given_name": request.given_name, "family_name": request.family_name})
    passwords.check(request.password, personal=(email, *names.values()))
    values = {**names, "language": request.language, "password_hash": scope.resources.hasher.hash(request.password)}
    with scope.begin() as tx:
        wishes.add(tx, wishes.SIGN_UP, email, request.network, values)
    return identity.SignUp.Reply()


def ask_for_link(request: Any, scope: Any) -> identity.AskForLink.Reply:
    with scope.begin() as tx:
        wishes.add(tx, request.purpose, request.email, request.network)
    return identity.AskForLink.Reply()


def activate_account(request: Any, scope: Any) -> identity.ActivateAccount.Reply:
    """The password of the sign-up is asked for too: who reads the mails of an address did not necessarily sign up with it."""
    now = scope.clock.now()
    with scope.reading() as db:
        _, user = links.follow(db, request.link, "activation", now)
        attempt = Tries.of(user.email, request.network)
        attempt.check(db, now)
    if not scope.resources.hasher.verify(request.password, user.password_hash):
        with scope.begin() as tx:
            count = attempt.count_wrong(tx)
            repository.log(tx, ANYBODY, "user.activation_refused", f"user:{user.user_id}", count=count)
        raise PasswordWrong()
    with scope.begin() as tx:
        link, user = links.follow(tx, request.link, "activation", tx.now, lock=True)
        name = f"user:{user.user_id}"
        repository.use_link(tx, link.link_id)
        repository.change_user(tx, name, user.user_id, {"activated_at": tx.now})
        repository.log(tx, name, "user.activated", name, before={"activated": False}, after={"activated": True})
        tx.publish(identity.UserActivated(user_id=user.user_id))
    return identity.ActivateAccount.Reply(email=user.email)


def reset_password(request: Any, scope: Any) -> identity.ResetPassword.Reply:
    with scope.reading() as db:
        _, user = links.follow(db, request.link, "reset", scope.clock.now())
    passwords.check(request.password, personal=(user.email, user.given_name, user.family_name))
    secret_question.check_answer(scope, user, request.answer)
    hashed = scope.resources.hasher.hash(request.password)
    with scope.begin() as tx:
        link, user = links.follow(tx, request.link, "reset", tx.now, lock=True)
        name = f"user:{user.user_id}"
        repository.use_link(tx, link.link_id)
        repository.change_user(tx, name, user.user_id, {"password_hash": hashed, "password_changed_at": tx.now})
        ended = repository.end_sessions_of(tx, user.user_id)
        repository.log(tx, name, "password.reset", name, sessions_ended=ended)
        tx.publish(identity.PasswordChanged(user_id=user.user_id, how="reset"))
    return identity.ResetPassword.Reply(email=user.email)
