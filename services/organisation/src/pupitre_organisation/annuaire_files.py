"""The annuaire as a file, FAR37 (R262): made once a day for all who are due, and given to each.

Its own EDI form is not published: the content is the CSV of the API's download, by the same writer, under gzip. A file is written to the
blob store before the row that cites it; two instances, or one that died halfway and its successor, come to one row, since there is one a
day.
"""

import gzip
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pupitre_bus import csv_rows
from pupitre_contracts import annuaire_files as contract
from pupitre_contracts import directory as public
from pupitre_contracts.directory_rows import COLUMNS, rows_of
from pupitre_contracts.errors import NotFound

from . import access, annuaire_enrolments, directory, model, tables

PIECE = 500

_file, _given, _enrolment = tables.annuaire_file, tables.annuaire_delivery, tables.annuaire_enrolment
_SUBSCRIBED = sa.exists().where(_enrolment.c.ended_at.is_(None))
_READY = sa.exists().where(_file.c.next_at > sa.bindparam("now"))
_OVER = sa.exists().where(_file.c.kept_until <= sa.bindparam("now"))
_ANY_DUE = sa.select(sa.or_(_OVER, sa.and_(_SUBSCRIBED, ~_READY)))


def any_due(db: Any, now: Any) -> bool:
    """Tell whether a file is to be made, or one has been kept long enough."""
    return bool(db.execute(_ANY_DUE, {"now": now}).scalar_one())


def run(scope: Any) -> None:
    """Forget what was kept long enough, and make the file of the day if somebody subscribes and it is not there."""
    _forget(scope)
    schedule, now = scope.resources.schedule, scope.clock.now()
    day = schedule.due_on(now)
    with scope.reading() as db:
        if not db.execute(sa.select(_SUBSCRIBED)).scalar_one():
            return
        last = db.execute(sa.select(_file).order_by(_file.c.due_on.desc()).limit(1)).first()
        whole = sa.select(_file.c.file_id).where(_file.c.kind == contract.COMPLETE, _file.c.due_on >= schedule.full_since(day))
        has_whole = db.execute(whole.limit(1)).first() is not None
    if last is not None and last.due_on >= day:
        return
    kind = contract.CHANGES if has_whole else contract.COMPLETE
    since = last.head if has_whole else None
    values = {"due_on": day, "kind": kind, "name": f"FAR37_{day:%Y%m%d}_{kind}.csv.gz", "since": since, **_made(scope, since)}
    with scope.begin() as tx:
        tx.take_turns(annuaire_enrolments.TURNS)
        subscribers = annuaire_enrolments.subscribers(tx)
        times = {"produced_at": tx.now, "next_at": schedule.next_at(day), "kept_until": schedule.kept_until(tx.now)}
        file_id = uuid.uuid4()
        if not subscribers or not tx.insert_once(_file, file_id=file_id, **values, **times):
            return
        rows = [{"file_id": file_id, "structure_id": each, "delivered_at": tx.now} for each in subscribers]
        tx.execute(_given.insert(), rows)
        told = {name: value for name, value in values.items() if name not in ("name", "file_sha256")}
        tx.publish(
            contract.AnnuaireFileProduced(
                file_id=file_id,
                file_name=values["name"],
                sha256=values["file_sha256"],
                structure_ids=subscribers,
                gestionnaire_ids=annuaire_enrolments.gestionnaires(tx, subscribers),
                **told,
            )
        )


def list_annuaire_files(request: Any, scope: Any) -> contract.ListAnnuaireFiles.Reply:
    structure_id, now = request.structure_id, scope.clock.now()
    with scope.reading() as db:
        access.require(db, scope.actor, "list_annuaire_files", structure_id, day=model.today(now))
        rows = db.execute(_files(structure_id).order_by(_file.c.due_on.desc())).all()
        return contract.ListAnnuaireFiles.Reply(
            enrolments=annuaire_enrolments.all_of(db, structure_id),
            files=[_message(row) for row in rows],
            may_end=access.may(db, scope.actor, structure_id, "end_annuaire_enrolment", now),
        )


def get_annuaire_file(request: Any, scope: Any) -> contract.GetAnnuaireFile.Reply:
    what = f"file {request.file_id}"
    with scope.reading() as db:
        day = model.today(scope.clock.now())
        access.require(db, scope.actor, "get_annuaire_file", request.structure_id, day=day, what=what)
        row = db.execute(_files(request.structure_id).where(_file.c.file_id == request.file_id)).first()
    if row is None:
        raise NotFound(what=what)
    return contract.GetAnnuaireFile.Reply(file=_message(row))


def _files(structure_id: uuid.UUID) -> sa.Select:
    query = sa.select(_file, _given.c.delivered_at).join_from(_given, _file, _given.c.file_id == _file.c.file_id)
    return query.where(_given.c.structure_id == structure_id)


def _message(row: Any) -> contract.AnnuaireFile:
    names = [name for name in contract.AnnuaireFile.declared if name != "sha256"]
    return contract.AnnuaireFile(sha256=row.file_sha256, **{name: getattr(row, name) for name in names})


def _made(scope: Any, since: int | None) -> dict[str, Any]:
    """Write the file into the blob store and return what its row says of it; in memory it is one piece at a time."""
    counts = {"rows": 0, "head": 0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "annuaire.csv.gz"
        # No name and no time within: the same content is the same file.
        with path.open("wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
            for rows in _pieces(scope, since, counts):
                packed.write(csv_rows.written(rows).encode("utf-8", "replace"))
                time.sleep(0)
        return {"file_sha256": scope.resources.blobs.put_file(path), "size": path.stat().st_size, **counts}


def _pieces(scope: Any, since: int | None, counts: dict[str, int]) -> Iterator[list[Any]]:
    yield [COLUMNS]
    after, narrowed = None, {} if since is None else {"since": since}
    while True:
        asked = public.ReadDirectory.Request(limit=PIECE, **narrowed, **({} if after is None else {"after": after}))
        piece = directory.read_directory(asked, scope)
        counts["head"] = counts["head"] or piece.head
        rows = [row for entry in piece.entries for row in rows_of(entry)]
        counts["rows"] += len(rows)
        yield rows
        after = piece.next
        if after is None:
            return


def _forget(scope: Any) -> None:
    """Delete the rows of files that were kept long enough: what nothing cites is swept from the blob store."""
    over = sa.select(_file.c.file_id).where(_file.c.kept_until <= scope.clock.now())
    with scope.begin() as tx:
        gone = tx.execute(over).scalars().all()
        for table in (_given, _file) if gone else ():
            tx.execute(table.delete().where(table.c.file_id.in_(gone)))
