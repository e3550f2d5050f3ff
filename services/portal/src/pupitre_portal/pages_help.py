"""The help centre (R257): what the portal says of each application, and the articles that espaces bring."""

from dataclasses import dataclass

from flask import Blueprint, Flask, abort, current_app, render_template, request
from pupitre_espaces import Article

from . import finding, navigation
from .languages import LANGUAGES, current
from .navigation import Entry

blueprint = Blueprint("help", __name__, url_prefix="/aide")

_KEPT = "pupitre.articles"


@dataclass(frozen=True)
class Shelf:
    """The articles of one espace."""

    key: str
    label: str
    articles: list[Article]


@blueprint.get("/")
def listing() -> str:
    """List the documentation of the domains and the articles of espaces, or those that hold the words asked for."""
    asked = request.args.get("q", "").strip()
    return render_template(
        "help.html",
        asked=asked,
        shelves=_shelves(asked),
        domains=navigation.by_domain(finding.found(navigation.all_applications(), asked) if asked else navigation.all_applications()),
    )


@blueprint.get("/<key>/<slug>")
def article(key: str, slug: str) -> str:
    """Show one article of an espace, with the others beside it."""
    shelf = next((each for each in _shelves("") if each.key == key), None)
    shown = next((each for each in shelf.articles if each.slug == slug), None) if shelf else None
    if shown is None:
        abort(404)
    body = shown.body_en if current() == "en" else shown.body_fr
    return render_template("help_article.html", shelf=shelf, article=shown, body=body)


def _shelves(asked: str) -> list[Shelf]:
    """Return the articles that hold every word asked for, by espace, in the order in which the espaces give them."""
    labels = navigation.espace_labels()
    shelves = []
    for key, articles in current_app.extensions[_KEPT]:
        entries = [Entry(each.slug, "", "", names=_words(each)) for each in articles]
        held = {each.key for each in (finding.found(entries, asked) if asked else entries)}
        if held:
            shelves.append(Shelf(key, labels.get(key, key), [each for each in articles if each.slug in held]))
    return shelves


def _words(of: Article) -> str:
    titles = " ".join(of.title.text(each) for each in LANGUAGES)
    return f"{titles} {of.body_fr} {of.body_en}"


def init_app(app: Flask) -> None:
    """Ask the plugins for their articles, once."""
    app.extensions[_KEPT] = app.extensions["pupitre"].espaces.call("espace_articles")
