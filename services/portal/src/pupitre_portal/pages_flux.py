"""Suivi des flux: the deposits made by programs, how each ended, and what to correct in each refused invoice (G.3)."""

import uuid
from typing import Any

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from pupitre_contracts import invoicing

from . import bus, exports, files, flux_report, invoice_cadres, navigation
from .api import compte_rendu
from .forms_flux import FluxForm
from .languages import N_, current, gettext
from .pages_entry import issuers
from .paging import last_page, page_number
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("flux", __name__, url_prefix="/factures-emises/flux")
PAGE_SIZE = 25
MOST_SHOWN = 20
"""Problems of one file that the page shows; the files to download have all of them."""

WAITING = frozenset(
    {
        "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP",
        "IN_EN_ATTENTE_TRAITEMENT_CPP",
        "IN_EN_COURS_TRAITEMENT_CPP",
        "IN_EN_ATTENTE_RETRAITEMENT_CPP",
    }
)
"""States of a flux that is not settled yet."""

_LABELS = {
    "IN_RECU": N_("Reçu"),
    "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP": N_("Déposé, en attente de traitement"),
    "IN_EN_ATTENTE_TRAITEMENT_CPP": N_("En attente de traitement"),
    "IN_EN_COURS_TRAITEMENT_CPP": N_("En cours de traitement"),
    "IN_EN_ATTENTE_RETRAITEMENT_CPP": N_("En attente de retraitement"),
    "IN_TRAITE_SE_CPP": N_("Traité"),
    "IN_INTEGRE": N_("Intégré"),
    "IN_INTEGRE_PARTIEL": N_("Intégré partiellement"),
    "IN_REJETE": N_("Rejeté"),
    "IN_INCIDENTE": N_("Incidenté"),
}
_TONES = {"IN_INTEGRE": "success", "IN_INTEGRE_PARTIEL": "warning", "IN_REJETE": "danger", "IN_INCIDENTE": "danger"}
_NEXT_STEPS = {
    "IN_INTEGRE": N_("Rien à faire : toutes les factures du flux sont envoyées."),
    "IN_INTEGRE_PARTIEL": N_(
        "Les factures acceptées sont envoyées : ne les redéposez pas. "
        "Corrigez les factures refusées ci-dessous et déposez-les dans un nouveau flux."
    ),
    "IN_REJETE": N_("Aucune facture n'est envoyée. Corrigez les problèmes ci-dessous, puis déposez un nouveau flux."),
    "IN_INCIDENTE": N_("Le traitement n'a pas abouti et aucune facture n'est envoyée. Déposez le flux de nouveau."),
}
_WAITING_STEP = N_("Rien à faire : le traitement suit son cours. Actualisez cette page pour en voir la suite.")


def label(state: str) -> str:
    """Return the name of a state of a flux (G.3), or its code where the portal does not know it."""
    return gettext(_LABELS.get(state, state))


def tone(state: str) -> str:
    """Return the style of a state's badge."""
    return _TONES.get(state, "info")


@blueprint.get("/")
@signed_in
def listing() -> str:
    """List the flux of the user's structures, newest first."""
    page, structure_id = page_number(), _structure_asked()
    chosen = {"structure_id": structure_id} if structure_id else {}
    found = bus.call(invoicing.SearchFlux, page=page, page_size=PAGE_SIZE, **chosen)
    return render_template(
        "flux_list.html",
        flux=found.flux,
        total=found.total,
        size=PAGE_SIZE,
        page=page,
        last_page=last_page(found.total, PAGE_SIZE),
        structures=navigation.structures_with(navigation.ISSUED),
        can_deposit=bool(navigation.depositing()),
        chosen=structure_id,
    )


@blueprint.route("/depot", methods=["GET", "POST"])
@signed_in
@files.accepts_flux
def deposit() -> Any:
    """Take a flux; its invoices are judged and sent afterwards, and its page says what became of them."""
    form = FluxForm()
    form.structure.choices = issuers()
    if not form.validate_on_submit():
        return render_template("flux_deposit.html", form=form, roles=invoice_cadres.every_role()), 422 if form.errors else 200
    named = invoice_cadres.typed(request.form)
    stored = files.store_stream(form.file.data.filename, form.file.data.stream, form.file.data.mimetype)
    flux = bus.call(
        invoicing.DepositFlux,
        key=form_key(),
        structure_id=uuid.UUID(form.structure.data),
        sha256=stored.sha256,
        size=stored.size,
        file_name=stored.name,
        syntaxe_flux=form.syntaxe.data,
        **({"parties": named} if named else {}),
    ).flux
    return redirect(url_for("flux.show", numero_flux=flux.numero_flux))


@blueprint.get("/<numero_flux>")
@signed_in
def show(numero_flux: str) -> str:
    """Show one flux with its files, a page at a time: what became of each, and of a refused one what to correct (P03)."""
    page, asked = page_number(), flux_report.criteria()
    report = flux_report.read(numero_flux, _shown_first(asked), current(), page, PAGE_SIZE)
    return render_template(
        "flux.html",
        flux=report.flux,
        technical=[fault for fault in report.flux.errors if fault.technical],
        report=report,
        wanted=_shown_first(asked),
        outcomes=flux_report.OUTCOMES,
        most=MOST_SHOWN,
        page=page,
        size=PAGE_SIZE,
        last_page=last_page(report.total, PAGE_SIZE),
        is_waiting=report.flux.state in WAITING,
        next_step=gettext(_NEXT_STEPS.get(report.flux.state, _WAITING_STEP)),
    )


@blueprint.get("/<numero_flux>/compte-rendu.<any(csv, xlsx, pdf):kind>")
@signed_in
def report_file(numero_flux: str, kind: str) -> Response:
    """The report as a file: exactly the files that the page's filters show, all of its pages."""
    asked, language = flux_report.criteria(), current()
    first = flux_report.read(numero_flux, asked, language, 1, flux_report.PIECE)
    found = flux_report.pieces(first, numero_flux, asked, language)
    if kind == "pdf":
        document = compte_rendu.document_of(first.flux, [file for piece in found for file in piece], language)
        content = current_app.extensions["pupitre"].draw(document)
        return files.attachment(f"compte-rendu-{numero_flux}.pdf", "application/pdf", content)
    technical = [flux_report.technical_rows(first.flux)]
    lines = (rows for part in (technical, map(flux_report.rows, found)) for rows in part)
    return exports.answer(kind, f"compte-rendu-{first.flux.numero_flux}", flux_report.columns(), lines)


def _shown_first(asked: dict[str, str]) -> dict[str, str]:
    """What is refused comes first, as long as nothing is asked for: it is what has to be corrected."""
    return asked if request.args.keys() & {"resultat", "code", "recherche"} else {**asked, "resultat": "refused"}


def _structure_asked() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get("structure", ""))
    except ValueError:
        return None


def init_app(app: Flask) -> None:
    """Give the templates the words for the states."""
    app.jinja_env.globals.update(flux_label=label, flux_tone=tone)
