"""What a search of invoices can be asked: one table for the pages, /api/v1 and the routes of compatible clients.

Each row names a field of SearchInvoices, how it is written in the address of a page (French), under /api/v1 (the field's own name) and in
the JSON of compatible clients, and of which kind its value is. Who reads differs only in how a value of a kind is written there.
"""

import datetime
import decimal
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .formats import PARIS
from .languages import N_


@dataclass(frozen=True)
class Criterion:
    """One criterion. ``kind`` says how its value is read; ``cpro`` lists the members that compatible clients write it in."""

    field: str
    kind: str
    page: str
    label: str
    cpro: tuple[str, ...] = ()


CRITERIA = (
    Criterion("structure_id", "identifier", "structure", N_("Structure")),
    Criterion("number", "text", "number", N_("Numéro de facture"), ("numeroFacture",)),
    Criterion("text", "text", "text", N_("Recherche libre")),
    Criterion("supplier", "text", "fournisseur", N_("Fournisseur")),
    Criterion("recipient", "text", "destinataire", N_("Destinataire")),
    Criterion("code_service", "text", "service", N_("Code service")),
    Criterion("engagement", "text", "engagement", N_("Numéro d'engagement"), ("numeroBonCommande",)),
    Criterion("contract", "text", "marche", N_("Numéro de marché"), ("numeroMarche",)),
    Criterion("numero_flux", "text", "flux", N_("Numéro de flux"), ("numeroFluxDepot",)),
    Criterion("origin", "text", "origine", N_("Numéro de la facture d'origine"), ("numeroFactureOrigine",)),
    Criterion("creator", "text", "createur", N_("Déposée par")),
    Criterion("valideur", "text", "valideur", N_("Valideur")),
    Criterion("statuses", "codes", "statut", N_("Statut"), ("statutCourant",)),
    Criterion("kinds", "codes", "type", N_("Type de facture"), ("listeTypeFacture", "typeFacture")),
    Criterion("cadre", "cadre", "cadre", N_("Cadre de facturation"), ("cadreFacturation",)),
    Criterion("deposit_mode", "text", "mode", N_("Mode de dépôt"), ("modeDepot",)),
    Criterion("deposited_from", "start", "du", N_("Déposée du"), ("periodeDateDepotDu",)),
    Criterion("deposited_to", "end", "au", N_("Déposée au"), ("periodeDateDepotAu",)),
    Criterion("issued_from", "day", "facture_du", N_("Date de facture du"), ("periodeDateFactureDu",)),
    Criterion("issued_to", "day", "facture_au", N_("Date de facture au"), ("periodeDateFactureAu",)),
    Criterion("status_from", "start", "statut_du", N_("Date du statut du"), ("periodeDateHeureEtatCourantDu",)),
    Criterion("status_to", "end", "statut_au", N_("Date du statut au"), ("periodeDateHeureEtatCourantAu",)),
    Criterion("currency", "currency", "devise", N_("Devise")),
    Criterion("net_min", "least", "net_min", N_("HT minimum"), ("montantHTMin",)),
    Criterion("net_max", "most", "net_max", N_("HT maximum"), ("montantHTMax",)),
    Criterion("gross_min", "least", "gross_min", N_("TTC minimum"), ("montantTTCMin",)),
    Criterion("gross_max", "most", "gross_max", N_("TTC maximum"), ("montantTTCMax",)),
    Criterion("due_min", "least", "due_min", N_("À payer minimum"), ("montantApayerMin", "montantAPayerMin")),
    Criterion("due_max", "most", "due_max", N_("À payer maximum"), ("montantApayerMax", "montantAPayerMax")),
    Criterion("archived", "flag", "archives", N_("Archives")),
)
DEPOSIT_MODES = {
    "UPLOAD_PORTAIL": N_("Fichier déposé sur le portail"),
    "UPLOAD_API": N_("Fichier déposé par l'API"),
    "SAISIE_PORTAIL": N_("Saisie sur le portail"),
    "SAISIE_API": N_("Saisie par l'API"),
    "DEPOT_PDF_PORTAIL": N_("Saisie à partir d'un PDF sur le portail"),
    "DEPOT_PDF_API": N_("Saisie à partir d'un PDF par l'API"),
    "EDI": N_("Flux EDI"),
}
FAULTS = {
    "identifier": N_("structure inconnue"),
    "start": N_("écrivez une date comme 31/01/2026"),
    "end": N_("écrivez une date comme 31/01/2026"),
    "day": N_("écrivez une date comme 31/01/2026"),
    "least": N_("écrivez un nombre comme 1234,56"),
    "most": N_("écrivez un nombre comme 1234,56"),
    "flag": N_("répondez par oui ou non"),
}


def read(
    asked: Callable[[Criterion], Any], readers: Mapping[str, Callable[[Any], Any]]
) -> tuple[dict[str, Any], list[Criterion]]:
    """Return the fields of SearchInvoices that were asked for, and the criteria whose value makes no sense."""
    values: dict[str, Any] = {}
    faulty: list[Criterion] = []
    for each in CRITERIA:
        given = asked(each)
        if given is None or given == "":
            continue
        try:
            value = readers[each.kind](given)
        except (ValueError, ArithmeticError):
            faulty.append(each)
            continue
        if value is not None:
            values[each.field] = value
    return values, faulty


def _amount(text: str) -> decimal.Decimal:
    amount = decimal.Decimal("".join(text.split()).replace(",", ".").removesuffix("€"))
    if not amount.is_finite():
        raise ValueError(text)
    return amount


def _day(text: str) -> datetime.date:
    """Read a date as browsers send it (2026-01-31) or as people type it where a browser offers no calendar (31/01/2026)."""
    return datetime.datetime.strptime(text, "%d/%m/%Y").date() if "/" in text else datetime.date.fromisoformat(text)  # noqa: DTZ007


def _moment(text: str, of_a_day: datetime.time) -> datetime.datetime:
    """Read a day in France as its first or last instant, or a moment as it is."""
    if "T" not in text:
        return datetime.datetime.combine(_day(text), of_a_day, PARIS)
    moment = datetime.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


def _flag(text: str) -> bool:
    return {"oui": True, "true": True, "non": False, "false": False}[text.casefold()]


def _known(reader: Callable[[str], Any]) -> Callable[[str], Any]:
    def known(text: str) -> Any:
        try:
            return reader(text)
        except KeyError as error:
            raise ValueError(text) from error

    return known


#: How addresses write values, those of pages and of /api/v1.
TEXTS: Mapping[str, Callable[[Any], Any]] = {
    "text": str,
    "cadre": str,
    "currency": str,
    "codes": list,
    "identifier": uuid.UUID,
    "start": lambda text: _moment(text, datetime.time.min),
    "end": lambda text: _moment(text, datetime.time.max),
    "day": _day,
    "least": _amount,
    "most": _amount,
    "flag": _known(_flag),
}
