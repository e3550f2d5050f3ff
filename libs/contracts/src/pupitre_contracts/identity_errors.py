"""What identity refuses. Named through :mod:`pupitre_contracts.errors`."""

from .error_base import PupitreError


class SignInRefused(PupitreError):
    """The same answer whether the address is unknown, the password wrong or the account closed for good."""

    code, status = "identity.sign-in-refused", 401
    fr = "Adresse ou mot de passe incorrect. Vérifiez la saisie, ou demandez un nouveau mot de passe."
    en = "Wrong address or password. Check what you typed, or ask for a new password."


class TooManyTries(PupitreError):
    """Too many wrong tries, or too many requests of one kind; ``seconds`` says how long to wait. Known and unknown accounts alike."""

    code, status = "identity.too-many-tries", 429
    fr = "Trop d'essais depuis votre réseau. Le compte n'est pas bloqué : réessayez dans {seconds} seconde(s)."
    en = "Too many tries from your network. The account is not locked: try again in {seconds} second(s)."


class NotActivated(PupitreError):
    """Told only to whoever gave the right password."""

    code, status = "identity.not-activated", 403
    fr = "Votre compte n'est pas encore activé. Suivez le lien reçu par mail, ou demandez-en un nouveau."
    en = "Your account is not activated yet. Follow the link in your mail, or ask for a new one."


class LinkRefused(PupitreError):
    """A link that is unknown, was used, was replaced by a newer one, or is past its life."""

    code, status = "identity.link-refused", 410
    fr = "Ce lien n'est plus valable : il a déjà servi, il a expiré, ou un lien plus récent l'a remplacé. Demandez-en un nouveau."
    en = "This link is no longer valid: it was used, it has expired, or a newer one replaced it. Ask for a new one."


class PasswordWrong(PupitreError):
    code, status = "identity.password-wrong", 422
    fr = "Le mot de passe actuel est incorrect : rien n'a été changé."
    en = "The current password is wrong: nothing was changed."


class SessionEnded(PupitreError):
    code, status = "identity.session-ended", 401
    fr = "Votre session est terminée. Identifiez-vous de nouveau."
    en = "Your session has ended. Sign in again."


class ClientRefused(PupitreError):
    code, status = "identity.client-refused", 400
    fr = "Identifiants d'application inconnus ou secret incorrect."
    en = "Unknown client or wrong secret."


class AccountRefused(PupitreError):
    code, status = "identity.account-refused", 401
    fr = "Compte technique inconnu ou mot de passe incorrect."
    en = "Unknown technical account or wrong password."


class SecretExpired(PupitreError):
    """Told only to whoever gave the secret that was right until it expired (R236)."""

    code, status = "identity.secret-expired", 401
    fr = "{what_fr} du compte technique {login} a expiré le {since} : le gestionnaire principal de la structure doit le renouveler."
    en = "The {what_en} of the technical account {login} expired on {since}: the structure's gestionnaire principal must renew it."


class SecretsShown(PupitreError):
    """The same form was sent again: a second account or secret is not made, and the first one's is not shown twice (R235)."""

    code, status = "identity.secrets-shown", 409
    fr = "Ce compte technique est déjà créé et ses secrets n'ont été affichés qu'une fois. S'ils sont perdus, réinitialisez-les."
    en = "This technical account was created already and its secrets were shown once. If they are lost, reset them."


class AlreadyExported(PupitreError):
    code, status = "identity.already-exported", 409
    fr = "Ces données de connexion ont déjà été exportées : l'export n'est offert qu'une fois. Réinitialisez les secrets s'ils sont perdus."
    en = "These connection data were exported already: the export is offered once. Reset the secrets if they are lost."


class ExternalSignInRefused(PupitreError):
    """The identity provider's answer is not believed, or the account it leads to is closed; what is wrong with a token is in no text."""

    code, status = "identity.external-sign-in-refused", 401
    fr = "La connexion par le portail d'identité est refusée : {why_fr}. Recommencez ; si cela persiste, prévenez le support."
    en = "Signing in through the identity portal is refused: {why_en}. Start again; if it persists, tell support."


class ProviderUnavailable(PupitreError):
    code, status = "identity.provider-unavailable", 503
    fr = "Le portail d'identité ne répond pas. Réessayez dans quelques instants."
    en = "The identity portal does not answer. Try again shortly."


class LocalSignInClosed(PupitreError):
    """Told only to whoever gave the right password (R024)."""

    code, status = "identity.local-sign-in-closed", 403
    fr = "Les utilisateurs de votre type de structure se connectent par le portail d'identité, et non par mot de passe."
    en = "The users of your type of structure sign in through the identity portal, and not by password."


class UserExists(PupitreError):
    code, status = "identity.user-exists", 409
    fr = "Un compte existe déjà pour l'adresse {email}."
    en = "An account already exists for the address {email}."


class PasswordTooWeak(PupitreError):
    code, status = "identity.password-too-weak", 422
    fr = "Mot de passe refusé : {why_fr}."
    en = "Password refused: {why_en}."


class SecondFactorNeeded(PupitreError):
    """The password is right and the account asks for a code too; ``challenge`` goes with it to SignInWithCode."""

    code, status = "identity.second-factor-needed", 401
    fr = "Saisissez le code à six chiffres de votre application d'authentification, ou un code de secours."
    en = "Type the six-digit code of your authenticator, or a recovery code."


class CodeWrong(PupitreError):
    """Also for a code that served already."""

    code, status = "identity.code-wrong", 422
    fr = "Ce code est incorrect ou a déjà servi. Attendez le prochain code, ou prenez un code de secours."
    en = "This code is wrong or was used already. Wait for the next code, or take a recovery code."


class SignInExpired(PupitreError):
    code, status = "identity.sign-in-expired", 401
    fr = "Le code n'a pas été donné à temps, ou trop de codes étaient faux. Recommencez la connexion."
    en = "The code was not given in time, or too many codes were wrong. Sign in again."


class AccountDeactivated(PupitreError):
    """Told only to whoever gave the right password; ``over`` says that the 60 days are, ``until`` is the last day, YYYY-MM-DD."""

    code, status = "identity.account-deactivated", 403
    fr = "Votre compte est désactivé."
    en = "Your account is deactivated."


class ReactivationOver(PupitreError):
    code, status = "identity.reactivation-over", 410
    fr = "Ce compte est désactivé depuis plus de 60 jours : il ne peut plus être réactivé ici. Écrivez au support."
    en = "This account was deactivated more than 60 days ago: it can no longer be reactivated here. Write to the support."


class AnswerWrong(PupitreError):
    code, status = "identity.answer-wrong", 422
    fr = "La réponse à la question secrète est incorrecte. Essais restants dans les 24 heures : {left}."
    en = "The answer to the secret question is wrong. Tries left within 24 hours: {left}."
