"""The report of a flux, read once for the page, the files and the API, so that all of them say the same (P03, P18)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import request
from pupitre_contracts import flux_report as contract

from . import bus, exports
from .languages import N_, gettext

PIECE = 100
LONGEST_TEXT = 100
OUTCOMES = {"refused": N_("refusée"), "accepted": N_("envoyée"), "pending": N_("en attente")}
_CODE = re.compile(r"[A-Z]-[A-Z]{2,4}")


def criteria() -> dict[str, str]:
    """Return what the address asks for: ``resultat``, ``code`` and ``recherche``; nonsense asks for nothing."""
    asked = {"resultat": request.args.get("resultat", ""), "code": request.args.get("code", "")}
    asked["recherche"] = request.args.get("recherche", "").strip()[:LONGEST_TEXT]
    if asked["resultat"] not in OUTCOMES:
        asked["resultat"] = ""
    if not _CODE.fullmatch(asked["code"]):
        asked["code"] = ""
    return {name: value for name, value in asked.items() if value}


def read(numero_flux: str, asked: Mapping[str, str], language: str, page: int, size: int) -> contract.ReadFluxReport.Reply:
    """Return a page of the report. Errors: not-found, forbidden."""
    names = {"resultat": "outcome", "code": "code", "recherche": "text"}
    wanted = {names[name]: value for name, value in asked.items()}
    return bus.call(
        contract.ReadFluxReport, numero_flux=numero_flux, language=language, page=page, page_size=size, **wanted
    )


def pieces(first: contract.ReadFluxReport.Reply, numero_flux: str, asked: Mapping[str, str], language: str) -> Iterator[list[Any]]:
    """Give the files of a report in pieces; ``first`` is its first page, read with pages of :data:`PIECE`."""
    page, given = 1, 0
    found = first
    while True:
        yield found.files
        given += len(found.files)
        if not found.files or given >= found.total:
            return
        page += 1
        found = read(numero_flux, asked, language, page, PIECE)


def columns() -> list[str]:
    """Return the columns of the report as a file."""
    return [
        gettext("Fichier"), gettext("Numéro de facture"), gettext("Résultat"), gettext("Facture du portail"), gettext("Fournisseur"),
        gettext("Destinataire"), gettext("Code"), gettext("Nature"), gettext("Donnée"), gettext("Terme"), gettext("Valeur lue"),
        gettext("Règle"), gettext("Problème"), gettext("Que faire"), gettext("Emplacement"), gettext("Première facture"),
        gettext("Premier flux"),
    ]


def technical_rows(flux: Any) -> list[exports.Row]:
    """Return the rows of what is wrong with the flux itself."""
    about = [flux.file_name, None, gettext("flux rejeté"), None, None, None]
    return [[*about, *_error(each)] for each in flux.errors if each.technical]


def rows(files: list[Any]) -> list[exports.Row]:
    """Return the rows of some files: one for each problem, one for a file without any."""
    return [row for each in files for row in _file(each)]


def _file(file: Any) -> list[exports.Row]:
    parties = [file.supplier_identifier, file.recipient_siret]
    about = [file.file_name, file.number, gettext(OUTCOMES[file.outcome]), file.portal_number, *parties]
    if not file.errors:
        return [[*about, *[None] * 11]]
    return [[*about, *_error(each)] for each in file.errors]


def _error(error: Any) -> list[Any]:
    first = str(error.first_invoice_id) if error.first_invoice_id else None
    what = [error.code, error.code_label, error.field, error.term, error.value, error.rule, error.message, error.remedy]
    return [*what, error.location, first, error.first_flux]
