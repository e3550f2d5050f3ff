"""Every text of the espace, in both languages."""

from pupitre_espaces import Label

NAME = Label("Suivi des flux", "Flux")
DESCRIPTION = Label(
    "Suivre les fichiers déposés, lire leur compte rendu, et vérifier un fichier d'essai.",
    "Follow the files deposited, read their report, and check a test file.",
)
FOLLOWING = Label("Flux déposés", "Flux deposited")
REPORT = Label("Compte rendu", "Report")
QUALIFYING = Label("Qualification", "Qualification")
BOARD = Label("Tableau de bord", "Dashboard")
READ_BOARD = Label("Lire les chiffres du tableau de bord", "Read the figures of the dashboard")

#: The reference's states of a flux, and of a file that is only qualified.
STATES = {
    "IN_RECU": Label("Reçu", "Received"),
    "IN_EN_ATTENTE_TRAITEMENT_CPP": Label("En attente de traitement", "Waiting"),
    "IN_EN_COURS_TRAITEMENT_CPP": Label("En cours de traitement", "In progress"),
    "IN_EN_ATTENTE_RETRAITEMENT_CPP": Label("En attente de retraitement", "Waiting to be processed again"),
    "IN_TRAITE_SE_CPP": Label("Traité", "Processed"),
    "IN_INTEGRE": Label("Intégré", "Integrated"),
    "IN_INTEGRE_PARTIEL": Label("Intégré partiellement", "Integrated in part"),
    "IN_INCIDENTE": Label("Incidenté", "Incident"),
    "IN_REJETE": Label("Rejeté", "Rejected"),
    "QP_RECEVABLE": Label("Recevable (qualification)", "Admissible (qualification)"),
    "QP_RECEVABLE_AVEC_ERREUR": Label("Recevable avec erreur", "Admissible with errors"),
    "QP_IRRECEVABLE": Label("Irrecevable", "Not admissible"),
}
STAGES = {
    "container": Label("le fichier lui-même", "the file itself"),
    "xml": Label("la lecture du XML", "reading the XML"),
    "not-an-invoice": Label("la nature du document", "what the document is"),
    "xsd": Label("le schéma", "the schema"),
    "schematron": Label("les règles métier", "the business rules"),
    "routing": Label("l'acheminement", "the routing"),
}

TEXTS = {
    "fr": {
        "introduction": "Les fichiers que {structure} a déposés elle-même. Ceux d'un opérateur sont chez l'opérateur.",
        "number": "Numéro", "state": "État", "file": "Fichier", "syntax": "Syntaxe", "deposited": "Déposé le",
        "accepted": "Acceptées", "refused": "Refusées", "report": "Lire", "none": "Aucun flux déposé.", "next": "Suivants",
        "no_faults": "Ce flux n'a aucune erreur.", "download": "Télécharger (CSV)", "back": "Tous les flux",
        "code": "Code", "what": "Champ et valeur", "message": "Erreur", "remedy": "Que faire", "which": "Facture",
        "whole": "flux entier", "unknown": "Ce flux n'existe pas, ou n'est pas à cette structure.",
        "try": "Vérifiez un fichier d'essai : il reçoit le même contrôle qu'un dépôt, et rien n'est créé, envoyé ni gardé.",
        "choose": "Fichier (UBL, CII, Factur-X, PDF ; 10 Mo au plus)", "send": "Vérifier", "missing": "Choisissez un fichier.",
        "verdict": "Verdict", "stopped": "Arrêté à : {stage}.", "rule": "Règle", "clean": "Aucune remarque.", "format": "Format",
        "cannot": "Le contrôle n'a pas pu avoir lieu ; réessayez.",
        "totals": "Sur les {count} derniers flux : {accepted} factures acceptées, {refused} refusées ({rate} % acceptées).",
        "by_state": "Par état", "by_code": "Erreurs les plus fréquentes", "many": "Nombre", "empty": "Rien à compter encore.",
        "by_month": "Par mois", "month": "Mois", "number_of_flux": "Flux",
    },
    "en": {
        "introduction": "The files that {structure} deposited itself. Those of an operator are with the operator.",
        "number": "Number", "state": "State", "file": "File", "syntax": "Syntax", "deposited": "Deposited on",
        "accepted": "Accepted", "refused": "Refused", "report": "Read", "none": "No flux was deposited.", "next": "Next",
        "no_faults": "This flux has no error.", "download": "Download (CSV)", "back": "All flux",
        "code": "Code", "what": "Field and value", "message": "Error", "remedy": "What to do", "which": "Invoice",
        "whole": "whole flux", "unknown": "This flux does not exist, or is not of this structure.",
        "try": "Check a test file: it is judged as a deposit is, and nothing is created, sent or kept.",
        "choose": "File (UBL, CII, Factur-X, PDF; at most 10 MB)", "send": "Check", "missing": "Choose a file.",
        "verdict": "Verdict", "stopped": "Stopped at: {stage}.", "rule": "Rule", "clean": "No remark.", "format": "Format",
        "cannot": "The check could not take place; try again.",
        "totals": "Of the last {count} flux: {accepted} invoices accepted, {refused} refused ({rate} % accepted).",
        "by_state": "By state", "by_code": "Most frequent errors", "many": "Number", "empty": "Nothing to count yet.",
        "by_month": "By month", "month": "Month", "number_of_flux": "Flux",
    },
}  # fmt: skip
