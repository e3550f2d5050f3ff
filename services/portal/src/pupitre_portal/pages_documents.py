"""« Mes pièces jointes » : the documents of the user's account, kept for reuse (R091, R092)."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from pupitre_contracts import account_documents, errors
from pupitre_contracts.document_values import ACCOUNT_BYTES

from . import attachments, bus, done, files
from .errors import message
from .languages import gettext, ngettext
from .pages_sign_up import show_faults
from .paging import last_page, page_number
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("documents", __name__, url_prefix="/mon-compte/pieces-jointes")

PAGE_SIZE = 20


@blueprint.get("/")
@signed_in
def listing() -> Any:
    """List the documents; a page beyond the last leads to the last."""
    return _shown(attachments.NewDocumentForm(most=ACCOUNT_BYTES))


@blueprint.post("/")
@signed_in
@files.accepts_upload
def add() -> Any:
    """Keep one more document; what is refused is said beside its field, and nothing is stored."""
    form = attachments.NewDocumentForm(most=ACCOUNT_BYTES)
    refusal = None
    if form.validate_on_submit():
        stored = form.stored()
        try:
            bus.call(
                account_documents.AddAccountDocument,
                key=form_key(),
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
        else:
            done.say(gettext("La pièce est ajoutée."))
            return redirect(url_for("documents.listing"))
    return _shown(form, refusal)


@blueprint.route("/<uuid:document_id>", methods=["GET", "POST"])
@signed_in
def edit(document_id: uuid.UUID) -> Any:
    """Change designation and type of a document."""
    (document,) = _found([document_id])
    form = attachments.DocumentForm(data={"designation": document.designation, "type": document.type})
    version, refusal, status = document.version, None, 200
    if form.is_submitted():
        version = form_version()
    if form.validate_on_submit():
        try:
            bus.call(
                account_documents.ChangeAccountDocument,
                key=form_key(),
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
            return redirect(url_for("documents.listing"))
    shown = render_template("document_edit.html", form=form, document=document, version=version, refusal=refusal)
    return shown, status if status != 200 else 422 if form.errors else 200


@blueprint.get("/<uuid:document_id>/fichier")
@signed_in
def download(document_id: uuid.UUID) -> Any:
    """Send one document. Errors: not-found for another's."""
    return attachments.download(_found([document_id])[0])


@blueprint.post("/selection")
@signed_in
def selection() -> Any:
    """Send the ticked documents in one zip, or delete them once that is confirmed."""
    alone = request.form.get("supprimer")
    ticked = _identifiers([alone] if alone else request.form.getlist("document"))
    if not ticked:
        done.say(gettext("Cochez au moins une pièce."))
        return redirect(url_for("documents.listing"))
    if not alone and request.form.get("action") == "telecharger":
        return attachments.zipped("pieces-jointes.zip", _found(ticked))
    if request.form.get("confirmation") != "oui":
        return render_template("document_removal.html", documents=_found(ticked))
    removed = bus.call(account_documents.RemoveAccountDocuments, key=form_key(), document_ids=ticked).removed
    done.say(ngettext("%(num)s pièce supprimée.", "%(num)s pièces supprimées.", removed))
    return redirect(url_for("documents.listing"))


def _shown(form: attachments.NewDocumentForm, refusal: str | None = None) -> Any:
    page = page_number()
    found = bus.call(account_documents.ListAccountDocuments, page=page, page_size=PAGE_SIZE)
    last = last_page(found.total, PAGE_SIZE)
    if page > last and request.method == "GET":
        return redirect(url_for("documents.listing", page=last))
    shown = render_template(
        "account_documents.html",
        form=form,
        documents=found.documents,
        total=found.total,
        first=(page - 1) * PAGE_SIZE + 1,
        labels=attachments.TYPE_LABELS,
        most=ACCOUNT_BYTES,
        page=page,
        last_page=last,
        refusal=refusal,
        done=done.said(),
    )
    return shown, 422 if form.errors or refusal else 200


def _found(document_ids: list[uuid.UUID]) -> list[Any]:
    found = bus.call(account_documents.ListAccountDocuments, document_ids=document_ids).documents
    if not found:
        raise errors.NotFound(what="document")
    return found


def _identifiers(texts: list[str]) -> list[uuid.UUID]:
    """Return the identifiers among ``texts``; what is none names no document."""
    found = []
    for text in texts:
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            continue
    return found
