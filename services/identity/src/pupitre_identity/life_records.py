"""What identity writes about the life of an account; every function works in the transaction it is given."""

import uuid
from collections.abc import Iterable
from typing import Any

from . import tables

#: Every table whose rows belong to one user, beside his own row: a test compares it with those that there are.
OF_USER = (
    tables.session,
    tables.account_link,
    tables.account_document,
    tables.saved_filter,
    tables.external_identity,
    tables.leaving,
    tables.second_factor,
    tables.recovery_code,
    tables.sign_in_challenge,
)


def start_second_factor(tx: Any, user_id: uuid.UUID, enrolment_id: uuid.UUID) -> None:
    """Store an authenticator to be confirmed, in place of one that never was."""
    drop_second_factor(tx, user_id)
    values = {"user_id": user_id, "enrolment_id": enrolment_id, "started_at": tx.now, "last_step": 0}
    tx.execute(tables.second_factor.insert().values(**values))


def enable_second_factor(tx: Any, user_id: uuid.UUID, enrolment_id: uuid.UUID, step: int) -> bool:
    """Let an authenticator count from now on; False if it was confirmed or replaced meanwhile."""
    table = tables.second_factor
    mine = (table.c.user_id == user_id, table.c.enrolment_id == enrolment_id, table.c.enabled_at.is_(None))
    return tx.execute(table.update().where(*mine).values(enabled_at=tx.now, last_step=step)).rowcount == 1


def take_step(tx: Any, user_id: uuid.UUID, step: int) -> bool:
    """Use the code of an interval up; False when it, or a later one, was used before: of two at once one gets it."""
    table = tables.second_factor
    taken = table.update().where(table.c.user_id == user_id, table.c.last_step < step).values(last_step=step)
    return tx.execute(taken).rowcount == 1


def drop_second_factor(tx: Any, user_id: uuid.UUID) -> None:
    for table in (tables.second_factor, tables.recovery_code, tables.sign_in_challenge):
        tx.execute(table.delete().where(table.c.user_id == user_id))


def replace_recovery_codes(tx: Any, user_id: uuid.UUID, digests: Iterable[str]) -> None:
    table = tables.recovery_code
    tx.execute(table.delete().where(table.c.user_id == user_id))
    tx.execute(table.insert(), [{"digest": digest, "user_id": user_id} for digest in digests])


def use_recovery_code(tx: Any, user_id: uuid.UUID, digest: str) -> bool:
    """Use a recovery code up; False when it is none of the user's, or was used."""
    table = tables.recovery_code
    mine = (table.c.digest == digest, table.c.user_id == user_id, table.c.used_at.is_(None))
    return tx.execute(table.update().where(*mine).values(used_at=tx.now)).rowcount == 1


def add_challenge(tx: Any, digest: str, user_id: uuid.UUID) -> None:
    """Store a sign-in that waits for its code."""
    tx.execute(tables.sign_in_challenge.insert().values(digest=digest, user_id=user_id, asked_at=tx.now, wrong=0))


def count_wrong_code(tx: Any, digest: str) -> None:
    table = tables.sign_in_challenge
    tx.execute(table.update().where(table.c.digest == digest).values(wrong=table.c.wrong + 1))


def end_challenges(tx: Any, user_id: uuid.UUID) -> None:
    table = tables.sign_in_challenge
    tx.execute(table.delete().where(table.c.user_id == user_id))


def begin_leaving(tx: Any, user_id: uuid.UUID, leaving_id: uuid.UUID, successors: list[dict[str, str]]) -> None:
    """Store that a user wants to leave, in place of what he asked before."""
    forget_leaving(tx, user_id)
    values = {"user_id": user_id, "leaving_id": leaving_id, "successors": successors, "asked_at": tx.now}
    tx.execute(tables.leaving.insert().values(**values))


def forget_leaving(tx: Any, user_id: uuid.UUID, leaving_id: uuid.UUID | None = None) -> bool:
    """Forget that a user wants to leave, that one request alone where it is named; tell whether there was one."""
    table = tables.leaving
    mine = table.delete().where(table.c.user_id == user_id)
    return tx.execute(mine if leaving_id is None else mine.where(table.c.leaving_id == leaving_id)).rowcount == 1


def add_sollicitation(tx: Any, values: dict[str, Any]) -> None:
    tx.execute(tables.support_sollicitation.insert().values(sent_at=tx.now, **values))


def delete_all_of(tx: Any, user_id: uuid.UUID) -> None:
    """Delete what belongs to an account beside its own row; files that no document names any more are swept from the blob store."""
    for table in OF_USER:
        tx.execute(table.delete().where(table.c.user_id == user_id))
