"""For whom a page of an espace is shown: one structure of the user where it is open to him, and what he may do there (R001)."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from flask import abort, current_app, g, request, url_for
from pupitre_contracts import errors
from pupitre_espaces import EspaceContext, Page, Structure, User
from pupitre_espaces.host import EspaceSilent, PageUnknown

from . import errors as error_pages
from . import espace_ports, invoice_cadres, kinds, navigation
from .languages import current, gettext

CONSULTATION, MODIFICATION = "CONSULTATION", "MODIFICATION"


@dataclass(frozen=True)
class Visit:
    """One visit of an espace: its key and name, the structure it is shown for, and the user's others where it is open to him."""

    key: str
    label: str
    structure: Any
    structures: list[Any]

    @property
    def profile(self) -> str:
        """What the user's habilitation in this espace and structure allows."""
        return next(right.profile for right in self.structure.espaces if right.espace == self.key)

    @property
    def may_act(self) -> bool:
        """Whether it allows more than looking."""
        return self.profile == MODIFICATION


@dataclass(frozen=True)
class MenuEntry:
    """An entry of the menu of an espace."""

    label: str
    address: str
    is_current: bool


def visit(key: str) -> Visit:
    """Return the visit that the address asks for. Ends the request with 404 for an espace that this portal has not, with 403 for
    one that is open to the user nowhere; errors: not-found for a structure where it is not."""
    label = navigation.espace_labels().get(key)
    if label is None or not navigation.is_shown(key):
        abort(404)
    able = navigation.structures_with(key)
    if not able:
        abort(_closed(label))
    return Visit(key, label, _chosen(able), able)


def left_behind(key: str) -> Visit | None:
    """Return the visit of an espace whose plugin is not there any more, for a user who has a habilitation in it: its requests can be
    read. None for any other espace."""
    if key in navigation.CORE_ESPACES or navigation.is_installed(key) or not (able := navigation.structures_with(key)):
        return None
    return Visit(key, navigation.espace_labels().get(key, key), _chosen(able), able)


def waits(seen: Visit) -> list[str]:
    """Return why the espace does not show its requests to the structure yet; nothing: it does."""
    return [label.text(current()) for _, labels in called("espace_waits", [seen.key], seen.structure) for label in labels]


def pages_of(seen: Visit) -> tuple[Page, ...]:
    """Return the pages that the espace's plugin has for this visit; none where it brings none. Raises EspaceSilent."""
    host = current_app.extensions["pupitre"].espaces
    try:
        return host.pages(seen.key, context_for(seen.key, seen.structure))
    except PageUnknown:
        return ()


def menu_of(seen: Visit, slug: str | None, pages: tuple[Page, ...] | None = None) -> list[MenuEntry]:
    """Return the menu of an espace: the pages of its plugin, then its requests, then the invoices that are validated in it; `slug` is the
    page shown, None for the requests, "factures" for the invoices."""
    if pages is None:
        try:
            pages = pages_of(seen)
        except EspaceSilent:
            pages = ()
    structure = seen.structure.structure_id
    shown = pages[0].slug if pages and slug == "" else slug
    entries = [
        MenuEntry(
            each.title.text(current()),
            url_for("espaces.page", key=seen.key, slug=each.slug, structure=structure),
            each.slug == shown,
        )
        for each in pages
        if each.in_menu
    ]
    if has_requests(seen.key):
        entries.append(MenuEntry(gettext("Demandes"), url_for("requests.listing", key=seen.key, structure=structure), slug is None))
    if seen.key in invoice_cadres.places():
        entries.append(MenuEntry(gettext("Factures"), url_for("validating.listing", key=seen.key, structure=structure), slug == "factures"))
    return entries


def acting(seen: Visit) -> list[Any]:
    """Return the structures for which the user may act in the espace."""
    return [
        each for each in seen.structures if any(right.espace == seen.key and right.profile == MODIFICATION for right in each.espaces)
    ]


def has_requests(key: str) -> bool:
    """Tell whether requests are worked on in an espace."""
    return bool(kinds.working_in(key))


def silent(error: EspaceSilent) -> Any:
    """Answer for an espace that does not: it is named, and nothing else suffers."""
    label = navigation.espace_labels().get(error.key, error.key)
    text = gettext(
        "L'espace « %(label)s » ne répond pas. Le reste du portail fonctionne ; la page Santé dit ce qui ne va pas.", label=label
    )
    return error_pages.page(503, text, gettext("Espace indisponible"))


def called(hook: str, opened: Collection[str], structure: Any) -> Iterator[tuple[str, Any]]:
    """Call a hook of pages on the espaces that are open, each with ports of its own; give key and answer of those that answer."""
    host = current_app.extensions["pupitre"].espaces
    for installed in host.catalogue():
        if installed.key in opened and hook in installed.hooks:
            yield from host.call(hook, [installed.key], context=context_for(installed.key, structure))


def context_for(key: str, structure: Any) -> EspaceContext:
    """Return what an espace is told of the visitor and of the structure he acts for, and lent for both."""
    name = f"{g.user.given_name} {g.user.family_name}"
    return EspaceContext(
        structure=Structure(str(structure.structure_id), structure.identifier, structure.name, structure.type.lower()),
        user=User(str(g.user.user_id), name, navigation.manages(structure, "users")),
        language=current(),
        clock=current_app.extensions["pupitre"].clock,
        ports=espace_ports.lent(key, structure),
    )


def _closed(label: str) -> Any:
    """Say why the page of an espace does not show: no structure of the user opened it, or none gave him a habilitation."""
    text = gettext(
        "L'espace « %(label)s » n'est ouvert pour aucune de vos structures, ou vous n'y êtes pas habilité. "
        "Un gestionnaire peut l'ouvrir sur la page de la structure, ou vous habiliter.",
        label=label,
    )
    links = ((url_for("structures.listing"), gettext("Mes structures")),)
    return error_pages.page(403, text, gettext("Espace non ouvert"), links)


def _chosen(able: list[Any]) -> Any:
    """Return the structure asked for, else the first. Errors: not-found for one where the espace is not open to the user."""
    asked = request.args.get("structure")
    if not asked:
        return able[0]
    chosen = next((each for each in able if str(each.structure_id) == asked), None)
    if chosen is None:
        raise errors.NotFound(what=gettext("structure"))
    return chosen
