"""What is said of requests of espaces, in mails and in lines of a digest."""

from .messages import SIGNATURE_EN, SIGNATURE_FR, Template

_HELLO_FR, _HELLO_EN = "Bonjour {given_name},\n\n", "Hello {given_name},\n\n"
_SAID_FR, _SAID_EN = "\n\nMotif : {motive}\nCommentaire : {comment}", "\n\nMotive: {motive}\nComment: {comment}"

TEMPLATES = {
    "request-to-do": Template(
        "{kind_fr} n° {number} de {maker} : à traiter",
        "{kind_en} no. {number} from {maker}: to be worked on",
        _HELLO_FR
        + "La demande « {kind_fr} » n° {number} de {maker} vous attend : elle est au statut « {status_fr} »."
        + _SAID_FR
        + SIGNATURE_FR,
        _HELLO_EN + "The request “{kind_en}” no. {number} from {maker} waits for you: it is at “{status_en}”." + _SAID_EN + SIGNATURE_EN,
    ),
    "request-returned": Template(
        "{kind_fr} n° {number} : {status_fr}, une action est attendue de vous",
        "{kind_en} no. {number}: {status_en}, something is expected of you",
        _HELLO_FR + "Votre demande « {kind_fr} » n° {number} vous revient : elle est au statut « {status_fr} »." + _SAID_FR + SIGNATURE_FR,
        _HELLO_EN + "Your request “{kind_en}” no. {number} comes back to you: it is at “{status_en}”." + _SAID_EN + SIGNATURE_EN,
    ),
    "request-status": Template(
        "{kind_fr} n° {number} : {status_fr}",
        "{kind_en} no. {number}: {status_en}",
        _HELLO_FR + "Votre demande « {kind_fr} » n° {number} est passée au statut « {status_fr} »." + _SAID_FR + SIGNATURE_FR,
        _HELLO_EN + "Your request “{kind_en}” no. {number} has passed to “{status_en}”." + _SAID_EN + SIGNATURE_EN,
    ),
    "request-reminded": Template(
        "{kind_fr} n° {number} de {maker} : il reste {days_left} jour(s)",
        "{kind_en} no. {number} from {maker}: {days_left} day(s) left",
        _HELLO_FR + "La demande « {kind_fr} » n° {number} de {maker}, au statut « {status_fr} », vous attend. Sans réponse avant le "
        "{due_on}, la plateforme la fait avancer d'elle-même." + SIGNATURE_FR,
        _HELLO_EN + "The request “{kind_en}” no. {number} from {maker}, at “{status_en}”, waits for you. Without an answer before "
        "{due_on}, the platform moves it on by itself." + SIGNATURE_EN,
    ),
}
#: The same in a line of a digest: (French, English).
LINES = {
    "request-to-do": (
        "{kind_fr} n° {number} de {maker} : à traiter ({status_fr})",
        "{kind_en} no. {number} from {maker}: to be worked on ({status_en})",
    ),
    "request-status": ("{kind_fr} n° {number} : {status_fr}", "{kind_en} no. {number}: {status_en}"),
    "request-reminded": (
        "{kind_fr} n° {number} de {maker} : il reste {days_left} jour(s)",
        "{kind_en} no. {number} from {maker}: {days_left} day(s) left",
    ),
}
