"""The settings of the suite itself."""

from pupitre_bus.settings import Setting

SETTINGS: tuple[Setting, ...] = ()
