"""The pages that plugins bring, inside the portal's layout; an espace that does not answer is named, and nothing else suffers."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, render_template, request, url_for
from pupitre_contracts import errors
from pupitre_espaces import PageRequest
from pupitre_espaces.host import EspaceSilent, PageUnknown

from . import errors as error_pages
from . import navigation
from .languages import gettext
from .pages_home import context_for
from .sessions import signed_in

blueprint = Blueprint("espaces", __name__, url_prefix="/espaces")


@blueprint.get("/<key>/", defaults={"slug": ""})
@blueprint.get("/<key>/<slug>")
@signed_in
def page(key: str, slug: str) -> Any:
    """Show a page of an espace for one structure that opened it and where the user has a habilitation in it (R001)."""
    if key in navigation.CORE_ESPACES or key not in navigation.shown_espaces():
        abort(404)
    able = navigation.structures_with(key)
    if not able:
        return _closed(navigation.espace_labels()[key])
    structure = _chosen(able)
    profile = next(right.profile for right in structure.espaces if right.espace == key)
    host = current_app.extensions["pupitre"].espaces
    asked = PageRequest(context_for(structure), profile, _addresses(key, structure), request.args.to_dict())
    try:
        pages = host.pages(key, asked.context)
        content = host.page(key, slug, asked)
    except PageUnknown:
        abort(404)
    except EspaceSilent as silent:
        label = navigation.espace_labels()[silent.key]
        text = gettext(
            "L'espace « %(label)s » ne répond pas. Le reste du portail fonctionne ; la page Santé dit ce qui ne va pas.",
            label=label,
        )
        return error_pages.page(503, text, gettext("Espace indisponible"))
    shown = render_template(
        "espace.html",
        content=content,
        pages=pages,
        key=key,
        slug=slug,
        structure=structure,
        structures=able,
        label=navigation.espace_labels()[key],
    )
    return shown, content.status


def _closed(label: str) -> Any:
    """Say why the page of an espace does not show: no structure of the user opened it, or none gave him a habilitation."""
    text = gettext(
        "L'espace « %(label)s » n'est ouvert pour aucune de vos structures, ou vous n'y êtes pas habilité. "
        "Un gestionnaire peut l'ouvrir sur la page de la structure, ou vous habiliter.",
        label=label,
    )
    links = ((url_for("structures.listing"), gettext("Mes structures")),)
    return error_pages.page(403, text, gettext("Espace non ouvert"), links)


def _addresses(key: str, structure: Any) -> Callable[[str], str]:
    """Return what makes the links between the pages of an espace: each keeps the structure that they are shown for."""
    return lambda slug: url_for("espaces.page", key=key, slug=slug, structure=structure.structure_id)


def _chosen(able: list[Any]) -> Any:
    """Return the structure asked for, else the first. Errors: not-found for one where the espace is not open to the user."""
    asked = request.args.get("structure")
    if asked is None:
        return able[0]
    chosen = next((each for each in able if str(each.structure_id) == asked), None)
    if chosen is None:
        raise errors.NotFound(what=gettext("structure"))
    return chosen
