"""What this service says to people, in French and in English: the findings of its own rules, and short texts."""

from dataclasses import asdict, dataclass
from typing import Any

from pupitre_contracts import invoicing as contract

from . import catalogue
from .entry_messages import RULES as _ENTRY_RULES
from .party_messages import RULES as _PARTY_RULES


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem with its texts in both languages; stored as it is, shown in one language.

    ``value`` is what the file says there. ``first_invoice_id`` and ``first_flux`` say where a number, or a whole file, was met first.
    """

    rule: str
    severity: str
    message_fr: str
    message_en: str
    remedy_fr: str = ""
    remedy_en: str = ""
    term: str | None = None
    location: str | None = None
    value: str | None = None
    first_invoice_id: str | None = None
    first_flux: str | None = None

    def stored(self) -> dict[str, Any]:
        return asdict(self)

    def shown(self, language: str) -> contract.Finding:
        english = language == "en"
        return contract.Finding(
            rule=self.rule,
            severity=self.severity,
            term=self.term,
            location=self.location,
            message=self.message_en if english else self.message_fr,
            remedy=(self.remedy_en if english else self.remedy_fr) or None,
            code=catalogue.code_of(self.rule, self.term),
            field=catalogue.field_name(self.term, language, self.location),
            value=self.value,
        )


#: Rule: severity, business term, French and English message, French and English remedy.
_RULES: dict[str, tuple[str, str | None, str, str, str, str]] = {
    "PUP-ROUTING-RECIPIENT-MISSING": (
        "error",
        "BT-46",
        "La facture ne porte pas le SIRET de son destinataire.",
        "The invoice does not carry its recipient's SIRET.",
        "Indiquez le SIRET (14 chiffres) de la structure publique destinataire, tel que le donne l'annuaire.",
        "State the SIRET (14 digits) of the recipient public structure, as the directory gives it.",
    ),
    "PUP-ROUTING-RECIPIENT-UNKNOWN": (
        "error",
        "BT-46",
        "Aucune structure ne porte le SIRET {siret}.{suggestions_fr}",
        "No structure has the SIRET {siret}.{suggestions_en}",
        "Cherchez la structure dans l'annuaire et reprenez son SIRET.",
        "Look the structure up in the directory and use its SIRET.",
    ),
    "PUP-ROUTING-RECIPIENT-PRIVATE": (
        "error",
        "BT-46",
        "{name} ({siret}) n'est pas une structure publique : elle ne reçoit pas de factures ici.",
        "{name} ({siret}) is not a public structure: it does not receive invoices here.",
        "Vérifiez le SIRET du destinataire.",
        "Check the recipient's SIRET.",
    ),
    "PUP-ROUTING-RECIPIENT-INACTIVE": (
        "error",
        "BT-46",
        "La structure {name} ({siret}) n'est plus active.{suggestions_fr}",
        "The structure {name} ({siret}) is no longer active.{suggestions_en}",
        "Adressez la facture à la structure qui lui succède.",
        "Address the invoice to the structure that took over.",
    ),
    "PUP-ROUTING-SERVICE-REQUIRED": (
        "error",
        "BT-10",
        "{name} exige un code service. Codes actifs : {codes}.",
        "{name} requires a code service. Active codes: {codes}.",
        "Indiquez le code du service destinataire.",
        "State the code of the recipient service.",
    ),
    "PUP-ROUTING-SERVICE-UNKNOWN": (
        "error",
        "BT-10",
        "Le code service « {code} » n'existe pas chez {name}. Codes actifs : {codes}.",
        "The code service “{code}” does not exist at {name}. Active codes: {codes}.",
        "Corrigez le code, ou retirez-le s'il n'est pas exigé.",
        "Correct the code, or remove it if none is required.",
    ),
    "PUP-ROUTING-SERVICE-INACTIVE": (
        "error",
        "BT-10",
        "Le service « {code} » de {name} n'est pas actif à ce jour. Codes actifs : {codes}.",
        "The service “{code}” of {name} is not active today. Active codes: {codes}.",
        "Utilisez le code d'un service actif.",
        "Use the code of an active service.",
    ),
    "PUP-ROUTING-ENGAGEMENT-REQUIRED": (
        "error",
        "BT-13",
        "{name} exige un numéro d'engagement.",
        "{name} requires an engagement number.",
        "Indiquez le numéro d'engagement ou de bon de commande que l'acheteur vous a donné.",
        "State the engagement or purchase order number that the buyer gave you.",
    ),
    "PUP-ROUTING-ENGAGEMENT-REQUIRED-BY-SERVICE": (
        "error",
        "BT-13",
        "Le service « {code} » de {name} exige un numéro d'engagement.",
        "The service “{code}” of {name} requires an engagement number.",
        "Indiquez le numéro d'engagement ou de bon de commande que l'acheteur vous a donné.",
        "State the engagement or purchase order number that the buyer gave you.",
    ),
    "PUP-ROUTING-SERVICE-OR-ENGAGEMENT": (
        "error",
        "BT-13",
        "{name} exige un code service ou un numéro d'engagement. Codes actifs : {codes}.",
        "{name} requires a code service or an engagement number. Active codes: {codes}.",
        "Indiquez au moins l'un des deux.",
        "State at least one of them.",
    ),
    "PUP-SELLER-INACTIVE": (
        "error",
        "BT-30",
        "La structure {structure}, pour laquelle vous déposez, est inactive.",
        "The structure {structure}, for which you deposit, is inactive.",
        "Faites-la activer par un gestionnaire, ou déposez pour une autre de vos structures.",
        "Have a gestionnaire activate it, or deposit for another of your structures.",
    ),
    "PUP-SELLER-OTHER": (
        "error",
        "BT-30",
        "Le vendeur nommé dans la facture ({seller}) est une autre structure du portail, pour laquelle vous ne pouvez pas déposer.",
        "The seller named in the invoice ({seller}) is another structure of the portal, for which you may not deposit.",
        "Demandez un rattachement à cette structure, ou corrigez l'identifiant du vendeur.",
        "Ask for a rattachement to that structure, or correct the seller's identifier.",
    ),
    "PUP-SELLER-CHOOSE": (
        "error",
        "BT-30",
        "Le vendeur nommé dans la facture ({seller}) n'est pas la structure choisie pour le dépôt ({structure}).",
        "The seller named in the invoice ({seller}) is not the structure chosen for the deposit ({structure}).",
        "Déposez la facture pour la structure {seller}, à laquelle vous êtes rattaché.",
        "Deposit the invoice for the structure {seller}, to which you are attached.",
    ),
    "PUP-SELLER-UNKNOWN": (
        "warning",
        "BT-30",
        "Le vendeur nommé dans la facture ({seller}) est inconnu du portail ; elle est déposée pour la structure {structure}.",
        "The seller named in the invoice ({seller}) is unknown to the portal; it is deposited for the structure {structure}.",
        "Vérifiez l'identifiant du vendeur.",
        "Check the seller's identifier.",
    ),
    "PUP-CADRE-VALIDATION": (
        "error",
        "BT-23",
        "Le cadre {cadre} (sous-traitant ou cotraitant) demande la validation du titulaire ; aucun espace installé ne l'offre.",
        "Cadre {cadre} (sub-contractor or co-contractor) needs the main contractor's validation; no espace that is installed offers it.",
        "Faites émettre la facture par le titulaire du marché, ou demandez l'espace des factures à valider à l'exploitant.",
        "Have the main contractor issue the invoice, or ask the operator for the espace of invoices to validate.",
    ),
    "PUP-CADRE-JUSTICE": (
        "error",
        "BT-23",
        "Le cadre {cadre} (mémoire de frais de justice) ne se dépose pas dans Factures émises.",
        "Cadre {cadre} (mémoire de frais de justice) is not deposited in Factures émises.",
        "Utilisez l'espace des mémoires de frais de justice.",
        "Use the espace of mémoires de frais de justice.",
    ),
    "PUP-CADRE-TIC": (
        "error",
        "BT-23",
        "Le cadre {cadre} (remboursement TIC) ne se dépose pas dans Factures émises.",
        "Cadre {cadre} (TIC refund) is not deposited in Factures émises.",
        "Utilisez l'espace de demande de remboursement TIC.",
        "Use the espace of TIC refund requests.",
    ),
    "PUP-CADRE-TRAVAUX": (
        "error",
        "BT-23",
        "Le cadre {cadre} relève des factures de travaux et ne se dépose pas dans Factures émises.",
        "Cadre {cadre} belongs to works invoices and is not deposited in Factures émises.",
        "Utilisez l'espace Factures de travaux, ou le cadre A1 pour des fournitures et services.",
        "Use the espace Factures de travaux, or cadre A1 for supplies and services.",
    ),
    "PUP-CADRE-UNKNOWN": (
        "error",
        "BT-23",
        "Le cadre de facturation « {cadre} » n'est pas admis ici.",
        "The cadre de facturation “{cadre}” is not accepted here.",
        "Utilisez A1, B1, S1 ou M1 (facture ordinaire), A2, B2, S2 ou M2 (facture déjà payée).",
        "Use A1, B1, S1 or M1 (ordinary invoice), A2, B2, S2 or M2 (invoice already paid).",
    ),
    "PUP-CADRE-PAID": (
        "error",
        "BT-115",
        "Le cadre {cadre} annonce une facture déjà payée, mais il reste {due} à payer.",
        "Cadre {cadre} says that the invoice is already paid, but {due} remains due.",
        "Portez le montant payé (BT-113) au total TTC, ou utilisez le cadre A1.",
        "Set the paid amount (BT-113) to the gross total, or use cadre A1.",
    ),
    "PUP-ISSUE-DATE": (
        "error",
        "BT-2",
        "La facture est datée du {issued}, après le jour du dépôt ({deposited}).",
        "The invoice is dated {issued}, after the day of deposit ({deposited}).",
        "Datez la facture du jour de son émission au plus tard.",
        "Date the invoice on the day of its issue at the latest.",
    ),
    "PUP-AMOUNT": (
        "error",
        None,
        "Le montant {amount} a plus de deux décimales ou dépasse 16 chiffres.",
        "The amount {amount} has more than two decimals or exceeds 16 digits.",
        "Arrondissez les totaux à deux décimales.",
        "Round totals to two decimals.",
    ),
    "PUP-NUMBER-TAKEN": (
        "error",
        "BT-1",
        "Le numéro {number} a déjà été utilisé par ce fournisseur{first_fr} ; la première facture reste inchangée.",
        "The number {number} was already used by this supplier{first_en}; the first invoice is unchanged.",
        "Émettez la facture sous un nouveau numéro.",
        "Issue the invoice under a new number.",
    ),
    "PUP-FLUX-FORMAT": (
        "error",
        None,
        "Le fichier {file} est au format {found} ; le flux a été déclaré {syntaxe}, qui attend {expected}.",
        "The file {file} is in format {found}; the flux was declared {syntaxe}, which expects {expected}.",
        "Déposez ce fichier dans un flux de la syntaxe qui lui correspond.",
        "Deposit this file in a flux of the syntax that fits it.",
    ),
    "PUP-FLUX-AGAIN": (
        "error",
        None,
        "Ce fichier a déjà été reçu : c'est celui du flux {first}, déposé le {day}, dont toutes les factures sont envoyées.",
        "This file was already received: it is that of the flux {first}, deposited on {day}, all of whose invoices are sent.",
        "Ne le déposez pas de nouveau : suivez le premier flux, qui reste inchangé.",
        "Do not deposit it again: follow the first flux, which is unchanged.",
    ),
    "PUP-VIRUS": (
        "error",
        None,
        "L'antivirus reconnaît « {name} » dans le fichier {file} : il est mis à l'écart et n'est pas traité.",
        "The antivirus recognises “{name}” in the file {file}: it is put aside and not processed.",
        "Vérifiez le poste qui l'a produit, produisez de nouveau le fichier, puis déposez-le.",
        "Check the machine that made it, make the file again, then deposit it.",
    ),
    "PUP-VIRUS-SIZE": (
        "error",
        None,
        "Le fichier {file} est trop gros pour l'antivirus : il est mis à l'écart et n'est pas traité.",
        "The file {file} is too large for the antivirus: it is put aside and not processed.",
        "Allégez le fichier ; si cela persiste, signalez-le à l'exploitant.",
        "Make the file smaller; if it persists, tell the operator.",
    ),
    "PUP-FLUX-INCIDENT": (
        "error",
        None,
        "Le fichier {file} n'a pas pu être jugé : le moteur de règles ne répond pas.",
        "The file {file} could not be judged: the rules engine does not answer.",
        "Déposez de nouveau ce fichier ; si cela persiste, signalez l'incident.",
        "Deposit this file again; if it persists, report the incident.",
    ),
    "PUP-ENGINE-SILENT": (
        "error",
        None,
        "Le fichier n'a pas pu être jugé : le moteur de règles ne répond pas (incident {incident}).",
        "The file could not be judged: the rules engine does not answer (incident {incident}).",
        "Réessayez ; si cela persiste, signalez l'incident.",
        "Try again; if it persists, report the incident.",
    ),
    "PUP-FLUX-LOST": (
        "error",
        None,
        "Le fichier déposé est introuvable dans l'entrepôt.",
        "The deposited file is not in the store.",
        "Déposez de nouveau le flux.",
        "Deposit the flux again.",
    ),
    **_ENTRY_RULES,
    **_PARTY_RULES,
}

#: Short texts, French then English in one line where only one text can be carried.
TEXTS = {
    "document-name-long": "50 caractères au plus, extension comprise / at most 50 characters with the extension",
    "document-name-signs": "caractères interdits dans le nom / forbidden characters in the name",
    "document-extension": "extension absente ou refusée / extension missing or refused",
    "document-content": "le contenu n'est pas celui que l'extension annonce / the content is not what the extension says",
    "document-macro": "le document contient des macros / the document contains macros",
    "document-size": "de 1 octet à 10 Mo / from 1 byte to 10 MB",
    "document-total": "120 Mo au plus pour la facture et ses pièces / at most 120 MB for the invoice with its documents",
    "designation-long": "désignation : 100 caractères au plus, type : 30 / designation: at most 100 characters, type: 30",
    "document-sha256": "empreinte SHA-256 incorrecte / wrong SHA-256",
    "document-absent": "fichier absent de l'entrepôt / file not in the store",
    "comment-long": "2000 caractères au plus / at most 2000 characters",
    "motive-code": "code de motif inconnu pour cet acte ; codes : {codes} / unknown motive code for this act; codes: {codes}",
    "parties-corrected": "acteurs à désigner de nouveau, avec leur SIRET : {roles} / actors to be named anew, with their SIRET: {roles}",
    "documents-refused": "ce changement de statut ne prend pas de pièces / this change of status takes no documents",
}


def finding(rule: str, *, term: str | None = None, location: str | None = None, **values: Any) -> Finding:
    """Return the finding of one of this service's own rules; ``values`` fill its texts."""
    severity, own_term, *texts = _RULES[rule]
    message_fr, message_en, remedy_fr, remedy_en = (text.format(**values) for text in texts)
    return Finding(rule, severity, message_fr, message_en, remedy_fr, remedy_en, term or own_term, location)


def own_rules() -> tuple[str, ...]:
    """The ids of this service's own rules."""
    return tuple(_RULES)
