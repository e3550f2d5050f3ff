"""The annuaire: public structures, with what each demands of an invoice and its services (R103, P02)."""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from pupitre_contracts import organisation

from . import bus
from .forms import squeezed
from .paging import last_page, page_number
from .sessions import signed_in

blueprint = Blueprint("directory", __name__, url_prefix="/annuaire")
PAGE_SIZE = 25


@blueprint.get("/")
@signed_in
def search() -> str:
    """Search by identifier, name, city or postal code; without criteria, list the public structures."""
    criteria = {name: request.args.get(name, "").strip() for name in ("identifiant", "nom", "ville", "code_postal")}
    page = page_number()
    found = bus.call(organisation.FindStructures, type="PUBLIC", page=page, page_size=PAGE_SIZE, **_values(criteria))
    return render_template(
        "directory.html",
        criteria=criteria,
        structures=found.structures,
        total=found.total,
        page=page,
        last_page=last_page(found.total, PAGE_SIZE),
    )


@blueprint.get("/<uuid:structure_id>")
@signed_in
def show(structure_id: uuid.UUID) -> str:
    """Show how to invoice one structure: its SIRET, what it requires, its active services."""
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    return render_template("directory_structure.html", structure=structure)


def _values(criteria: dict[str, str]) -> dict[str, Any]:
    """Return the search; a name typed plainly is looked for anywhere in the name."""
    values: dict[str, Any] = {}
    if criteria["identifiant"]:
        values["identifiers"] = [squeezed(criteria["identifiant"])]
    if criteria["nom"]:
        values["name"] = criteria["nom"] if "*" in criteria["nom"] else f"*{criteria['nom']}*"
    if criteria["ville"]:
        values["city"] = criteria["ville"]
    if criteria["code_postal"]:
        values["postal_code"] = criteria["code_postal"]
    return values
