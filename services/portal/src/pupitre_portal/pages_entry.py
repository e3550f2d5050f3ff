"""Entry of an invoice on a page: begin, type, come back, copy, confirm (R160 to R169, B.4). The service computes and judges."""

import uuid
from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from pupitre_contracts import bank_details, directory, errors, invoicing, structure_documents
from pupitre_contracts import invoicing_entry as calls

from . import attachments, bus, done, entry_form, files, formats, invoice_cadres, invoice_view, navigation
from .errors import message
from .forms import EmptyForm, squeezed
from .languages import current, gettext, ngettext
from .security import form_key, form_version
from .sessions import signed_in

blueprint = Blueprint("entry", __name__, url_prefix="/factures-emises")

_FOUND = 20
_AUTOSAVE = "X-Pupitre-Autosave"


@blueprint.route("/saisie", methods=["GET", "POST"])
@signed_in
def start() -> Any:
    """Choose who issues and who receives; the entry goes on as a draft."""
    structures = issuers()
    if request.method == "POST":
        structure_id = chosen_issuer(structures)
        siret = squeezed(request.form.get("recipient_siret", "")) or ""
        if structure_id is not None and siret:
            entry = calls.Entry(**_begun(siret, request.form.get("kind", "FACTURE")))
            state = bus.call(calls.SaveEntry, key=form_key(), structure_id=structure_id, entry=entry, language=current()).state
            return redirect(url_for("entry.edit", invoice_id=state.invoice.invoice_id))
        return _start_page(structures, fault=True), 422
    return _start_page(structures)


def _begun(siret: str, kind: str) -> dict[str, Any]:
    line = calls.EntryLine(unit="C62", rate="20")
    return {
        "recipient_siret": siret[:20],
        "kind": kind if kind in entry_form.KINDS else "FACTURE",
        "issue_date": formats.today().isoformat(),
        "payment_mode": "" if kind == "AVOIR" else "VIREMENT",
        "lines": [line],
    }


def issuers() -> list[tuple[str, str]]:
    """Return the structures for which the user may enter an invoice, his own and those of whom he holds a mandat. Errors: forbidden."""
    able = navigation.depositing()
    if not able:
        raise errors.Forbidden(needed=gettext("modification dans Factures émises"))
    own = {each.structure_id for each in able}
    choices = [(str(each.structure_id), f"{each.name} ({formats.siret(each.identifier)})") for each in able]
    return choices + [
        (str(each.structure_id), gettext("%(name)s (%(siret)s), par mandat", name=each.name, siret=formats.siret(each.identifier)))
        for each in navigation.mandants()
        if each.mandataire_id in own
    ]


def chosen_issuer(structures: list[tuple[str, str]]) -> uuid.UUID | None:
    """Return the structure that a form names, if it is one of these."""
    wanted = request.form.get("structure", "")
    return uuid.UUID(wanted) if wanted in dict(structures) else None


def _start_page(structures: list[tuple[str, str]], fault: bool = False) -> str:
    asked = request.args.get("nom", "").strip()
    found: list[Any] = []
    if asked:
        values = {"name": asked if "*" in asked else f"*{asked}*"}
        if asked.replace(" ", "").isdecimal():
            values = {"identifier": f"{squeezed(asked)}*"}
        found = bus.call(directory.SearchDirectory, page_size=_FOUND, **values).structures
    return render_template(
        "entry_start.html",
        structures=structures,
        chosen=request.values.get("structure", ""),
        siret=request.values.get("recipient_siret", request.args.get("destinataire", "")),
        kinds=entry_form.KINDS,
        asked=asked,
        found=found,
        fault=fault,
        done=done.said(),
    )


@blueprint.get("/<uuid:invoice_id>/saisie")
@signed_in
def edit(invoice_id: uuid.UUID) -> Any:
    """Show a draft that is typed, to go on with it."""
    try:
        state = bus.call(calls.GetEntry, invoice_id=invoice_id, language=current()).state
    except errors.TransitionForbidden:
        return redirect(url_for("invoice.show", side="emises", invoice_id=invoice_id))
    return _page(state)


@blueprint.post("/<uuid:invoice_id>/saisie")
@signed_in
@files.accepts_upload
def save(invoice_id: uuid.UUID) -> Any:
    """Keep what was typed, and do what the button says: add or remove a line, compute, join files, confirm."""
    action, _, which = request.form.get("action", "save").partition("-")
    removed = entry_form.line_number(which) if action == "remove" else None
    entry = entry_form.entry_of(request.form, without_line=removed, more_lines=1 if action == "add" else 0)
    values = {"entry": entry, "language": current()}
    try:
        values["documents"] = _new_documents(request.form)
        values["document_changes"] = entry_form.document_changes(request.form, removed)
        named = {"structure_id": _kept(invoice_id).invoice.supplier_structure_id} if action == "fork" else {"invoice_id": invoice_id}
        if action == "fork":
            del values["document_changes"]
        else:
            named["version"] = form_version()
        state = bus.call(calls.SaveEntry, key=form_key(), **named, **values).state
    except errors.Conflict:
        return _conflict(invoice_id, entry)
    except errors.Invalid as error:
        return _refused(invoice_id, entry, message(error))
    if request.headers.get(_AUTOSAVE):
        return _autosaved(state)
    if action == "confirm":
        return _confirm(state)
    if action == "save":
        done.say(gettext("Le brouillon est enregistré. Il n'est pas envoyé."))
    anchor = {"add": "lignes", "remove": "lignes", "compute": "totaux", "attach": "pieces"}.get(action)
    return redirect(url_for("entry.edit", invoice_id=state.invoice.invoice_id, _anchor=anchor))


def _confirm(state: calls.EntryState) -> Any:
    reply = bus.call(
        calls.ConfirmEntry,
        key=str(uuid.uuid5(uuid.UUID(form_key()), "confirm")),
        invoice_id=state.invoice.invoice_id,
        version=state.invoice.version,
        language=current(),
    )
    if reply.invoice is None:
        return _page(reply.state, unfinished=True), 422
    return redirect(url_for("issued.confirmation", invoice_id=reply.invoice.invoice_id))


def _autosaved(state: calls.EntryState) -> Response:
    """Tell the page that saves itself what it needs: the version to go on from, and the amounts."""
    currency = state.invoice.currency
    sums = state.totals
    return jsonify(
        version=state.invoice.version,
        said=gettext("Enregistré à %(time)s, non envoyé.", time=formats.moment(state.saved_at, seconds=True)[-8:]),
        left=_left(state),
        lines=[formats.money(each, currency) for each in sums.lines],
        totals={name: formats.money(getattr(sums, name), currency) for name in ("net", "tax", "gross", "due")}
        | {"tax_eur": formats.money(sums.tax_eur)},
        vat=[
            [formats.percent(each.rate), formats.money(each.base, currency), formats.money(each.amount, currency)] for each in sums.vat
        ],
    )


def _left(state: calls.EntryState) -> str:
    """Return how much is still to be done before the invoice can be sent."""
    count = sum(each.severity == "error" for each in state.findings)
    if not count:
        return gettext("Rien ne manque : vous pouvez confirmer.")
    return ngettext("Il reste %(num)s point à compléter avant l'envoi.", "Il reste %(num)s points à compléter avant l'envoi.", count)


def _conflict(invoice_id: uuid.UUID, entry: calls.Entry) -> Any:
    """Say that another window kept something meanwhile; what was typed here stays on the page."""
    kept = _kept(invoice_id)
    if request.headers.get(_AUTOSAVE):
        said = gettext("Ce brouillon a été enregistré dans une autre fenêtre. Rien n'est perdu : enregistrez pour choisir.")
        return jsonify(conflict=True, said=said), 409
    return _page(kept, typed=entry, conflict=True), 409


def _refused(invoice_id: uuid.UUID, entry: calls.Entry, said: str) -> Any:
    if request.headers.get(_AUTOSAVE):
        return jsonify(said=said), 422
    return _page(_kept(invoice_id), typed=entry, refusal=said), 422


def _kept(invoice_id: uuid.UUID) -> calls.EntryState:
    return bus.call(calls.GetEntry, invoice_id=invoice_id, language=current()).state


def _new_documents(form: Any) -> list[calls.NewEntryDocument]:
    """Return the files that were chosen: from the disk, from the user's own documents (R091) and from the structure's (R073)."""
    if request.headers.get(_AUTOSAVE):
        return []
    about = {"designation": form.get("designation", "").strip()} if form.get("designation", "").strip() else {}
    line = entry_form.line_number(form.get("document_line", ""))
    if line is not None:
        about["line"] = line
    uploads = [each for each in request.files.getlist("documents") if each.filename]
    new = []
    for upload in uploads:
        attachments.check(upload, attachments.rules.ACCOUNT_BYTES)
        stored = files.store_upload(upload)
        new.append(calls.NewEntryDocument(name=stored.name, mime=stored.mime, size=stored.size, sha256=stored.sha256, **about))
    ticked = form.getlist("shared")
    kept = attachments.kept_by_user(form.getlist("kept"))
    if ticked:
        structure_id = uuid.UUID(form.get("structure_id", ""))
        listed = bus.call(structure_documents.ListStructureDocuments, structure_id=structure_id).documents
        kept = [*kept, *(each for each in listed if str(each.document_id) in ticked)]
    for each in kept:
        named = {"designation": each.designation, "type": each.type} | about
        new.append(calls.NewEntryDocument(name=each.name, mime=each.mime, size=each.size, sha256=each.sha256, **named))
    return new


@blueprint.post("/<uuid:invoice_id>/copie")
@signed_in
def copy(invoice_id: uuid.UUID) -> Response:
    """Make a draft of an invoice, to be changed and sent under another number."""
    state = bus.call(calls.CopyInvoice, key=form_key(), invoice_id=invoice_id, language=current()).state
    done.say(gettext("Nouveau brouillon, copié. Donnez-lui un numéro et vérifiez sa date."))
    return redirect(url_for("entry.edit", invoice_id=state.invoice.invoice_id))


@blueprint.post("/copie")
@signed_in
def copy_latest() -> Any:
    """Make a draft of the invoice that a structure sent last."""
    structures = issuers()
    structure_id = chosen_issuer(structures)
    if structure_id is None:
        return _start_page(structures, fault=True), 422
    siret = squeezed(request.form.get("recipient_siret", "")) or ""
    wanted = {"recipient_siret": siret} if siret else {}
    try:
        state = bus.call(calls.CopyInvoice, key=form_key(), structure_id=structure_id, language=current(), **wanted).state
    except errors.NotFound:
        done.say(gettext("Cette structure n'a encore envoyé aucune facture : il n'y a rien à copier."))
        return redirect(url_for("entry.start"))
    done.say(gettext("Nouveau brouillon, copié. Donnez-lui un numéro et vérifiez sa date."))
    return redirect(url_for("entry.edit", invoice_id=state.invoice.invoice_id))


def _page(
    state: calls.EntryState,
    *,
    typed: calls.Entry | None = None,
    unfinished: bool = False,
    conflict: bool = False,
    refusal: str = "",
) -> str:
    structure_id = state.invoice.supplier_structure_id
    entry = typed or state.entry
    told = entry_form.by_field(state.findings, unfinished=unfinished) if typed is None else {}
    problems = [each for each in state.findings if each.severity == "error"]
    return render_template(
        "entry.html",
        state=state,
        invoice=state.invoice,
        entry=entry,
        lines=entry.lines or [calls.EntryLine(unit="C62", rate="20")],
        told=told,
        errors_shown=[each for each in problems if unfinished or each.rule not in entry_form.UNFINISHED] if typed is None else [],
        left=_left(state),
        recipient=_recipient(entry.recipient_siret),
        accounts=_accounts(structure_id),
        kept_documents=attachments.offered_to_user(),
        shared_documents=_shared(structure_id),
        joined=state.documents,
        conflict=conflict,
        refusal=refusal,
        first=_first_of(state) if any(each.rule == "PUP-NUMBER-TAKEN" for each in problems) else None,
        form=EmptyForm(formdata=None),
        done=done.said(),
        chosen_services=_services_shown,
        accounts_shown=_accounts_shown,
        currencies=entry_form.currencies_shown(state.currencies or ["EUR"], entry.currency),
        category_name=invoice_view.VAT_CATEGORIES,
        roles=invoice_cadres.roles_of(entry.cadre),
        named=invoice_cadres.named_in(entry.parties),
        **entry_form.words(),
    )


def _services_shown(services: list[Any], chosen: str) -> list[tuple[str, str]]:
    """Return the active services to choose from, and the one that was typed if it is none of them: the check says why it is refused."""
    shown = [(each.code, f"{each.code}, {each.label}" if each.label != each.code else each.code) for each in services]
    return shown if chosen in ("", *(code for code, _ in shown)) else [*shown, (chosen, chosen)]


def _accounts_shown(accounts: list[Any]) -> list[tuple[Any, str]]:
    return [(each.bank_details_id, f"{each.name}, {each.masked}") for each in accounts]


def _recipient(siret: str) -> Any:
    """Return what the annuaire tells of the recipient, None for one that it does not know."""
    if not siret:
        return None
    try:
        return bus.call(directory.GetDirectoryEntry, identifier=siret).entry
    except errors.PupitreError:
        return None


def _accounts(structure_id: uuid.UUID) -> list[Any]:
    """Return the structure's bank details (R086); none for a mandataire, who does not see them."""
    try:
        return bus.call(bank_details.ListBankDetails, structure_id=structure_id).bank_details
    except errors.PupitreError:
        return []


def _shared(structure_id: uuid.UUID) -> list[Any]:
    try:
        return bus.call(structure_documents.ListStructureDocuments, structure_id=structure_id).documents
    except errors.PupitreError:
        return []


def _first_of(state: calls.EntryState) -> Any:
    """Return the invoice that took the number first (H.7)."""
    named = {"structure_id": state.invoice.supplier_structure_id, "number": state.invoice.number}
    try:
        found = bus.call(invoicing.SearchInvoices, side="issued", **named).invoices
    except errors.PupitreError:
        return None
    return next((each for each in found if each.status != "BROUILLON"), None)
