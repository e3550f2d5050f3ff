"""What invoicing refuses of eliminations. Named through :mod:`pupitre_contracts.errors`."""

from .error_base import PupitreError


class NothingExpired(PupitreError):
    code, status = "invoicing.nothing-expired", 409
    fr = "Aucune facture n'est arrivée au terme de sa conservation, hors gel et hors bordereau en cours."
    en = "No invoice has reached its term, leaving out those under a hold and those of an open elimination list."


class VisaByProposer(PupitreError):
    """Whoever proposed an elimination gives no visa for it."""

    code, status = "invoicing.visa-by-proposer", 409
    fr = "Le visa du bordereau n° {number} ne peut pas être donné par {by}, qui l'a proposé : il faut une seconde personne."
    en = "The visa of list no. {number} cannot be given by {by}, who proposed it: a second person is needed."


class VisaMissing(PupitreError):
    code, status = "invoicing.visa-missing", 409
    fr = "Le bordereau n° {number} n'a pas de visa : rien n'est éliminé."
    en = "List no. {number} has no visa: nothing is eliminated."


class ListClosed(PupitreError):
    """An elimination list is past the act asked for."""

    code, status = "invoicing.list-closed", 409
    fr = "Le bordereau n° {number} est à l'état « {state} » : cet acte n'est plus possible."
    en = "List no. {number} is “{state}”: this act is not possible any more."


class ListChanged(PupitreError):
    """What an elimination list names is not what it was when the list was proposed."""

    code, status = "invoicing.list-changed", 409
    fr = "Le bordereau n° {number} n'est plus celui qui a été proposé ({what}) : retirez-le et proposez-en un nouveau."
    en = "List no. {number} is not what was proposed any more ({what}): withdraw it and propose a new one."


class UnderHold(PupitreError):
    code, status = "invoicing.under-hold", 409
    fr = "{count} facture(s) du bordereau n° {number} sont gelées (gel n° {hold}) : rien de plus n'est éliminé avant sa levée."
    en = "{count} invoice(s) of list no. {number} are under hold no. {hold}: nothing more is eliminated until it is released."


class HoldReleased(PupitreError):
    code, status = "invoicing.hold-released", 409
    fr = "Le gel n° {number} est déjà levé."
    en = "Hold no. {number} was released already."
