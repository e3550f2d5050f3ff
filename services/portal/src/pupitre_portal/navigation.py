"""What a visitor may open, worked out of the table of applications and his rights: the menu, the domains and the breadcrumb (R001)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, request, url_for
from pupitre_contracts import errors, organisation

from . import bus, invoice_cadres, kinds
from .applications import APPLICATIONS, Application
from .domains import DOMAINS, OTHER_ESPACES, PUBLIC_BODY, SUPPLIERS, Domain
from .languages import LANGUAGES, N_, current, gettext, translations

ISSUED, RECEIVED = "factures-emises", "factures-recues"
CORE_ESPACES = {
    ISSUED: (N_("Factures émises"), "issued.listing"),
    RECEIVED: (N_("Factures reçues"), "received.listing"),
}
_TO_WHOM = {"private": SUPPLIERS, "public": frozenset({PUBLIC_BODY})}
#: Espaces of the reference (R133, R134) that lists and requests name, whether this portal shows their pages or not.
RESERVED = {
    "organisation": N_("Organisation"),
    "factures-travaux": N_("Factures de travaux"),
    "factures-a-valider": N_("Factures à valider"),
    "remboursement-tic": N_("Remboursement de taxe (TIC)"),
    "frais-de-justice": N_("Mémoires de frais de justice"),
    "engagements": N_("Engagements"),
    "suivi-des-flux": N_("Suivi des flux"),
    "raccordements": N_("Raccordement EDI et API"),
    "sollicitations-emises": N_("Sollicitations émises"),
    "sollicitations-recues": N_("Sollicitations reçues"),
    "mes-messages": N_("Mes messages"),
    "processus-de-validation": N_("Processus de validation"),
}


#: Blueprints whose addresses name the espace that they belong to.
OF_ESPACES = frozenset({"espaces", "requests", "request_new", "request_draft", "request_lines", "request", "dossiers", "validating"})


@dataclass(frozen=True)
class Entry:
    """One entry of a menu, or one application as a page shows it. ``names`` and ``words`` are what it is found by, in both languages."""

    key: str
    label: str
    address: str
    domain: str = ""
    summary: str = ""
    help: str = ""
    names: str = ""
    words: str = ""


def rights() -> list[Any]:
    """Return what the user may do, structure by structure, asked for once per request; never kept for the next one."""
    if "rights" not in g:
        found = bus.call(organisation.RightsOfActor)
        g.rights, g.approbations_waiting = found.structures, found.approbations_waiting
        g.mandants = found.mandants or []
    return g.rights


def mandants() -> list[Any]:
    """Return the structures that let one of the user's deposit invoices for them (R280)."""
    rights()
    return g.mandants


def manages(structure: Any, what: str) -> bool:
    """Tell whether the user manages a structure of his: the "structure" itself, or its "users" (R122, R123)."""
    said = structure.manages_structure if what == "structure" else structure.manages_users
    return structure.role == "GP" if said is None else said


def managed() -> list[Any]:
    """Return the structures that the user manages in any way: what he sees as a gestionnaire (R127)."""
    return [each for each in rights() if manages(each, "structure") or manages(each, "users")]


def structures_with(espace: str, profile: str | None = None) -> list[Any]:
    """Return the user's structures where an espace is open to him, or open to act (profile MODIFICATION)."""
    return [
        structure
        for structure in rights()
        if any(right.espace == espace and (profile is None or right.profile == profile) for right in structure.espaces)
    ]


def depositing() -> list[Any]:
    """Return the user's structures for which he may deposit: what a structure issues belongs to none of its services."""
    return [
        structure
        for structure in structures_with(ISSUED, "MODIFICATION")
        if any(
            right.espace == ISSUED and right.structure_service_ids is None and right.modification_service_ids is None
            for right in structure.espaces
        )
    ]


def espace_labels() -> dict[str, str]:
    """Return the name of each espace that may be opened or asked for, whether this portal can show it or not."""
    core = {key: gettext(label) for key, (label, _) in CORE_ESPACES.items()}
    brought = {key: plugin.manifest.label.text(current()) for key, plugin in _plugins().items()}
    return {key: gettext(label) for key, label in RESERVED.items()} | brought | core


def shown_espaces() -> dict[str, str]:
    """Return the name of each espace that this portal can show, the plugins' included."""
    return {key: label for key, label in espace_labels().items() if is_shown(key)}


def is_shown(key: str) -> bool:
    """Tell whether this portal has something to show of an espace: pages, or requests or invoices that are worked on in it."""
    return key in CORE_ESPACES or _has_pages(key) or key in kinds.places() or key in invoice_cadres.places()


def is_installed(key: str) -> bool:
    """Tell whether a plugin of this portal brings an espace, or another plugin's requests are worked on in it."""
    return key in _plugins() or key in kinds.places()


def menu() -> list[Entry]:
    """Return the entries of the user's espaces, in the order of the table, those it does not name last (R011 to R013)."""
    opened = _opened()
    if opened is None:
        return []
    named = [
        _entry(each)
        for each in APPLICATIONS
        if each.is_tab and _is_there(each) and _has(each, opened, also=each.is_tab_with_also)
    ]
    return named + [_plugin_entry(key) for key in _unnamed() if any(key == espace for _, espace in opened)]


def open_applications() -> list[Entry]:
    """Return the applications that the visitor may open, in the order of the table."""
    opened = _opened() if g.get("user") else set()
    return [
        *(_entry(each) for each in APPLICATIONS if _is_there(each) and _may(each, opened or set())),
        *(_plugin_entry(key) for key in _unnamed() if any(key == espace for _, espace in opened or ())),
    ]


def all_applications(visitor: str | None = None) -> list[Entry]:
    """Return the applications that this portal has, or has for a type of visitor (R004), whoever asks."""
    plugins = _plugins()
    return [
        *(_entry(each) for each in APPLICATIONS if _is_there(each) and visitor in (None, *each.visitors)),
        *(_plugin_entry(key) for key in _unnamed() if visitor in (None, *_meant_for(plugins[key].manifest.structure_types))),
    ]


def by_domain(entries: Iterable[Entry]) -> list[tuple[Domain, list[Entry]]]:
    """Group entries under their domains; a domain without any is left out."""
    entries = list(entries)
    grouped = [(domain, [each for each in entries if each.domain == domain.key]) for domain in DOMAINS]
    return [(domain, own) for domain, own in grouped if own]


def domain(key: str) -> Domain | None:
    return next((each for each in DOMAINS if each.key == key), None)


def trail() -> list[tuple[str, str]]:
    """Return the way to the page that is shown, as words and addresses: home, domain and application (R008)."""
    way = [(gettext("Accueil"), url_for("home.home"))]
    here = _here()
    if here is not None:
        of = domain(here.domain)
        way += [(gettext(of.label), url_for("domains.show", key=of.key)), (here.label, here.address)]
    return way


def is_gestionnaire() -> bool:
    """Whether somebody manages a structure or its users, as far as can be told now (R127)."""
    return "rights" in g and bool(managed())


def _here() -> Entry | None:
    """The application that the page belongs to, by the whole endpoint first."""
    endpoint, part = request.endpoint or "", request.blueprint
    if part == "validating" and request.path.startswith("/factures-emises/"):
        part = "issued"
    if part in OF_ESPACES:
        key = (request.view_args or {}).get("key")
        named = next((each for each in APPLICATIONS if each.espace == key), None)
        return _entry(named) if named else _plugin_entry(key) if key in _plugins() else None
    if part == "invoice":
        part = "received" if request.path.startswith("/factures-recues/") else "issued"
    found = next((each for each in APPLICATIONS if each.endpoint == endpoint), None)
    found = found or next((each for each in APPLICATIONS if part in each.parts), None)
    return _entry(found) if found is not None and _is_there(found) else None


def _opened() -> set[tuple[str, str]] | None:
    """The espaces open to the user, each with the type of the structure; None when nobody can tell."""
    try:
        return {(structure.type, right.espace) for structure in rights() for right in structure.espaces}
    except errors.PupitreError as error:
        g.menu_trouble = error
        return None


def _may(each: Application, opened: set[tuple[str, str]]) -> bool:
    if each.is_public:
        return True
    if not g.get("user"):
        return False
    if each.espace is None:
        return is_gestionnaire() or not each.for_gestionnaires
    return _has(each, opened, also=True)


def _has(each: Application, opened: set[tuple[str, str]], *, also: bool) -> bool:
    wanted = {each.espace, *(each.also if also else ())}
    return any(espace in wanted and each.structure_type in (None, of) for of, espace in opened)


def _is_there(each: Application) -> bool:
    """Whether this portal has the application's page: nothing leads to one that does not exist."""
    return each.endpoint in current_app.view_functions if each.endpoint else is_shown(each.espace or "")


def _plugins() -> dict[str, Any]:
    return {installed.key: installed for installed in current_app.extensions["pupitre"].espaces.catalogue()}


def _has_pages(key: str) -> bool:
    return key in _plugins() and "espace_pages" in _plugins()[key].hooks


def _unnamed() -> list[str]:
    named = {each.espace for each in APPLICATIONS} | CORE_ESPACES.keys()
    return sorted(key for key in _plugins() if key not in named and is_shown(key))


def _meant_for(structure_types: Iterable[str]) -> frozenset[str]:
    return frozenset().union(*(_TO_WHOM[each] for each in structure_types))


def _entry(each: Application) -> Entry:
    address = url_for(each.endpoint) if each.endpoint else url_for("espaces.page", key=each.espace, slug="")
    plugin = _plugins().get(each.espace)
    # A plugin says how its espace is called, its operator may have renamed it (R211); whoever searches finds it by both names.
    own = plugin.manifest.label if plugin is not None else None
    return Entry(
        each.key,
        own.text(current()) if own is not None else gettext(each.label),
        address,
        each.domain,
        gettext(each.summary),
        gettext(each.help),
        names=" ".join([_both(each.label), *(own.text(of) for of in LANGUAGES if own is not None)]),
        words=f"{_both(each.summary)} {_both(each.words)}",
    )


def _plugin_entry(key: str) -> Entry:
    manifest = _plugins()[key].manifest
    label, summary = (text.text(current()) for text in (manifest.label, manifest.description))
    address = url_for("espaces.page", key=key, slug="")
    names, words = (" ".join(text.text(of) for of in LANGUAGES) for text in (manifest.label, manifest.description))
    return Entry(key, label, address, OTHER_ESPACES, summary, names=names, words=words)


def _both(text: str) -> str:
    """A sentence of the table in French and in English."""
    return f"{text} {translations('en').gettext(text)}" if text else ""


def _context() -> dict[str, Any]:
    user = g.get("user")
    portal = current_app.extensions["pupitre"]
    return {
        "user": user,
        "menu": menu() if user else [],
        "trail": trail,
        "approbations_waiting": g.get("approbations_waiting"),
        "is_gestionnaire": user is not None and is_gestionnaire(),
        "is_demo": portal.settings.demo,
        "ill_espaces": portal.health.ill_espaces(),
    }


def init_app(app: Flask) -> None:
    """Give every page its menu."""
    app.context_processor(_context)
