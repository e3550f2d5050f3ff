"""The indexes of the export of a structure: what each is about, its columns, and what they mean, in French and English.

The README of each export is made of this, and docs/reference/structure-export.md says the same.
"""

from typing import NamedTuple


class Index(NamedTuple):
    """A list that comes as ``name``.csv and ``name``.json; ``columns`` maps each to its meaning in French and English."""

    name: str
    about: tuple[str, str]
    columns: dict[str, tuple[str, str]]


_PATH = ("chemin dans le zip", "path in the zip")
_SHA256 = ("SHA-256 du fichier, en hexadécimal", "SHA-256 of the file, in hexadecimal")
_SIZE = ("taille en octets", "size in octets")
_MIME = ("type de média", "media type")
_NAME = ("nom du fichier", "name of the file")
_PORTAL_NUMBER = ("numéro de la facture sur le portail", "number of the invoice on the portal")
_SIDE = ("issued : émise, received : reçue", "issued or received")
_AT = ("instant, UTC", "instant, UTC")
_NUMERO_FLUX = ("numéro du flux", "number of the flux")
_REQUEST_NUMBER = ("numéro de la demande sur le portail", "number of the request on the portal")
#: Of a line of the history of an invoice or a request.
_LINE = {
    "number": ("numéro de la ligne dans la chaîne du fournisseur", "number of the line in the supplier's chain"),
    "at": _AT,
    "actor": ("qui a agi", "who acted"),
    "actor_name": ("son nom", "his name"),
    "structure_name": ("structure pour laquelle il agissait", "structure for which he acted"),
    "action": ("acte", "act"),
    "status_from": ("statut d'avant", "status before"),
    "status_to": ("statut d'après", "status after"),
    "motive": ("motif", "motive"),
    "comment": ("commentaire", "comment"),
    "digest": ("empreinte de la ligne, chaînée à la précédente", "digest of the line, chained to the one before"),
}
#: Of somebody who takes part in an invoice or a request.
_PARTY = {
    "role": ("rôle", "role"),
    "identifier": ("identifiant de la structure", "identifier of the structure"),
    "name": ("raison sociale", "name"),
    "espace": ("espace où le rôle travaille", "espace in which the role works"),
    "acts": ("true : c'est à elle d'agir", "true: it is its turn"),
    "sees": ("true : le document lui est parvenu", "true: it has come to it"),
    "structure_id": ("identifiant interne", "internal identifier"),
}

INVOICES = Index(
    "invoices",
    ("Factures émises, brouillons compris, et factures reçues", "Invoices issued, drafts included, and received"),
    {
        "side": _SIDE,
        "portal_number": _PORTAL_NUMBER,
        "number": ("numéro de la facture", "number of the invoice"),
        "kind": ("FACTURE, AVOIR ou ACOMPTE", "FACTURE invoice, AVOIR credit note, ACOMPTE prepayment"),
        "cadre": ("cadre de facturation", "cadre de facturation"),
        "status": ("code du statut", "code of the status"),
        "status_at": ("instant du statut, UTC", "instant of the status, UTC"),
        "issue_date": ("date de la facture", "date of the invoice"),
        "deposited_at": ("instant du dépôt, UTC ; vide : brouillon", "instant of the deposit, UTC; empty: draft"),
        "supplier_identifier": ("identifiant du fournisseur", "identifier of the supplier"),
        "supplier_name": ("raison sociale du fournisseur", "name of the supplier"),
        "recipient_siret": ("SIRET du destinataire", "SIRET of the recipient"),
        "recipient_name": ("raison sociale du destinataire", "name of the recipient"),
        "code_service": ("code service du destinataire", "code service of the recipient"),
        "engagement": ("numéro d'engagement", "engagement number"),
        "contract": ("numéro de marché", "contract number"),
        "currency": ("devise, ISO 4217", "currency, ISO 4217"),
        "net": ("montant HT", "amount without VAT"),
        "vat": ("montant de TVA", "amount of VAT"),
        "vat_eur": ("TVA en euros, BT-111 ; vide : facture en euros", "VAT in euros, BT-111; empty: invoice in euros"),
        "gross": ("montant TTC", "amount with VAT"),
        "due": ("montant à payer", "amount due"),
        "deposit_mode": ("mode de dépôt", "way of deposit"),
        "numero_flux": _NUMERO_FLUX,
        "last_motive": ("dernier motif", "latest motive"),
        "last_comment": ("dernier commentaire", "latest comment"),
        "due_on": ("dernier jour pour payer à temps", "last day to pay in time"),
        "receipt_sha256": ("SHA-256 du fichier déposé, selon le reçu", "SHA-256 of the file as deposited, as on the receipt"),
        "invoice_id": ("identifiant interne", "internal identifier"),
        "path": ("dossier de la facture dans le zip", "folder of the invoice in the zip"),
    },
)
INVOICE_FILES = Index(
    "invoice-files",
    ("Fichiers des factures", "Files of the invoices"),
    {
        "side": _SIDE,
        "portal_number": _PORTAL_NUMBER,
        "kind": (
            "original, document (pièce jointe), readable (PDF lisible), ubl, cii, facturx, xml, attachment-N (embarqué)",
            "original, document, readable (PDF), ubl, cii, facturx, xml, attachment-N (embedded in the invoice)",
        ),
        "name": _NAME,
        "mime": _MIME,
        "size": _SIZE,
        "sha256": _SHA256,
        "designation": ("désignation de la pièce", "designation of the document"),
        "type": ("type de la pièce", "type of the document"),
        "line": ("ligne de facture à laquelle la pièce se rapporte", "line of the invoice that the document belongs to"),
        "path": _PATH,
    },
)
INVOICE_HISTORY = Index(
    "invoice-history",
    ("Historique des factures", "History of the invoices"),
    {
        "side": _SIDE,
        "portal_number": _PORTAL_NUMBER,
        **_LINE,
    },
)
INVOICE_PARTIES = Index(
    "invoice-parties",
    ("Qui valide les factures avant leur destinataire", "Who validates the invoices before their recipient"),
    {
        "side": _SIDE,
        "portal_number": _PORTAL_NUMBER,
        **_PARTY,
        "asked_at": ("instant où la validation lui a été demandée, UTC", "instant at which it was asked to validate, UTC"),
        "due_at": ("fin de son délai, UTC", "end of its time, UTC"),
        "answered_at": ("instant de sa dernière réponse, UTC", "instant of its latest answer, UTC"),
    },
)
FLUX = Index(
    "flux",
    ("Flux déposés", "Flux that were deposited"),
    {
        "numero_flux": _NUMERO_FLUX,
        "syntaxe_flux": ("syntaxe", "syntax"),
        "code_interface": ("code interface", "interface code"),
        "file_name": _NAME,
        "state": ("état, code officiel", "state, official code"),
        "state_at": ("instant de l'état, UTC", "instant of the state, UTC"),
        "deposited_at": ("instant du dépôt, UTC", "instant of the deposit, UTC"),
        "total": ("nombre de fichiers", "number of files"),
        "accepted": ("fichiers acceptés", "files accepted"),
        "refused": ("fichiers refusés", "files refused"),
        "size": _SIZE,
        "sha256": _SHA256,
        "path": _PATH,
    },
)
FLUX_FILES = Index(
    "flux-files",
    ("Comptes rendus des flux : une ligne par fichier et par erreur", "Reports of the flux: a line for each file and error"),
    {
        "numero_flux": _NUMERO_FLUX,
        "position": ("rang du fichier, depuis 0", "position of the file, from 0"),
        "file_name": _NAME,
        "outcome": ("accepted, refused ou pending", "accepted, refused or pending"),
        "number": ("numéro de la facture", "number of the invoice"),
        "supplier_identifier": ("identifiant du fournisseur", "identifier of the supplier"),
        "recipient_siret": ("SIRET du destinataire", "SIRET of the recipient"),
        "portal_number": _PORTAL_NUMBER,
        "code": ("code de l'erreur", "code of the error"),
        "rule": ("règle", "rule"),
        "field": ("donnée en cause", "the datum in question"),
        "value": ("valeur dans le fichier", "value in the file"),
        "message": ("ce qui ne va pas", "what is wrong"),
        "remedy": ("comment corriger", "how to mend it"),
    },
)
REQUESTS = Index(
    "requests",
    (
        "Demandes des espaces : brouillons de la structure, et celles qui lui sont parvenues",
        "Requests of espaces: drafts of the structure, and those that have come to it",
    ),
    {
        "espace": ("espace", "espace"),
        "portal_number": _REQUEST_NUMBER,
        "number": ("numéro de la demande", "number of the request"),
        "kind": ("sorte de demande", "kind of request"),
        "cadre": ("cadre", "cadre"),
        "status": ("code du statut", "code of the status"),
        "status_at": ("instant du statut, UTC", "instant of the status, UTC"),
        "created_at": ("instant du début, UTC", "instant at which it was begun, UTC"),
        "sent_at": ("instant de l'envoi, UTC ; vide : brouillon", "instant at which it was sent, UTC; empty: draft"),
        "due_at": ("fin du délai de qui doit agir, UTC", "end of the time of who has to act, UTC"),
        "maker_name": ("raison sociale de qui l'a faite", "name of who made it"),
        "roles": ("rôles dans lesquels la structure la voit", "roles in which the structure sees it"),
        "acts": ("true : c'est à la structure d'agir", "true: it is the structure's turn"),
        "dossier_number": ("numéro du dossier", "number of the dossier"),
        "net": ("montant HT", "amount without VAT"),
        "vat": ("montant de TVA", "amount of VAT"),
        "gross": ("montant TTC", "amount with VAT"),
        "last_motive": ("dernier motif", "latest motive"),
        "invoice_id": ("identifiant interne de la facture qu'elle est devenue", "internal identifier of the invoice that it became"),
        "invoice_status": ("code du statut de cette facture", "code of the status of that invoice"),
        "dossier_id": ("identifiant interne du dossier", "internal identifier of the dossier"),
        "previous_id": ("identifiant interne de la demande qu'elle suit", "internal identifier of the request that it follows"),
        "request_id": ("identifiant interne", "internal identifier"),
        "path": ("dossier de la demande dans le zip", "folder of the request in the zip"),
    },
)
REQUEST_PARTIES = Index(
    "request-parties",
    ("Parties des demandes", "Parties of the requests"),
    {
        "portal_number": _REQUEST_NUMBER,
        **_PARTY,
        "code_service": ("code service", "code service"),
        "type": ("private : privée, public : publique", "private or public"),
    },
)
REQUEST_FILES = Index(
    "request-files",
    ("Fichiers des demandes", "Files of the requests"),
    {
        "portal_number": _REQUEST_NUMBER,
        "name": _NAME,
        "mime": _MIME,
        "size": _SIZE,
        "sha256": _SHA256,
        "designation": ("désignation", "designation"),
        "line": ("ligne de la demande à laquelle il se rapporte", "line of the request that it belongs to"),
        "made": ("true : l'espace l'a fait de ce qui a été saisi", "true: the espace made it of what was typed"),
        "added_at": ("instant de l'ajout, UTC", "instant at which it was added, UTC"),
        "path": _PATH,
    },
)
REQUEST_HISTORY = Index(
    "request-history",
    ("Historique des demandes", "History of the requests"),
    {
        "portal_number": _REQUEST_NUMBER,
        **_LINE,
        "number": ("numéro de la ligne dans la chaîne de qui a fait la demande", "number of the line in the chain of who made the request"),
    },
)
RECORDS = Index(
    "records",
    ("Documents que les espaces tiennent pour la structure", "Documents that espaces keep for the structure"),
    {
        "espace": ("espace", "espace"),
        "collection": ("collection", "collection"),
        "key": ("clé dans la collection", "key in the collection"),
        "document": ("le document, en JSON", "the document, as JSON"),
        "version": ("nombre de versions", "number of versions"),
        "changed_at": ("instant de la dernière modification, UTC", "instant of the latest change, UTC"),
        "changed_by": ("qui l'a modifié en dernier", "who changed it last"),
    },
)
SERVICES = Index(
    "services",
    ("Services de la structure", "Services of the structure"),
    {
        "portal_number": ("numéro du service sur le portail", "number of the service on the portal"),
        "code": ("code service", "code service"),
        "label": ("libellé", "label"),
        "description": ("description", "description"),
        "active": ("actif aujourd'hui", "active today"),
        "enabled": ("activé par le gestionnaire", "enabled by the gestionnaire"),
        "starts_on": ("premier jour", "first day"),
        "ends_on": ("dernier jour", "last day"),
        "requires_engagement": ("numéro d'engagement obligatoire", "engagement number demanded"),
        "structure_service_id": ("identifiant interne", "internal identifier"),
    },
)
MEMBERS = Index(
    "members",
    ("Utilisateurs rattachés", "Users attached to the structure"),
    {
        "email": ("adresse électronique", "mail address"),
        "given_name": ("prénom", "first name"),
        "family_name": ("nom", "last name"),
        "role": ("GP : gestionnaire principal, US : utilisateur", "GP: gestionnaire principal, US: user"),
        "starts_on": ("premier jour", "first day"),
        "ends_on": ("dernier jour", "last day"),
        "whole_structure": ("rattaché à la structure elle-même", "attached to the structure itself"),
        "services": ("codes des services de rattachement", "codes of the services that he is attached to"),
        "manages_structure": ("gère la structure", "manages the structure"),
        "manages_users": ("gère les utilisateurs", "manages the users"),
        "user_id": ("identifiant interne", "internal identifier"),
    },
)
HABILITATIONS = Index(
    "habilitations",
    ("Habilitations des utilisateurs", "Habilitations of the users"),
    {
        "email": ("adresse électronique", "mail address"),
        "espace": ("espace", "espace"),
        "profile": ("CONSULTATION ou MODIFICATION", "CONSULTATION or MODIFICATION"),
        "services": ("codes des services ; vide : toute la structure", "codes of services; empty: the whole structure"),
        "modification_services": (
            "codes des services en modification ; vide : le profil vaut partout",
            "codes of services in modification; empty: the profile holds everywhere",
        ),
        "user_id": ("identifiant interne", "internal identifier"),
    },
)
BANK_DETAILS = Index(
    "bank-details",
    ("Coordonnées bancaires", "Bank details"),
    {
        "name": ("nom", "name"),
        "kind": ("IBAN ou RIB", "IBAN or RIB"),
        "country": ("pays", "country"),
        "key": ("clé", "key"),
        "national": ("IBAN : partie nationale", "IBAN: national part"),
        "bic": ("BIC", "BIC"),
        "bank": ("RIB : banque", "RIB: bank"),
        "branch": ("RIB : guichet", "RIB: branch"),
        "number": ("RIB : compte", "RIB: account"),
        "factor_name": ("affactureur", "factoring company"),
        "factor_identifier": ("identifiant de l'affactureur", "identifier of the factoring company"),
        "path": _PATH,
    },
)
DOCUMENTS = Index(
    "documents",
    ("Pièces conservées par la structure", "Documents that the structure keeps"),
    {
        "designation": ("désignation", "designation"),
        "type": ("type", "type"),
        "name": _NAME,
        "mime": _MIME,
        "size": _SIZE,
        "sha256": _SHA256,
        "added_at": ("instant de l'ajout, UTC", "instant at which it was added, UTC"),
        "path": _PATH,
    },
)
HISTORY = Index(
    "history",
    ("Historique de la structure", "History of the structure"),
    {
        "number": ("numéro de la ligne", "number of the line"),
        "at": _AT,
        "actor": ("qui a agi", "who acted"),
        "actor_name": ("son nom", "his name"),
        "action": ("acte", "act"),
        "object": ("sur quoi", "what it was done to"),
        "object_name": ("son nom", "its name"),
        "changes": ("ce qui a changé, en JSON", "what changed, as JSON"),
        "noted": ("ce qui est noté en plus, en JSON", "what else is noted, as JSON"),
        "digest": ("empreinte de la ligne, chaînée à la précédente", "digest of the line, chained to the one before"),
    },
)
INDEXES = (
    INVOICES, INVOICE_FILES, INVOICE_HISTORY, INVOICE_PARTIES, FLUX, FLUX_FILES, REQUESTS, REQUEST_PARTIES, REQUEST_FILES, REQUEST_HISTORY,
    RECORDS, SERVICES, MEMBERS, HABILITATIONS, BANK_DETAILS, DOCUMENTS, HISTORY,
)  # fmt: skip

#: Columns that hold exact decimals: numbers in CSV, texts in JSON.
AMOUNTS = frozenset({"net", "vat", "vat_eur", "gross", "due"})

_INTRODUCTION = (
    """\
Export de toutes les données de {name} ({identifier}), le {at}.

Chaque facture a un dossier (issued : émises, received : reçues) avec invoice.json, tout ce que le portail en a lu, son contrôle et son
historique, et tous ses fichiers. Le fichier déposé (original) y est octet pour octet ; l'XML d'un PDF et les fichiers embarqués dans une
facture y sont aussi à part ; le PDF lisible y est s'il a déjà été demandé. Les flux sont tels que déposés, avec leur compte rendu.
Chaque demande d'un espace a un dossier (requests, par espace) avec request.json, tout ce qui y a été saisi, et ses fichiers.
structure.json décrit la structure. manifest.json donne le SHA-256 et la taille de chaque fichier du zip, et ce qui manque, avec la raison ;
s'il n'est pas là, le zip est incomplet : recommencez. Les index existent en CSV (UTF-8, « ; », nombres avec un point) et en JSON. Dans le
CSV, un texte qu'un tableur prendrait pour une formule commence par une apostrophe. Dates et instants suivent ISO 8601.
""",
    """\
Export of all data of {name} ({identifier}), on {at}.

Each invoice has a folder (issued, received) with invoice.json, all that the portal read of it, its report and history, and all of its
files. The file as deposited (original) is there byte for byte; the XML of a PDF and the files embedded in an invoice are there by
themselves too; the readable PDF is there if it was ever asked for. Flux are as deposited, with their reports. Each request of an espace
has a folder (requests, by espace) with request.json, all that was typed in it, and its files. structure.json describes the structure.
manifest.json has the SHA-256 and size of each file in the zip, and what is absent, with the reason; where it is missing, the zip is
incomplete: start again. Indexes come as CSV (UTF-8, ";", numbers with a point) and as JSON. In CSV a text that a spreadsheet would take
for a formula begins with an apostrophe. Dates and instants follow ISO 8601.
""",
)


def readme(name: str, identifier: str, at: str) -> str:
    """Return the README of an export: French, then English."""
    parts = []
    for language, text in enumerate(_INTRODUCTION):
        parts.append(text.format(name=name, identifier=identifier, at=at))
        for index in INDEXES:
            columns = "".join(f"  {column} : {meaning[language]}\n" for column, meaning in index.columns.items())
            parts.append(f"{index.name}.csv, {index.name}.json : {index.about[language]}\n{columns}")
    return "\n".join(parts)
