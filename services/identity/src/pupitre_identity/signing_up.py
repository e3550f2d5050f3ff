"""Getting an account, and getting into it again when the password is forgotten.

Anybody may ask, so every answer is the same whether the address has an account or not (RS-57); only its owner learns, by mail. None
of these calls records its answer: the record would hold a fast hash of the password.
"""

import uuid
from typing import Any

from pupitre_contracts import identity
from pupitre_contracts.errors import PasswordWrong

from . import concealment, links, model, passwords, queries, repository, secret_question, tries
from .sign_in import ANYBODY
from .tries import Tries


def sign_up(request: Any, scope: Any) -> identity.SignUp.Reply:
    """An account that was never activated may be signed up for again: the last password and names hold, and a new link goes out."""
    email = model.checked_email(request.email)
    names = model.checked_personal_data({"given_name": request.given_name, "family_name": request.family_name})
    passwords.check(request.password, personal=(email, *names.values()))
    values = {**names, "language": request.language, "password_hash": scope.resources.hasher.hash(request.password)}
    with scope.begin() as tx:
        tries.count_request(tx, "sign-up", request.network)
        user_id = uuid.uuid4()
        key = model.email_key(email)
        if repository.add_user(tx, f"user:{user_id}", {"user_id": user_id, "email": email, "email_key": key, **values}):
            after = concealment.concealed(tx, user_id, {"email": email, "language": request.language, **names})
            repository.log(tx, f"user:{user_id}", "user.signed_up", f"user:{user_id}", after=after)
            tx.publish(identity.UserCreated(user_id=user_id, email=email, **names))
        user = queries.user_by_email(tx, email)
        if user.activated_at is None:
            if user.user_id != user_id:
                repository.change_user(tx, ANYBODY, user.user_id, values | {"password_changed_at": tx.now})
                told = concealment.changes(tx, user, {**names, "language": request.language})
                repository.log(tx, ANYBODY, "user.signed_up_again", f"user:{user.user_id}", **told)
            links.ask(tx, scope, user, "activation")
        else:
            repository.log(tx, ANYBODY, "user.sign_up_repeated", f"user:{user.user_id}")
            tx.publish(identity.SignUpRepeated(user_id=user.user_id))
    return identity.SignUp.Reply()


def ask_for_link(request: Any, scope: Any) -> identity.AskForLink.Reply:
    with scope.begin() as tx:
        tries.count_request(tx, "link", request.network)
        user = queries.user_by_email(tx, request.email)
        if user is not None and user.active and (user.activated_at is None) == (request.purpose == "activation"):
            links.ask(tx, scope, user, request.purpose)
        else:
            repository.log(tx, ANYBODY, f"link.refused:{request.purpose}", "unknown")
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
