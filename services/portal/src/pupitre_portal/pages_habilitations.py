"""« Mes habilitations »: what the visitor may do, structure by structure; read-only (R146)."""

from flask import Blueprint, render_template, request

from . import own_rights
from .paging import cut, page_number
from .sessions import signed_in

blueprint = Blueprint("habilitations", __name__, url_prefix="/habilitations")


@blueprint.get("/")
@signed_in
def listing() -> str:
    """List the habilitations, narrowed by a search."""
    wanted = request.args.get("recherche", "").strip()
    page = cut(own_rights.habilitations(wanted), page_number())
    return render_template("habilitations.html", page=page, wanted=wanted)
