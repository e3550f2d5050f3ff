"""The cadres of plugins in which others validate an invoice, as the portal's pages offer them."""

from collections.abc import Iterable, Mapping

from flask import current_app
from pupitre_contracts import invoicing
from pupitre_espaces import InvoiceCadre, Role, statuses

from .languages import current

FIELD = "parties-"
LONGEST = 40


def all_cadres() -> dict[str, tuple[str, InvoiceCadre]]:
    """Return the cadres by code, each with the espace that brings it."""
    return current_app.extensions["pupitre"].espaces.cadres()


def offered() -> dict[str, str]:
    """Return what a page offers beside the portal's own cadres: the code, and the words for it."""
    return {code: f"{code}, {cadre.label.text(current())}" for code, (_, cadre) in sorted(all_cadres().items())}


def label(code: str) -> str | None:
    """Return the name of a plugin's cadre, None for a code that no plugin brings."""
    found = all_cadres().get(code)
    return found[1].label.text(current()) if found is not None else None


def roles_of(code: str) -> tuple[tuple[Role, bool], ...]:
    """Return who is named for an invoice of a cadre, each with whether he must be; nobody for the portal's own cadres."""
    found = all_cadres().get(code)
    return tuple((role, role.key in found[1].needs) for role in found[1].roles) if found is not None else ()


def every_role() -> list[tuple[Role, list[str]]]:
    """Return every role that some cadre has, by its first name, with the codes of the cadres that have it."""
    found: dict[str, tuple[Role, list[str]]] = {}
    for code, (_, cadre) in sorted(all_cadres().items()):
        for role in cadre.roles:
            found.setdefault(role.key, (role, []))[1].append(code)
    return list(found.values())


def places() -> frozenset[str]:
    """Return the keys of the espaces in which invoices are validated."""
    return frozenset(role.espace or of for of, cadre in all_cadres().values() for role in cadre.roles)


def typed(form: Mapping[str, str]) -> list[invoicing.NamedParty]:
    """Return those whom a form names, whatever its cadre."""
    named = {name.removeprefix(FIELD): "".join(form.get(name, "").split()) for name in form if name.startswith(FIELD)}
    return [invoicing.NamedParty(role=role[:50], identifier=text[:LONGEST]) for role, text in sorted(named.items()) if role and text]


def named_in(parties: Iterable[invoicing.NamedParty] | None) -> dict[str, str]:
    """Return who is named, by role, as fields show it."""
    return {each.role: each.identifier for each in parties or ()}


def status_label(code: str) -> str:
    """Return the name of a status that is none of the ordinary invoice: the reference's, the plugin's, or the code itself."""
    known = statuses.LABELS.get(code) or next(
        (found for _, cadre in all_cadres().values() for table in (cadre.prelude, *cadre.earlier) if (found := table.label(code))), None
    )
    return known.text(current()) if known is not None else code
