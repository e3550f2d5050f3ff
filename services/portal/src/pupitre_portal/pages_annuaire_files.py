"""« Fichiers de l'annuaire »: the files of the flux FAR37 that a structure was given, for who works there (R262)."""

import uuid
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pupitre_contracts import annuaire_files, organisation

from . import bus, done, files
from .languages import N_, gettext
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("annuaire_files", __name__, url_prefix="/structures/<uuid:structure_id>/annuaire")

MIME = "application/gzip"
KINDS = {annuaire_files.COMPLETE: N_("annuaire complet"), annuaire_files.CHANGES: N_("modifications")}


@blueprint.get("/")
@signed_in
def listing(structure_id: uuid.UUID) -> str:
    """List the enrolments and the files. Errors: not-found for another's structure."""
    found = bus.call(annuaire_files.ListAnnuaireFiles, structure_id=structure_id)
    structure = bus.call(organisation.GetStructure, structure_id=structure_id).structure
    values = {"structure": structure, "found": found, "kinds": KINDS, "done": done.said()}
    return render_template("annuaire_files.html", **values)


@blueprint.get("/<uuid:file_id>")
@signed_in
def download(structure_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    """Send one file. Errors: not-found."""
    file = bus.call(annuaire_files.GetAnnuaireFile, structure_id=structure_id, file_id=file_id).file
    return files.download(file.name, MIME, file.sha256)


@blueprint.post("/abonnements/<uuid:enrolment_id>/fin")
@signed_in
def end(structure_id: uuid.UUID, enrolment_id: uuid.UUID) -> Any:
    """End an enrolment, once the box is ticked."""
    back = redirect(url_for("annuaire_files.listing", structure_id=structure_id))
    if request.form.get("confirmation") != "oui":
        done.say(gettext("Cochez la case pour confirmer : rien n'a été fait."))
        return back
    values = {"structure_id": structure_id, "enrolment_id": enrolment_id}
    ended = bus.call(annuaire_files.EndAnnuaireEnrolment, key=form_key(), **values).enrolment
    done.say(gettext("L'abonnement demandé par %(number)s a pris fin.", number=ended.asked_in))
    return back
