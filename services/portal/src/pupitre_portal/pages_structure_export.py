"""« Exporter toutes les données »: all that a structure has on the portal, for its gestionnaire principal, as one zip (P28)."""

import datetime
import uuid

from flask import Blueprint, Response, current_app, render_template

from . import bus, exports, structure_export
from . import structure_export_columns as columns
from .languages import current
from .sessions import signed_in

blueprint = Blueprint("structure_export", __name__, url_prefix="/structures/<uuid:structure_id>/gestion/export")


@blueprint.get("/")
@signed_in
def show(structure_id: uuid.UUID) -> str:
    """Say what the zip holds, to whoever may have it. Errors: forbidden, not-found."""
    about = structure_export.begun(bus.call, structure_id)
    return render_template("structure_export.html", structure=about.structure, indexes=columns.INDEXES)


@blueprint.get("/export.zip")
@signed_in
def download(structure_id: uuid.UUID) -> Response:
    """Send the zip. Errors: forbidden, not-found."""
    return send(structure_id, current())


def send(structure_id: uuid.UUID, language: str) -> Response:
    """Answer with the zip, made while it is sent; who may not have it is refused before the first piece."""
    about, at = structure_export.begun(bus.call, structure_id), datetime.datetime.now(datetime.UTC)
    blobs = current_app.extensions["pupitre"].blobs
    made = structure_export.pieces(bus.call, blobs, about, at, language)
    response = Response(exports.streamed(made), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{structure_export.name_of(about, at)}"'
    return response
