"""/cpro/transverses/v1: what became of a flux, and whether the API answers."""

import base64
from typing import Any

from flask import Blueprint, Response, current_app
from pupitre_contracts import invoicing

from .. import bus, flux_report
from . import compte_rendu, words
from .answers import compatible, json_response, moment, present, success
from .callers import technical_account
from .criteria import body, text

blueprint = Blueprint("cpro_transverses", __name__, url_prefix="/cpro/transverses/v1")

APPLICATION = "PUPITRE"


@blueprint.post("/consulterCR")
@compatible
@technical_account
def consult_cr() -> Response:
    """Tell the state of a flux, with a compte rendu to read or to file (PDF, base64)."""
    numero, language = _numero(body()), words.language()
    first = flux_report.read(numero, {}, language, 1, flux_report.PIECE)
    flux, pieces = first.flux, flux_report.pieces(first, numero, {}, language)
    document = compte_rendu.document_of(flux, [file for piece in pieces for file in piece], language)
    pdf = current_app.extensions["pupitre"].draw(document)
    return success(
        codeAppliPartenaire=APPLICATION,
        codeInterfaceFlux=flux.code_interface,
        dateDepotFlux=moment(flux.deposited_at),
        dateHeureEtatCourantFlux=moment(flux.state_at),
        etatCourantFlux=flux.state,
        fichierCR=base64.b64encode(pdf).decode(),
        nomFichierFlux=flux.file_name,
        numeroFluxDepot=flux.numero_flux,
    )


@blueprint.post("/consulterCRDetaille")
@compatible
@technical_account
def consult_detailed_cr() -> Response:
    """Tell the state of a flux with every error: of its invoices, and of the flux itself."""
    flux = _flux(body())
    return success(
        codeInterfaceDepotFlux=flux.code_interface,
        dateDepotFlux=moment(flux.deposited_at),
        dateHeureEtatCourantFlux=moment(flux.state_at),
        etatCourantDepotFlux=flux.state,
        nomFichier=flux.file_name,
        listeErreurDP=[_invoice_error(error) for error in flux.errors if not error.technical],
        listeErreurTechnique=[_technical_error(error) for error in flux.errors if error.technical],
    )


@blueprint.get("/health-check")
@compatible
@technical_account
def health_check() -> Response:
    """Answer a program that asks whether it can get in."""
    return json_response({"body": "OK", "statusCodeValue": 200, "statusCode": "OK"})


def _flux(asked: dict[str, Any]) -> invoicing.Flux:
    return bus.call(invoicing.GetFlux, numero_flux=_numero(asked), language=words.language()).flux


def _numero(asked: dict[str, Any]) -> str:
    return text(asked.get("numeroFluxDepot")) or ""


def _invoice_error(error: invoicing.FluxError) -> dict[str, Any]:
    return present(
        identifiantDestinataire=error.recipient_siret,
        identifiantFournisseur=error.supplier_identifier,
        libelleErreurDP=compte_rendu.sentence(error, with_rule=True),
        numeroDP=error.number or error.file,
    )


def _technical_error(error: invoicing.FluxError) -> dict[str, Any]:
    return {"codeErreur": error.rule, "libelleErreur": compte_rendu.sentence(error), "natureErreur": "TECHNIQUE"}
