"""What a visitor or a program is told when something goes wrong: words on a page, problem+json on the API.

Neither ever shows an exception's own text: an unforeseen fault gives an incident number, and the log alone holds the cause.
"""

import html
import json
import logging
from typing import Any

from flask import Flask, Response, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from pupitre_contracts import errors
from werkzeug.exceptions import HTTPException

from . import codes, statuses
from .languages import N_, current, gettext

log = logging.getLogger(__name__)

API_PREFIXES = ("/api/", "/cpro/")
SERVICE_NAMES = {
    "identity": N_("identité (connexion)"),
    "organisation": N_("organisation (structures et habilitations)"),
    "invoicing": N_("facturation"),
    "notifications": N_("notifications"),
}
_TITLES = {
    400: N_("Demande incomprise"),
    401: N_("Connexion nécessaire"),
    403: N_("Accès refusé"),
    404: N_("Page introuvable"),
    405: N_("Action impossible ici"),
    409: N_("Action impossible dans l'état actuel"),
    410: N_("Lien périmé"),
    413: N_("Fichier trop volumineux"),
    422: N_("Données à corriger"),
    429: N_("Trop d'essais"),
    500: N_("Erreur interne"),
    503: N_("Service momentanément indisponible"),
    504: N_("Service trop lent"),
}
_NEEDED = {
    "factures-emises": N_("Factures émises"),
    "factures-recues": N_("Factures reçues"),
    "mes-messages": N_("Mes messages"),
    "CONSULTATION": N_("consultation"),
    "MODIFICATION": N_("modification"),
    "GP": N_("Gestionnaire principal"),
    "organisation": N_("Organisation"),
}
_ADVICE = {
    400: N_("Revenez à la page précédente, rechargez-la, puis recommencez."),
    404: N_("Cette page n'existe pas, ou vous n'y avez pas accès. Vérifiez l'adresse ou partez de l'accueil."),
    405: N_("Cette adresse ne s'ouvre pas ainsi. Partez de l'accueil."),
    413: N_("Le fichier dépasse la taille admise. Réduisez-le, ou déposez plusieurs fichiers."),
}
_BARE = """<!doctype html>
<html lang="{language}"><meta charset="utf-8"><title>{title}</title><h1>{title}</h1><p>{text}</p><p>Incident {incident}</p></html>
"""


def is_api() -> bool:
    """Tell whether the request came to an address that programs use."""
    return request.path.startswith(API_PREFIXES)


def message(error: errors.PupitreError) -> str:
    """Return an error's text in the visitor's language, with services and statuses called by names that people know."""
    return type(error)(**{name: _named(name, value) for name, value in error.details.items()}).message(current())


def _named(detail: str, value: Any) -> Any:
    if detail == "service" and value in SERVICE_NAMES:
        return gettext(SERVICE_NAMES[value])
    if detail in ("status_from", "status_to"):
        return statuses.label(value)
    if detail == "allowed" and isinstance(value, str):
        return ", ".join(statuses.label(code) for code in value.split(", "))
    if detail == "needed" and isinstance(value, str):
        return ", ".join(gettext(_NEEDED.get(word, word)) for word in value.split(", "))
    if detail == "stage":
        return codes.stage(value)
    if detail == "what" and isinstance(value, str):
        return codes.thing(value)
    if detail == "fields" and isinstance(value, dict):
        return "; ".join(_sentence(fault) for faults in value.values() for fault in _flat(faults))
    return value


def faults_of(error: errors.Invalid) -> dict[str, list[str]]:
    """Return what is wrong with each field, in the visitor's language, for the form that shows them."""
    faults = error.details.get("fields", {})
    # A field of a message within the request has its faults under that message's name.
    flat = {name: value for name, value in faults.items() if not isinstance(value, dict)}
    for value in faults.values():
        flat |= value if isinstance(value, dict) else {}
    return {name: [_sentence(fault) for fault in _flat(value)] for name, value in flat.items()}


def _flat(faults: Any) -> list[Any]:
    if isinstance(faults, dict):
        return [fault for each in faults.values() for fault in _flat(each)]
    return [fault for each in faults for fault in _flat(each)] if isinstance(faults, list) else [faults]


def _sentence(fault: Any) -> str:
    """Return the visitor's half of a text that a service gives in both languages ("vide / empty")."""
    french, divider, english = str(fault).partition(" / ")
    return english if divider and current() == "en" else french


def problem(status: int, code: str, title: str, detail: str, **extensions: Any) -> Response:
    """Return an RFC 9457 answer; ``code`` is stable, ``incident`` leads to the log."""
    body = {
        "type": f"urn:pupitre:error:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
        "incident": g.get("correlation_id"),
        **extensions,
    }
    return Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")


def page(status: int, text: str, title: str | None = None, links: tuple[tuple[str, str], ...] = ()) -> Response:
    """Return an error page in words; ``links`` are (address, words) of what to do about it, before the way home."""
    title, incident = title or gettext(_TITLES.get(status, _TITLES[500])), g.get("correlation_id")
    try:
        shown = render_template(
            "error.html", title=title, text=text, status=status, links=links, incident=incident
        )
    except Exception:
        # What broke the page that was asked for may break this one's menu as well.
        log.exception("the error page could not be drawn, incident %s", incident)
        shown = _BARE.format(language=current(), title=html.escape(title), text=html.escape(text), incident=incident)
    return Response(shown, status, mimetype="text/html")


def answer(error: errors.PupitreError) -> Response:
    """Turn a service's error into what this address answers with."""
    if is_api():
        return problem(
            error.status,
            error.code,
            gettext(_TITLES.get(error.status, _TITLES[500])),
            message(error),
            details=_jsonable(error.details),
        )
    if isinstance(error, errors.SessionEnded | errors.ActorMissing | errors.ActorInvalid) and request.method == "GET":
        ended = {"fin": "session"} if isinstance(error, errors.SessionEnded) else {}
        return redirect(url_for("session.sign_in", suite=request.full_path.rstrip("?"), **ended))
    if error.status == 401:
        return page(401, message(error), links=((url_for("session.sign_in"), gettext("Se connecter")),))
    advice = f" {gettext(_ADVICE[404])}" if error.status == 404 else ""
    return page(error.status, message(error) + advice)


def _on_http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return error.get_response()
    title = gettext(_TITLES.get(error.code, _TITLES[400]))
    advice = gettext(_ADVICE.get(error.code, _ADVICE[400]))
    shown = problem(error.code, f"http-{error.code}", title, advice) if is_api() else page(error.code, advice, title)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After", "WWW-Authenticate"):
            shown.headers[name] = value
    return shown


def _on_csrf_error(error: CSRFError) -> Response:
    return page(
        400,
        gettext(
            "Le formulaire a expiré ou ne vient pas de ce portail : rien n'a été fait. Rechargez la page et recommencez."
        ),
        gettext("Formulaire refusé"),
    )


def _on_fault(error: Exception) -> Response:
    incident = g.get("correlation_id") or "-"
    log.exception("request failed, incident %s", incident)
    return answer(errors.Internal(incident=incident))


def _jsonable(details: dict[str, Any]) -> dict[str, Any]:
    return json.loads(json.dumps(details, default=str))


def init_app(app: Flask) -> None:
    """Install the handlers; a more precise one of a blueprint comes first."""
    app.jinja_env.filters["error_text"] = message
    app.register_error_handler(errors.PupitreError, answer)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_fault)
