"""What is said of an invoice that others validate before its recipient has it."""

from .messages import SIGNATURE_EN, SIGNATURE_FR, Template

_WHAT_FR = "la facture n° {number} de {supplier} ({gross}), cadre {cadre_fr}"
_WHAT_EN = "invoice no. {number} from {supplier} ({gross}), cadre {cadre_en}"

TEMPLATES = {
    "invoice-to-validate": Template(
        "Facture n° {number} de {supplier} : elle attend votre validation",
        "Invoice no. {number} from {supplier}: it waits for your validation",
        "Bonjour {given_name},\n\n{structure} est désignée pour valider " + _WHAT_FR + ". Vérifiez-la, puis validez-la ou refusez-la."
        "{until_fr}\n\nMotif : {motive}\nCommentaire : {comment}" + SIGNATURE_FR,
        "Hello {given_name},\n\n{structure} is named to validate " + _WHAT_EN + ". Check it, then validate or refuse it."
        "{until_en}\n\nMotive: {motive}\nComment: {comment}" + SIGNATURE_EN,
    ),
    "validation-awaited": Template(
        "Facture n° {number} de {supplier} : {days_left} jour(s) pour répondre",
        "Invoice no. {number} from {supplier}: {days_left} day(s) left to answer",
        "Bonjour {given_name},\n\nLa facture n° {number} de {supplier} ({gross}) attend toujours une réponse de {structure}, au statut "
        "« {status_fr} ».{until_fr}" + SIGNATURE_FR,
        "Hello {given_name},\n\nInvoice no. {number} from {supplier} ({gross}) still waits for an answer of {structure}, at “{status_en}”."
        "{until_en}" + SIGNATURE_EN,
    ),
    "validation-status": Template(
        "Facture n° {number} : {status_fr}",
        "Invoice no. {number}: {status_en}",
        "Bonjour {given_name},\n\nLa facture n° {number} de {supplier} ({gross}) est au statut « {status_fr} »." + SIGNATURE_FR,
        "Hello {given_name},\n\nInvoice no. {number} from {supplier} ({gross}) is at “{status_en}”." + SIGNATURE_EN,
    ),
    "validation-returned": Template(
        "Facture n° {number} : {status_fr}",
        "Invoice no. {number}: {status_en}",
        "Bonjour {given_name},\n\nVotre facture n° {number} ({gross}) est au statut « {status_fr} ».\n\nMotif : {motive}\n"
        "Commentaire : {comment}\n\nOuvrez-la pour voir ce que vous pouvez en faire : la corriger, ou la copier dans un nouveau brouillon."
        + SIGNATURE_FR,
        "Hello {given_name},\n\nYour invoice no. {number} ({gross}) is at “{status_en}”.\n\nMotive: {motive}\nComment: {comment}\n\n"
        "Open it to see what you can do with it: correct it, or copy it into a new draft." + SIGNATURE_EN,
    ),
    "validation-notice": Template(
        "Facture n° {number} de {supplier} : {status_fr}",
        "Invoice no. {number} from {supplier}: {status_en}",
        "Bonjour {given_name},\n\nPour information : " + _WHAT_FR + ", destinée à {recipient}, est au statut « {status_fr} ».\n\n"
        "Motif : {motive}\nCommentaire : {comment}\n\nElle ne vous est pas transmise." + SIGNATURE_FR,
        "Hello {given_name},\n\nFor information: " + _WHAT_EN + ", meant for {recipient}, is at “{status_en}”.\n\nMotive: {motive}\n"
        "Comment: {comment}\n\nIt is not passed on to you." + SIGNATURE_EN,
    ),
}
UNTIL_FR = " Vous avez jusqu'au {day} inclus ; sans réponse, elle suit son cours."
UNTIL_EN = " You have until {day} included; without an answer it goes its way."
