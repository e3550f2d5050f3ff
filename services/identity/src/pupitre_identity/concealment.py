"""Personal data in a history that is never rewritten: what stands there are keyed digests, whose key can be deleted (RS-75).

Two equal digests of one account tell that a value came back, and nothing else. Erasing an account deletes its secret: the
chain still verifies, and nobody can find out any more, not even by trying, what the values were.
"""

import hashlib
import hmac
import secrets
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from . import tables

_LENGTH = 32
#: Choices among a few: their digests could be told apart by trying, and they say nothing of who somebody is.
_CLEAR = frozenset({"language", "notify_invoicing", "notify_news"})
_LEFT_OUT = frozenset({"user_id", "email_key"})


def concealed(tx: Any, account_id: uuid.UUID, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a line may keep of an account's values: keyed digests, but for choices that say nothing of a person.

    None stays None, as an empty field is no personal data; ids of the account itself are left out.
    """
    secret = _secret(tx, account_id)
    return {
        name: value if name in _CLEAR or value is None else _digest(secret, name, value)
        for name, value in values.items()
        if name not in _LEFT_OUT
    }


def changes(tx: Any, before: Any, values: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return ``before`` and ``after`` of those ``values`` that differ from the user's row ``before``."""
    changed = {name: value for name, value in values.items() if getattr(before, name) != value}
    held = {name: getattr(before, name) for name in changed}
    return {"before": concealed(tx, before.user_id, held), "after": concealed(tx, before.user_id, changed)}


def forget(tx: Any, account_id: uuid.UUID) -> None:
    """Delete the secret of an account: for its erasure."""
    tx.execute(tables.history_secret.delete().where(tables.history_secret.c.account_id == account_id))


def _secret(tx: Any, account_id: uuid.UUID) -> bytes:
    table = tables.history_secret
    tx.insert_once(table, account_id=account_id, secret=secrets.token_bytes(_LENGTH))
    return tx.execute(sa.select(table.c.secret).where(table.c.account_id == account_id)).scalar_one()


def _digest(secret: bytes, field: str, value: Any) -> str:
    return hmac.new(secret, f"{field}\0{value}".encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]
