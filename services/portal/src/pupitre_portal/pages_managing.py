"""What a gestionnaire comes for: his activities, structure by structure, and the applications about users (R127, R142, R147, R156)."""

from collections import Counter

from flask import Blueprint, render_template
from pupitre_contracts import errors, rattachements

from . import bus, navigation
from .languages import gettext
from .sessions import signed_in

blueprint = Blueprint("managing", __name__)
MOST_COUNTED = 1000


@blueprint.get("/activites-du-gestionnaire/")
@signed_in
def activities() -> str:
    """Show the structures that the user manages, with the ways to their espaces, users and requests; to nobody else (R127)."""
    structures = navigation.managed()
    if not structures:
        raise errors.Forbidden(needed=gettext("gestionnaire d'une structure"))
    waiting = bus.call(rattachements.ListApprobations, side="to_decide", state="DEMANDE", page_size=MOST_COUNTED)
    return render_template(
        "activities.html",
        structures=structures,
        manages=navigation.manages,
        waiting=Counter(each.structure_id for each in waiting.approbations),
    )


@blueprint.get("/utilisateurs/")
@signed_in
def users() -> str:
    """Show the applications about users: asking for oneself, and managing others where one may (R147)."""
    able = [each for each in navigation.rights() if navigation.manages(each, "users")]
    return render_template("users.html", structures=able)
