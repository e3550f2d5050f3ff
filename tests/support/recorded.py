"""Watches the write calls of a service under test: whichever changed something must have left a line in the audit history.

Nothing has to be listed: a call that is added is watched as soon as a test makes it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import greenlet
import pytest
import sqlalchemy as sa
from pupitre_bus import calls
from pupitre_bus.chain import Chain


class Recorded:
    """``exempt`` gives, by table or by call (``call:sign_in``), why a change needs no line."""

    def __init__(self, metadata: sa.MetaData, chain: Chain, exempt: Mapping[str, str] = {}) -> None:
        own = {chain.lines, chain.head, chain.anchor, chain.anchored}
        self._chain, self._exempt = chain, exempt
        self._tables = {table for table in metadata.sorted_tables if table not in own and table.name not in exempt}
        self._at_work: dict[Any, tuple[set[str], list[bool]]] = {}
        self.silent: list[str] = []
        self.told: set[str] = set()

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        once = calls._once
        monkeypatch.setattr(calls, "_once", lambda scope, handler: self._watched(once, scope, handler))

    def hear(self) -> Callable[[], None]:
        """Listen to every statement of this process; the result ends it."""
        sa.event.listen(sa.Engine, "after_execute", self._after_execute)
        return lambda: sa.event.remove(sa.Engine, "after_execute", self._after_execute)

    def _watched(self, once: Callable[..., Any], scope: Any, handler: Callable[[], Any]) -> Any:
        if scope._call.service != self._service():
            return once(scope, handler)
        changed, lines = self._at_work[greenlet.getcurrent()] = (set(), [])
        try:
            reply = once(scope, handler)
        finally:
            del self._at_work[greenlet.getcurrent()]
        method = scope._call.method
        if lines:
            self.told.add(method)
        elif changed and f"call:{method}" not in self._exempt:
            self.silent.append(f"{method} changed {', '.join(sorted(changed))} and left no line in the history")
        return reply

    def _service(self) -> str:
        return self._chain.copies.rstrip("-")

    def _after_execute(self, connection: Any, statement: Any, multiparams: Any, params: Any, options: Any, result: Any) -> None:
        at_work = self._at_work.get(greenlet.getcurrent())
        table = getattr(statement, "table", None)
        if at_work is None or not getattr(statement, "is_dml", False) or result.rowcount == 0:
            return
        if table is self._chain.lines:
            at_work[1].append(True)
        elif table in self._tables:
            at_work[0].add(table.name)
