"""What organisation refuses. Named through :mod:`pupitre_contracts.errors`."""

from .error_base import PupitreError


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
