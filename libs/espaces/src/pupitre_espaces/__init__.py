"""The promise made to authors of espaces, and the host that keeps it.

An *espace* (docs/glossary.md) is a feature of the portal, provided by a distribution of its own and opened structure by
structure. This package owns the hooks, the values they exchange and the loading of plugins. It knows nothing of nameko,
Flask, databases or the services: a plugin that depends on it alone runs in each of their processes. Every name below is
covered by `API_VERSION`, but for `Host`, which is for the processes of Pupitre. What authors use besides is
`pupitre_espaces.testing`.
"""

from .context import EspaceContext, PageRequest, Structure, User
from .host import Host
from .html import Html
from .markers import hookimpl
from .values import Card, DepositedInvoice, Finding, Health, Label, Manifest, MessageTemplate, Page, PageContent
from .version import API_VERSION

__all__ = [
    "API_VERSION",
    "Card",
    "DepositedInvoice",
    "EspaceContext",
    "Finding",
    "Health",
    "Host",
    "Html",
    "Label",
    "Manifest",
    "MessageTemplate",
    "Page",
    "PageContent",
    "PageRequest",
    "Structure",
    "User",
    "hookimpl",
]
