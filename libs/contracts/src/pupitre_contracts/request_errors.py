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


class MotiveRefused(PupitreError):
    """The motive is missing, is not one of the list, or is one that is not admitted; ``reason`` says what to do."""

    code, status = "requests.motive-refused", 422
    fr = "Motif refusé : {reason}"
    en = "Motive refused: {reason}"
