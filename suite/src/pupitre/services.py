"""Which services there are and where each lives; nothing is imported before it is asked for."""

import gc
import importlib
import importlib.util

import click
from pupitre_contracts.catalogue import SERVICES

ALL = (*SERVICES, "portal")

_PLACES = {
    "identity": "pupitre_identity.service:IdentityService",
    "organisation": "pupitre_organisation.service:OrganisationService",
    "invoicing": "pupitre_invoicing.service:InvoicingService",
    "notifications": "pupitre_notifications.service:NotificationsService",
    "portal": "pupitre_portal.service:PortalService",
}


def package_of(name: str) -> str:
    """The import package of a service."""
    return _PLACES[name].partition(".")[0]


def installed() -> list[str]:
    """The services whose distributions are installed here: all on a laptop, one in its own container."""
    return [name for name in ALL if importlib.util.find_spec(package_of(name))]


def needed(name: str) -> str:
    """Return ``name``; a service whose distribution is not installed here is a one-line error."""
    if name not in installed():
        raise click.ClickException(f"{name} is not installed here: install pupitre-{name}")
    return name


def load(name: str) -> type:
    """Import the service class; see :func:`needed`."""
    module, _, attribute = _PLACES[needed(name)].partition(":")
    gc.disable()  # nothing that is imported is garbage: looking for some would take a sixth of the time
    try:
        return getattr(importlib.import_module(module), attribute)
    finally:
        gc.enable()
