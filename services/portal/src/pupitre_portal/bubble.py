"""The small window of an espace at the bottom right of every page: a link, which scripts turn into a panel with one page in it."""

import hashlib
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from pupitre_contracts import errors

from . import espace_visit, navigation, pages_assets
from .languages import current


@dataclass(frozen=True)
class Window:
    """The bubble as the layout shows it: the page it leads to, and what the panel is made of.

    `panel` is that page without the portal's layout, `base` what the addresses of the espace's pages begin with. `owner` names user
    and structure without saying who they are: what one tab keeps of a panel is nobody else's.
    """

    title: str
    address: str
    panel: str
    base: str
    owner: str
    script: str | None
    style: str | None


def window() -> Window | None:
    """Return the bubble of the first espace that has one and is open to the user; None where there is none, or nobody can tell."""
    if g.get("user") is None:
        return None
    try:
        structures = navigation.rights()
    except errors.PupitreError:
        return None
    asked: set[str] = set()
    for structure in structures:
        opened = {right.espace for right in structure.espaces} - navigation.CORE_ESPACES.keys() - asked
        asked |= opened
        for key, bubbles in espace_visit.called("espace_bubble", opened, structure):
            for each in bubbles:
                return _window(key, structure, each)
    return None


def _window(key: str, structure: Any, bubble: Any) -> Window | None:
    page = {"key": key, "slug": bubble.page, "structure": structure.structure_id}
    address = url_for("espaces.page", **page)
    if request.path == url_for("espaces.page", key=key, slug=bubble.page):
        return None  # the page itself is being shown
    owner = hashlib.sha256(f"{g.user.user_id} {structure.structure_id} {key}".encode()).hexdigest()[:16]
    return Window(
        bubble.title.text(current()),
        address,
        url_for("espaces.page", **page, panel="1"),
        url_for("espaces.page", key=key, slug=""),
        owner,
        pages_assets.address(key, bubble.script),
        pages_assets.address(key, bubble.style),
    )


def init_app(app: Flask) -> None:
    """Give the layout its bubble."""
    app.jinja_env.globals["bubble_window"] = window
