"""The accounts that a structure is paid on (R086 to R089). The log says which was touched, never its number."""

import uuid
from typing import Any

import sqlalchemy as sa
from pupitre_bus import row_security
from pupitre_bus.search_texts import search_key
from pupitre_contracts import bank_details as calls
from pupitre_contracts import document_values
from pupitre_contracts.errors import BankDetailsExist, Conflict, Invalid, NotFound, TooManyKept

from . import access, banking, model, queries, repository, tables

MOST = 100
_table = tables.bank_details
_SHA256_LENGTH = 64


def list_bank_details(request: Any, scope: Any) -> calls.ListBankDetails.Reply:
    with scope.reading() as db:
        access.require(db, scope.actor, "list_bank_details", request.structure_id, day=model.today(scope.clock.now()))
        rows = _present(db, request.structure_id)
    return calls.ListBankDetails.Reply(bank_details=[calls.BankDetailsSummary(**_summary(row)) for row in rows])


def get_bank_details(request: Any, scope: Any) -> calls.GetBankDetails.Reply:
    with scope.reading() as db:
        access.require_organisation_modification(db, scope.actor, request.structure_id, scope.clock.now())
        row = _row(db, request)
    return calls.GetBankDetails.Reply(bank_details=_whole(row))


def all_of(db: Any, structure_id: uuid.UUID) -> list[calls.BankDetails]:
    """Return a structure's bank details in use, whole: for whoever may read each of them."""
    return [_whole(row) for row in _present(db, structure_id)]


def _whole(row: Any) -> calls.BankDetails:
    file = calls.AccountFile(name=row.file_name, mime=row.file_mime, size=row.file_size, sha256=row.file_sha256)
    factor = calls.Factor(**row.factor) if row.factor else None
    return calls.BankDetails(**_summary(row), account=calls.Account(**row.account), factor=factor, file=file)


def get_account_to_pay(request: Any, scope: Any) -> calls.GetAccountToPay.Reply:
    access.require_questioner(scope.actor, "get_account_to_pay")
    with scope.reading() as db:
        row_security.show(db, request.structure_id)
        row = _row(db, request)
        structure = queries.structure_row(db, request.structure_id)
    payee = row.factor["name"] if row.factor else None
    bic = row.account.get("bic") or None
    return calls.GetAccountToPay.Reply(iban=banking.whole_iban(row.account), bic=bic, holder=payee or structure.name, payee=payee)


def add_bank_details(request: Any, scope: Any) -> calls.AddBankDetails.Reply:
    values, actor = _values(request, file_needed=True), access.signature(scope.actor)
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        if len(_present(tx, request.structure_id)) >= MOST:
            raise TooManyKept(most=MOST)
        values["portal_number"] = repository.next_number(tx, "bank_details")
        row = {"bank_details_id": uuid.uuid4(), "structure_id": request.structure_id, "version": 1}
        if not repository.add_bank_details(tx, actor, {**row, **values}):
            raise BankDetailsExist(name=values["name"])
        _log(tx, actor, "added", request.structure_id, row["bank_details_id"], values["name"])
        made = _summary(_one(tx, request.structure_id, row["bank_details_id"]))
        return tx.answer(calls.AddBankDetails.Reply(bank_details=calls.BankDetailsSummary(**made)))


def change_bank_details(request: Any, scope: Any) -> calls.ChangeBankDetails.Reply:
    values, actor = _values(request, file_needed=False), access.signature(scope.actor)
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        row = _row(tx, request)
        if row.version != request.version:
            raise Conflict(what=f"bank_details {row.name}")
        taken = {each.name_key for each in _present(tx, request.structure_id) if each.bank_details_id != row.bank_details_id}
        if values["name_key"] in taken:
            raise BankDetailsExist(name=values["name"])
        repository.change_bank_details(tx, actor, row.bank_details_id, version=row.version + 1, **values)
        changed = sorted(name for name, value in values.items() if value != getattr(row, name))
        _log(tx, actor, "changed", request.structure_id, row.bank_details_id, values["name"], changed=changed)
        after = _summary(_row(tx, request))
        return tx.answer(calls.ChangeBankDetails.Reply(bank_details=calls.BankDetailsSummary(**after)))


def remove_bank_details(request: Any, scope: Any) -> calls.RemoveBankDetails.Reply:
    actor = access.signature(scope.actor)
    with scope.begin() as tx:
        queries.structure_row(tx, request.structure_id, lock=True)
        access.require_organisation_modification(tx, scope.actor, request.structure_id, tx.now)
        row = _row(tx, request)
        repository.change_bank_details(tx, actor, row.bank_details_id, ended_at=tx.now)
        _log(tx, actor, "removed", request.structure_id, row.bank_details_id, row.name)
        return tx.answer(calls.RemoveBankDetails.Reply())


def _values(request: Any, file_needed: bool) -> dict[str, Any]:
    """Return the columns of what is kept. Raises Invalid with all that is wrong at once."""
    faults: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for column, check in (
        ("name", lambda: model.checked_text("name", request.name, 100)),
        ("account", lambda: banking.checked_account(request.account.dump())),
        ("factor", lambda: banking.checked_factor(request.factor.dump() if request.factor else None)),
        ("file", lambda: _checked_file(request.file, file_needed)),
    ):
        try:
            values[column] = check()
        except Invalid as error:
            faults |= error.details["fields"]
    if faults:
        raise Invalid(what="bank_details", fields=faults)
    file = values.pop("file")
    return {**values, "name_key": search_key(values["name"]), "kind": request.account.kind, **file}


def _checked_file(file: Any, needed: bool) -> dict[str, Any]:
    if file is None:
        if needed:
            raise Invalid(what="bank_details", fields={"file": ["le fichier du RIB est nécessaire / the RIB file is needed"]})
        return {}
    if not 0 < file.size <= document_values.STRUCTURE_BYTES or len(file.sha256) != _SHA256_LENGTH:
        raise Invalid(what="bank_details", fields={"file": ["de 1 octet à 4 Mo / from 1 byte to 4 MB"]})
    return {"file_name": file.name, "file_mime": file.mime, "file_size": file.size, "file_sha256": file.sha256}


def _present(db: Any, structure_id: uuid.UUID) -> list[Any]:
    query = sa.select(_table).where(_table.c.structure_id == structure_id, _table.c.ended_at.is_(None))
    return db.execute(query.order_by(_table.c.name_key)).all()


def _row(db: Any, request: Any) -> Any:
    return _one(db, request.structure_id, request.bank_details_id)


def _one(db: Any, structure_id: uuid.UUID, bank_details_id: uuid.UUID) -> Any:
    found = next((row for row in _present(db, structure_id) if row.bank_details_id == bank_details_id), None)
    if found is None:
        raise NotFound(what=f"bank_details {bank_details_id}")
    return found


def _summary(row: Any) -> dict[str, Any]:
    names = ("bank_details_id", "portal_number", "name", "kind", "version")
    factor_name = row.factor["name"] if row.factor else None
    return {name: getattr(row, name) for name in names} | {"masked": banking.masked(row.account), "factor_name": factor_name}


def _log(tx: Any, actor: str, what: str, structure_id: uuid.UUID, bank_details_id: uuid.UUID, name: str, **detail: Any) -> None:
    named = {"bank_details_id": str(bank_details_id), "name": name}
    repository.log(tx, actor, f"bank_details.{what}", structure_id, **named, **detail)
