"""Invoices that others validate before their recipient has them: the work of those who do, in the espace of their role, in three steps
(R170, R171), and what the supplier does meanwhile."""

import uuid
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from pupitre_contracts import errors, invoice_parties, invoicing
from wtforms import BooleanField, MultipleFileField, StringField, TextAreaField
from wtforms.validators import Length

from . import bus, done, espace_visit, files, invoice_cadres, invoice_tabs, invoice_view
from .errors import faults_of, message
from .forms import EmptyForm, squeezed, stripped
from .invoice_tabs import DOWNLOADS
from .languages import N_, current, gettext
from .pages_invoice import label_of
from .paging import last_page, page_number
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("validating", __name__)

PAGE_SIZE = 25
TABS = {"a-valider": N_("À valider"), "toutes": N_("Toutes")}
_IN_ESPACE = "/espaces/<key>/factures"
_LONGEST = 2000


class ActForm(FlaskForm):
    """A passage of an invoice in validation; the service says what it needs, and so does the page."""

    stated = BooleanField()
    motive_code = StringField(N_("Motif codé"))
    motive = TextAreaField(N_("Motif"), [Length(max=_LONGEST, message=N_("Le motif dépasse 2000 caractères."))], filters=[stripped])
    comment = TextAreaField(
        N_("Complément d'information"),
        [Length(max=_LONGEST, message=N_("Le commentaire dépasse 2000 caractères."))],
        filters=[stripped],
    )
    documents = MultipleFileField(N_("Pièces jointes"))

    @property
    def chosen(self) -> list[Any]:
        """The files that were chosen: browsers send an empty one when there is none."""
        return [each for each in self.documents.data or [] if getattr(each, "filename", "")]


@blueprint.get(_IN_ESPACE)
@signed_in
def listing(key: str) -> Any:
    """List the invoices that wait for the structure, or all that have come to it (step 1)."""
    seen = _visit(key)
    tab = request.args.get("onglet", "a-valider")
    if tab not in TABS:
        abort(404)
    page = page_number()
    found = bus.call(
        invoice_parties.SearchInvoicesOfRole,
        espace=key,
        structure_id=seen.structure.structure_id,
        to_do=tab == "a-valider",
        page=page,
        page_size=PAGE_SIZE,
        **({"text": request.args["q"].strip()[:200]} if request.args.get("q", "").strip() else {}),
    )
    return render_template(
        "validating_list.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, "factures"),
        invoices=found.invoices,
        total=found.total,
        tab=tab,
        tabs=TABS,
        page=page,
        last_page=last_page(found.total, PAGE_SIZE),
        label_of=label_of,
        done=done.said(),
    )


@blueprint.get(f"{_IN_ESPACE}/<uuid:invoice_id>")
@signed_in
def show(key: str, invoice_id: uuid.UUID) -> Any:
    """Show an invoice to who validates it: what to check, its files, and what he may do (step 2)."""
    seen, invoice = _visit(key), _of_espace(key, invoice_id)
    return render_template(
        "validating_invoice.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, "factures"),
        invoice=invoice,
        label=label_of(invoice),
        moves=moves_of(invoice, {each.role for each in invoice.parties or () if each.espace == key}),
        readable=invoice_view.read(invoice.content, invoice.report.terms),
        embedded=invoice_tabs.attachments_of(invoice.content),
        side="received",
        # Downloads look at rights, not at the side: those of the issued invoice serve here too.
        address_side="emises",
        view="pieces",
        downloads=DOWNLOADS,
        done=done.said(),
    )


@blueprint.route(f"{_IN_ESPACE}/<uuid:invoice_id>/acte", methods=["GET", "POST"])
@signed_in
@files.accepts_upload
def act(key: str, invoice_id: uuid.UUID) -> Any:
    """Ask for what a passage needs, the tick and the complement of information among it, and make it (step 3)."""
    seen, invoice = _visit(key), _of_espace(key, invoice_id)
    moves = moves_of(invoice, {each.role for each in invoice.parties or () if each.espace == key})
    back = url_for("validating.show", key=key, invoice_id=invoice_id)
    after = url_for("validating.recap", key=key, invoice_id=invoice_id)
    return _act(invoice, moves, back, after, visit=seen, menu_of_espace=espace_visit.menu_of(seen, "factures"))


@blueprint.get(f"{_IN_ESPACE}/<uuid:invoice_id>/recapitulatif")
@signed_in
def recap(key: str, invoice_id: uuid.UUID) -> Any:
    """Say what was done with an invoice, and where it is now."""
    seen, invoice = _visit(key), _of_espace(key, invoice_id)
    return render_template(
        "validating_recap.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, "factures"),
        invoice=invoice,
        label=label_of(invoice),
        line=next((each for each in reversed(invoice.history) if each.action == "move"), None),
    )


@blueprint.route("/factures-emises/<uuid:invoice_id>/acte", methods=["GET", "POST"])
@signed_in
@files.accepts_upload
def supplier_act(invoice_id: uuid.UUID) -> Any:
    """Let the supplier make a passage of his: name another who validates, send again, give up."""
    invoice = _invoice(invoice_id)
    back = url_for("invoice.show", side="emises", invoice_id=invoice_id)
    return _act(invoice, moves_of(invoice, {"supplier"}), back, back)


def moves_of(invoice: Any, roles: set[str]) -> list[Any]:
    """Return the passages that the user may make in the name of these roles."""
    return [each for each in invoice.role_moves or () if each.role in roles]


def _act(invoice: Any, moves: list[Any], back: str, after: str, **shown: Any) -> Any:
    wanted = request.values.get("vers", "")
    move = next((each for each in moves if each.to == wanted), None)
    if move is None:
        done.say(gettext("Cet acte n'est plus possible : voici la facture comme elle est."))
        return redirect(back)
    form = ActForm()
    values = {"invoice": invoice, "move": move, "back": back, "form": form, **shown}
    if not form.validate_on_submit():
        return _act_page(values), 422 if form.errors else 200
    try:
        stored = [files.store_upload(each) for each in form.chosen]
        bus.call(
            invoicing.MoveInvoice,
            key=form_key(),
            invoice_id=invoice.invoice_id,
            version=form_version(),
            to=move.to,
            motive=form.motive.data or None,
            motive_code=form.motive_code.data or None,
            comment=form.comment.data or None,
            stated=form.stated.data,
            language=current(),
            **({"parties": invoice_cadres.typed(request.form)} if move.corrects else {}),
            **({"documents": [_document(each) for each in stored]} if stored else {}),
        )
    except errors.MotiveMissing as error:
        form.motive.errors = [message(error)]
        return _act_page(values), error.status
    except errors.MotiveRefused as error:
        (form.motive_code if move.motives else form.motive).errors = [message(error)]
        return _act_page(values), error.status
    except errors.Invalid as error:
        return _act_page(values, faults=_shown_faults(form, error)), error.status
    except errors.InvoiceRefused as error:
        said = [f"{each['message']} {each.get('remedy') or ''}" for each in error.details["findings"]]
        return _act_page(values, faults=said), error.status
    except (errors.Conflict, errors.TransitionForbidden) as error:
        done.say(message(error))
        return redirect(back)
    done.say(gettext("C'est fait."))
    return redirect(after)


def _shown_faults(form: ActForm, error: errors.Invalid) -> list[str]:
    """Put what is wrong at its field, and return what belongs to none."""
    faults, left = faults_of(error), []
    if "stated" in faults:
        form.stated.errors = [gettext("Cochez cette case pour continuer.")]
    for name, said in faults.items():
        if name not in ("stated", "parties"):
            left += [str(each) for each in said]
    if "parties" in faults:
        left.append(gettext("Indiquez le SIRET de la structure à désigner."))
    return left if faults else [message(error)]


def _act_page(values: dict[str, Any], faults: list[str] | None = None) -> str:
    return render_template(
        "validating_act.html",
        faults=faults or [],
        named={name: squeezed(request.form.get(f"{invoice_cadres.FIELD}{name}", "")) or "" for name in values["move"].corrects or ()},
        roles={each.role: each for each in values["invoice"].parties or ()},
        label=label_of(values["invoice"]),
        empty_form=EmptyForm(formdata=None),
        **values,
    )


def _document(stored: Any) -> invoicing.NewDocument:
    return invoicing.NewDocument(name=stored.name, mime=stored.mime, size=stored.size, sha256=stored.sha256)


def _visit(key: str) -> espace_visit.Visit:
    if key not in invoice_cadres.places():
        abort(404)
    return espace_visit.visit(key)


def _of_espace(key: str, invoice_id: uuid.UUID) -> Any:
    """Return an invoice that has come to somebody who validates it in an espace. Ends the request with 404 for another."""
    invoice = _invoice(invoice_id)
    if not any(each.espace == key and each.sees for each in invoice.parties or ()):
        abort(404)
    return invoice


def _invoice(invoice_id: uuid.UUID) -> Any:
    return bus.call(invoicing.GetInvoice, invoice_id=invoice_id, language=current()).invoice
