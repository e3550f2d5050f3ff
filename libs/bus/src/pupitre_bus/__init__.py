"""The bus of Pupitre: what services are made of.

Names load when they are first used, so that ``pupitre_bus.patch`` can come before everything else, and so that a
worker process that wants :mod:`pupitre_bus.workers` alone is spared eventlet.
"""

from importlib import import_module
from typing import Any

_HOMES = {"Service": "service", "rpc": "calls", "on_event": "events", "every": "timers"}

__all__ = ["Service", "every", "on_event", "rpc"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
