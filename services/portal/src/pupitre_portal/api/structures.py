"""/cpro/structures/v1: the annuaire as programs ask for it."""

import datetime
from typing import Any

from flask import Blueprint, Response
from pupitre_contracts import organisation

from .. import bus
from .answers import compatible, paging, present, success
from .callers import technical_account
from .criteria import Unreadable, body, choice, number, page_of, part, text

blueprint = Blueprint("cpro_structures", __name__, url_prefix="/cpro/structures/v1")

TYPES = {"PUBLIQUE": "PUBLIC", "PRIVEE": "PRIVATE"}
STATES = {"ACTIF": True, "INACTIF": False}
SORTS = {"IdentifiantStructure": "identifier", "DesignationStructure": "name"}
SERVICE_SORTS = {
    "CodeService": lambda service: service.code,
    "LibelleService": lambda service: service.label,
    "DateDbtService": lambda service: service.starts_on,
    "DateFinService": lambda service: service.ends_on or datetime.date.max,
    "EstActif": lambda service: service.active,
}


@blueprint.post("/rechercher")
@compatible
@technical_account
def search() -> Response:
    """Search structures. Private ones of others come only when ``restreindreStructuresPrivees`` is false."""
    asked = body()
    wanted, paged = part(asked, "structure"), part(asked, "parametres")
    page, size = page_of(paged)
    found = bus.call(
        organisation.FindStructures,
        include_private=asked.get("restreindreStructuresPrivees") in (False, "false", ""),
        page=page,
        page_size=size,
        sort=choice(paged.get("triColonne"), SORTS, "name"),
        descending=text(paged.get("triSens")) == "Descendant",
        **_criteria(wanted),
    )
    return success(
        listeStructures=[_listed(structure) for structure in found.structures],
        parametresRetour=paging(page, size, found.total),
    )


def _criteria(wanted: dict[str, Any]) -> dict[str, Any]:
    identifier = text(wanted.get("identifiantStructure"))
    criteria = {
        "identifiers": [identifier.replace(" ", "")] if identifier else None,
        "identifier_type": text(wanted.get("typeIdentifiantStructure")),
        "name": text(wanted.get("raisonSocialeStructure")),
        "label": text(wanted.get("libelleStructure")),
        "city": text(wanted.get("adresseVille")),
        "postal_code": text(wanted.get("adresseCodePostal")),
        "type": choice(wanted.get("typeStructure"), TYPES),
        "active": choice(wanted.get("statutStructure"), STATES),
    }
    return present(**criteria)


def _listed(structure: organisation.StructureSummary) -> dict[str, Any]:
    return {
        "idStructureCPP": structure.portal_number,
        "identifiantStructure": structure.identifier,
        "typeIdentifiantStructure": structure.identifier_type,
        "designationStructure": structure.name,
        "statut": "ACTIVE" if structure.active else "INACTIVE",
    }


@blueprint.post("/consulter")
@compatible
@technical_account
def consult() -> Response:
    """Show one structure with what it demands of invoices."""
    asked = body()
    structure = _structure(asked.get("idStructureCPP") or asked.get("idStructure"))
    parameters, address = structure.parameters, structure.address
    return success(
        adressePostaleDuSiege=present(
            adresse=address.line,
            complementAdresse1=address.complement,
            complementAdresse2=address.complement2,
            codePostal=address.postal_code,
            ville=address.city,
            pays=address.country,
            telephone=structure.phone,
        ),
        informationGenerales=present(
            idStructureCPP=structure.portal_number,
            identifiantStructure=structure.identifier,
            typeIdentifiantStructure=structure.identifier_type,
            raisonSocialeStructure=structure.name,
            libelleStructure=structure.label,
            emailStructure=structure.email,
            numeroTVA=structure.vat_number,
            numeroRcsStructure=structure.rcs_number,
            structurePriveePublique="PUBLIQUE" if structure.type == "PUBLIC" else "PRIVEE",
        ),
        parametres={
            "codeServiceDoitEtreRenseigne": parameters.requires_service,
            "numeroEJDoitEtreRenseigne": parameters.requires_engagement,
            "gestionNumeroEJOuCodeService": parameters.requires_service_or_engagement,
            "statutMiseEnPaiementNestPasRemonte": parameters.payment_not_reported,
            "recevoirDonneesViaEDI": parameters.receives_edi,
            "getaMoa": parameters.moa_presence == "AVEC_MOA",
            "estMoaUniquement": parameters.moa_presence == "EXCLUSIVEMENT_MOA",
        },
    )


@blueprint.post("/rechercher/services")
@compatible
@technical_account
def search_services() -> Response:
    """List the services of a structure with their dates."""
    asked = body()
    structure = _structure(asked.get("idStructure"))
    paged = part(asked, "parametresRechercherServicesStructure")
    page, size = page_of(paged)
    order = choice(paged.get("triColonne"), SERVICE_SORTS, SERVICE_SORTS["CodeService"])
    services = sorted(structure.services, key=order, reverse=text(paged.get("triSens")) == "Descendant")
    return success(
        listeServices=[_service(each) for each in services[(page - 1) * size : page * size]],
        parametresRetour=paging(page, size, len(services)),
    )


def _service(service: organisation.StructureService) -> dict[str, Any]:
    return present(
        idService=service.portal_number,
        codeService=service.code,
        libelleService=service.label,
        estActif=service.active,
        statutService="ACTIF" if service.active else "INACTIF",
        dateDbtService=f"{service.starts_on.isoformat()} 00:00",
        dateFinService=f"{service.ends_on.isoformat()} 00:00" if service.ends_on else None,
    )


def _structure(wanted: Any) -> organisation.Structure:
    portal_number = number(wanted)
    if portal_number is None:
        raise Unreadable("L'identifiant de la structure doit être un nombre entier", "The structure's id must be a whole number")
    return bus.call(organisation.GetStructure, portal_number=portal_number).structure
