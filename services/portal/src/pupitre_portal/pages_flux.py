"""Suivi des flux: the deposits made by programs, how each ended, and what to correct in each refused invoice (G.3)."""

import uuid
from typing import Any

from flask import Blueprint, Flask, render_template, request
from pupitre_contracts import invoicing

from . import bus, navigation
from .languages import N_, current, gettext
from .paging import last_page, page_number
from .sessions import signed_in

blueprint = Blueprint("flux", __name__, url_prefix="/factures-emises/flux")
PAGE_SIZE = 25

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
        chosen=structure_id,
    )


@blueprint.get("/<numero_flux>")
@signed_in
def show(numero_flux: str) -> str:
    """Show one flux with the problems of each file, and the invoices that came out of it."""
    flux = bus.call(invoicing.GetFlux, numero_flux=numero_flux, language=current()).flux
    return render_template(
        "flux.html",
        flux=flux,
        technical=[fault for fault in flux.errors if fault.technical],
        faulty=_by_file(flux.errors),
        is_waiting=flux.state in WAITING,
        next_step=gettext(_NEXT_STEPS.get(flux.state, _WAITING_STEP)),
    )


def _by_file(faults: list[Any]) -> list[tuple[str, list[Any]]]:
    """Group the problems of invoices by the file that each stands in, in the order of the flux."""
    grouped: dict[str, list[Any]] = {}
    for fault in faults:
        if not fault.technical:
            grouped.setdefault(fault.file or fault.number or "-", []).append(fault)
    return list(grouped.items())


def _structure_asked() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get("structure", ""))
    except ValueError:
        return None


def init_app(app: Flask) -> None:
    """Give the templates the words for the states."""
    app.jinja_env.globals.update(flux_label=label, flux_tone=tone)
