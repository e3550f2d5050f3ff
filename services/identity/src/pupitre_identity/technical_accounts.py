"""Accounts for machines: creation by the gestionnaire principal, access tokens, and who calls with them.

Neither creation nor issuing records its answer for the idempotency key, since it holds secrets. A repeated call for a token makes
another one; a repeated creation is refused, and what the lost answer held stays unknown to everybody.
"""

import datetime
import uuid
from typing import Any

from pupitre_bus.actors import Actor
from pupitre_bus.admission import is_operator
from pupitre_contracts import identity, organisation
from pupitre_contracts.errors import AccountRefused, ClientRefused, SecretsShown, SessionEnded
from pupitre_contracts.technical_accounts import SECRET_KINDS

from . import access, model, queries, repository, secret_life, technical_secrets
from .secret_values import digest, new_secret

_LABEL_CHARACTERS = 100
_SEQUENCE = "technical_account"


def create_technical_account(request: Any, scope: Any) -> identity.CreateTechnicalAccount.Reply:
    if is_operator(scope.actor):
        scope.bus.call(organisation.GetStructure, structure_id=request.structure_id)
    access.require(scope, "create_technical_account", {request.structure_id: f"structure {request.structure_id}"})
    with scope.begin() as tx:
        number = repository.next_number(tx, _SEQUENCE)
        account = {
            "technical_account_id": uuid.uuid4(),
            "portal_number": number,
            "structure_id": request.structure_id,
            "login": model.technical_login(number),
            "client_id": str(uuid.uuid4()),
            "label": " ".join(request.label.split())[:_LABEL_CHARACTERS],
        }
        if not repository.add_technical_account(tx, scope.actor_reference, account, scope.idempotency_key):
            raise SecretsShown()
        made, expires_at = technical_secrets.issue(tx, scope, account["technical_account_id"], SECRET_KINDS)
        name = f"technical:{account['technical_account_id']}"
        repository.log(tx, scope.actor_reference, "technical_account.created", name, after=account)
        tx.publish(
            identity.TechnicalAccountCreated(
                technical_account_id=account["technical_account_id"],
                structure_id=request.structure_id,
                login=account["login"],
            )
        )
    return identity.CreateTechnicalAccount.Reply(
        account=identity.TechnicalAccount(**account), secret_expires_at=expires_at, **made
    )


def issue_access_token(request: Any, scope: Any) -> identity.IssueAccessToken.Reply:
    with scope.reading() as db:
        account = queries.account_by_client_id(db, request.client_id)
        used = technical_secrets.check(db, account, "client_secret", request.client_secret, scope.clock.now())
    if used is None:
        raise ClientRefused()
    until = secret_life.end_of(used.expires_at, used.ends_at)
    token, granted = new_secret(), model.granted_scope(request.scope)
    name = f"technical:{account.technical_account_id}"
    with scope.begin() as tx:
        ends_at = min(tx.now + model.ACCESS_TOKEN_LIFE, until)
        expires_in = max(1, int((ends_at - tx.now).total_seconds()))
        repository.add_access_token(tx, digest(token), used, granted, ends_at)
        repository.log(tx, name, "access_token.issued", name)
    return identity.IssueAccessToken.Reply(access_token=token, expires_in=expires_in, scope=granted, secret_expires_at=until)


def resume_access_token(request: Any, scope: Any) -> identity.ResumeAccessToken.Reply:
    """Answer for the account that the login names, or without a login for the one that owns the client.

    A software vendor's client calls for many structures, each with the login and password of its own account.
    """
    now = scope.clock.now()
    with scope.reading() as db:
        account = queries.account_by_access_token(db, digest(request.access_token), now)
        if account is None:
            raise SessionEnded()
        if account.secret_expires_at <= now:
            raise secret_life.expired("client_secret", account.login, account.secret_expires_at)
        until = secret_life.end_of(account.secret_expires_at, account.secret_ends_at)
        if request.login is not None:
            account, used = _account_of_login(db, request.login, request.password or "", now)
            until = min(until, secret_life.end_of(used.expires_at, used.ends_at))
    actor = Actor("technical", str(account.technical_account_id), account.login, structure_id=account.structure_id)
    return identity.ResumeAccessToken.Reply(
        account=identity.TechnicalAccount(**queries.account_fields(account)),
        tokens=scope.resources.actor_tokens(actor),
        secret_expires_at=until,
    )


def _account_of_login(db: Any, login: str, password: str, now: datetime.datetime) -> tuple[Any, Any]:
    account = queries.account_by_login(db, login)
    used = technical_secrets.check(db, account, "password", password, now)
    if used is None:
        raise AccountRefused()
    return account, used
