"""Lists of invoices: the filters in the address, the search they make, and the pages of the result."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import redirect, render_template, request, url_for
from pupitre_contracts import invoicing

from . import bus, done, invoice_criteria, navigation, pages_saved_filters, statuses
from .languages import N_, current, gettext
from .paging import last_page, page_number

PAGE_SIZE = 25
#: Page numbers reach no further; beyond, one page leads to the next.
DEEPEST = 100_000 // PAGE_SIZE
SORTS = {
    "deposited_at": N_("Date de dépôt"),
    "status_at": N_("Date du statut"),
    "issue_date": N_("Date de facture"),
    "number": N_("Numéro"),
    "gross": N_("Montant TTC"),
    "net": N_("Montant HT"),
    "due": N_("Montant à payer"),
}
_SEVERAL = frozenset(each.page for each in invoice_criteria.CRITERIA if each.kind == "codes")
_PLACES = ("page", "apres", "avant")
Criteria = dict[str, str | list[str]]


@dataclass(frozen=True)
class Listing:
    """One page of a list: what was asked, what was found, and the addresses of the pages around it."""

    side: str
    tab: str
    criteria: Criteria
    faults: list[str]
    found: Any
    page: int

    @property
    def invoices(self) -> list[Any]:
        return self.found.invoices

    @property
    def total(self) -> int:
        return self.found.total

    @property
    def last_page(self) -> int:
        """Number of the last page, at least 1; of a list that was not counted to its end, of the last page counted."""
        return last_page(self.total, PAGE_SIZE)

    @property
    def here(self) -> str:
        """The query that shows this very page again."""
        return self.address(page=self.page, **{name: request.args.get(name) for name in ("apres", "avant")})

    def address(self, **changes: Any) -> str:
        """Return the query that repeats this list with some values changed; a value of None is left out."""
        values = {**self.criteria, "onglet": self.tab, **changes}
        return "?" + urlencode({name: value for name, value in values.items() if value not in (None, "", [])}, doseq=True)


@dataclass(frozen=True)
class Asked:
    """What the address asks of one side: its tab and filters, the search they make, and the filters that make no sense."""

    tab: str
    criteria: Criteria
    search: dict[str, Any]
    faults: list[str]


def asked(side: str) -> Asked:
    """Read the address. The Synthèse is the user's work list (R167); the other tab has everything. A filter that makes no sense is
    named and left out rather than failing the page."""
    tab = "tout" if request.args.get("onglet") == "tout" else "synthese"
    criteria: Criteria = {}
    for name in request.args:
        given = [value.strip() for value in request.args.getlist(name) if value.strip()]
        if given and name not in ("onglet", "lang", *_PLACES):
            criteria[name] = given if name in _SEVERAL else given[0]
    search, faulty = invoice_criteria.read(lambda each: criteria.get(each.page), invoice_criteria.TEXTS)
    faults = [f"{gettext(each.label)} : {gettext(invoice_criteria.FAULTS[each.kind])}." for each in faulty]
    search["statuses"] = [status for status in search.get("statuses", ()) if status in statuses.SHOWN[side]]
    if side == "received":
        search.pop("creator", None)  # who made it is its supplier's affair
    if tab == "synthese":
        search["work"] = True
    if tab == "synthese" or not search["statuses"]:
        del search["statuses"]
    if criteria.get("tri") in SORTS:
        search["order_by"] = criteria["tri"]
        search["descending"] = criteria.get("ordre") != "asc"
    return Asked(tab, criteria, search, faults)


def show(side: str, espace: str, template: str) -> Any:
    """Render a list of one side. Opened without any query, it begins with the user's own filter, if he chose one; before what a
    supplier issued come the returns that he has to acknowledge by now (B.3)."""
    saved = pages_saved_filters.of_list(side)
    beginning = next((each.query for each in saved if each.default), "")
    if not request.args and beginning:
        return redirect(f"{request.path}?{beginning}")
    wanted = asked(side)
    page = page_number()
    mine = {"with_returns": True} if side == "issued" else {}
    found = bus.call(invoicing.SearchInvoices, side=side, page_size=PAGE_SIZE, **wanted.search, **_place(page), **mine)
    if found.returns_overdue:
        return redirect(url_for("returns.listing"))
    listing = Listing(side, wanted.tab, wanted.criteria, wanted.faults, found, page)
    if not found.invoices and page > 1:
        return redirect(request.path + listing.address(page=min(listing.last_page, page - 1)))
    return render_template(
        template,
        listing=listing,
        size=PAGE_SIZE,
        sorts=SORTS,
        modes=invoice_criteria.DEPOSIT_MODES,
        shown_statuses=statuses.SHOWN[side],
        structures=navigation.structures_with(espace),
        can_deposit=bool(navigation.structures_with(espace, "MODIFICATION")),
        most=min(found.total, invoicing.MOST_MOVES),
        label_of=_label_of,
        done=_done(),
        saved=saved,
    )


def found_again(side: str, everything: bool, most: int) -> list[Any]:
    """Return the page of the list whose address was repeated, or the first ``most`` of all that it finds."""
    place = {"page_size": most} if everything else {"page_size": PAGE_SIZE, **_place(page_number())}
    return bus.call(invoicing.SearchInvoices, side=side, **asked(side).search, **place).invoices


def _place(page: int) -> dict[str, Any]:
    """Return where in the list the address is: beyond a page that was seen, or at a number."""
    places = {"after": request.args.get("apres"), "before": request.args.get("avant")}
    return {name: cursor for name, cursor in places.items() if cursor} or {"page": min(page, DEEPEST)}


def _done() -> str:
    said = done.said()
    return gettext("Le brouillon est supprimé.") if said == "suppression" else said


def _label_of(invoice: Any) -> str:
    return invoice.status_label_en if current() == "en" else invoice.status_label_fr
