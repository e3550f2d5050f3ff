"""The two pluggy markers: `hookimpl` for authors, `hookspec` for `hookspecs.py`."""

import pluggy

PROJECT = "pupitre_espaces"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)
