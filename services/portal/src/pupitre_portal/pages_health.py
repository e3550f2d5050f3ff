"""Whether the portal lives and is ready, for machines; and the page Santé, which says the same in words."""

from typing import Any

from flask import Blueprint, current_app, jsonify, render_template
from pupitre_bus.health import monitor
from pupitre_contracts.catalogue import SERVICES

from .errors import SERVICE_NAMES
from .languages import N_, gettext
from .readiness import ESPACE, Line, Readiness

blueprint = Blueprint("health", __name__)

_CHECKS = {
    "answers": N_("le service répond"),
    "broker": N_("messagerie"),
    "database": N_("base de données"),
    "migrations": N_("schéma de la base à jour"),
    "relay": N_("envoi des événements"),
    "parked": N_("messages mis de côté"),
    "seed": N_("données de démonstration"),
    "espaces": N_("espaces"),
    "resources": N_("ressources"),
    "workers": N_("moteur des factures"),
}
_KINDS = {
    "import": N_("ne peut pas être chargé"),
    "signature": N_("ne respecte pas les signatures des points d'extension"),
    "unknown-hook": N_("nomme un point d'extension inconnu"),
    "manifest": N_("n'a pas de manifeste valable"),
    "api-version": N_("demande une autre version de l'interface"),
    "duplicate-key": N_("prend la clé d'un autre espace"),
    "error": N_("a levé une erreur"),
    "time-out": N_("a dépassé le délai"),
    "too-many-calls": N_("a trop demandé au portail pour une seule réponse"),
    "slow": N_("a répondu trop tard"),
    "wrong-answer": N_("a rendu une réponse incorrecte"),
    "ill": N_("se déclare malade"),
    "set-aside": N_("n'est plus appelé jusqu'au prochain démarrage"),
}


@blueprint.get("/livez")
def livez() -> Any:
    """Answer 200 while the process serves requests."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
def readyz() -> Any:
    """Answer 200 when every service, the broker, the databases and the demonstration's data are well; else 503 with what is not.

    What has been ill for less than the patience of the settings is told as ``unsettled`` and changes no status.
    """
    health = current_app.extensions["pupitre"].health
    faults = health.faults()
    elsewhere = {line.name.removeprefix(ESPACE) for line in health.lines() if line.is_espace and not line.ok}
    body = {
        "ready": not faults,
        "not_ready": [_told(line) for line in faults],
        "unsettled": [_told(line) for line in health.troubles() if line not in faults],
        "espaces_ill": sorted(elsewhere | {name for name, _ in health.ill_espaces()}),
        "hub_gap_ms": _worst(health, "hub_gap_ms", monitor.recent().gap),
        "hub_held_ms": _worst(health, "hub_held_ms", monitor.recent().held),
    }
    return jsonify(body), 503 if faults else 200


def _told(line: Line) -> dict[str, Any]:
    since = line.since.isoformat(timespec="seconds").replace("+00:00", "Z")
    what = gettext(
        "%(service)s : « %(check)s » ne va pas depuis %(since)s",
        service=gettext(SERVICE_NAMES.get(line.service, line.service)),
        check=gettext(_CHECKS.get(line.name, line.name)),
        since=since,
    )
    message = f"{what} ({line.detail})" if line.detail else what
    return {"service": line.service, "check": line.name, "detail": line.detail, "since": since, "message": message}


def _worst(health: Readiness, name: str, own: float) -> dict[str, float]:
    """A figure of the last minute, in milliseconds: the portal's own, and of each service that of its worst instance."""
    worst = {"portal": round(own, 1)}
    for figures in health.figures():
        if name in figures.values:
            worst[figures.service] = max(worst.get(figures.service, 0.0), figures.values[name])
    return worst


@blueprint.get("/sante")
def sante() -> str:
    """Show the health of each service and the problems of each espace, in words."""
    portal = current_app.extensions["pupitre"]
    lines = portal.health.lines()
    services = [
        {
            "name": gettext(SERVICE_NAMES[service]),
            "lines": [line for line in lines if line.service == service and not line.is_espace],
            "espaces": [
                line.name.removeprefix(ESPACE)
                for line in lines
                if line.service == service and line.is_espace and not line.ok
            ],
        }
        for service in SERVICES
    ]
    own = [line for line in lines if line.service == "portal"]
    return render_template(
        "health.html",
        services=services,
        own=own,
        problems=portal.espaces.problems(),
        installed=portal.espaces.catalogue(),
        ill=dict(portal.health.ill_espaces()),
        check_label=lambda name: gettext(_CHECKS.get(name, name)),
        kind_label=lambda kind: gettext(_KINDS.get(kind, kind)),
        all_well=not portal.health.troubles(),
    )
