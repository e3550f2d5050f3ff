"""The codes that files, rules and services use, in words: nobody has to know what BT-10, S1 or ubl-invoice means.

A code that is not listed is shown as it is: it says more than nothing.
"""

import re

from flask import Flask

from . import invoice_cadres
from .languages import N_, gettext, locale

TERMS = {
    "BT-1": N_("Numéro de facture"),
    "BT-2": N_("Date de facture"),
    "BT-3": N_("Type de facture"),
    "BT-5": N_("Devise"),
    "BT-9": N_("Échéance"),
    "BT-10": N_("Code service"),
    "BT-11": N_("Projet"),
    "BT-12": N_("Numéro de marché"),
    "BT-13": N_("Numéro d'engagement"),
    "BT-19": N_("Référence comptable de l'acheteur"),
    "BT-20": N_("Conditions de paiement"),
    "BT-22": N_("Note de la facture"),
    "BT-23": N_("Cadre de facturation"),
    "BT-24": N_("Profil de la facture"),
    "BT-25": N_("Facture antérieure"),
    "BT-27": N_("Nom du vendeur"),
    "BT-29": N_("Identifiant du vendeur"),
    "BT-30": N_("Identifiant légal du vendeur"),
    "BT-31": N_("Numéro de TVA du vendeur"),
    "BT-34": N_("Adresse de facturation électronique du vendeur"),
    "BT-40": N_("Pays du vendeur"),
    "BT-44": N_("Nom de l'acheteur"),
    "BT-46": N_("SIRET de l'acheteur"),
    "BT-47": N_("Identifiant légal de l'acheteur"),
    "BT-48": N_("Numéro de TVA de l'acheteur"),
    "BT-49": N_("Adresse de facturation électronique de l'acheteur"),
    "BT-55": N_("Pays de l'acheteur"),
    "BT-72": N_("Date de livraison"),
    "BT-81": N_("Moyen de paiement"),
    "BT-84": N_("Compte à payer (IBAN)"),
    "BT-92": N_("Montant de la remise"),
    "BT-99": N_("Montant de la charge"),
    "BT-106": N_("Somme des lignes, hors taxe"),
    "BT-107": N_("Total des remises"),
    "BT-108": N_("Total des charges"),
    "BT-109": N_("Total hors taxe"),
    "BT-110": N_("Total de la TVA"),
    "BT-112": N_("Total TTC"),
    "BT-113": N_("Déjà payé"),
    "BT-114": N_("Arrondi"),
    "BT-115": N_("Net à payer"),
    "BT-116": N_("Base de TVA"),
    "BT-117": N_("Montant de TVA"),
    "BT-118": N_("Régime de TVA"),
    "BT-119": N_("Taux de TVA"),
    "BT-120": N_("Motif d'exonération de TVA"),
    "BT-121": N_("Code du motif d'exonération de TVA"),
    "BT-126": N_("Numéro de ligne"),
    "BT-129": N_("Quantité facturée"),
    "BT-130": N_("Unité"),
    "BT-131": N_("Montant de la ligne, hors taxe"),
    "BT-146": N_("Prix unitaire hors taxe"),
    "BT-151": N_("Régime de TVA de la ligne"),
    "BT-152": N_("Taux de TVA de la ligne"),
    "BT-153": N_("Désignation"),
    "BG-1": N_("Notes de la facture"),
    "BG-4": N_("Vendeur"),
    "BG-7": N_("Acheteur"),
    "BG-16": N_("Paiement"),
    "BG-20": N_("Remises du document"),
    "BG-21": N_("Charges du document"),
    "BG-22": N_("Totaux"),
    "BG-23": N_("Ventilation de la TVA"),
    "BG-25": N_("Lignes"),
}
"""Names of the business terms (BT) and groups (BG) of EN 16931 that rules cite most, as the portal's own pages call them."""

CADRES = {"A1": N_("facture à payer"), "A2": N_("facture déjà payée")}
FORMATS = {
    "ubl-invoice": "UBL",
    "ubl-creditnote": N_("UBL (avoir)"),
    "cii": "CII",
    "facturx": "Factur-X",
    "chorus-e1": N_("UBL de Chorus Pro (E1)"),
}
PROFILES = {
    "en16931": "EN 16931",
    "extended-ctc-fr": N_("EXTENDED France"),
    "minimum": "MINIMUM",
    "basicwl": "BASIC WL",
    "basic": "BASIC",
    "extended": "EXTENDED",
    "chorus-e1": "Chorus Pro E1",
    "other": N_("autre"),
}
STAGES = {
    "container": N_("contenant"),
    "xml": N_("lecture du XML"),
    "not-an-invoice": N_("nature du document"),
    "xsd": N_("schéma XSD"),
    "schematron": N_("règles de la facture"),
    "routing": N_("adressage"),
}
PAYMENT_MEANS = {
    "10": N_("Espèces"),
    "20": N_("Chèque"),
    "30": N_("Virement"),
    "31": N_("Virement"),
    "42": N_("Virement sur compte bancaire"),
    "48": N_("Carte bancaire"),
    "49": N_("Prélèvement"),
    "57": N_("Accord permanent"),
    "58": N_("Virement SEPA"),
    "59": N_("Prélèvement SEPA"),
    "97": N_("Compensation entre partenaires"),
}
"""The means of payment (UNTDID 4461) met most."""

ROLES = {"GP": N_("Gestionnaire principal"), "GS": N_("Gestionnaire secondaire"), "US": N_("Utilisateur")}
REQUEST_STATES = {"DEMANDE": N_("en attente"), "APPROUVE": N_("approuvée"), "REFUSE": N_("refusée"), "ANNULE": N_("annulée")}
HABILITATIONS = {"CONSULTATION": N_("consultation"), "MODIFICATION": N_("modification")}
IDENTIFIER_TYPES = {
    "SIRET": N_("SIRET"),
    "UE_HORS_FRANCE": N_("TVA intracommunautaire (UE hors France)"),
    "HORS_UE": N_("Pays et raison sociale (hors UE)"),
    "RIDET": N_("RIDET"),
    "TAHITI": N_("TAHITI"),
    "AUTRE": N_("En cours d'immatriculation"),
    "PARTICULIER": N_("Particulier"),
}
_OBJECTS = {
    "invoice": N_("la facture"),
    "structure": N_("la structure"),
    "structure_service": N_("le service"),
    "request": N_("la demande"),
    "bank_details": N_("les coordonnées bancaires"),
    "document": N_("la pièce jointe"),
    "file": N_("le fichier"),
    "mail": N_("le message"),
    "message": N_("le message"),
    "news": N_("l'actualité"),
    "user": N_("l'utilisateur"),
    "approbation": N_("la demande"),
    "account": N_("votre compte"),
    "password": N_("votre mot de passe"),
    "flux": N_("le flux"),
    "second_factor": N_("le second facteur"),
    "sollicitation": N_("la sollicitation"),
}
_MACHINE_ID = re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b|\b[0-9a-f]{64}\b")


def term(code: str | None) -> str:
    """Return a business term as "Code service (BT-10)"."""
    code = code or ""
    return f"{gettext(TERMS[code])} ({code})" if code in TERMS else code


def cadre(code: str | None) -> str:
    """Return a cadre de facturation as "A1 (facture à payer)"."""
    code = code or ""
    if code in CADRES:
        return f"{code} ({gettext(CADRES[code])})"
    brought = invoice_cadres.label(code)
    return f"{code} ({brought})" if brought else code


def format_name(code: str | None) -> str:
    """Return the name of a format of the engine."""
    return gettext(FORMATS.get(code or "", code or ""))


def profile(code: str | None) -> str:
    """Return the name of a profile (BT-24) of the engine."""
    return gettext(PROFILES.get(code or "", code or ""))


def stage(code: str | None) -> str:
    """Return the name of the stage at which a file was refused."""
    return gettext(STAGES.get(code or "", code or ""))


def payment_means(code: str) -> str:
    """Return a means of payment as "Virement (30)"."""
    return f"{gettext(PAYMENT_MEANS[code])} ({code})" if code in PAYMENT_MEANS else code


def role(code: str | None) -> str:
    """Return the name of a role in a structure."""
    return gettext(ROLES.get(code or "", code or ""))


def identifier_type(code: str | None) -> str:
    """Return the name of a type of identifier of structures."""
    return gettext(IDENTIFIER_TYPES.get(code or "", code or ""))


def country(code: str) -> str:
    """Return the name of a country (ISO 3166) in the language of the request."""
    return locale().territories.get(code.upper(), code)


def thing(text: str) -> str:
    """Return what a service calls "invoice <uuid>" as people do ("la facture"); numbers that people know are kept."""
    kind, _, rest = text.partition(" ")
    if kind not in _OBJECTS:
        return text
    return " ".join(filter(None, (gettext(_OBJECTS[kind]), _MACHINE_ID.sub("", rest).strip())))


def init_app(app: Flask) -> None:
    """Give the templates the words."""
    app.jinja_env.filters.update(
        term=term,
        cadre=cadre,
        format_name=format_name,
        profile=profile,
        stage=stage,
        role=role,
        identifier_type=identifier_type,
        country=country,
    )
