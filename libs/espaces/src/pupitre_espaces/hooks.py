"""The hooks as data: which host calls each, and what an answer may be."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Literal, get_args

from . import hookspecs
from .commands import Command
from .events import Reaction
from .invoice_cadres import InvoiceCadre
from .operations import Operation
from .pages import Article, Asset, Bubble, Page
from .problems import WrongAnswer
from .requests import RequestKind
from .values import Card, Finding, Health, Label, Manifest, MessageTemplate, Objection

Kind = Literal["portal", "organisation", "invoicing", "notifications"]
KINDS: tuple[Kind, ...] = get_args(Kind)
#: Most values one answer may hold; a generator without end is cut there and refused.
MOST_VALUES = 200


@dataclass(frozen=True, slots=True)
class Hook:
    """One hook: who calls it and what comes back (`answer` None: nothing; `many`: an iterable of `answer`)."""

    name: str
    hosts: frozenset[Kind]
    answer: type | None
    many: bool = False

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the arguments, as specified."""
        return tuple(inspect.signature(getattr(hookspecs, self.name)).parameters)

    def read(self, result: Any) -> Any:
        """Return the checked answer, a tuple when `many`; raise WrongAnswer. Runs generators, hence plugin code."""
        if self.answer is None:
            if result is not None:
                raise WrongAnswer(f"returns nothing, not {type(result).__name__}")
            return None
        if not self.many:
            return self._one(result)
        if isinstance(result, (str, bytes)) or not isinstance(result, Iterable):
            raise WrongAnswer(f"returns an iterable of {self.answer.__name__}, not {type(result).__name__}")
        values = tuple(islice(result, MOST_VALUES + 1))
        if len(values) > MOST_VALUES:
            raise WrongAnswer(f"returned more than {MOST_VALUES} values")
        return tuple(self._one(value) for value in values)

    def _one(self, value: Any) -> Any:
        # The exact type: a subclass could answer differently to each reading, long after it was checked.
        if type(value) is not self.answer:
            raise WrongAnswer(f"wants {self.answer.__name__}, got {type(value).__name__}")
        return value


def _hook(name: str, hosts: Iterable[Kind], answer: type | None, many: bool = False) -> Hook:
    return Hook(name, frozenset(hosts), answer, many)


HOOKS: dict[str, Hook] = {
    hook.name: hook
    for hook in (
        _hook("espace_manifest", KINDS, Manifest),
        _hook("espace_pages", ["portal"], Page, many=True),
        _hook("espace_cards", ["portal"], Card, many=True),
        _hook("espace_bubble", ["portal"], Bubble, many=True),
        _hook("espace_assets", ["portal"], Asset, many=True),
        _hook("espace_articles", ["portal"], Article, many=True),
        _hook("espace_waits", ["portal"], Label, many=True),
        _hook("espace_requests", ["portal", "invoicing"], RequestKind, many=True),
        _hook("espace_cadres", ["portal", "invoicing"], InvoiceCadre, many=True),
        _hook("espace_reactions", ["portal", "invoicing"], Reaction, many=True),
        _hook("espace_operations", ["portal"], Operation, many=True),
        _hook("espace_commands", ["portal"], Command, many=True),
        _hook("espace_messages", ["notifications"], MessageTemplate, many=True),
        _hook("espace_checks", ["invoicing"], Finding, many=True),
        _hook("espace_passages", ["invoicing"], Objection, many=True),
        _hook("espace_opened", ["organisation"], None),
        _hook("espace_closed", ["organisation"], None),
        _hook("espace_health", KINDS, Health),
    )
}
