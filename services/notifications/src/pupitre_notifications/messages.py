"""The texts of the mails, in French and English. Plain text: no secret, no bank number, one link to the object."""

from collections.abc import Mapping
from dataclasses import dataclass

from pupitre_espaces import statuses

STATUS_LABELS = {code: (label.fr, label.en) for code, label in statuses.LABELS.items()}

WHAT_TO_DO = {
    "A_RECYCLER": (
        "Corrigez le destinataire, le code service ou le numéro d'engagement, puis renvoyez la facture sous le même numéro.",
        "Correct the recipient, the code service or the engagement, then send the invoice again under the same number.",
    ),
    "SUSPENDUE": (
        "Ajoutez la pièce ou le commentaire demandé, puis complétez la facture.",
        "Add the document or the comment asked for, then complete the invoice.",
    ),
    "REJETEE": (
        "Émettez une nouvelle facture corrigée, sous un nouveau numéro.",
        "Issue a corrected invoice under a new number.",
    ),
}

FLUX_LABELS = {
    "IN_INTEGRE": ("toutes les factures ont été intégrées", "every invoice was integrated"),
    "IN_INTEGRE_PARTIEL": ("une partie des factures a été intégrée", "part of the invoices was integrated"),
    "IN_REJETE": ("aucune facture n'a été intégrée", "no invoice was integrated"),
    "IN_INCIDENTE": ("le flux n'a pas pu être traité ; déposez-le de nouveau", "the flux could not be processed; deposit it again"),
}

TECHNICAL_SECRETS = {"password": ("mot de passe", "password"), "client_secret": ("secret d'application", "client secret")}

#: (the structure, its users) -> what a gestionnaire secondaire manages.
FIELDS_OF_ACTION = {
    (True, True): ("la structure et ses utilisateurs", "the structure and its users"),
    (True, False): ("la structure", "the structure"),
    (False, True): ("les utilisateurs de la structure", "the structure's users"),
    (False, False): ("", ""),
}
DECISIONS = {"APPROUVE": ("approuvée", "approved"), "REFUSE": ("refusée", "refused")}


@dataclass(frozen=True)
class Template:
    """Subject and body in both languages, with ``{names}`` filled from the event."""

    subject_fr: str
    subject_en: str
    body_fr: str
    body_en: str

    def render(self, language: str, values: Mapping[str, str]) -> tuple[str, str]:
        """Return subject (one line) and body."""
        subject, body = (self.subject_en, self.body_en) if language == "en" else (self.subject_fr, self.body_fr)
        return " ".join(subject.format_map(values).split()), body.format_map(values)


SIGNATURE_FR = "\n\n{link}\n\nCe message est envoyé par Pupitre. Aucun lien ne vous demandera jamais votre mot de passe.\n"
SIGNATURE_EN = "\n\n{link}\n\nThis message was sent by Pupitre. No link will ever ask for your password.\n"

LINK_MARK = "[…]"
"""Stands where a link will be that is not stored."""

TEMPLATES = {
    "account-activation": Template(
        "Activez votre compte Pupitre",
        "Activate your Pupitre account",
        "Bonjour {given_name},\n\nUn compte a été demandé avec l'adresse {email}. Pour l'activer, ouvrez le lien ci-dessous dans les trois "
        "jours et donnez le mot de passe que vous avez choisi. Si vous n'avez rien demandé, ne faites rien : ce compte ne servira à "
        "personne.\n\n{link}\n\nCe message est envoyé par Pupitre.\n",
        "Hello {given_name},\n\nAn account was asked for with the address {email}. To activate it, open the link below within three days "
        "and give the password that you chose. If you asked for nothing, do nothing: nobody will be able to use this account.\n\n"
        "{link}\n\nThis message was sent by Pupitre.\n",
    ),
    "account-reset": Template(
        "Choisissez un nouveau mot de passe",
        "Choose a new password",
        "Bonjour {given_name},\n\nUn nouveau mot de passe a été demandé pour {email}. Ouvrez le lien ci-dessous dans la demi-heure pour "
        "le choisir. Si vous n'avez rien demandé, ne faites rien : votre mot de passe reste le même.\n\n{link}\n\n"
        "Ce message est envoyé par Pupitre. Personne ne vous demandera jamais votre mot de passe actuel.\n",
        "Hello {given_name},\n\nA new password was asked for {email}. Open the link below within half an hour to choose it. If you asked "
        "for nothing, do nothing: your password stays the same.\n\n{link}\n\n"
        "This message was sent by Pupitre. Nobody will ever ask for your present password.\n",
    ),
    "account-activated": Template(
        "Votre compte Pupitre est activé",
        "Your Pupitre account is active",
        "Bonjour {given_name},\n\nVotre compte {email} est activé : vous pouvez vous connecter." + SIGNATURE_FR,
        "Hello {given_name},\n\nYour account {email} is active: you can sign in." + SIGNATURE_EN,
    ),
    "account-exists": Template(
        "Vous avez déjà un compte Pupitre",
        "You already have a Pupitre account",
        "Bonjour {given_name},\n\nQuelqu'un a voulu créer un compte avec l'adresse {email}, qui en a déjà un. Rien n'a été changé. "
        "Si c'était vous et que le mot de passe est oublié, demandez-en un nouveau." + SIGNATURE_FR,
        "Hello {given_name},\n\nSomebody tried to create an account with the address {email}, which has one already. Nothing was changed. "
        "If it was you and the password is forgotten, ask for a new one." + SIGNATURE_EN,
    ),
    "password-changed": Template(
        "Votre mot de passe a été changé",
        "Your password was changed",
        "Bonjour {given_name},\n\nLe mot de passe de votre compte {email} vient d'être changé, et vos autres sessions sont terminées. "
        "Si ce n'était pas vous, demandez tout de suite un nouveau mot de passe." + SIGNATURE_FR,
        "Hello {given_name},\n\nThe password of your account {email} was just changed, and your other sessions have ended. "
        "If it was not you, ask for a new password at once." + SIGNATURE_EN,
    ),
    "account-reactivation": Template(
        "Réactivez votre compte Pupitre",
        "Reactivate your Pupitre account",
        "Bonjour {given_name},\n\nLa réactivation du compte {email} a été demandée. Ouvrez le lien ci-dessous dans les 24 "
        "heures pour choisir "
        "un nouveau mot de passe. Si vous n'avez rien demandé, ne faites rien : le compte reste désactivé.\n\n{link}\n\n"
        "Ce message est envoyé par Pupitre. Personne ne vous demandera jamais votre mot de passe actuel.\n",
        "Hello {given_name},\n\nThe reactivation of the account {email} was asked for. Open the link below within 24 hours to choose a new "
        "password. If you asked for nothing, do nothing: the account stays deactivated.\n\n{link}\n\n"
        "This message was sent by Pupitre. Nobody will ever ask for your present password.\n",
    ),
    "account-reopening": Template(
        "Votre compte Pupitre peut être rouvert",
        "Your Pupitre account can be opened again",
        "Bonjour {given_name},\n\nÀ votre demande, le support rouvre le compte {email}. Ouvrez le lien ci-dessous dans les "
        "trois jours pour "
        "choisir un nouveau mot de passe.\n\n{link}\n\nCe message est envoyé par Pupitre.\n",
        "Hello {given_name},\n\nAt your request, the support opens the account {email} again. Open the link below within three "
        "days to choose "
        "a new password.\n\n{link}\n\nThis message was sent by Pupitre.\n",
    ),
    "account-deactivated": Template(
        "Votre compte Pupitre est désactivé",
        "Your Pupitre account is deactivated",
        "Bonjour {given_name},\n\nVotre compte {email} est désactivé, et toutes vos sessions sont terminées. Vous pouvez le réactiver "
        "jusqu'au {until} inclus : demandez un lien à la page ci-dessous. Ensuite, il faudra écrire au support. Si ce n'était pas vous, "
        "réactivez-le tout de suite." + SIGNATURE_FR,
        "Hello {given_name},\n\nYour account {email} is deactivated, and all your sessions have ended. You can reactivate it until {until} "
        "included: ask for a link on the page below. After that, you will have to write to the support. If it was not you, "
        "reactivate it at "
        "once." + SIGNATURE_EN,
    ),
    "account-reactivated": Template(
        "Votre compte Pupitre est réactivé",
        "Your Pupitre account is active again",
        "Bonjour {given_name},\n\nVotre compte {email} est réactivé, avec un nouveau mot de passe. Vos rattachements sont "
        "conservés ; les rôles "
        "de gestionnaire principal que vous avez transmis restent à vos successeurs. Si ce n'était pas vous, écrivez au support."
        + SIGNATURE_FR,
        "Hello {given_name},\n\nYour account {email} is active again, with a new password. Your rattachements were kept; the roles of "
        "gestionnaire principal that you handed over stay with your successors. If it was not you, write to the support." + SIGNATURE_EN,
    ),
    "second-factor-enabled": Template(
        "La connexion à votre compte demande maintenant un code",
        "Signing in to your account now asks for a code",
        "Bonjour {given_name},\n\nUn second facteur d'authentification vient d'être activé pour {email} : se connecter demande "
        "aussi le code "
        "d'une application. Gardez vos codes de secours en lieu sûr. Si ce n'était pas vous, écrivez tout de suite au support."
        + SIGNATURE_FR,
        "Hello {given_name},\n\nA second factor was just turned on for {email}: signing in asks for the code of an application "
        "too. Keep your "
        "recovery codes in a safe place. If it was not you, write to the support at once." + SIGNATURE_EN,
    ),
    "second-factor-disabled": Template(
        "La connexion à votre compte ne demande plus de code",
        "Signing in to your account asks for no code any more",
        "Bonjour {given_name},\n\nLe second facteur d'authentification de {email} vient d'être désactivé : le mot de passe "
        "suffit de nouveau. "
        "Si ce n'était pas vous, changez tout de suite de mot de passe et écrivez au support." + SIGNATURE_FR,
        "Hello {given_name},\n\nThe second factor of {email} was just turned off: the password is enough again. If it was not "
        "you, change your "
        "password at once and write to the support." + SIGNATURE_EN,
    ),
    "support-sollicitation": Template(
        "Sollicitation n° {number} de {name}",
        "Sollicitation no. {number} from {name}",
        "Sollicitation n° {number}, envoyée le {sent_at} sans connexion vérifiée.\nNom : {name}\nAdresse pour la réponse : "
        "{email}\n\n{message}\n",
        "Sollicitation no. {number}, sent on {sent_at} by somebody whom no sign-in proves.\nName: {name}\nAddress for the "
        "answer: {email}\n\n"
        "{message}\n",
    ),
    "support-received": Template(
        "Votre sollicitation n° {number} est enregistrée",
        "Your sollicitation no. {number} was received",
        "Bonjour,\n\nLe support a reçu votre sollicitation n° {number} et répondra à cette adresse." + SIGNATURE_FR,
        "Hello,\n\nThe support received your sollicitation no. {number} and will answer to this address." + SIGNATURE_EN,
    ),
    "invoice-received": Template(
        "Facture reçue : n° {number} de {supplier}",
        "Invoice received: no. {number} from {supplier}",
        "Bonjour {given_name},\n\nLa facture n° {number} de {supplier}, d'un montant de {gross} {currency} TTC, est à votre disposition "
        "dans l'espace Factures reçues." + SIGNATURE_FR,
        "Hello {given_name},\n\nInvoice no. {number} from {supplier}, for {gross} {currency} including VAT, is available in the espace "
        "Factures reçues." + SIGNATURE_EN,
    ),
    "invoice-completed": Template(
        "Facture complétée : n° {number} de {supplier}",
        "Invoice completed: no. {number} from {supplier}",
        "Bonjour {given_name},\n\nLe fournisseur {supplier} a complété la facture n° {number}, que vous aviez suspendue.\n"
        "Commentaire : {comment}" + SIGNATURE_FR,
        "Hello {given_name},\n\nThe supplier {supplier} completed invoice no. {number}, which you had suspended.\nComment: {comment}"
        + SIGNATURE_EN,
    ),
    "invoice-status": Template(
        "Facture n° {number} : {status_fr}",
        "Invoice no. {number}: {status_en}",
        "Bonjour {given_name},\n\nVotre facture n° {number} adressée à {recipient} est maintenant au statut « {status_fr} »."
        + SIGNATURE_FR,
        "Hello {given_name},\n\nYour invoice no. {number} to {recipient} now has the status “{status_en}”." + SIGNATURE_EN,
    ),
    "invoice-returned": Template(
        "Facture n° {number} : {status_fr}, une action est attendue",
        "Invoice no. {number}: {status_en}, something is expected of you",
        "Bonjour {given_name},\n\n{recipient} a passé votre facture n° {number} au statut « {status_fr} ».\n\nMotif : {motive}\n"
        "Commentaire : {comment}\n\nQue faire ? {todo_fr}" + SIGNATURE_FR,
        "Hello {given_name},\n\n{recipient} moved your invoice no. {number} to the status “{status_en}”.\n\nMotive: {motive}\n"
        "Comment: {comment}\n\nWhat to do? {todo_en}" + SIGNATURE_EN,
    ),
    "flux-processed": Template(
        "Flux {numero_flux} : {outcome_fr}",
        "Flux {numero_flux}: {outcome_en}",
        "Bonjour {given_name},\n\nLe flux {numero_flux} est traité : {outcome_fr}.\nFactures intégrées : {accepted}\n"
        "Factures refusées : {refused}" + SIGNATURE_FR,
        "Hello {given_name},\n\nThe flux {numero_flux} is processed: {outcome_en}.\nInvoices integrated: {accepted}\n"
        "Invoices refused: {refused}" + SIGNATURE_EN,
    ),
    "rattachement-requested": Template(
        "Demande de rattachement n° {number} : {requester}",
        "Request for rattachement no. {number}: {requester}",
        "Bonjour {given_name},\n\n{requester} demande à être rattaché(e) à {structure}.\nCommentaire : {comment}\n\n"
        "Approuvez ou refusez sa demande dans le menu Approbations." + SIGNATURE_FR,
        "Hello {given_name},\n\n{requester} asks for a rattachement to {structure}.\nComment: {comment}\n\n"
        "Approve or refuse the request in the menu Approbations." + SIGNATURE_EN,
    ),
    "habilitation-requested": Template(
        "Demande d'habilitation n° {number} : {requester}",
        "Request for habilitations no. {number}: {requester}",
        "Bonjour {given_name},\n\n{requester} demande pour {structure} : {wishes}.\nCommentaire : {comment}\n\n"
        "Approuvez ou refusez sa demande dans le menu Approbations." + SIGNATURE_FR,
        "Hello {given_name},\n\n{requester} asks for habilitations of {structure}: {wishes}.\nComment: {comment}\n\n"
        "Approve or refuse the request in the menu Approbations." + SIGNATURE_EN,
    ),
    "approbation-decided": Template(
        "Votre demande n° {number} est {outcome_fr}",
        "Your request no. {number} is {outcome_en}",
        "Bonjour {given_name},\n\nVotre demande n° {number} pour {structure} est {outcome_fr}.\nMotif : {motive}" + SIGNATURE_FR,
        "Hello {given_name},\n\nYour request no. {number} for {structure} is {outcome_en}.\nMotive: {motive}" + SIGNATURE_EN,
    ),
    "attached": Template(
        "Vous êtes rattaché(e) à {structure}",
        "You are attached to {structure}",
        "Bonjour {given_name},\n\nUn gestionnaire vous a rattaché(e) à {structure}. Vos habilitations sont sur la page Mon compte."
        + SIGNATURE_FR,
        "Hello {given_name},\n\nA gestionnaire attached you to {structure}. Your habilitations are on the page of your account."
        + SIGNATURE_EN,
    ),
    "detached": Template(
        "Vous n'êtes plus rattaché(e) à {structure}",
        "You are no longer attached to {structure}",
        "Bonjour {given_name},\n\nUn gestionnaire a mis fin à votre rattachement à {structure} et à vos habilitations." + SIGNATURE_FR,
        "Hello {given_name},\n\nA gestionnaire ended your rattachement to {structure} and your habilitations." + SIGNATURE_EN,
    ),
    "gs-named": Template(
        "Vous êtes gestionnaire secondaire de {structure}",
        "You are gestionnaire secondaire of {structure}",
        "Bonjour {given_name},\n\nVous gérez désormais {fields_fr} : {structure}." + SIGNATURE_FR,
        "Hello {given_name},\n\nFrom now on you manage {fields_en}: {structure}." + SIGNATURE_EN,
    ),
    "gs-ended": Template(
        "Vous n'êtes plus gestionnaire secondaire de {structure}",
        "You are no longer gestionnaire secondaire of {structure}",
        "Bonjour {given_name},\n\nVous ne gérez plus {structure} ; vous y restez rattaché(e) comme utilisateur simple." + SIGNATURE_FR,
        "Hello {given_name},\n\nYou no longer manage {structure}; you stay attached as a simple user." + SIGNATURE_EN,
    ),
    "mandat-given": Template(
        "Mandat de facturation n° {number}",
        "Mandat de facturation no. {number}",
        "Bonjour {given_name},\n\n{structure} autorise {mandataire} à déposer des factures pour elle, du {starts_on} au {ends_on}. "
        "Chacune des deux structures peut y mettre fin à tout moment." + SIGNATURE_FR,
        "Hello {given_name},\n\n{structure} lets {mandataire} deposit invoices for it, from {starts_on} to {ends_on}. Either structure "
        "can end this at any time." + SIGNATURE_EN,
    ),
    "mandat-ended": Template(
        "Fin du mandat de facturation n° {number}",
        "End of mandat de facturation no. {number}",
        "Bonjour {given_name},\n\n{mandataire} ne dépose plus de factures pour {structure} : le mandat a pris fin." + SIGNATURE_FR,
        "Hello {given_name},\n\n{mandataire} no longer deposits invoices for {structure}: the mandat has ended." + SIGNATURE_EN,
    ),
    "annuaire-file": Template(
        "Annuaire des structures publiques : {file}",
        "Annuaire of public structures: {file}",
        "Bonjour {given_name},\n\nLe fichier complet de l'annuaire (flux FAR37), {rows} lignes, est prêt : page « Fichiers de l'annuaire » "
        "de votre structure, ou API. Les jours suivants, vos outils y trouvent les modifications. L'abonnement prend fin sur la même page."
        + SIGNATURE_FR,
        "Hello {given_name},\n\nThe whole file of the annuaire (flux FAR37), {rows} lines, is ready: page « Files of the annuaire » of "
        "your structure, or API. On the following days your tools find the changes there. The subscription is ended on the same page."
        + SIGNATURE_EN,
    ),
    "gp-handed-over": Template(
        "Le rôle de gestionnaire principal de {structure} est transmis",
        "The role of gestionnaire principal of {structure} was handed over",
        "Bonjour {given_name},\n\nVous n'êtes plus gestionnaire principal de {structure} ; vous y restez rattaché(e) comme utilisateur "
        "simple." + SIGNATURE_FR,
        "Hello {given_name},\n\nYou are no longer gestionnaire principal of {structure}; you stay attached as a simple user."
        + SIGNATURE_EN,
    ),
    "gp-received": Template(
        "Vous êtes gestionnaire principal de {structure}",
        "You are gestionnaire principal of {structure}",
        "Bonjour {given_name},\n\nLe rôle de gestionnaire principal de {structure} vous est transmis : vous approuvez les demandes et "
        "réglez espaces, services et habilitations." + SIGNATURE_FR,
        "Hello {given_name},\n\nThe role of gestionnaire principal of {structure} was handed over to you: you decide requests and set "
        "espaces, services and habilitations." + SIGNATURE_EN,
    ),
    "technical-secret-reset": Template(
        "Compte technique réinitialisé : {structure}",
        "Technical account reset: {structure}",
        "Bonjour {given_name},\n\nLe compte technique {account} de {structure} a été réinitialisé par {by_fr} : {kinds_fr}. Ce qui servait "
        "jusque-là est refusé dès maintenant : mettez à jour le paramétrage des systèmes qui l'utilisent. Ce qui le remplace a été affiché "
        "une seule fois au portail, et n'est dans aucun message. Il expire le {expires_on}.\n\nSi cette réinitialisation n'est pas "
        "attendue, révoquez ce compte technique." + SIGNATURE_FR,
        "Hello {given_name},\n\nThe technical account {account} of {structure} was reset by {by_en}: {kinds_en}. What was used until then "
        "is refused from now on: update the systems that use it. What replaces it was shown once on the portal, and is in no message. "
        "It expires on {expires_on}.\n\nIf this reset was not expected, revoke this technical account." + SIGNATURE_EN,
    ),
    "technical-secret-rotation": Template(
        "Compte technique renouvelé : {structure}",
        "Technical account renewed: {structure}",
        "Bonjour {given_name},\n\nLe compte technique {account} de {structure} a été renouvelé par {by_fr} : {kinds_fr}. L'ancien et le "
        "nouveau sont acceptés jusqu'au {former_until} : mettez à jour d'ici là le paramétrage des systèmes qui l'utilisent. Le nouveau a "
        "été affiché une seule fois au portail, et n'est dans aucun message. Il expire le {expires_on}." + SIGNATURE_FR,
        "Hello {given_name},\n\nThe technical account {account} of {structure} was renewed by {by_en}: {kinds_en}. The former and the new "
        "are both accepted until {former_until}: update the systems that use it until then. The new one was shown once on the portal, and "
        "is in no message. It expires on {expires_on}." + SIGNATURE_EN,
    ),
    "technical-secret-expiring": Template(
        "Compte technique : expiration dans {days_fr}, {structure}",
        "Technical account: expires in {days_en}, {structure}",
        "Bonjour {given_name},\n\nLe compte technique {account} de {structure} cessera d'ouvrir l'API dans {days_fr}, le {expires_on} : "
        "{kinds_fr}. Renouvelez-le avant cette date avec un recouvrement, pour que les systèmes qui l'utilisent ne s'arrêtent pas."
        + SIGNATURE_FR,
        "Hello {given_name},\n\nThe technical account {account} of {structure} will stop opening the API in {days_en}, on {expires_on}: "
        "{kinds_en}. Renew it before that date with an overlap, so that the systems that use it do not stop." + SIGNATURE_EN,
    ),
    "technical-secret-expired": Template(
        "Compte technique expiré : {structure}",
        "Technical account expired: {structure}",
        "Bonjour {given_name},\n\nLe compte technique {account} de {structure} a expiré le {expires_on} : {kinds_fr}. Les systèmes qui "
        "l'utilisent sont refusés par l'API jusqu'à sa réinitialisation." + SIGNATURE_FR,
        "Hello {given_name},\n\nThe technical account {account} of {structure} expired on {expires_on}: {kinds_en}. The API refuses the "
        "systems that use it until it is reset." + SIGNATURE_EN,
    ),
    "news": Template(
        "{title}",
        "{title}",
        "Bonjour {given_name},\n\n{text}" + SIGNATURE_FR,
        "Hello {given_name},\n\n{text}" + SIGNATURE_EN,
    ),
}
