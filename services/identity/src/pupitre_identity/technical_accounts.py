"""Accounts for machines: creation by the gestionnaire principal, access tokens, and who calls with them.

Neither creation nor issuing records its answer for the idempotency key, since it holds secrets: a repeated call makes
another account or token, and what the lost answer held stays unknown to everybody.
"""

import uuid
from typing import Any

from pupitre_bus.actors import Actor
from pupitre_contracts import identity, organisation
from pupitre_contracts.errors import AccountRefused, ClientRefused, Forbidden, SessionEnded

from . import model, queries, repository
from .access import is_operator
from .secret_values import digest, matches, new_secret

_LABEL_CHARACTERS = 100
_SEQUENCE = "technical_account"


def create_technical_account(request: Any, scope: Any) -> identity.CreateTechnicalAccount.Reply:
    _require_gestionnaire_principal(scope, request.structure_id)
    client_secret, password = new_secret(), new_secret()
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
        hashes = {"password_digest": digest(password), "client_secret_digest": digest(client_secret)}
        repository.add_technical_account(tx, scope.actor_reference, account | hashes)
        name = f"technical:{account['technical_account_id']}"
        repository.log(
            tx, scope.actor_reference, "technical_account.created", name, structure_id=str(request.structure_id)
        )
        tx.publish(
            identity.TechnicalAccountCreated(
                technical_account_id=account["technical_account_id"],
                structure_id=request.structure_id,
                login=account["login"],
            )
        )
    return identity.CreateTechnicalAccount.Reply(
        account=identity.TechnicalAccount(**account), client_secret=client_secret, password=password
    )


def issue_access_token(request: Any, scope: Any) -> identity.IssueAccessToken.Reply:
    with scope.reading() as db:
        account = queries.account_by_client_id(db, request.client_id)
    if not matches(request.client_secret, account.client_secret_digest if account is not None else None):
        raise ClientRefused()
    token, granted = new_secret(), model.granted_scope(request.scope)
    name = f"technical:{account.technical_account_id}"
    with scope.begin() as tx:
        repository.add_access_token(tx, digest(token), account.technical_account_id, granted)
        repository.log(tx, name, "access_token.issued", name)
    return identity.IssueAccessToken.Reply(
        access_token=token, expires_in=int(model.ACCESS_TOKEN_LIFE.total_seconds()), scope=granted
    )


def resume_access_token(request: Any, scope: Any) -> identity.ResumeAccessToken.Reply:
    """Answer for the account that the login names, or without a login for the one that owns the client.

    A software vendor's client calls for many structures, each with the login and password of its own account.
    """
    with scope.reading() as db:
        account = queries.account_by_access_token(db, digest(request.access_token), scope.clock.now())
        if account is None:
            raise SessionEnded()
        if request.login is not None:
            account = _account_of_login(db, request.login, request.password or "")
    actor = Actor("technical", str(account.technical_account_id), account.login, structure_id=account.structure_id)
    return identity.ResumeAccessToken.Reply(
        account=identity.TechnicalAccount(**queries.account_fields(account)), tokens=scope.resources.actor_tokens(actor)
    )


def _account_of_login(db: Any, login: str, password: str) -> Any:
    account = queries.account_by_login(db, login)
    if not matches(password, account.password_digest if account is not None else None):
        raise AccountRefused()
    return account


def _require_gestionnaire_principal(scope: Any, structure_id: uuid.UUID) -> None:
    """Raise Forbidden unless the structure's GP asks (R126), or an operator; NotFound for one that does not exist."""
    if is_operator(scope.actor):
        scope.bus.call(organisation.GetStructure, structure_id=structure_id)
        return
    asking = scope.actor.origin
    if asking.kind == "user":
        rights = scope.bus.call(
            organisation.RightsOfActor, kind="user", actor_id=uuid.UUID(asking.id), structure_id=structure_id
        )
        if any(each.structure_id == structure_id and each.role == "GP" for each in rights.structures):
            return
    raise Forbidden(needed="GP")
