"""The closed list of errors that services answer with.

Each has a stable ``code`` (what programs match), an HTTP ``status``, and a text in French and English that says what is wrong,
why, and how to mend it. ``details`` carry what the texts name; they travel as JSON.
"""

from typing import Any, ClassVar

ALL: dict[str, type["PupitreError"]] = {}


class PupitreError(Exception):
    """Base of every error that crosses a service's border."""

    code: ClassVar[str] = ""
    status: ClassVar[int] = 500
    fr: ClassVar[str] = ""
    en: ClassVar[str] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.code in ALL:
            raise TypeError(f"error code {cls.code} is taken by {ALL[cls.code].__name__}")
        ALL[cls.code] = cls

    def __init__(self, **details: Any) -> None:
        super().__init__(self.code)
        self.details = details

    def message(self, language: str = "fr") -> str:
        """Return the text in ``fr`` or ``en``, with the details filled in."""
        template = self.en if language == "en" else self.fr
        return template.format_map(_Lenient(self.details))

    def dump(self) -> dict[str, Any]:
        return {"code": self.code, "details": self.details}

    def __str__(self) -> str:
        return f"{self.code}: {self.message('en')}"


class _Lenient(dict):
    """An absent detail leaves an ellipsis: an error text must never be the cause of another error."""

    def __missing__(self, key: str) -> str:
        return "…"


class Internal(PupitreError):
    """The service failed; the incident number leads to its log, which alone holds the cause."""

    code, status = "internal", 500
    fr = "Une erreur interne est survenue. Communiquez le numéro d'incident {incident} au support."
    en = "An internal error occurred. Give incident number {incident} to support."


class Unavailable(PupitreError):
    """The service does not answer at all: stopped, or not reachable."""

    code, status = "service-unavailable", 503
    fr = "Le service « {service} » est momentanément indisponible. Rien n'a été perdu : réessayez dans quelques instants."
    en = "The service “{service}” is unavailable for the moment. Nothing was lost: try again shortly."


class TimedOut(PupitreError):
    """The answer did not come in time; whether the work was done is unknown, so repeat with the same idempotency key."""

    code, status = "service-timeout", 504
    fr = "Le service « {service} » n'a pas répondu à temps. Réessayez : une opération déjà faite ne sera pas refaite."
    en = "The service “{service}” did not answer in time. Try again: what was done will not be done twice."


class UnknownCall(PupitreError):
    code, status = "unknown-call", 501
    fr = "Le service « {service} » ne connaît pas l'opération « {method} »."
    en = "The service “{service}” does not know the operation “{method}”."


class Invalid(PupitreError):
    """Values that do not fit the contract; ``fields`` maps each faulty field to its faults."""

    code, status = "invalid", 422
    fr = "Données invalides ({what}) : {fields}. Corrigez les champs nommés."
    en = "Invalid data ({what}): {fields}. Correct the named fields."


class NotFound(PupitreError):
    """The thing does not exist, or the actor may not know that it does."""

    code, status = "not-found", 404
    fr = "Introuvable : {what}."
    en = "Not found: {what}."


class Conflict(PupitreError):
    """The thing changed since it was read: read it again."""

    code, status = "conflict", 409
    fr = "L'objet a changé entre-temps ({what}). Rechargez la page puis recommencez."
    en = "The object changed meanwhile ({what}). Reload the page and start again."


class IdempotencyMismatch(PupitreError):
    code, status = "idempotency.mismatch", 422
    fr = "Cette clé d'idempotence a déjà servi pour une autre demande. Utilisez une clé neuve par demande."
    en = "This idempotency key was used for another request. Use a new key for each request."


class IdempotencyInProgress(PupitreError):
    code, status = "idempotency.in-progress", 409
    fr = "Une demande portant la même clé d'idempotence est en cours. Réessayez dans quelques instants."
    en = "A request with the same idempotency key is in progress. Try again shortly."


class ActorMissing(PupitreError):
    code, status = "actor.missing", 401
    fr = "Identifiez-vous pour continuer."
    en = "Sign in to continue."


class ActorInvalid(PupitreError):
    code, status = "actor.invalid", 401
    fr = "L'identité présentée n'est pas valable ou a expiré. Identifiez-vous de nouveau."
    en = "The identity presented is not valid or has expired. Sign in again."


class Forbidden(PupitreError):
    """The actor is known, sees the thing, and lacks the habilitation that ``needed`` names."""

    code, status = "forbidden", 403
    fr = "Vous n'avez pas l'habilitation nécessaire : {needed}. Demandez-la à un gestionnaire de la structure."
    en = "You lack the habilitation needed: {needed}. Ask a gestionnaire of the structure for it."


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


class StructureExists(PupitreError):
    code, status = "organisation.structure-exists", 409
    fr = "Une structure porte déjà l'identifiant {identifier}. Demandez un rattachement à cette structure."
    en = "A structure already has the identifier {identifier}. Ask for a rattachement to it."


class IdentifierWrong(PupitreError):
    code, status = "organisation.identifier-wrong", 422
    fr = "L'identifiant {identifier} n'est pas un {kind} valable : {why_fr}."
    en = "The identifier {identifier} is not a valid {kind}: {why_en}."


class StructureServiceExists(PupitreError):
    code, status = "organisation.structure-service-exists", 409
    fr = "Le code service {code} existe déjà dans cette structure."
    en = "The code service {code} already exists in this structure."


class EspaceUnknown(PupitreError):
    code, status = "organisation.espace-unknown", 404
    fr = "L'espace « {espace} » n'existe pas ou n'est pas destiné à ce type de structure."
    en = "The espace “{espace}” does not exist, or is not meant for this type of structure."


class EspaceClosed(PupitreError):
    code, status = "organisation.espace-closed", 403
    fr = "L'espace « {espace} » n'est pas ouvert pour la structure {structure}. Un gestionnaire peut l'ajouter."
    en = "The espace “{espace}” is not open for the structure {structure}. A gestionnaire can add it."


class RequestPointless(PupitreError):
    code, status = "organisation.request-pointless", 409
    fr = "Demande inutile : {why_fr}."
    en = "Nothing to ask for: {why_en}."


class RequestDecided(PupitreError):
    code, status = "organisation.request-decided", 409
    fr = "La demande n° {number} a déjà été traitée."
    en = "Request no. {number} was dealt with already."


class SuccessorNeeded(PupitreError):
    code, status = "organisation.successor-needed", 409
    fr = "Le gestionnaire principal de {structure} ne peut pas être détaché : transmettez d'abord son rôle à un autre utilisateur."
    en = "The gestionnaire principal of {structure} can't be detached: hand the role over to another user first."


class StructureStateSame(PupitreError):
    code, status = "organisation.structure-state-same", 409
    fr = "La structure {structure} est déjà {state_fr} : il n'y a rien à changer."
    en = "The structure {structure} is {state_en} already: there is nothing to change."


class MotiveNeeded(PupitreError):
    """Something that the operator of the platform has to decide was asked for without saying why (R069)."""

    code, status = "organisation.motive-needed", 422
    fr = "Un motif est nécessaire : {why_fr}. L'exploitant de la plateforme décidera."
    en = "A motive is needed: {why_en}. The operator of the platform will decide."


class SireneUnavailable(PupitreError):
    """The installation names no source of SIRENE facts, or it cannot be read."""

    code, status = "organisation.sirene-unavailable", 503
    fr = "La base INSEE n'est pas consultable : {why_fr}. Rien n'a été changé."
    en = "The INSEE register can't be consulted: {why_en}. Nothing was changed."


class SireneUnknown(PupitreError):
    code, status = "organisation.sirene-unknown", 404
    fr = "L'établissement {siret} ne figure pas dans la base INSEE consultée. Rien n'a été changé."
    en = "The establishment {siret} is not in the INSEE register consulted. Nothing was changed."


class BankDetailsExist(PupitreError):
    code, status = "organisation.bank-details-exist", 409
    fr = "La structure a déjà des coordonnées bancaires nommées « {name} ». Choisissez un autre nom."
    en = "The structure already has bank details called “{name}”. Choose another name."


class TooManyKept(PupitreError):
    code, status = "organisation.too-many-kept", 409
    fr = "La structure garde déjà {most} éléments de ce genre. Supprimez-en avant d'en ajouter."
    en = "The structure already keeps {most} things of this kind. Delete some before adding more."


class SuccessorsNeeded(PupitreError):
    code, status = "organisation.successors-needed", 409
    fr = "Désignez d'abord un successeur pour chaque structure dont vous êtes le gestionnaire principal : {structures}."
    en = "First name a successor for each structure of which you are the gestionnaire principal: {structures}."


class SuccessorByOperator(PupitreError):
    code, status = "organisation.successor-by-operator", 409
    fr = "Le gestionnaire principal d'une structure publique est désigné par l'exploitant du portail ({structures}) : écrivez au support."
    en = "The gestionnaire principal of a public structure is named by the portal's operator ({structures}): write to the support."


class MandatExists(PupitreError):
    code, status = "organisation.mandat-exists", 409
    fr = "La structure {structure} dispose déjà d'un mandat de facturation. Mettez-y fin avant d'en donner un autre."
    en = "The structure {structure} has a mandat de facturation already. End it before giving another one."


class MandatOver(PupitreError):
    code, status = "organisation.mandat-ended", 409
    fr = "Le mandat n° {number} a déjà pris fin."
    en = "Mandat no. {number} has ended already."


class InvoiceRefused(PupitreError):
    """The file or its routing was refused; ``findings`` says each problem with rule, term and remedy."""

    code, status = "invoicing.invoice-refused", 422
    fr = "La facture est refusée : {count} problème(s), étape « {stage} ». Corrigez-les puis recommencez."
    en = "The invoice is refused: {count} problem(s), stage “{stage}”. Correct them and start again."


class DuplicateInvoice(PupitreError):
    """The supplier already used this number; the first invoice is untouched (H.7)."""

    code, status = "invoicing.duplicate", 409
    fr = "Le numéro de facture {number} a déjà été utilisé par ce fournisseur. Émettez la facture sous un nouveau numéro."
    en = "The invoice number {number} was already used by this supplier. Issue the invoice under a new number."


class TransitionForbidden(PupitreError):
    code, status = "invoicing.transition-forbidden", 409
    fr = "Une facture au statut « {status_from} » ne peut pas passer à « {status_to} ». Statuts possibles : {allowed}."
    en = "An invoice with status “{status_from}” cannot move to “{status_to}”. Possible: {allowed}."


class MotiveMissing(PupitreError):
    code, status = "invoicing.motive-missing", 422
    fr = "Un motif est obligatoire pour passer au statut « {status_to} » : le fournisseur doit savoir que corriger."
    en = "A motive is required to move to “{status_to}”: the supplier must know what to correct."


class FluxRefused(PupitreError):
    """The flux could not be accepted for processing: wrong syntax code, unreadable or oversized archive."""

    code, status = "invoicing.flux-refused", 422
    fr = "Le flux est refusé : {why_fr}."
    en = "The flux is refused: {why_en}."


class EngineFailed(PupitreError):
    """The rules engine could not give a verdict; the file is neither valid nor invalid."""

    code, status = "invoicing.engine-failed", 503
    fr = "Le moteur de règles n'a pas pu se prononcer sur ce fichier. Réessayez ; si cela persiste, signalez l'incident {incident}."
    en = "The rules engine could not judge this file. Try again; if it persists, report incident {incident}."


def load(raw: dict[str, Any]) -> PupitreError:
    """Rebuild an error from its ``dump()``; an unknown code becomes :class:`Internal`."""
    cls = ALL.get(raw.get("code", ""))
    if cls is None:
        return Internal(incident=str(raw.get("code")))
    return cls(**raw.get("details", {}))
