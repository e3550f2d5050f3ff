"""Errors of requests and of the plugins that bring their kinds."""

from .error_base import PupitreError


class RequestNotReady(PupitreError):
    """A draft cannot be sent as it is; ``findings`` says each problem with its field and remedy."""

    code, status = "requests.not-ready", 422
    fr = "La demande ne peut pas être envoyée : {count} problème(s). Corrigez-les puis recommencez."
    en = "The request cannot be sent: {count} problem(s). Correct them and start again."


class EspaceSilent(PupitreError):
    """The plugin of an espace is not installed, is set aside, or did not answer in time; nothing was changed."""

    code, status = "espaces.silent", 503
    fr = "L'espace « {espace} » ne répond pas ; rien n'a été modifié. Réessayez plus tard, ou prévenez l'exploitant de la plateforme."
    en = "The espace “{espace}” does not answer; nothing was changed. Try again later, or tell the platform's operator."


class PassageBarred(PupitreError):
    """An espace that the recipient opened keeps an invoice from passing on towards its payment, for instance until it is validated
    within; it may still be sent back. ``why`` and ``remedy`` are the espace's words."""

    code, status = "espaces.passage-barred", 409
    fr = "La facture {number} ne peut pas passer à « {status_to} » : {why_fr} {remedy_fr}"
    en = "The invoice {number} cannot move to “{status_to}”: {why_en} {remedy_en}"


class GuardSilent(PupitreError):
    """An espace that is to be asked before an invoice passes on towards its payment gives no answer; nothing was changed."""

    code, status = "espaces.guard-silent", 503
    fr = (
        "La facture {number} ne peut pas avancer vers le paiement : l'espace « {espace_fr} », que le destinataire fait consulter avant, "
        "ne répond pas. Réessayez ; si cela dure, prévenez l'exploitant de la plateforme. Un gestionnaire de la structure peut fermer "
        "l'espace : ses factures avancent alors sans lui."
    )
    en = (
        "The invoice {number} cannot move on towards payment: the espace “{espace_en}”, which its recipient has asked first, does not "
        "answer. Try again; if it lasts, tell the platform's operator. A gestionnaire of the structure may close the espace: its "
        "invoices then move on without it."
    )


class MotiveRefused(PupitreError):
    """The motive is missing, is not one of the list, or is one that is not admitted; ``reason`` says what to do."""

    code, status = "requests.motive-refused", 422
    fr = "Motif refusé : {reason}"
    en = "Motive refused: {reason}"
