"""What is said of an invoice that nobody moves (B.4, B.8): its delay ends, or it is a draft still."""

from .messages import SIGNATURE_EN, SIGNATURE_FR, Template

TEMPLATES = {
    "invoice-due-soon": Template(
        "Facture n° {number} de {supplier} : à payer avant le {due_on}",
        "Invoice no. {number} from {supplier}: to be paid by {due_on}",
        "Bonjour {given_name},\n\nLe délai de paiement de la facture n° {number} de {supplier} ({gross}) expire le {due_on}."
        + SIGNATURE_FR,
        "Hello {given_name},\n\nThe payment delay of invoice no. {number} from {supplier} ({gross}) ends on {due_on}." + SIGNATURE_EN,
    ),
    "invoice-due-now": Template(
        "Facture n° {number} de {supplier} : le délai de paiement expire le {due_on}",
        "Invoice no. {number} from {supplier}: the payment delay ends on {due_on}",
        "Bonjour {given_name},\n\nLa facture n° {number} de {supplier} ({gross}) n'est pas en paiement et son délai expire le {due_on}. "
        "Passé ce jour, des intérêts moratoires et une indemnité forfaitaire sont dus sans que le fournisseur les demande."
        + SIGNATURE_FR,
        "Hello {given_name},\n\nInvoice no. {number} from {supplier} ({gross}) is not in payment and its delay ends on {due_on}. After "
        "that day, moratory interest and a fixed indemnity are due without the supplier asking for them." + SIGNATURE_EN,
    ),
    "draft-unsent": Template(
        "Brouillon n° {number} : il n'est pas envoyé",
        "Draft no. {number}: it is not sent",
        "Bonjour {given_name},\n\nLa facture n° {number} de {supplier} est un brouillon, sans changement depuis le {since} : son "
        "destinataire ne la voit pas. Envoyez-la ou supprimez-la." + SIGNATURE_FR,
        "Hello {given_name},\n\nInvoice no. {number} from {supplier} is a draft, unchanged since {since}: its recipient does not see it. "
        "Send it or delete it." + SIGNATURE_EN,
    ),
}
#: The same in a line of a digest: (French, English).
LINES = {
    "invoice-due-soon": ("facture n° {about} : son délai de paiement expire bientôt", "invoice no. {about}: its payment delay ends soon"),
    "invoice-due-now": ("facture n° {about} : son délai de paiement expire", "invoice no. {about}: its payment delay ends"),
    "draft-unsent": ("brouillon n° {about} : il n'est pas envoyé", "draft no. {about}: it is not sent"),
}
