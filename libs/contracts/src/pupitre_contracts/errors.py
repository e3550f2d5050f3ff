"""The closed list of errors that services answer with.

Each has a stable ``code`` (what programs match), an HTTP ``status``, and a text in French and English that says what is wrong,
why, and how to mend it. ``details`` carry what the texts name; they travel as JSON.
"""

from typing import Any

from .error_base import ALL, PupitreError
from .identity_errors import (
    AccountDeactivated,
    AccountRefused,
    AlreadyExported,
    AnswerWrong,
    ClientRefused,
    CodeWrong,
    ExternalSignInRefused,
    LinkRefused,
    LocalSignInClosed,
    NotActivated,
    PasswordTooWeak,
    PasswordWrong,
    ProviderUnavailable,
    ReactivationOver,
    SecondFactorNeeded,
    SecretExpired,
    SecretsShown,
    SessionEnded,
    SignInExpired,
    SignInRefused,
    TooManyTries,
    UserExists,
)
from .organisation_errors import (
    BankDetailsExist,
    EspaceClosed,
    EspaceUnknown,
    IdentifierWrong,
    MandatExists,
    MandatOver,
    MotiveNeeded,
    RequestDecided,
    RequestPointless,
    SireneUnavailable,
    SireneUnknown,
    StructureExists,
    StructureServiceExists,
    StructureStateSame,
    SuccessorByOperator,
    SuccessorNeeded,
    SuccessorsNeeded,
    TooManyKept,
)
from .request_errors import EspaceSilent, GuardSilent, MotiveRefused, PassageBarred, RequestNotReady
from .retention_errors import (
    HoldReleased,
    ListChanged,
    ListClosed,
    NothingExpired,
    UnderHold,
    VisaByProposer,
    VisaMissing,
)

__all__ = [
    "ALL",
    "AccountDeactivated",
    "AccountRefused",
    "ActorInvalid",
    "ActorMissing",
    "AlreadyExported",
    "AnswerWrong",
    "BankDetailsExist",
    "ClientRefused",
    "CodeWrong",
    "Conflict",
    "DuplicateInvoice",
    "EngineFailed",
    "EspaceClosed",
    "EspaceSilent",
    "EspaceUnknown",
    "ExternalSignInRefused",
    "FluxRefused",
    "Forbidden",
    "GuardSilent",
    "HoldReleased",
    "IdempotencyInProgress",
    "IdempotencyMismatch",
    "IdentifierWrong",
    "Internal",
    "Invalid",
    "InvoiceRefused",
    "LinkRefused",
    "ListChanged",
    "ListClosed",
    "LocalSignInClosed",
    "MandatExists",
    "MandatNotRefused",
    "MandatOver",
    "MotiveMissing",
    "MotiveNeeded",
    "MotiveRefused",
    "NotActivated",
    "NotFound",
    "NothingExpired",
    "PassageBarred",
    "PasswordTooWeak",
    "PasswordWrong",
    "ProviderUnavailable",
    "PupitreError",
    "ReactivationOver",
    "RequestDecided",
    "RequestNotReady",
    "RequestPointless",
    "SecondFactorNeeded",
    "SecretExpired",
    "SecretsShown",
    "SessionEnded",
    "SignInExpired",
    "SignInRefused",
    "SireneUnavailable",
    "SireneUnknown",
    "StructureExists",
    "StructureServiceExists",
    "StructureStateSame",
    "SuccessorByOperator",
    "SuccessorNeeded",
    "SuccessorsNeeded",
    "TimedOut",
    "TooManyKept",
    "TooManyTries",
    "TransitionForbidden",
    "Unavailable",
    "UnderHold",
    "UnknownCall",
    "UserExists",
    "VisaByProposer",
    "VisaMissing",
    "load",
]


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


class MandatNotRefused(PupitreError):
    """The payment order was made: the invoice goes back to its supplier only if the accountant refused it (B.2)."""

    code, status = "invoicing.mandat-not-refused", 409
    fr = "La facture est au statut « {status_from} » : elle ne passe à « {status_to} » que si le comptable a refusé le mandat. Attestez-le."
    en = "The invoice is at “{status_from}”: it moves to “{status_to}” only if the accountant refused the payment order. State that he did."


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


class ExportRefused(PupitreError):
    """The format asked for cannot say all that the invoice says; ``term`` names what would be lost."""

    code, status = "invoicing.export-refused", 422
    fr = "{why_fr}"
    en = "{why_en}"


def load(raw: dict[str, Any]) -> PupitreError:
    """Rebuild an error from its ``dump()``; an unknown code becomes :class:`Internal`."""
    cls = ALL.get(raw.get("code", ""))
    if cls is None:
        return Internal(incident=str(raw.get("code")))
    return cls(**raw.get("details", {}))
