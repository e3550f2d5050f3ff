"""The page of an invoice for both its sides: its views (readable, PDF, XML, attachments, report, history) and what may be done now."""

import uuid
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pupitre_contracts import errors, invoicing, invoicing_entry, structure_documents

from . import attachments, bus, done, files, invoice_cadres, invoice_tabs, invoice_view, navigation, statuses
from .errors import faults_of, message
from .forms import CompleteForm, EmptyForm, MoveForm, RecycleForm
from .languages import current, gettext
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("invoice", __name__)

_SIDES = {"emises": "issued", "recues": "received"}
_BASE = '/factures-<any("emises", "recues"):side>/<uuid:invoice_id>'
_COMPLETED, _RECYCLED = "COMPLETEE", "DEPOSEE"
_OVERTAKEN = (errors.Conflict, errors.TransitionForbidden)
#: An espace of the recipient keeps the invoice from its payment, or does not say that it lets it pass.
_BARRED = (errors.PassageBarred, errors.GuardSilent)
"""Refusals because somebody else acted meanwhile: the page is shown as the invoice now is."""


def label_of(invoice: Any) -> str:
    """Return the name of an invoice's status in the language of the request."""
    return invoice.status_label_en if current() == "en" else invoice.status_label_fr


@blueprint.get(_BASE)
@signed_in
def show(side: str, invoice_id: uuid.UUID) -> Any:
    """Show an invoice, in the view that ``vue`` names; a draft that is still being typed is shown where one types it, to whoever may."""
    invoice = _invoice(invoice_id)
    if is_typed_on(invoice) and _may_act("issued", invoice):
        return redirect(url_for("entry.edit", invoice_id=invoice_id))
    return _page(side, invoice)


def is_typed_on(invoice: Any) -> bool:
    """Tell whether an invoice is a draft whose file is not written yet."""
    typed = invoice.status == "BROUILLON" and invoice.deposit_mode in invoicing_entry.ENTRY_MODES
    return typed and not any(each.kind == "original" for each in invoice.documents)


@blueprint.get(f'{_BASE}/<any("statut", "complement", "recyclage"):form>')
@signed_in
def return_from_form(side: str, invoice_id: uuid.UUID, form: str) -> Response:
    """Lead whoever reloads a refused form, or changes its language, back to the invoice."""
    return redirect(url_for("invoice.show", side=side, invoice_id=invoice_id, **request.args))


@blueprint.post(f"{_BASE}/statut")
@signed_in
def move(side: str, invoice_id: uuid.UUID) -> Any:
    """Make a transition that the page offered; a missing motive is asked for on the same page, nothing typed is lost."""
    form = MoveForm()
    if not form.validate_on_submit():
        return _page(side, _invoice(invoice_id), move_form=form), 422
    try:
        made = bus.call(
            invoicing.MoveInvoice,
            key=form_key(),
            invoice_id=invoice_id,
            version=form_version(),
            to=form.to.data,
            motive=form.motive.data or None,
            motive_code=form.motive_code.data or None,
            mandat_refused=form.mandat_refused.data,
            comment=form.comment.data or None,
            language=current(),
        )
    except errors.MotiveMissing as error:
        form.motive.errors = [message(error)]
        return _page(side, _invoice(invoice_id), move_form=form), error.status
    except errors.Invalid as error:
        form.motive_code.errors = faults_of(error).get("motive_code", [message(error)])
        return _page(side, _invoice(invoice_id), move_form=form), error.status
    except errors.MandatNotRefused as error:
        form.mandat_refused.errors = [message(error)]
        return _page(side, _invoice(invoice_id), move_form=form), error.status
    except (*_OVERTAKEN, *_BARRED) as error:
        return _page(side, _invoice(invoice_id), refusal=error), error.status
    done.say("statut" if made.outcome == "done" else "tardif")
    return redirect(url_for("invoice.show", side=side, invoice_id=invoice_id))


@blueprint.post(f"{_BASE}/complement")
@signed_in
@files.accepts_upload
def complete(side: str, invoice_id: uuid.UUID) -> Any:
    """Answer a suspension with a comment, files, documents that the user (R091) or the structure keeps (R073), or several of these."""
    form = CompleteForm(shared=request.form.getlist("shared"))
    if not form.validate_on_submit():
        return _page(side, _invoice(invoice_id), complete_form=form), 422
    stored = [files.store_upload(each) for each in form.chosen]
    documents = [
        invoicing.NewDocument(name=each.name, mime=each.mime, size=each.size, sha256=each.sha256)
        for each in [*stored, *attachments.kept_by_user(form.kept.data), *_ticked(invoice_id, form.shared)]
    ]
    try:
        bus.call(
            invoicing.MoveInvoice,
            key=form_key(),
            invoice_id=invoice_id,
            version=form_version(),
            to=_COMPLETED,
            comment=form.comment.data or None,
            documents=documents,
            language=current(),
        )
    except errors.Invalid as error:
        form.documents.errors = [message(error)]
        return _page(side, _invoice(invoice_id), complete_form=form), error.status
    except _OVERTAKEN as error:
        return _page(side, _invoice(invoice_id), refusal=error), error.status
    done.say("complement")
    return redirect(url_for("invoice.show", side=side, invoice_id=invoice_id))


@blueprint.post(f"{_BASE}/recyclage")
@signed_in
def recycle(side: str, invoice_id: uuid.UUID) -> Any:
    """Correct where an invoice goes and send it again under the same number."""
    form = RecycleForm()
    if not form.validate_on_submit():
        return _page(side, _invoice(invoice_id), recycle_form=form), 422
    try:
        bus.call(
            invoicing.RecycleInvoice,
            key=form_key(),
            invoice_id=invoice_id,
            version=form_version(),
            recipient_siret=form.recipient_siret.data,
            code_service=form.code_service.data or "",
            engagement=form.engagement.data or "",
            comment=form.comment.data or None,
            language=current(),
        )
    except errors.InvoiceRefused as error:
        return _page(side, _invoice(invoice_id), recycle_form=form, refusal=error), error.status
    except _OVERTAKEN as error:
        return _page(side, _invoice(invoice_id), refusal=error), error.status
    done.say("recyclage")
    return redirect(url_for("invoice.show", side=side, invoice_id=invoice_id))


@blueprint.get(f'{_BASE}/documents/<any("original", "readable", "document"):kind>')
@blueprint.get(f'{_BASE}/documents/<any("original", "readable", "document"):kind>/<uuid:document_id>')
@signed_in
def document(side: str, invoice_id: uuid.UUID, kind: str, document_id: uuid.UUID | None = None) -> Response:
    """Send a document of the invoice; the readable PDF is made at the first call."""
    given = {"document_id": document_id} if document_id else {}
    found = bus.call(invoicing.DocumentFile, invoice_id=invoice_id, kind=kind, language=current(), **given).document
    return files.download(found.name, found.mime, found.sha256)


def _invoice(invoice_id: uuid.UUID) -> Any:
    return bus.call(invoicing.GetInvoice, invoice_id=invoice_id, language=current()).invoice


def _ticked(invoice_id: uuid.UUID, ticked: list[str]) -> list[Any]:
    """Return the supplier's documents that were ticked. Errors: not-found for one that is not there (any more)."""
    if not ticked:
        return []
    structure_id = _invoice(invoice_id).supplier_structure_id
    kept = bus.call(structure_documents.ListStructureDocuments, structure_id=structure_id).documents
    found = [each for each in kept if str(each.document_id) in ticked]
    if len(found) < len(set(ticked)):
        raise errors.NotFound(what="document")
    return found


def _shared(invoice: Any) -> list[Any]:
    """Return the documents that the supplier keeps for reuse; none when organisation can't tell: the page does without."""
    try:
        return bus.call(structure_documents.ListStructureDocuments, structure_id=invoice.supplier_structure_id).documents
    except errors.PupitreError:
        return []


def _page(side: str, invoice: Any, refusal: errors.PupitreError | None = None, **forms: Any) -> str:
    """Render the page with fresh forms, except those that come back with faults."""
    moves = [each for each in invoice.moves if each.to not in (_COMPLETED, _RECYCLED)]
    offered = {each.to for each in invoice.moves}
    view = invoice_tabs.chosen(request.args.get("vue"))
    return render_template(
        "invoice.html",
        invoice=invoice,
        side=_SIDES[side],
        address_side=side,
        label=label_of(invoice),
        view=view,
        views=invoice_tabs.VIEWS,
        downloads=invoice_tabs.DOWNLOADS,
        readable=invoice_view.read(invoice.content, invoice.report.terms) if view == "lisible" else None,
        data=invoice_tabs.data_of(invoice) if view == "xml" else None,
        pdf=invoice_tabs.pdf_of(invoice) if view == "pdf" else None,
        embedded=invoice_tabs.attachments_of(invoice.content) if view == "pieces" else None,
        moves=moves,
        may_act=_may_act(_SIDES[side], invoice),
        next_step=_next_step(_SIDES[side], invoice),
        may_complete=_COMPLETED in offered,
        kept_documents=attachments.offered_to_user() if _COMPLETED in offered else [],
        shared_documents=_shared(invoice) if _COMPLETED in offered else [],
        may_recycle=invoice.status == "A_RECYCLER" and _RECYCLED in offered,
        move_form=forms.get("move_form") or MoveForm(formdata=None),
        complete_form=forms.get("complete_form") or CompleteForm(formdata=None),
        recycle_form=forms.get("recycle_form") or _recycle_form(invoice),
        empty_form=EmptyForm(formdata=None),
        refusal=refusal,
        is_typed=invoice.deposit_mode in invoicing_entry.ENTRY_MODES,
        may_copy=_SIDES[side] == "issued" and _may_act("issued", invoice),
        done=_done(),
        circuit_moves=[each for each in invoice.role_moves or () if each.role == "supplier"] if _SIDES[side] == "issued" else [],
        cadre_roles=invoice_cadres.roles_of(invoice.cadre) if invoice.status == "BROUILLON" else (),
        named=invoice_cadres.named_in(invoice.parties),
    )


def _may_act(side: str, invoice: Any) -> bool:
    """Tell whether the user's habilitation lets him act on this side; invoicing decides, and alone when organisation is silent."""
    espace, structure_id = (
        (navigation.ISSUED, invoice.supplier_structure_id)
        if side == "issued"
        else (navigation.RECEIVED, invoice.recipient_structure_id)
    )
    try:
        able = navigation.structures_with(espace, "MODIFICATION")
    except errors.PupitreError:
        return True
    mandated = side == "issued" and any(each.structure_id == structure_id for each in navigation.mandants())
    return mandated or any(each.structure_id == structure_id for each in able)


def _next_step(side: str, invoice: Any) -> str:
    """Return what the user has to do now, or why he cannot."""
    if invoice.status in statuses.WORK[side] and not invoice.moves and not _may_act(side, invoice):
        return gettext(
            "Vous consultez cette facture : votre habilitation ne permet pas de la traiter. "
            "Le gestionnaire de la structure peut la changer."
        )
    if invoice.in_validation:
        return statuses.todo_in_validation(any(each.role == "supplier" for each in invoice.role_moves or ()))
    if is_typed_on(invoice):
        return statuses.todo(invoice.status, side)
    problems = sum(finding.severity == "error" for finding in invoice.report.findings)
    if invoice.status == "BROUILLON" and problems:
        return statuses.todo_of_draft(problems)
    return statuses.todo(invoice.status, side)


def _recycle_form(invoice: Any) -> RecycleForm:
    return RecycleForm(
        formdata=None,
        data={
            "recipient_siret": invoice.recipient_siret,
            "code_service": invoice.code_service,
            "engagement": invoice.engagement,
        },
    )


def _done() -> str | None:
    """What was just done, said once at the top of the page."""
    return {
        "statut": gettext("Le statut de la facture a changé."),
        "tardif": gettext("Rien n'a changé : la facture a déjà dépassé ce statut. Votre message est gardé dans l'historique."),
        "complement": gettext("La facture est complétée et revient au destinataire."),
        "rejet": gettext("Le rejet est traité : la facture n'est plus dans votre Synthèse."),
        "recyclage": gettext("La facture est corrigée et renvoyée sous le même numéro."),
    }.get(done.said())
