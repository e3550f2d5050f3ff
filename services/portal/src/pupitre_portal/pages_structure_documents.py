"""« Pièces jointes de la structure » : documents kept for reuse in deposits (R073, R090, R092)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import errors, structure_documents
from pupitre_contracts.document_values import STRUCTURE_BYTES

from . import attachments, bus, done, files
from .errors import message
from .languages import gettext, ngettext
from .pages_sign_up import show_faults
from .pages_structure_manage import sheet
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("structure_documents", __name__, url_prefix="/structures/<uuid:structure_id>/pieces-jointes")


@blueprint.get("/")
@signed_in
def listing(structure_id: uuid.UUID) -> Any:
    """List the documents; everybody attached may take one."""
    return _shown(structure_id, attachments.NewDocumentForm(most=STRUCTURE_BYTES))


@blueprint.post("/")
@signed_in
@files.accepts_upload
def add(structure_id: uuid.UUID) -> Any:
    """Keep one more document; what is refused is said beside its field, and nothing is stored."""
    form, refusal = attachments.NewDocumentForm(most=STRUCTURE_BYTES), None
    if form.validate_on_submit():
        stored = form.stored()
        try:
            bus.call(
                structure_documents.AddStructureDocument,
                key=form_key(),
                structure_id=structure_id,
                designation=form.designation.data,
                type=form.type.data,
                name=stored.name,
                mime=stored.mime,
                size=stored.size,
                sha256=stored.sha256,
            )
        except errors.Invalid as error:
            show_faults(form, error)
            refusal = None if form.errors else message(error)
        except errors.TooManyKept as error:
            refusal = message(error)
        else:
            done.say(gettext("La pièce est ajoutée."))
            return redirect(url_for("structure_documents.listing", structure_id=structure_id))
    return _shown(structure_id, form, refusal)


@blueprint.route("/<uuid:document_id>", methods=["GET", "POST"])
@signed_in
def edit(structure_id: uuid.UUID, document_id: uuid.UUID) -> Any:
    """Change designation and type of a document."""
    found, (document,) = sheet(structure_id), _chosen(structure_id, [document_id])
    if not found.may_modify:
        raise errors.Forbidden(needed="organisation, MODIFICATION")
    form = attachments.DocumentForm(data={"designation": document.designation, "type": document.type})
    version, refusal, status = document.version, None, 200
    if form.is_submitted():
        version = form_version()
    if form.validate_on_submit():
        try:
            bus.call(
                structure_documents.ChangeStructureDocument,
                key=form_key(),
                structure_id=structure_id,
                document_id=document_id,
                designation=form.designation.data,
                type=form.type.data,
                version=version,
            )
        except errors.Invalid as error:
            show_faults(form, error)
        except errors.Conflict as error:
            refusal, status = message(error), error.status
        else:
            done.say(gettext("La pièce est modifiée."))
            return redirect(url_for("structure_documents.listing", structure_id=structure_id))
    values = {"structure": found.structure, "form": form, "document": document, "version": version, "refusal": refusal}
    return render_template("structure_document_edit.html", **values), status if status != 200 else 422 if form.errors else 200


@blueprint.get("/<uuid:document_id>/fichier")
@signed_in
def download(structure_id: uuid.UUID, document_id: uuid.UUID) -> Any:
    """Send one document. Errors: not-found for another structure's."""
    return attachments.download(_chosen(structure_id, [document_id])[0])


@blueprint.post("/selection")
@signed_in
def selection(structure_id: uuid.UUID) -> Any:
    """Send the ticked documents in one zip, or delete them once that is confirmed."""
    back = redirect(url_for("structure_documents.listing", structure_id=structure_id))
    alone = request.form.get("supprimer")
    ticked = _identifiers([alone] if alone else request.form.getlist("document"))
    if not ticked:
        done.say(gettext("Cochez au moins une pièce."))
        return back
    if not alone and request.form.get("action") == "telecharger":
        return attachments.zipped("pieces-jointes.zip", _chosen(structure_id, ticked))
    if request.form.get("confirmation") != "oui":
        values = {"structure": sheet(structure_id).structure, "documents_to_remove": _chosen(structure_id, ticked)}
        return render_template("structure_document_removal.html", **values)
    call = structure_documents.RemoveStructureDocuments
    removed = bus.call(call, key=form_key(), structure_id=structure_id, document_ids=ticked).removed
    done.say(ngettext("%(num)s pièce supprimée.", "%(num)s pièces supprimées.", removed))
    return back


def _shown(structure_id: uuid.UUID, form: attachments.NewDocumentForm, refusal: str | None = None) -> Any:
    found, documents = sheet(structure_id), _documents(structure_id)
    shown = render_template(
        "structure_documents.html",
        structure=found.structure,
        may_modify=found.may_modify,
        form=form,
        kept=documents,
        labels=attachments.TYPE_LABELS,
        most=STRUCTURE_BYTES,
        refusal=refusal,
        done=done.said(),
    )
    return shown, 422 if form.errors or refusal else 200


def _documents(structure_id: uuid.UUID) -> list[Any]:
    return bus.call(structure_documents.ListStructureDocuments, structure_id=structure_id).documents


def _chosen(structure_id: uuid.UUID, document_ids: list[uuid.UUID]) -> list[Any]:
    found = [document for document in _documents(structure_id) if document.document_id in document_ids]
    if not found:
        raise errors.NotFound(what="document")
    return found


def _identifiers(texts: list[str]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text) for text in texts]
    except ValueError as error:
        raise errors.NotFound(what="document") from error
