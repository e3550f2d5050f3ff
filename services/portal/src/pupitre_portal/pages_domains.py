"""The domains with their applications, their documentation, the search of services and the support."""

from typing import Any

from flask import Blueprint, abort, g, render_template, request
from pupitre_contracts import communication

from . import finding, navigation, news
from .domains import DOMAINS

blueprint = Blueprint("domains", __name__)
FEW_NEWS = 3


@blueprint.get("/domaines")
def listing() -> str:
    """Show the domains with the applications that are open to the visitor, or that the portal has when nobody signed in (R003)."""
    return render_template("domains.html", domains=navigation.by_domain(_seen()))


@blueprint.get("/domaines/<key>")
def show(key: str) -> str:
    """Show one domain: its applications, its news, the way to its documentation (R006, R008)."""
    domain = _known(key)
    own = [each for each in _seen() if each.domain == key]
    shown, trouble = news.latest(FEW_NEWS, key)
    return render_template("domain.html", domain=domain, applications=own, news=shown, news_trouble=trouble)


@blueprint.get("/domaines/<key>/documentation")
def documentation(key: str) -> str:
    """Explain the applications of a domain that this portal has, open to the visitor or not."""
    domain = _known(key)
    own = [each for each in navigation.all_applications() if each.domain == key]
    return render_template("domain_help.html", domain=domain, applications=own, opened={each.key for each in _seen()})


@blueprint.get("/recherche")
def search() -> str:
    """Find applications by words (R005)."""
    asked = request.args.get("q", "").strip()
    return render_template("search.html", asked=asked, applications=finding.found(_seen(), asked), domains=DOMAINS)


@blueprint.get("/support")
def support() -> str:
    """Say where help is."""
    tickets = [each for each in _seen() if each.key.startswith("sollicitations-")]
    return render_template("support.html", tickets=tickets, domains=DOMAINS)


def _seen() -> list[Any]:
    return navigation.open_applications() if g.user else navigation.all_applications()


def _known(key: str) -> Any:
    domain = navigation.domain(key)
    if domain is None or key not in communication.DOMAINS:
        abort(404)
    return domain
