"""Lists of invoices: the filters in the address, the search they make, and the pages of the result."""

import datetime
import decimal
import uuid
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request
from pupitre_contracts import invoicing

from . import bus, done, navigation, statuses
from .formats import PARIS
from .languages import N_, current, gettext
from .paging import last_page, page_number

PAGE_SIZE = 25
SORTS = {
    "deposited_at": N_("Date de dépôt"),
    "status_at": N_("Date du statut"),
    "issue_date": N_("Date de facture"),
    "number": N_("Numéro"),
    "gross": N_("Montant TTC"),
}
_TEXTS = {"number": "number", "engagement": "engagement", "text": "text", "flux": "numero_flux"}
_AMOUNTS = ("gross_min", "gross_max")


@dataclass(frozen=True)
class Listing:
    """One page of a list: what was asked, what was found, and the addresses of the pages around it."""

    side: str
    tab: str
    criteria: dict[str, str]
    faults: dict[str, str]
    invoices: list[Any]
    total: int
    page: int

    @property
    def last_page(self) -> int:
        """Number of the last page, at least 1."""
        return last_page(self.total, PAGE_SIZE)

    def address(self, **changes: Any) -> str:
        """Return the query that repeats this list with some values changed; a value of None is left out."""
        values = {**self.criteria, "onglet": self.tab, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value not in (None, "")})


def show(side: str, espace: str, template: str) -> Any:
    """Render a list of one side. The Synthèse is the user's work list (R167); the other tab has everything."""
    tab, criteria, values, faults = _asked(side)
    page = page_number()
    found = bus.call(invoicing.SearchInvoices, side=side, page=page, page_size=PAGE_SIZE, **values)
    listing = Listing(side, tab, criteria, faults, found.invoices, found.total, page)
    if page > listing.last_page:
        return redirect(request.path + listing.address(page=listing.last_page))
    return render_template(
        template,
        listing=listing,
        size=PAGE_SIZE,
        sorts=SORTS,
        shown_statuses=statuses.SHOWN[side],
        structures=navigation.structures_with(espace),
        can_deposit=bool(navigation.structures_with(espace, "MODIFICATION")),
        most=min(found.total, invoicing.MOST_MOVES),
        label_of=_label_of,
        done=_done(),
    )


def found_again(side: str, everything: bool, most: int) -> list[Any]:
    """Return the page of the list whose address was repeated, or the first ``most`` of all that it finds."""
    _, _, values, _ = _asked(side)
    page, size = (1, most) if everything else (page_number(), PAGE_SIZE)
    return bus.call(invoicing.SearchInvoices, side=side, page=page, page_size=size, **values).invoices


def _asked(side: str) -> tuple[str, dict[str, str], dict[str, Any], dict[str, str]]:
    """Read the address of a list: its tab, the criteria as they were typed, the search that they make, and their faults."""
    tab = "tout" if request.args.get("onglet") == "tout" else "synthese"
    criteria = {
        name: value.strip()
        for name, value in request.args.items()
        if value.strip() and name not in ("onglet", "page", "lang")
    }
    values, faults = _search_values(criteria)
    if tab == "synthese":
        values["work"] = True
    elif criteria.get("statut") in statuses.SHOWN[side]:
        values["statuses"] = [criteria["statut"]]
    return tab, criteria, values, faults


def _done() -> str:
    said = done.said()
    return gettext("Le brouillon est supprimé.") if said == "suppression" else said


def _label_of(invoice: Any) -> str:
    return invoice.status_label_en if current() == "en" else invoice.status_label_fr


def _search_values(criteria: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Read the filters; one that makes no sense is named and left out rather than failing the page."""
    values: dict[str, Any] = {field: criteria[name] for name, field in _TEXTS.items() if name in criteria}
    faults: dict[str, str] = {}
    readers = {
        "structure": ("structure_id", uuid.UUID, N_("Structure inconnue.")),
        "du": ("deposited_from", _day_start, N_("Date de début : écrivez une date comme 31/01/2026.")),
        "au": ("deposited_to", _day_end, N_("Date de fin : écrivez une date comme 31/01/2026.")),
        **{name: (name, _amount, N_("Montant : écrivez un nombre comme 1234,56.")) for name in _AMOUNTS},
    }
    for name, (field, reader, fault) in readers.items():
        if name in criteria:
            try:
                values[field] = reader(criteria[name])
            except (ValueError, decimal.InvalidOperation):
                faults[name] = fault
    if criteria.get("tri") in SORTS:
        values["sort"] = criteria["tri"]
        values["descending"] = criteria.get("ordre") != "asc"
    return values, faults


def _amount(text: str) -> decimal.Decimal:
    amount = decimal.Decimal("".join(text.split()).replace(",", ".").removesuffix("€"))
    if not amount.is_finite():
        raise ValueError(text)
    return amount


def _day(text: str) -> datetime.date:
    """Read a date as browsers send it (2026-01-31) or as people type it where a browser offers no calendar (31/01/2026)."""
    return datetime.datetime.strptime(text, "%d/%m/%Y").date() if "/" in text else datetime.date.fromisoformat(text)  # noqa: DTZ007


def _day_start(text: str) -> datetime.datetime:
    return datetime.datetime.combine(_day(text), datetime.time.min, PARIS)


def _day_end(text: str) -> datetime.datetime:
    return datetime.datetime.combine(_day(text), datetime.time.max, PARIS)
