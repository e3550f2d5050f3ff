"""Filters of lists that a user keeps: his own, under a name of his, at most one of a list its beginning."""

import uuid
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import saved_filters as contract
from pupitre_contracts.errors import Invalid, NotFound

from . import queries, repository
from .access import user_id_of
from .tables import saved_filter

_LISTED = sa.select(saved_filter).order_by(sa.func.lower(saved_filter.c.name), saved_filter.c.filter_id)


def list_filters(request: Any, scope: Any) -> contract.ListSavedFilters.Reply:
    wanted = _LISTED.where(saved_filter.c.user_id == user_id_of(scope.actor), saved_filter.c.list == request.list)
    with scope.reading() as db:
        return contract.ListSavedFilters.Reply(filters=[_told(row) for row in db.execute(wanted)])


def save_filter(request: Any, scope: Any) -> contract.SaveFilter.Reply:
    user_id, name = user_id_of(scope.actor), " ".join(request.name.split())
    mine = (saved_filter.c.user_id == user_id, saved_filter.c.list == request.list)
    with scope.begin() as tx:
        queries.user(tx, user_id, lock=True)  # who saves two at once has them counted in turn
        same = tx.execute(sa.select(saved_filter.c.filter_id).where(*mine, saved_filter.c.name == name)).scalar()
        counted = tx.execute(sa.select(sa.func.count()).select_from(saved_filter).where(*mine)).scalar_one()
        if same is None and counted >= contract.MOST_FILTERS:
            full = f"{contract.MOST_FILTERS} filtres au plus, supprimez-en un / at most {contract.MOST_FILTERS} filters, delete one"
            raise Invalid(what="filter", fields={"name": [full]})
        if request.default:
            tx.execute(saved_filter.update().where(*mine).values(default=False))
        values = {"query": request.query, "default": request.default, "changed_at": tx.now}
        filter_id = same or uuid.uuid4()
        if same is None:
            keys = {"filter_id": filter_id, "user_id": user_id, "list": request.list, "name": name}
            tx.execute(saved_filter.insert().values(**keys, **values))
        else:
            tx.execute(saved_filter.update().where(saved_filter.c.filter_id == same).values(**values))
        repository.log(
            tx, scope.actor_reference, "filter.saved", f"user:{user_id}",
            filter_id=str(filter_id), list=request.list, default=request.default,
        )  # fmt: skip
        row = tx.execute(sa.select(saved_filter).where(saved_filter.c.filter_id == filter_id)).one()
        return tx.answer(contract.SaveFilter.Reply(filter=_told(row)))


def delete_filter(request: Any, scope: Any) -> contract.DeleteSavedFilter.Reply:
    user_id = user_id_of(scope.actor)
    with scope.begin() as tx:
        mine = (saved_filter.c.filter_id == request.filter_id, saved_filter.c.user_id == user_id)
        if tx.execute(saved_filter.delete().where(*mine)).rowcount != 1:
            raise NotFound(what=f"filter {request.filter_id}")
        repository.log(tx, scope.actor_reference, "filter.deleted", f"user:{user_id}", filter_id=str(request.filter_id))
        return tx.answer(contract.DeleteSavedFilter.Reply())


def _told(row: Any) -> contract.SavedFilter:
    return contract.SavedFilter(**{name: getattr(row, name) for name in contract.SavedFilter.declared})
