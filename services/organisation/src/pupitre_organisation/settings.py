"""What an operator may set for organisation: nothing beyond what every service has."""

from pupitre_bus.settings import Setting

SETTINGS: tuple[Setting, ...] = ()
