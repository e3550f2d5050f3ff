"""What a visitor may open: the espaces of his structures make the menu, each once (R001)."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, url_for
from pupitre_contracts import errors, organisation

from . import bus
from .languages import N_, current, gettext

ISSUED, RECEIVED = "factures-emises", "factures-recues"
CORE_ESPACES = {
    ISSUED: (N_("Factures émises"), "issued.listing"),
    RECEIVED: (N_("Factures reçues"), "received.listing"),
}


@dataclass(frozen=True)
class Entry:
    """One entry of the menu."""

    key: str
    label: str
    address: str


def rights() -> list[Any]:
    """Return what the user may do, structure by structure, asked for once per request; never kept for the next one."""
    if "rights" not in g:
        found = bus.call(organisation.RightsOfActor)
        g.rights, g.approbations_waiting = found.structures, found.approbations_waiting
    return g.rights


def structures_with(espace: str, profile: str | None = None) -> list[Any]:
    """Return the user's structures where an espace is open to him, or open to act (profile MODIFICATION)."""
    return [
        structure
        for structure in rights()
        if any(right.espace == espace and (profile is None or right.profile == profile) for right in structure.espaces)
    ]


def espace_labels() -> dict[str, str]:
    """Return the name of each espace that this portal can show, the plugins' included."""
    core = {key: gettext(label) for key, (label, _) in CORE_ESPACES.items()}
    plugins = {
        installed.key: installed.manifest.label.text(current())
        for installed in current_app.extensions["pupitre"].espaces.catalogue()
    }
    return {**plugins, **core}


def menu() -> list[Entry]:
    """Return the espaces open to the user in any of his structures, the portal's own first; none when nobody can tell."""
    try:
        opened = {right.espace for structure in rights() for right in structure.espaces}
    except errors.PupitreError as error:
        g.menu_trouble = error
        return []
    labels = espace_labels()
    core = [Entry(key, labels[key], url_for(endpoint)) for key, (_, endpoint) in CORE_ESPACES.items() if key in opened]
    plugins = [
        Entry(key, labels[key], url_for("espaces.page", key=key, slug=""))
        for key in sorted(opened & labels.keys() - CORE_ESPACES.keys())
    ]
    return core + plugins


def _context() -> dict[str, Any]:
    user = g.get("user")
    portal = current_app.extensions["pupitre"]
    return {
        "user": user,
        "menu": menu() if user else [],
        "approbations_waiting": g.get("approbations_waiting"),
        "is_demo": portal.settings.demo,
        "ill_espaces": portal.health.ill_espaces(),
    }


def init_app(app: Flask) -> None:
    """Give every page its menu."""
    app.context_processor(_context)
