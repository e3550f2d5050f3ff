"""What the assistant says, in both languages."""

TEXTS = {
    "fr": {
        "title": "Assistant",
        "me": "Vous :",
        "assistant": "Assistant :",
        "say": "Posez votre question",
        "send": "Envoyer",
        "human": "Écrire au support ou au service destinataire",
        "greeting": "Bonjour. Choisissez un sujet ou posez votre question avec vos mots ; je suis là à toute heure.",
        "password": "1. Déconnectez-vous, puis ouvrez « Mot de passe oublié » (/mot-de-passe/oublie).\n"
        "2. Donnez votre adresse : un lien vous est envoyé s'il existe un compte.\n"
        "3. Suivez ce lien et choisissez un nouveau mot de passe. L'ancien ne fonctionne plus et vos autres sessions sont fermées.",
        "activation": "1. Cherchez le message dans les indésirables : le lien vaut 48 heures.\n"
        "2. Sinon ouvrez « Renvoyer le lien d'activation » (/activation) et donnez votre adresse : l'ancien lien est annulé.\n"
        "3. Suivez le nouveau lien : votre compte est actif, vous pouvez vous connecter.",
        "structure": "1. Ouvrez Organisation, puis la structure (/structures/).\n"
        "2. Le gestionnaire principal y trouve « Rendre inactive » ou « Réactiver ».\n"
        "3. Inactive, la structure ne reçoit plus de factures ; celles qu'elle a restent à traiter. La réactivation a effet aussitôt.",
        "which-invoice": "Quel est le numéro de la facture ?",
        "no-invoice": "Je ne trouve pas de facture « {number} » parmi celles que vous voyez. Vérifiez le numéro, ou donnez-en un autre.",
        "invoice-line": "Facture {number}, de {supplier} à {recipient} : {status}.",
        "invoice-more": "Son historique est sur sa page. Pour relancer le service, écrivez-lui une sollicitation.",
        "trainings": "Voici les formations à venir. Choisissez-en une pour vous inscrire.",
        "no-training": "Aucune formation n'est ouverte pour l'instant. Les fiches pratiques sont dans l'aide (/aide/).",
        "registered": "Vous êtes inscrit : {title}, le {day}.",
        "unknown": "Je n'ai pas compris. Choisissez un sujet ci-dessous, dites-le autrement, ou écrivez au support.",
        "rate": "Cela vous a-t-il aidé ?",
        "yes": "Oui",
        "no": "Non",
        "thanks": "Merci de votre avis.",
        "nothing-to-rate": "Rien n'est à noter.",
        "rate-again": "Votre avis n'a pas pu être gardé ; réessayez.",
        "ratings": "Avis sur l'assistant",
        "what": "Sujet",
        "none_rated": "Aucun avis pour l'instant.",
    },
    "en": {
        "title": "Assistant",
        "me": "You:",
        "assistant": "Assistant:",
        "say": "Ask your question",
        "send": "Send",
        "human": "Write to the support or to the recipient's service",
        "greeting": "Hello. Choose a subject or ask in your own words; I am here at any hour.",
        "password": "1. Sign out, then open “Forgotten password” (/mot-de-passe/oublie).\n"
        "2. Give your address: a link is sent to you if there is an account.\n"
        "3. Follow that link and choose a new password. The old one no longer works and your other sessions are closed.",
        "activation": "1. Look for the message among the unwanted ones: the link is good for 48 hours.\n"
        "2. Otherwise open “Send the activation link again” (/activation) and give your address: the old link is void.\n"
        "3. Follow the new link: your account is active, you can sign in.",
        "structure": "1. Open Organisation, then the structure (/structures/).\n"
        "2. The gestionnaire principal finds “Make inactive” or “Reactivate” there.\n"
        "3. While inactive, the structure receives no invoices; those it has remain to be processed. Reactivation takes effect at once.",
        "which-invoice": "What is the number of the invoice?",
        "no-invoice": "I find no invoice “{number}” among those that you see. Check the number, or give another one.",
        "invoice-line": "Invoice {number}, from {supplier} to {recipient}: {status}.",
        "invoice-more": "Its history is on its page. To remind the service, write a sollicitation to it.",
        "trainings": "These are the trainings to come. Choose one to register.",
        "no-training": "No training is open for now. The practical sheets are in the help (/aide/).",
        "registered": "You are registered: {title}, on {day}.",
        "unknown": "I did not understand. Choose a subject below, say it in other words, or write to the support.",
        "rate": "Did this help you?",
        "yes": "Yes",
        "no": "No",
        "thanks": "Thank you for your opinion.",
        "nothing-to-rate": "There is nothing to rate.",
        "rate-again": "Your opinion could not be kept; try again.",
        "ratings": "Opinions on the assistant",
        "what": "Subject",
        "none_rated": "No opinion so far.",
    },
}
