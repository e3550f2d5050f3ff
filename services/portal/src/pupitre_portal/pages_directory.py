"""The annuaire, for everybody and without an account: public structures and what each demands of an invoice (R103, R260 to R262)."""

import uuid
from typing import Any

from flask import Blueprint, render_template, request, url_for
from pupitre_contracts import directory

from . import bus, qr
from .forms import squeezed
from .paging import last_page, page_number

blueprint = Blueprint("directory", __name__, url_prefix="/annuaire")
PAGE_SIZE = 25
CRITERIA = ("identifiant", "nom", "libelle", "ville", "code_postal", "etat")
_STATES = {"actives": True, "inactives": False}


@blueprint.get("/")
def search() -> str:
    """Search by identifier, name, city or postal code; without criteria, list the public structures."""
    asked = criteria()
    page = page_number()
    found = bus.call(directory.SearchDirectory, page=page, page_size=PAGE_SIZE, **search_values(asked))
    return render_template(
        "directory.html",
        criteria=asked,
        structures=found.structures,
        total=found.total,
        page=page,
        size=PAGE_SIZE,
        last_page=last_page(found.total, PAGE_SIZE),
    )


@blueprint.get("/<uuid:structure_id>")
def show(structure_id: uuid.UUID) -> str:
    """Show how to invoice one structure: its SIRET, what it requires, its services."""
    return _shown(structure_id=structure_id)


@blueprint.get("/structure/<identifier>")
def show_identified(identifier: str) -> str:
    """The same at an address that can be made of the SIRET alone."""
    return _shown(identifier=identifier)


@blueprint.get("/<uuid:structure_id>/comment-facturer")
def billing_card(structure_id: uuid.UUID) -> str:
    """Show a card to print: how to invoice one structure, with a QR code of this address (P02)."""
    entry = bus.call(directory.GetDirectoryEntry, structure_id=structure_id).entry
    address = url_for("directory.billing_card", structure_id=structure_id, _external=True)
    return render_template("directory_billing.html", structure=entry, address=address, drawing=qr.drawing_of(address))


def criteria() -> dict[str, str]:
    """Return what the address asks for."""
    return {name: request.args.get(name, "").strip() for name in CRITERIA}


def search_values(asked: dict[str, str]) -> dict[str, Any]:
    """Return the search; a name typed plainly is looked for anywhere in the name."""
    name = asked["nom"]
    values: dict[str, Any] = {
        "identifier": squeezed(asked["identifiant"]),
        "name": name if "*" in name or not name else f"*{name}*",
        "label": asked["libelle"],
        "city": asked["ville"],
        "postal_code": asked["code_postal"],
        "active": _STATES.get(asked["etat"]),
    }
    return {name: value for name, value in values.items() if value not in (None, "")}


def _shown(**wanted: Any) -> str:
    entry = bus.call(directory.GetDirectoryEntry, **wanted).entry
    return render_template("directory_structure.html", structure=entry)
