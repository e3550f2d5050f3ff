"""The secrets of technical accounts: made, checked, replaced with or without an overlap, taken away once, announced before they expire."""

import datetime
import uuid
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from pupitre_contracts import identity
from pupitre_contracts import technical_accounts as contract
from pupitre_contracts.errors import AccountRefused, AlreadyExported, Conflict, Invalid, NotFound

from . import access, queries, repository, secret_life
from .secret_values import digest, matches, new_secret

#: How many expiries one run announces in one transaction.
BATCH = 200


def issue(tx: Any, scope: Any, account_id: uuid.UUID, kinds: Sequence[str]) -> tuple[dict[str, str], datetime.datetime]:
    """Make a secret of each kind and return them with the moment of their expiry; only their digests are stored (R235)."""
    made = {kind: new_secret() for kind in kinds}
    expires_at = secret_life.expiry(scope.settings.technical_secret_days, tx.now)
    warn_at = secret_life.next_warning(expires_at, tx.now)
    for kind, secret in made.items():
        repository.add_technical_secret(tx, scope.actor_reference, account_id, kind, digest(secret), expires_at, warn_at)
    return made, expires_at


def check(db: Any, account: Any | None, kind: str, secret: str, now: datetime.datetime) -> Any | None:
    """Return the row of the account's secret that ``secret`` is, None when it is none that is good.

    Raises SecretExpired to whoever holds one that has expired; it takes the same time for an account that does not exist.
    """
    rows = queries.good_secrets(db, account.technical_account_id, kind, now) if account is not None else []
    found = [row for row in rows if matches(secret, row.digest)]
    if not rows:
        matches(secret, None)
    if not found:
        return None
    if found[0].expires_at <= now:
        raise secret_life.expired(kind, account.login, found[0].expires_at)
    return found[0]


def renew(request: Any, scope: Any) -> contract.RenewTechnicalSecrets.Reply:
    kinds = tuple(kind for kind in contract.SECRET_KINDS if kind in request.kinds)
    faults = {} if kinds else {"kinds": ["à choisir / to be chosen"]}
    if not 0 <= request.overlap_days <= contract.MOST_OVERLAP_DAYS:
        faults["overlap_days"] = [f"de 0 à {contract.MOST_OVERLAP_DAYS} jours / from 0 to {contract.MOST_OVERLAP_DAYS} days"]
    if faults:
        raise Invalid(what="technical account", fields=faults)
    account = managed_account(scope, "renew_technical_secrets", request.technical_account_id)
    with scope.begin() as tx:
        _next_version(tx, scope, account, request.version)
        until = tx.now + datetime.timedelta(days=request.overlap_days)
        for kind in kinds:
            _replace(tx, scope, account, kind, until)
        made, expires_at = issue(tx, scope, account.technical_account_id, kinds)
        how = "rotation" if request.overlap_days else "reset"
        former = {"former_until": until} if request.overlap_days else {}
        repository.log(
            tx, scope.actor_reference, "technical_secret.renewed", _name(account),
            structure_id=str(account.structure_id), kinds=list(kinds), overlap_days=request.overlap_days,
        )  # fmt: skip
        tx.publish(
            contract.TechnicalSecretRenewed(
                **_told(account), kinds=list(kinds), how=how, expires_at=expires_at, renewed_by=scope.actor_reference, **former
            )
        )
    return contract.RenewTechnicalSecrets.Reply(
        account=identity.TechnicalAccount(**queries.account_fields(account)), secret_expires_at=expires_at, **made, **former
    )


def _replace(tx: Any, scope: Any, account: Any, kind: str, until: datetime.datetime) -> None:
    """End the present secret of a kind at ``until``, and at once what it overlapped itself: at most two are good at a time."""
    present, *older = queries.good_secrets(tx, account.technical_account_id, kind, tx.now)[:3] or [None]
    for row in older:
        repository.end_technical_secret(tx, scope.actor_reference, row.secret_id, tx.now)
    if present is not None:
        end = until if present.ends_at is None else min(until, present.ends_at)
        repository.end_technical_secret(tx, scope.actor_reference, present.secret_id, end)


def revoke(request: Any, scope: Any) -> contract.RevokeTechnicalAccount.Reply:
    account = managed_account(scope, "revoke_technical_account", request.technical_account_id)
    with scope.begin() as tx:
        _next_version(tx, scope, account, request.version)
        repository.end_technical_account(tx, scope.actor_reference, account.technical_account_id)
        repository.log(
            tx, scope.actor_reference, "technical_account.revoked", _name(account), structure_id=str(account.structure_id)
        )
        told = {name: value for name, value in _told(account).items() if name != "label"}
        tx.publish(contract.TechnicalAccountRevoked(**told, revoked_by=scope.actor_reference))
        return tx.answer(contract.RevokeTechnicalAccount.Reply())


def take_connection_data(request: Any, scope: Any) -> contract.TakeConnectionData.Reply:
    given = {kind: getattr(request, kind) for kind in contract.SECRET_KINDS if getattr(request, kind) is not None}
    if not given:
        raise Invalid(what="technical account", fields={"password": ["à renseigner / needed"]})
    account = managed_account(scope, "take_connection_data", request.technical_account_id)
    with scope.begin() as tx:
        rows = [check(tx, account, kind, secret, tx.now) for kind, secret in given.items()]
        if not all(rows):
            raise AccountRefused()
        if not repository.export_technical_secrets(tx, [row.secret_id for row in rows]):
            raise AlreadyExported()
        repository.log(
            tx, scope.actor_reference, "technical_secret.exported", _name(account),
            structure_id=str(account.structure_id), kinds=sorted(given),
        )  # fmt: skip
    return contract.TakeConnectionData.Reply(
        account=identity.TechnicalAccount(**queries.account_fields(account)),
        secret_expires_at=min(secret_life.end_of(row.expires_at, row.ends_at) for row in rows),
    )


def list_technical_accounts(request: Any, scope: Any) -> contract.ListTechnicalAccounts.Reply:
    access.require(scope, "list_technical_accounts", {each: f"structure {each}" for each in request.structure_ids})
    now = scope.clock.now()
    with scope.reading() as db:
        accounts = queries.technical_accounts_of(db, request.structure_ids)
        secrets = queries.good_secrets_of(db, [account.technical_account_id for account in accounts], now)
    return contract.ListTechnicalAccounts.Reply(
        accounts=[
            contract.ManagedAccount(
                account=identity.TechnicalAccount(**queries.account_fields(account)),
                active=account.active,
                version=account.version,
                created_at=account.created_at,
                secrets=[
                    contract.TechnicalSecret(
                        kind=row.kind,
                        issued_at=row.issued_at,
                        expires_at=row.expires_at,
                        expired=row.expires_at <= now,
                        **({"ends_at": row.ends_at} if row.ends_at is not None else {}),
                    )
                    for row in secrets.get(account.technical_account_id, [])
                ],
            )
            for account in accounts
        ]
    )


def announce_expiries(scope: Any) -> None:
    """Announce what is due, each once: the announcement and the moment of the next one are committed together."""
    while True:
        with scope.begin() as tx:
            rows = queries.secrets_to_announce(tx, tx.now, BATCH)
            for row in rows:
                repository.set_next_warning(tx, row.secret_id, secret_life.next_warning(row.expires_at, tx.now))
            due = sorted(rows, key=lambda row: (str(row.technical_account_id), row.expires_at, row.kind))
            for (_, expires_at), group in groupby(due, key=lambda row: (row.technical_account_id, row.expires_at)):
                together = list(group)
                days = secret_life.days_announced(expires_at, tx.now)
                kinds = [row.kind for row in together]
                tx.publish(
                    contract.TechnicalSecretExpiryAnnounced(
                        **_told(together[0]), kinds=kinds, days=days, expires_at=expires_at
                    )
                )
        if len(rows) < BATCH:
            return


def managed_account(scope: Any, action: str, account_id: uuid.UUID) -> Any:
    """Return the row of an account with which the caller may do ``action``. Raises Forbidden, and NotFound for a stranger's."""
    what = f"technical account {account_id}"
    with scope.reading() as db:
        account = queries.technical_account(db, account_id)
    if account is None:
        raise NotFound(what=what)
    access.require(scope, action, {account.structure_id: what})
    return account


def _next_version(tx: Any, scope: Any, account: Any, version: int) -> None:
    """Let one of those who renew or revoke at once go on. Raises Conflict."""
    if not repository.count_renewal(tx, scope.actor_reference, account.technical_account_id, version):
        raise Conflict(what=f"technical account {account.technical_account_id}")


def _told(row: Any) -> dict[str, Any]:
    names = ("technical_account_id", "structure_id", "login", "label")
    return {name: getattr(row, name) for name in names}


def _name(account: Any) -> str:
    return f"technical:{account.technical_account_id}"
