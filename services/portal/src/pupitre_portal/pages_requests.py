"""Lists of the requests that are worked on in an espace: what waits for the user, and all of them."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, render_template, request
from pupitre_contracts import requests as calls

from . import bus, done, espace_visit, invoice_criteria, kinds
from .espace_visit import Visit
from .languages import N_, current, gettext
from .paging import last_page, page_number
from .sessions import signed_in

blueprint = Blueprint("requests", __name__)

PAGE_SIZE = 25
#: Names of the address, fields of SearchRequests, how they are read and what they are called.
_FILTERS = (
    ("structure", "structure_id", "identifier", N_("Structure")),
    ("type", "kind", "text", N_("Type de demande")),
    ("cadre", "cadre", "text", N_("Cadre")),
    ("statut", "status", "text", N_("Statut")),
    ("texte", "text", "text", N_("Recherche libre")),
    ("du", "sent_from", "day", N_("Envoyée du")),
    ("au", "sent_to", "day", N_("Envoyée au")),
)


@dataclass(frozen=True)
class Listing:
    """One page of a list: what was asked, what makes no sense of it, and what was found."""

    tab: str
    asked: dict[str, str]
    faults: list[str]
    found: Any
    page: int

    @property
    def last_page(self) -> int:
        """Number of the last page, at least 1."""
        return last_page(self.found.total, PAGE_SIZE)

    def address(self, **changes: Any) -> str:
        """Return the query that repeats this list with some values changed; a value of None is left out."""
        values = {**self.asked, "onglet": self.tab, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value not in (None, "")})


@blueprint.get("/espaces/<key>/demandes")
@signed_in
def listing(key: str) -> Any:
    """Show what waits for the user (the Synthèse), or all requests that he sees in an espace."""
    seen = visit(key)
    brought = kinds.working_in(key)
    if reasons := espace_visit.waits(seen):
        return render_template("request_wait.html", visit=seen, menu_of_espace=espace_visit.menu_of(seen, None), reasons=reasons)
    tab = "tout" if request.args.get("onglet") == "tout" else "synthese"
    asked, search, faults = _asked()
    places = {"after": request.args.get("apres"), "before": request.args.get("avant")}
    place = {name: cursor for name, cursor in places.items() if cursor}
    found = bus.call(calls.SearchRequests, espace=key, to_do=tab == "synthese", limit=PAGE_SIZE, **search, **place)
    listing = Listing(tab, asked, faults, found, page_number() if place else 1)
    if not found.requests and place:
        # What was there is gone: the list is shown from its beginning.
        return redirect(request.path + listing.address())
    return render_template(
        "request_list.html",
        visit=seen,
        menu_of_espace=espace_visit.menu_of(seen, None),
        listing=listing,
        size=PAGE_SIZE,
        kinds_shown={kind.key: kind.label.text(current()) for _, kind in brought},
        cadres_shown={each.code: each.label.text(current()) for _, kind in brought for each in kind.cadres},
        statuses_shown={code: label.text(current()) for code, label in kinds.statuses(brought).items()},
        may_begin=may_begin(seen),
        is_away=not brought,
        done=done.said(),
    )


def visit(key: str) -> Visit:
    """Return a visit of the requests of an espace, whose plugin may have been taken away since. Ends the request with 404 where there
    are none."""
    if kinds.working_in(key):
        return espace_visit.visit(key)
    return espace_visit.left_behind(key) or abort(404)


def may_begin(seen: Visit) -> bool:
    """Tell whether the user may begin a request in the espace for one of his structures."""
    return any(kinds.offered(each, seen.key) for each in espace_visit.acting(seen))


def _asked() -> tuple[dict[str, str], dict[str, Any], list[str]]:
    """Read the address; a filter that makes no sense is named and left out rather than failing the page."""
    asked, search, faults = {}, {}, []
    for name, field, kind, label in _FILTERS:
        text = request.args.get(name, "").strip()[:200]
        if not text:
            continue
        asked[name] = text
        try:
            search[field] = invoice_criteria.TEXTS[kind](text)
        except (ValueError, ArithmeticError):
            faults.append(gettext("%(label)s : %(fault)s.", label=gettext(label), fault=gettext(invoice_criteria.FAULTS[kind])))
    return asked, search, faults
