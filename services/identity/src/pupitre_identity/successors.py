"""The search for somebody who takes over a structure (R053): for users who have one to hand over, and nobody else."""

from typing import Any

from pupitre_contracts import account_life

from . import access, model, queries
from .own_account import own_row

LARGEST_PAGE = 50


def find_successors(request: Any, scope: Any) -> account_life.FindSuccessors.Reply:
    with scope.reading() as db:
        asking = own_row(db, scope)
    known = (request.user_ids or [])[:LARGEST_PAGE]
    criteria = {"name": request.name, "address": request.address, "email": request.email}
    words = {} if known else model.searched_words(criteria)
    access.require_gestionnaire(scope, "find_successors")
    size = max(1, min(request.page_size, LARGEST_PAGE))
    with scope.reading() as db:
        rows, total = queries.successors(db, words, known, asking.user_id, max(1, request.page), size)
    names = ("user_id", "given_name", "family_name", "email", "postal_code", "city")
    return account_life.FindSuccessors.Reply(
        users=[account_life.Successor(**{name: getattr(row, name) for name in names}) for row in rows], total=total
    )
