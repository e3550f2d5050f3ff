"""Factures émises: list, deposit of a file, what was read, confirmation, sending (R160 to R164)."""

import uuid
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from pupitre_contracts import bank_details, errors, invoicing

from . import bus, done, files, invoice_cadres, invoice_lists, invoice_view, navigation, pages_invoice_files
from .errors import message
from .forms import DepositForm, EmptyForm, squeezed
from .languages import current, gettext
from .pages_entry import issuers
from .pages_invoice import label_of
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("issued", __name__, url_prefix="/factures-emises")


@blueprint.get("/")
@signed_in
def listing() -> Any:
    """Show the Synthèse, or all issued invoices; first of all what came back, where acknowledging it is compulsory by now (B.3)."""
    return invoice_lists.show("issued", navigation.ISSUED, "invoice_list.html")


@blueprint.post("/suppression")
@signed_in
def delete_drafts() -> Any:
    """Delete the drafts that were ticked in the list, each for itself; what can't be deleted stays and says why (R274)."""
    ticked = request.form.getlist("facture")[: invoice_lists.PAGE_SIZE]
    if not ticked:
        done.say(gettext("Cochez au moins un brouillon : rien n'a été fait."))
        return redirect(url_for("issued.listing"))
    key, deleted, left = uuid.UUID(form_key()), 0, []
    for text in dict.fromkeys(ticked):
        try:
            bus.call(invoicing.DeleteDraft, key=str(uuid.uuid5(key, text)), invoice_id=_identifier(text))
            deleted += 1
        except (errors.NotFound, errors.Forbidden, errors.TransitionForbidden) as error:
            left.append(message(error))
    done.say(" ".join([gettext("Brouillons supprimés : %(count)s.", count=deleted), *dict.fromkeys(left)]))
    return redirect(url_for("issued.listing"))


def _identifier(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise errors.NotFound(what="invoice") from None


@blueprint.route("/depot", methods=["GET", "POST"])
@signed_in
@files.accepts_upload
def deposit() -> Any:
    """Take a file, have it read and checked; a valid one becomes a draft, an invalid one is kept nowhere (R162)."""
    form = DepositForm()
    form.structure.choices = issuers()
    if not form.validate_on_submit():
        return render_template("deposit.html", form=form, roles=invoice_cadres.every_role()), 422 if form.errors else 200
    stored = files.store_upload(form.file.data)
    prepared = bus.call(
        invoicing.PrepareInvoice,
        key=form_key(),
        structure_id=uuid.UUID(form.structure.data),
        sha256=stored.sha256,
        size=stored.size,
        name=stored.name,
        content_type=stored.mime,
        language=current(),
        **_parties(),
    )
    if prepared.invoice is None:
        as_pdf = stored.mime == "application/pdf" or stored.name.lower().endswith(".pdf")
        return render_template("deposit_refused.html", report=prepared.report, name=stored.name, as_pdf=as_pdf), 422
    return redirect(url_for("invoice.show", side="emises", invoice_id=prepared.invoice.invoice_id))


@blueprint.get("/<uuid:invoice_id>/confirmation")
@signed_in
def confirmation(invoice_id: uuid.UUID) -> Any:
    """Show what is about to be sent, to be confirmed (R163)."""
    invoice = _invoice(invoice_id)
    if invoice.status != "BROUILLON":
        return redirect(url_for("invoice.show", side="emises", invoice_id=invoice_id))
    return _confirmation_page(invoice)


@blueprint.get("/<uuid:invoice_id>/envoi")
@signed_in
def send_again(invoice_id: uuid.UUID) -> Response:
    """Lead whoever reloads a refused sending, or changes its language, back to the confirmation."""
    return redirect(url_for("issued.confirmation", invoice_id=invoice_id, **request.args))


@blueprint.post("/<uuid:invoice_id>/envoi")
@signed_in
def send(invoice_id: uuid.UUID) -> Any:
    """Send a draft, as confirmed: a version other than the one shown is refused."""
    try:
        named = {"invoice_id": invoice_id, "version": form_version(), **_parties()}
        bus.call(invoicing.SendInvoice, key=form_key(), language=current(), **named)
    except errors.InvoiceRefused as error:
        return _confirmation_page(_invoice(invoice_id), error), error.status
    return redirect(url_for("issued.recap", invoice_id=invoice_id))


@blueprint.get("/<uuid:invoice_id>/recapitulatif")
@signed_in
def recap(invoice_id: uuid.UUID) -> Any:
    """Say that the invoice is validated and on its way (R164)."""
    invoice = _invoice(invoice_id)
    if invoice.status == "BROUILLON":
        return redirect(url_for("invoice.show", side="emises", invoice_id=invoice_id))
    return render_template("recap.html", invoice=invoice, label=label_of(invoice))


@blueprint.get("/<uuid:invoice_id>/certificat")
@signed_in
def certificate(invoice_id: uuid.UUID) -> Response:
    """Give the certificate of deposit as a PDF: the deposit, its instant, and the SHA-256 of every file."""
    return pages_invoice_files.send(invoice_id, "certificate")


@blueprint.post("/<uuid:invoice_id>/suppression")
@signed_in
def delete(invoice_id: uuid.UUID) -> Response:
    """Delete a draft."""
    bus.call(invoicing.DeleteDraft, key=form_key(), invoice_id=invoice_id)
    done.say("suppression")
    return redirect(url_for("issued.listing"))


def _parties() -> dict[str, Any]:
    """Return those whom the form names to validate the invoice; without any, those who were named before stay."""
    named = invoice_cadres.typed(request.values)
    return {"parties": named} if named else {}


def _invoice(invoice_id: uuid.UUID) -> Any:
    return bus.call(invoicing.GetInvoice, invoice_id=invoice_id, language=current()).invoice


def _confirmation_page(invoice: Any, refusal: errors.PupitreError | None = None) -> str:
    return render_template(
        "confirm.html",
        invoice=invoice,
        form=EmptyForm(formdata=None),
        refusal=refusal,
        readable=invoice_view.read(invoice.content, invoice.report.terms),
        accounts=_accounts(invoice),
        roles=invoice_cadres.roles_of(invoice.cadre),
        named=invoice_cadres.named_in(invoice.parties) | invoice_cadres.named_in(invoice_cadres.typed(request.values)),
    )


def _accounts(invoice: Any) -> list[tuple[Any, bool]]:
    """Return the supplier's bank details in use, each with whether the invoice asks to be paid there (R086); none when nobody can tell."""
    try:
        kept = bus.call(bank_details.ListBankDetails, structure_id=invoice.supplier_structure_id).bank_details
    except errors.PupitreError:
        return []
    named = (squeezed(str(invoice.report.terms.get("BT-84") or "")) or "").upper()
    # Lists hold account numbers masked: what can be compared is how they begin and end.
    return [(each, bool(named) and each.masked[:4] == named[:4] and each.masked[-4:] == named[-4:]) for each in kept]
