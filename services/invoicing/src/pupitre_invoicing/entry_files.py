"""Files that programs send before the invoice they belong to, kept under a number until it takes them up (ajouter/fichier, deposer/pdf)."""

import datetime
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import errors
from pupitre_contracts import invoicing_entry as calls

from . import checking, model, rights
from .tables import kept_file

#: What no invoice took up by then is let go.
KEPT_FOR = datetime.timedelta(days=30)


def keep_file(request: calls.KeepFile.Request, scope: Any) -> calls.KeepFile.Reply:
    """Keep a file, which is in the blob store already, under the next number."""
    rights.ask(scope).require_deposit(request.structure_id)
    faults = model.check_documents([request], 0)
    if not faults:
        checking.stored_file(scope.resources.blobs, request.sha256)
    if faults:
        raise errors.Invalid(what="KeepFile", fields=faults)
    with scope.begin() as tx:
        values = {name: request.values[name] for name in request.declared}
        insert = kept_file.insert().values(**values, added_at=tx.now).returning(kept_file.c.portal_number)
        number = tx.execute(insert).scalar_one()
        about = {name: value for name, value in values.items() if name != "structure_id"}
        return tx.answer(calls.KeepFile.Reply(file=calls.KeptFile(portal_number=number, **about)))


def kept_files(request: calls.KeptFiles.Request, scope: Any) -> calls.KeptFiles.Reply:
    """Find files of a structure; one of another structure is not found."""
    rights.ask(scope).require_deposit(request.structure_id)
    columns = [kept_file.c[name] for name in calls.KeptFile.declared]
    mine = (kept_file.c.structure_id == request.structure_id, kept_file.c.portal_number.in_(request.portal_numbers))
    with scope.reading() as db:
        found = {row["portal_number"]: row for row in db.execute(sa.select(*columns).where(*mine)).mappings()}
    missing = [number for number in request.portal_numbers if number not in found]
    if missing:
        raise errors.NotFound(what=f"document {missing[0]}")
    return calls.KeptFiles.Reply(files=[calls.KeptFile(**found[number]) for number in request.portal_numbers])


def let_go(scope: Any) -> None:
    """Forget the files that waited too long: those that an invoice took up are its own by now."""
    with scope.begin() as tx:
        tx.execute(kept_file.delete().where(kept_file.c.added_at < tx.now - KEPT_FOR))
