"""The home page, which says what awaits."""

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from pupitre_contracts import errors, invoicing, requests

from . import bus, espace_visit, kinds, navigation, news, pages_returns
from .domains import COMPANY, PUBLIC_BODY, VISITOR_HELP, VISITORS
from .errors import message
from .languages import current
from .pages_invoice import label_of

blueprint = Blueprint("home", __name__)


FEW_NEWS = 3


@blueprint.get("/")
def home() -> Any:
    """Show what awaits somebody who signed in, or what the portal is to anybody else.

    Each part that cannot be had says so and leaves the rest. Who is attached to no structure is led to his account (R014).
    """
    if g.user is None:
        if g.session_trouble is not None:
            raise g.session_trouble
        return _public()
    structures, structures_trouble = _attempt(navigation.rights)
    if structures == []:
        return redirect(url_for("account.show"))
    counts, counts_trouble = _attempt(lambda: bus.call(invoicing.CountWork).counts)
    if pages_returns.compulsory(counts):
        return redirect(url_for("returns.listing"))
    waiting, requests_trouble = _attempt(_request_counts)
    shown, news_trouble = news.latest(FEW_NEWS)
    types = {structure.type for structure in structures or []}
    return render_template(
        "home.html",
        structures=structures or [],
        counts=_by_structure(counts or []),
        request_counts=waiting or [],
        espace_names=navigation.espace_labels(),
        cards=_cards(structures or []),
        returns=pages_returns.latest(counts),
        label_of=label_of,
        drafts=sum(count.drafts for count in counts or []),
        troubles=[message(trouble) for trouble in (structures_trouble, counts_trouble, requests_trouble) if trouble],
        news=shown,
        news_trouble=news_trouble,
        **_for_visitor(PUBLIC_BODY if types == {"PUBLIC"} else COMPANY),
    )


def _public() -> str:
    shown, trouble = news.latest(FEW_NEWS)
    return render_template("home_public.html", news=shown, news_trouble=trouble, **_for_visitor(COMPANY))


def _for_visitor(otherwise: str) -> dict[str, Any]:
    """What the page says to the type of visitor that was chosen in the address, or to the likeliest one (R004)."""
    asked = request.args.get("profil", otherwise)
    visitor = asked if asked in VISITORS else otherwise
    domains = navigation.by_domain(navigation.all_applications(visitor))
    return {"visitors": VISITORS, "visitor": visitor, "visitor_help": VISITOR_HELP[visitor], "domains": domains}


def _attempt(ask: Any) -> tuple[Any, errors.PupitreError | None]:
    try:
        return ask(), None
    except (errors.Unavailable, errors.TimedOut, errors.Internal) as error:
        return None, error


def _request_counts() -> list[Any]:
    """Return what waits in the espaces in which requests are worked on; invoicing is asked only where the user has one of them."""
    places = kinds.places()
    if not any(right.espace in places for structure in navigation.rights() for right in structure.espaces):
        return []
    return [each for each in bus.call(requests.CountRequests).counts if each.espace in places]


def _by_structure(counts: list[Any]) -> dict[Any, dict[str, Any]]:
    grouped: dict[Any, dict[str, Any]] = {}
    for count in counts:
        grouped.setdefault(count.structure_id, {})[count.side] = count
    return grouped


def _cards(structures: list[Any]) -> list[dict[str, Any]]:
    cards = []
    for structure in structures:
        opened = [right.espace for right in structure.espaces if right.espace not in navigation.CORE_ESPACES]
        for key, given in espace_visit.called("espace_cards", opened, structure):
            cards += [
                {
                    "title": card.title.text(current()),
                    "text": card.text.text(current()),
                    "structure": structure.name,
                    "address": url_for("espaces.page", key=key, slug=card.page or "", structure=structure.structure_id),
                }
                for card in given
            ]
    return cards
