"""The promise made to authors of espaces, and the host that keeps it.

An *espace* (docs/glossary.md) is a feature of the portal, provided by a distribution of its own and opened structure by
structure. This package owns the hooks, the values they exchange and the loading of plugins. It knows nothing of nameko,
Flask, databases or the services: a plugin that depends on it alone runs in each of their processes. Every name below is
covered by `API_VERSION`, but for `Host`, which is for the processes of Pupitre. What authors use besides is
`pupitre_espaces.testing`.
"""

from . import forms
from .commands import Command, CommandCall, CommandFailed, Option
from .context import EspaceContext, Structure, User
from .events import EspaceEvent, Reaction
from .host import Host
from .html import Html
from .invoice_cadres import InvoiceCadre
from .lifecycle import Effect, Lifecycle, Motive, Transition
from .markers import hookimpl
from .operations import Operation, OperationRequest
from .pages import Article, Asset, Bubble, Download, Page, PageContent, PageRequest, Redirect, UploadedFile
from .paper import Paper
from .parties import Party, Role
from .ports import InvoiceView, PortRefused, Ports
from .requests import (
    Amounts,
    Attachment,
    Cadre,
    Completed,
    MadeFile,
    Payment,
    RequestDraft,
    RequestKind,
    RequestView,
)
from .values import Card, DepositedInvoice, Finding, Health, Label, Manifest, MessageTemplate, Objection
from .vat import Exemption, VatAt, VatOfLines
from .version import API_VERSION

__all__ = [
    "API_VERSION",
    "Amounts",
    "Article",
    "Asset",
    "Attachment",
    "Bubble",
    "Cadre",
    "Card",
    "Command",
    "CommandCall",
    "CommandFailed",
    "Completed",
    "DepositedInvoice",
    "Download",
    "Effect",
    "EspaceContext",
    "EspaceEvent",
    "Exemption",
    "Finding",
    "Health",
    "Host",
    "Html",
    "InvoiceCadre",
    "InvoiceView",
    "Label",
    "Lifecycle",
    "MadeFile",
    "Manifest",
    "MessageTemplate",
    "Motive",
    "Objection",
    "Operation",
    "OperationRequest",
    "Option",
    "Page",
    "PageContent",
    "PageRequest",
    "Paper",
    "Party",
    "Payment",
    "PortRefused",
    "Ports",
    "Reaction",
    "Redirect",
    "RequestDraft",
    "RequestKind",
    "RequestView",
    "Role",
    "Structure",
    "Transition",
    "UploadedFile",
    "User",
    "VatAt",
    "VatOfLines",
    "forms",
    "hookimpl",
]
