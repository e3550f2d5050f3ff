"""Writes of requests. Every change of a request is one conditional update that names the version it was made from (RS-21)."""

import datetime
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_bus import row_security
from pupitre_bus.search_texts import search_key
from pupitre_contracts import errors

from . import request_parties
from .model import number_key
from .request_tables import BROUILLON, request, request_document, request_party, request_sequence


def insert(tx: Any, values: Mapping[str, Any]) -> int:
    """Write a draft with its maker's party, and return its portal number."""
    write_parties(tx, values, ())
    return tx.execute(request.insert().values(**values, **derived(values)).returning(request.c.portal_number)).scalar_one()


def open_dossier(tx: Any, values: Mapping[str, Any]) -> None:
    """Open a dossier with a draft that was just written."""
    dossier = {"dossier_id": values["request_id"], "dossier_number": f"D-{values['portal_number']}"}
    mine = request.c.request_id == values["request_id"]
    tx.execute(request.update().where(mine).values(**dossier, **derived({**values, **dossier})))


def change(tx: Any, row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Change a request of that version and count one version up; its parties see it as ``values`` say. Raises Conflict when it is at
    another version by now, and Taken."""
    after = {**row, **values}
    mine = (request.c.request_id == row["request_id"], request.c.version == row["version"])
    changing = request.update().where(*mine).values({**values, **derived(after), "version": row["version"] + 1})
    try:
        changed = tx.execute(changing).rowcount
    except sa.exc.IntegrityError as error:
        raise _taken(error) from error
    if changed != 1:
        raise errors.Conflict(what=f"request {row['number'] or row['portal_number']}")
    write_parties(tx, after, row["parties"])


def derived(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns that follow from others: the key of the number, and all texts that searches compare."""
    texts = [values["number"], values.get("dossier_number"), values["cadre"], values["kind_label_fr"]]
    for each in values["parties"]:
        texts += [each["name"], each["identifier"], each["code_service"]]
    searched = "\n".join(dict.fromkeys(search_key(text) for text in texts if text))
    return {"number_key": number_key(values["number"]), "searched": searched}


def write_parties(tx: Any, row: Mapping[str, Any], before: Iterable[request_parties.Kept]) -> None:
    """Have those see a request who do by now, as its row says, instead of those who did ``before``; the transaction comes to see it as
    all of them do."""
    seen = [each for each in row["parties"] if each["sees"] and each["structure_id"] is not None]
    row_security.show(tx, *sorted(request_parties.structures([*seen, *before])))
    same = {name: row[name] for name in ("request_id", "kind", "status", "listed_at")}
    rows = [
        {
            **same,
            "role": each["role"],
            "structure_id": uuid.UUID(each["structure_id"]),
            "structure_service_id": uuid.UUID(each["structure_service_id"]) if each["structure_service_id"] else None,
            "espace": each["espace"],
            "acts": each["acts"],
        }
        for each in seen
    ]
    tx.execute(_DROP_PARTIES, {"this": row["request_id"]})
    tx.execute(request_party.insert(), rows)


def add_documents(tx: Any, request_id: uuid.UUID, files: Iterable[Mapping[str, Any]]) -> None:
    """Add files to a request: each names name, mime, size, sha256, and may name line, designation and made."""
    blank = {"line": None, "designation": None, "made": False}
    rows = [{**blank, **each, "request_id": request_id, "document_id": uuid.uuid4(), "added_at": tx.now} for each in files]
    if rows:
        tx.execute(request_document.insert(), rows)


def drop_made(tx: Any, request_id: uuid.UUID) -> None:
    """Take away the files that the espace made, which it makes anew."""
    mine = (request_document.c.request_id == request_id, request_document.c.made.is_(True))
    tx.execute(request_document.delete().where(*mine))


def remove_documents(tx: Any, request_id: uuid.UUID, document_ids: Sequence[uuid.UUID]) -> None:
    """Take files away that somebody joined. Raises NotFound for one that is not among them."""
    for document_id in document_ids:
        mine = (request_document.c.request_id == request_id, request_document.c.document_id == document_id)
        if tx.execute(request_document.delete().where(*mine, request_document.c.made.is_(False))).rowcount != 1:
            raise errors.NotFound(what=f"document {document_id}")


def delete_draft(tx: Any, row: Mapping[str, Any]) -> None:
    """Delete a draft with its files. Raises Conflict when it is no draft of that version any more."""
    tx.execute(request_document.delete().where(request_document.c.request_id == row["request_id"]))
    mine = (request.c.request_id == row["request_id"], request.c.version == row["version"], request.c.status == BROUILLON)
    if tx.execute(request.delete().where(*mine)).rowcount != 1:
        raise errors.Conflict(what=f"request {row['number'] or row['portal_number']}")
    # Last: by the parties the request itself is seen.
    tx.execute(_DROP_PARTIES, {"this": row["request_id"]})


def reminded(tx: Any, row: Mapping[str, Any], coming: datetime.datetime | None) -> bool:
    """Note when a request is next to be reminded of; tell whether nobody did, or moved it, meanwhile. No change of the request."""
    mine = [request.c[name] == row[name] for name in ("request_id", "version", "remind_at")]
    return tx.execute(request.update().where(*mine).values(remind_at=coming)).rowcount == 1


def next_number(tx: Any, structure_id: uuid.UUID, espace: str, kind: str, prefix: str, year: int) -> str:
    """Return the next number that the portal gives to a maker's requests of a kind: prefix, year and counter."""
    key = {"structure_id": structure_id, "espace": espace, "kind": kind, "year": year}
    tx.insert_once(request_sequence, **key, last=0)
    mine = [request_sequence.c[name] == value for name, value in key.items()]
    counting = request_sequence.update().where(*mine).values(last=request_sequence.c.last + 1)
    return f"{prefix}-{year}-{tx.execute(counting.returning(request_sequence.c.last)).scalar_one():05}"


_DROP_PARTIES = request_party.delete().where(request_party.c.request_id == sa.bindparam("this"))


class Taken(Exception):
    """Another request of the maker has the number (``what`` is "number"), or asked for what is asked once only ("once")."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def _taken(error: sa.exc.IntegrityError) -> Exception:
    text = str(error.orig)
    if "uq_request_number" in text or "request.number_key" in text:
        return Taken("number")
    if "uq_request_once" in text or "request.once_value" in text:
        return Taken("once")
    return error
