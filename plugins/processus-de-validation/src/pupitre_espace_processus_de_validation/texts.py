"""Every text of the espace's pages, in both languages."""

from pupitre_espaces import Label

from . import circuit

NAME = Label("Processus de validation", "Validation process")
DESCRIPTION = Label(
    "Faire valider les factures reçues en interne avant leur paiement.",
    "Have the invoices received validated internally before they are paid.",
)
TO_VALIDATE = Label("À valider", "To validate")
RULES = Label("Règles", "Rules")
INVOICE = Label("Validation d'une facture", "Validation of an invoice")

#: Lists of invoices, by the word that the address has for each.
VIEWS = {
    "miennes": Label("Pour moi", "For me"),
    "attente": Label("Toutes celles qui attendent", "All that wait"),
    "refusees": Label("Refusées en interne", "Refused within"),
    "validees": Label("Validées", "Validated"),
}
STATES = {
    circuit.WAITING: Label("Attend une validation", "Waits for validation"),
    circuit.VALIDATED: Label("Validée", "Validated"),
    circuit.REFUSED: Label("Refusée en interne", "Refused within"),
    circuit.CLOSED: Label("Sans objet", "No longer needed"),
}
ACTS = {
    circuit.BEGUN: Label("Validation demandée", "Validation asked for"),
    circuit.ACCEPTED: Label("Validée", "Validated"),
    circuit.DECLINED: Label("Refusée", "Refused"),
    circuit.REASSIGNED: Label("Confiée à d'autres", "Given to others"),
    circuit.RELAUNCHED: Label("Validation relancée", "Validation begun again"),
    circuit.DROPPED: Label("Plus à valider", "No longer to be validated"),
}
DONE = {
    "valider": Label("Votre validation est enregistrée.", "Your validation is kept."),
    "refuser": Label("Votre refus est enregistré.", "Your refusal is kept."),
    "reattribuer": Label("La facture attend d'autres valideurs.", "The invoice waits for other validators."),
    "relancer": Label("La validation est relancée.", "The validation has begun again."),
    "ajouter": Label("La règle est en vigueur.", "The rule is in force."),
    "terminer": Label("La règle est terminée.", "The rule has ended."),
}
MANAGERS_ONLY = Label(
    "Seul un gestionnaire des utilisateurs de la structure peut le faire.", "Only who manages the structure's users may do this."
)
CHANGED = Label(
    "Quelqu'un d'autre vient d'agir : relisez la page, puis recommencez.",
    "Somebody else has just acted: read the page again and start over.",
)
UNKNOWN_ACT = Label("Choisissez ce que vous voulez faire.", "Choose what you want to do.")
NO_ACTING_MEMBER = Label(
    "Un valideur doit avoir le profil « modification » dans cet espace, pour toute la structure.",
    "A validator needs the profile “modification” in this espace, for the whole structure.",
)
WRONG_AMOUNT = Label(
    "Le montant s'écrit en euros, avec deux décimales au plus : 1500 ou 1500,50.",
    "The amount is in euros, with two decimals at most: 1500 or 1500.50.",
)
WRONG_SIRET = Label("Le SIRET du fournisseur a 14 chiffres.", "The supplier's SIRET has 14 digits.")
WRONG_SERVICE = Label("Un code service a 100 signes au plus.", "A code service has at most 100 signs.")
TOO_MANY = Label(
    "La structure a déjà 200 règles, terminées ou non : c'est le maximum.",
    "The structure has 200 rules already, ended or not: that is the most there may be.",
)
RULE_OVER = Label("Cette règle est déjà terminée, ou n'existe pas.", "This rule has ended already, or does not exist.")

TEXTS = {
    "fr": {
        "counts": "Pour vous : {mine}. En attente dans la structure : {waiting}.", "first": "Parmi les {page} plus anciennes : ",
        "delay": "Le délai de paiement court pendant la validation interne.",
        "none": "Aucune facture dans cette liste.", "more": "Suivantes",
        "number": "Facture", "supplier": "Fournisseur", "service": "Service", "gross": "Montant TTC", "rule": "Règle",
        "step": "Étape", "waits": "Attend", "left": "Jours restants", "state": "État", "status": "Statut sur le portail",
        "days": "{days} j", "late": "en retard de {days} j", "stopped": "délai interrompu ou sans délai", "unread": "non lu",
        "of": "{step} sur {steps}", "back": "Retour à la liste", "unknown": "Aucune facture de ce nom n'a été soumise à validation ici.",
        "by": "validée par {name} le {at}", "is_waiting": "attend {who}", "later": "ensuite : {who}",
        "steps": "Étapes", "history": "Qui a fait quoi", "when": "Le", "who": "Par", "what": "Acte", "why": "Motif ou commentaire",
        "to": " : {names}", "decide": "Votre décision", "comment": "Motif (obligatoire pour refuser) ou commentaire",
        "accept": "Valider", "decline": "Refuser", "not_yours": "Vous n'avez rien à décider ici.",
        "reassign": "Confier cette étape à d'autres", "reassign_do": "Confier", "relaunch": "Relancer la validation",
        "refused": "Refusée en interne par {by} le {at} : « {motive} ». "
        "Qui traite la facture peut la suspendre, la renvoyer ou la rejeter.",
        "gone": "n'est plus habilité",
        "rules": "Une facture reçue qu'une règle retient attend sa validation avant d'être payée. "
        "Si plusieurs la retiennent, la plus exigeante vaut : le plus d'étapes, puis le montant le plus haut. "
        "Une règle vaut pour les factures qui arrivent tant qu'elle est en vigueur ; elle ne se modifie pas, elle se termine.",
        "no_rules": "Aucune règle : aucune facture n'attend de validation interne.", "first_step": "Première étape",
        "second_step": "Deuxième étape (facultative)", "since": "Depuis", "until": "Jusqu'au", "end": "Terminer",
        "any_service": "tous", "any_supplier": "tous", "from": "Dès (TTC)", "any_amount": "tout montant", "add": "Ajouter une règle",
        "code_service": "Code service (vide : tous)", "from_amount": "À partir de, en euros TTC (vide : tout montant)",
        "supplier_siret": "SIRET du fournisseur (vide : tous)", "create": "Ajouter",
        "members": "Un seul des valideurs choisis suffit par étape.",
        "who_may": "Les règles sont faites par qui gère les utilisateurs de la structure.", "made": "{at} par {by}", "actions": "Actions",
    },
    "en": {
        "counts": "For you: {mine}. Waiting in the structure: {waiting}.", "first": "Among the {page} oldest: ",
        "delay": "The time to pay runs on during internal validation.",
        "none": "No invoice in this list.", "more": "Next",
        "number": "Invoice", "supplier": "Supplier", "service": "Service", "gross": "Amount incl. tax", "rule": "Rule",
        "step": "Step", "waits": "Waits for", "left": "Days left", "state": "State", "status": "Status on the portal",
        "days": "{days} d", "late": "{days} d late", "stopped": "interrupted or without a délai", "unread": "not read",
        "of": "{step} of {steps}", "back": "Back to the list", "unknown": "No invoice of that name was to be validated here.",
        "by": "validated by {name} on {at}", "is_waiting": "waits for {who}", "later": "then: {who}",
        "steps": "Steps", "history": "Who did what", "when": "On", "who": "By", "what": "Act", "why": "Motive or comment",
        "to": ": {names}", "decide": "Your decision", "comment": "Motive (mandatory to refuse) or comment",
        "accept": "Validate", "decline": "Refuse", "not_yours": "There is nothing for you to decide here.",
        "reassign": "Give this step to others", "reassign_do": "Give", "relaunch": "Begin the validation again",
        "refused": "Refused within by {by} on {at}: “{motive}”. Who works on the invoice may suspend it, send it back or reject it.",
        "gone": "has no habilitation any more",
        "rules": "An invoice received that a rule takes waits for its validation before it is paid. "
        "If several take it, the strictest counts: the most steps, then the highest amount. "
        "A rule is for the invoices that come while it is in force; it is not changed, it ends.",
        "no_rules": "No rule: no invoice waits for internal validation.", "first_step": "First step",
        "second_step": "Second step (optional)", "since": "Since", "until": "Until", "end": "End",
        "any_service": "all", "any_supplier": "all", "from": "From (incl. tax)", "any_amount": "any amount", "add": "Add a rule",
        "code_service": "Code service (empty: all)", "from_amount": "From, in euros incl. tax (empty: any amount)",
        "supplier_siret": "Supplier's SIRET (empty: all)", "create": "Add",
        "members": "One of the validators chosen is enough for each step.",
        "who_may": "Rules are made by who manages the structure's users.", "made": "{at} by {by}", "actions": "Actions",
    },
}  # fmt: skip
