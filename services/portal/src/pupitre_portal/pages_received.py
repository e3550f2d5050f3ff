"""Factures reçues: the list; an invoice's own page serves both sides (R165)."""

from typing import Any

from flask import Blueprint

from . import invoice_lists, navigation
from .sessions import signed_in

blueprint = Blueprint("received", __name__, url_prefix="/factures-recues")


@blueprint.get("/")
@signed_in
def listing() -> Any:
    """Show the Synthèse, or all received invoices."""
    return invoice_lists.show("received", navigation.RECEIVED, "invoice_list.html")
