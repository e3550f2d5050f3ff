"""Every setting that some distribution declares."""

import importlib

from pupitre_bus.settings import SETTINGS, Setting
from pupitre_contracts.catalogue import SERVICES

from support.repository import distributions


def declared() -> dict[str, tuple[str, Setting]]:
    """name -> (distribution that declares it, setting); what several declare belongs to the first, the bus."""
    found = {setting.name: ("pupitre-bus", setting) for setting in SETTINGS}
    for each in distributions():
        if (each.source / "settings.py").exists() and each.name != "pupitre-bus":
            for setting in importlib.import_module(f"{each.package}.settings").SETTINGS:
                found.setdefault(setting.name, (each.name, setting))
    return found


def declared_names() -> set[str]:
    """The declared names, and those that the bus derives: a database per service, a file per secret."""
    secret = {f"{name}_FILE" for name, (_, setting) in declared().items() if setting.secret}
    return set(declared()) | secret | {f"PUPITRE_{service.upper()}_DATABASE_URI" for service in SERVICES}
