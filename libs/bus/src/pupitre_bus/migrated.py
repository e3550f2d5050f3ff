"""For tests: every test gets the newest schema of its services, and a run makes each of them once.

The first test that needs a schema runs the migrations; the next ones get what came of it, a copy of the file (SQLite) or the same
statements in one go (PostgreSQL). Migrations took a third of a run that ran them for every test.
"""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import eventlet
import sqlalchemy as sa

from . import grants, migrations
from .database import Database


class Files:
    """One migrated SQLite file for each package."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory | None = None

    def migrate(self, package: str, uri: str, name: str) -> None:
        """Bring the database of service ``name`` to the newest version."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="pupitre-migrated-")
        file, wanted = Path(self._folder.name) / package, Path(sa.make_url(uri).database)
        if wanted.exists():
            migrations.upgrade(package, uri, name)
            return
        if not file.exists():
            migrations.upgrade(package, f"sqlite:///{file}", name)
        wanted.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, wanted)


class Statements:
    """What made the schema of each package, as the role of the services has rights on it."""

    def __init__(self, role: str) -> None:
        self._role = role
        self._of: dict[tuple[str, str], str] = {}

    def migrate(self, package: str, uri: str, name: str) -> None:
        """Bring the schema of service ``name`` to the newest version and let the role in."""
        database = Database(uri, name)
        try:
            with database.transaction() as tx:
                known = sa.inspect(tx.connection).has_schema(name)
                if not known and (package, name) in self._of:
                    tx.connection.connection.cursor().execute(self._of[package, name])
                    return
        finally:
            database.close()
        made = _recorded(lambda: self._make(package, uri, name))
        if not known:
            self._of[package, name] = made

    def _make(self, package: str, uri: str, name: str) -> None:
        migrations.upgrade(package, uri, name)
        grants.apply(uri, name, package, self._role)


def _recorded(act: Callable[[], None]) -> str:
    """Do it and return the statements by which this greenthread changed something, in order."""
    own, statements = eventlet.getcurrent(), []

    def keep(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if eventlet.getcurrent() is own and not statement.lstrip().upper().startswith("SELECT"):
            values = parameters if many else [parameters or None]
            statements.extend(cursor.mogrify(statement, each).decode() for each in values)

    sa.event.listen(sa.Engine, "after_cursor_execute", keep)
    try:
        act()
    finally:
        sa.event.remove(sa.Engine, "after_cursor_execute", keep)
    return ";\n".join(statements)
