"""The search for somebody who takes over the role of gestionnaire principal (R053), on the pages that need one."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import request
from pupitre_contracts import account_life, errors

from . import bus, navigation
from .errors import message
from .paging import last_page, page_number

PAGE = 10
#: The criteria as addresses name them, and as the service does.
CRITERIA = {"nom": "name", "adresse": "address", "mail": "email"}


@dataclass
class Search:
    """What was searched for and found; ``asked`` is by the names of the address."""

    asked: dict[str, str]
    users: list[Any] = field(default_factory=list)
    total: int = 0
    page: int = 1
    refusal: str | None = None

    @property
    def is_asked(self) -> bool:
        return bool(self.asked)

    @property
    def last_page(self) -> int:
        return last_page(self.total, PAGE)

    @property
    def first_shown(self) -> int:
        return (self.page - 1) * PAGE + 1

    @property
    def last_shown(self) -> int:
        return self.first_shown + len(self.users) - 1


def search() -> Search:
    """Search what the address asks for; what the service refuses is said beside the form."""
    asked = {name: text for name in CRITERIA if (text := request.args.get(name, "").strip())}
    found = Search(asked, page=page_number())
    if not asked:
        return found
    try:
        answer = bus.call(
            account_life.FindSuccessors,
            **{CRITERIA[name]: text for name, text in asked.items()},
            page=found.page,
            page_size=PAGE,
        )
    except errors.Invalid as error:
        found.refusal = message(error)
    else:
        found.users, found.total = answer.users, answer.total
    return found


def named(user_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Return users who were chosen before and can still take over, by id."""
    wanted = sorted(set(user_ids))
    if not wanted:
        return {}
    found = bus.call(account_life.FindSuccessors, user_ids=wanted, page_size=50).users
    return {user.user_id: user for user in found}


def managed() -> list[Any]:
    """Return the structures of which the visitor is gestionnaire principal."""
    return [structure for structure in navigation.rights() if structure.role == "GP"]


def as_uuid(text: str | None) -> uuid.UUID | None:
    """Return the identifier that an address or a form holds, or None for anything else."""
    try:
        return uuid.UUID(text or "")
    except ValueError:
        return None
