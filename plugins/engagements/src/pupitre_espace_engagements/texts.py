"""Names of fields, statuses and rules, in both languages."""

from pupitre_espaces import Label

NAME = Label("Engagements", "Engagements")
DESCRIPTION = Label(
    "Transmettre et suivre les engagements juridiques et les commandes.",
    "Send and follow legal commitments and orders.",
)
KIND = Label("Engagement", "Engagement")
ISSUER = Label("Émetteur de l'engagement", "Issuer of the engagement")
SUPPLIER = Label("Fournisseur", "Supplier")

TYPES = {
    "BON_DE_COMMANDE": Label("Bon de commande", "Purchase order"),
    "ORDRE_DE_SERVICE": Label("Ordre de service", "Service order"),
    "BAIL": Label("Bail", "Lease"),
    "SUBVENTION": Label("Subvention", "Grant"),
    "AUTRE_CONTRAT": Label("Autre contrat", "Other contract"),
}
STATUSES = {
    "TRANSMIS": Label("Transmis", "Sent"),
    "PRIS_EN_COMPTE": Label("Pris en compte", "Taken into account"),
    "REFUSE": Label("Refusé", "Refused"),
    "INACTIF": Label("Inactif", "Inactive"),
    "SOLDE": Label("Soldé", "Settled"),
}
NOT_AN_ISSUER = Label(
    "Seuls les services de l'État transmettent des engagements.", "Only services of the State send engagements."
)
ASK_OPERATOR = Label(
    "L'exploitant de la plateforme peut l'ouvrir à d'autres émetteurs.",
    "The platform's operator may open it to other issuers.",
)
TOO_LONG = Label("Le numéro dépasse 50 caractères.", "The number has more than 50 characters.")
SHORTEN = Label("Raccourcissez-le.", "Shorten it.")
ENDS_BEFORE = Label("La fin d'exécution précède le début.", "The execution ends before it begins.")
CORRECT = Label("Corrigez les dates.", "Correct the dates.")
LINES_DIFFER = Label(
    "Le montant HT de l'engagement n'est pas la somme de ses lignes.", "The net amount is not the sum of the lines."
)
EXPLAIN = Label(
    "Corrigez le montant ou les lignes si ce n'est pas voulu.", "Correct the amount or the lines unless it is meant."
)
