"""Filters that a user keeps for his lists of invoices: saved under a name, used by a link, forgotten (they are identity's)."""

import uuid
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, abort, redirect, request, url_for
from pupitre_contracts import errors, saved_filters

from . import bus, done
from .languages import gettext
from .security import form_key
from .sessions import signed_in

blueprint = Blueprint("saved_filters", __name__, url_prefix="/filtres-enregistres")

LISTS = {"issued": "factures-emises", "received": "factures-recues"}
#: What of an address is no filter: where one was in the list, and in which language.
_NOT_KEPT = frozenset({"page", "apres", "avant", "lang", "filtre"})


def of_list(side: str) -> list[Any]:
    """Return the user's filters of one list; none when nobody can tell, for the list itself does not need them."""
    try:
        return bus.call(saved_filters.ListSavedFilters, list=LISTS[side]).filters
    except errors.PupitreError:
        return []


def kept(query: str) -> str:
    """Return what is worth keeping of a query string, in one way of writing."""
    return urlencode([(name, value) for name, value in parse_qsl(query) if name not in _NOT_KEPT])


@blueprint.post("/<any(issued, received):side>")
@signed_in
def save(side: str) -> Any:
    """Keep the filter that the list was shown with."""
    query, name = kept(request.form.get("filtre", "")), " ".join(request.form.get("nom", "").split())
    try:
        bus.call(
            saved_filters.SaveFilter,
            key=form_key(),
            list=LISTS[side],
            name=name,
            query=query,
            default="defaut" in request.form,
        )
    except errors.Invalid as error:
        faults = [fault for each in error.details.get("fields", {}).values() for fault in each]
        done.say(gettext("Le filtre n'est pas enregistré : %(why)s.", why=" ; ".join(map(str, faults))))
    else:
        done.say(gettext("Le filtre « %(name)s » est enregistré.", name=name))
    return redirect(f"{url_for(f'{side}.listing')}?{query or 'onglet=synthese'}")


@blueprint.post("/<any(issued, received):side>/suppression")
@signed_in
def delete(side: str) -> Any:
    """Forget a filter."""
    try:
        filter_id = uuid.UUID(request.form.get("filtre", ""))
    except ValueError:
        abort(404)
    bus.call(saved_filters.DeleteSavedFilter, key=form_key(), filter_id=filter_id)
    done.say(gettext("Le filtre est supprimé."))
    return redirect(url_for(f"{side}.listing", onglet="synthese"))
