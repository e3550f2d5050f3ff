"""The pages and the card of the espace: until when each year is deposited, and the rates."""

from __future__ import annotations

from datetime import date
from typing import Any

from pupitre_espaces import Card, EspaceContext, Html, Label, PageContent, PageRequest, PortRefused
from pupitre_espaces.lifecycle import DRAFT, PARIS

from .reference import UNITS, Reference

#: How many years back a request may still be open.
YEARS = 4
#: Requests that take their year: a deposit that came to nothing does not.
WITHOUT_EFFECT = ("REJETEE", "ABANDONNEE")
TEXTS = {
    "fr": {
        "deadlines": "Échéances",
        "heads": ("Année", "Dernier jour du dépôt", "Reste", "Demande"),
        "left": "{days} jours",
        "over": "clos",
        "new": "Saisir la demande",
        "none": "non déposée",
        "gnr": "dont GNR : {day} ({left})",
        "settled": "même sans ligne si une avance a été reçue : {day} ({left})",
        "rates": "Taux de remboursement",
        "rate_heads": ("Carburant", "Livraisons", "Taux"),
        "year": "Année",
        "show": "Afficher",
        "no_rate": "Aucun taux n'est renseigné pour {year}. L'administrateur du portail peut compléter les données.",
        "unchecked": "à confirmer",
    },
    "en": {
        "deadlines": "Deadlines",
        "heads": ("Year", "Last day of the deposit", "Left", "Request"),
        "left": "{days} days",
        "over": "closed",
        "new": "Enter the request",
        "none": "not deposited",
        "gnr": "of which GNR: {day} ({left})",
        "settled": "even without a line if an advance was received: {day} ({left})",
        "rates": "Rates of the refund",
        "rate_heads": ("Fuel", "Deliveries", "Rate"),
        "year": "Year",
        "show": "Show",
        "no_rate": "No rate is filled in for {year}. The administrator of the portal can complete the data.",
        "unchecked": "to be confirmed",
    },
}
ROW = Html("<tr>{}</tr>")
HEAD, CELL = Html('<th scope="col">{}</th>'), Html("<td>{}</td>")
TABLE = Html('<table class="table"><thead>{}</thead><tbody>{}</tbody></table>')
NEW = Html('<a href="{}">{}</a>')
CHOICE = Html(
    '<form method="get" class="mb-3">{own}<label for="year">{label}</label> '
    '<input id="year" name="year" inputmode="numeric" value="{year}"> <button class="btn btn-primary">{show}</button></form>'
)


def today(context: EspaceContext) -> date:
    """Return the day where the public bodies are."""
    return context.clock.now().astimezone(PARIS).date()


def deadlines(reference: Reference, request: PageRequest) -> PageContent:
    """Show the years whose deposit is not closed, or was lately, with the days left and the request of each."""
    words, now = TEXTS[request.context.language], today(request.context)
    found = _by_year(request.context)
    rows = [
        _row(
            CELL, (year, *_until(reference, year, now, words), _request(request, year, found.get(year), now, reference))
        )
        for year in range(now.year - 1, now.year - 1 - YEARS, -1)
    ]
    body = TABLE.format(_row(HEAD, words["heads"]), Html("").join(rows))
    return PageContent(words["deadlines"], body)


def rates(reference: Reference, request: PageRequest) -> PageContent:
    """Show the rates of one year."""
    words, language = TEXTS[request.context.language], request.context.language
    typed = request.query.get("year", "")
    year = (
        int(typed)
        if typed.isascii() and typed.isdecimal() and 1900 <= int(typed) <= 2999
        else today(request.context).year - 1
    )
    body = CHOICE.format(own=request.hidden_fields("taux"), label=words["year"], year=year, show=words["show"])
    rows = [
        _row(
            CELL,
            (reference.fuels[fuel].text(language), f"{begin:%d/%m/%Y} – {end:%d/%m/%Y}", _rate(rate, words, language)),
        )
        for fuel, begin, end, rate in reference.rates_of(year)
    ]
    if rows:
        body += TABLE.format(_row(HEAD, words["rate_heads"]), Html("").join(rows))
    else:
        body += Html("<p>{}</p>").format(words["no_rate"].format(year=year))
    return PageContent(words["rates"], body)


def card(reference: Reference, name: Label, context: EspaceContext) -> Card:
    """Return the card of the home page: what waits for the service, or the year that ends first for the claimant."""
    if context.structure.type == "public":
        return Card(name, _to_examine(context))
    found, now = _by_year(context), today(context)
    for year in range(now.year - YEARS, now.year):
        last, sent = reference.last_day(year), _is_sent(found.get(year))
        if now <= last and not sent:
            left = (last - now).days
            text = Label(
                f"La demande {year} se dépose jusqu'au {last:%d/%m/%Y} : reste {left} jours.",
                f"The request for {year} is deposited by {last}: {left} days left.",
            )
            return Card(name, text, page="echeances")
    return Card(name, Label("Aucune demande à déposer.", "No request to deposit."), page="echeances")


def _to_examine(context: EspaceContext) -> Label:
    try:
        count = context.ports.requests.count(kind="demande", to_do=True)
    except PortRefused:
        return Label("Instruire les demandes de remboursement.", "Examine refund requests.")
    return Label(f"Demandes à instruire : {count}.", f"Requests to be examined: {count}.")


def _by_year(context: EspaceContext) -> dict[int, Any]:
    """Return the request of each year: the newest that has an effect. Where none can be asked for, there is none to show."""
    found: dict[int, Any] = {}
    try:
        requests = context.ports.requests.search(kind="demande", limit=50)
    except PortRefused:
        return found
    for each in requests:
        year = each.form.get("year")
        if str(year).isdecimal() and each.status not in WITHOUT_EFFECT:
            found.setdefault(int(year), each)
    return found


def _is_sent(found: Any) -> bool:
    return found is not None and found.status != DRAFT


def _until(reference: Reference, year: int, now: date, words: dict[str, Any]) -> tuple[str, str]:
    last, gas_oil = reference.last_day(year), reference.last_day(year, "GNR", date(year, 12, 31))
    text = f"{last:%d/%m/%Y}"
    if gas_oil != last:
        text += " ; " + words["gnr"].format(day=f"{gas_oil:%d/%m/%Y}", left=_left(gas_oil, now, words))
    settled = reference.settled_by(year)
    if settled is not None:
        text += " ; " + words["settled"].format(day=f"{settled:%d/%m/%Y}", left=_left(settled, now, words))
    return text, _left(last, now, words)


def _left(last: date, now: date, words: dict[str, Any]) -> str:
    return words["left"].format(days=(last - now).days) if now <= last else words["over"]


def _request(request: PageRequest, year: int, found: Any, now: date, reference: Reference) -> Any:
    words = TEXTS[request.context.language]
    if found is not None:
        return f"{found.number} : {found.status_label.text(request.context.language)}".removeprefix(" : ")
    may_deposit = request.context.structure.type == "private" and request.profile == "MODIFICATION"
    if may_deposit and now <= reference.last_day(year):
        return NEW.format(request.link_to_new_request("demande", "A21", form={"year": str(year)}), words["new"])
    return words["none"]


def _rate(rate: Any, words: dict[str, Any], language: str) -> str:
    value = f"{rate.value:f}".replace(".", ",") if language == "fr" else f"{rate.value:f}"
    text = f"{value} EUR / {UNITS[rate.per].text('en' if language == 'en' else 'fr')}"
    return text if rate.checked else f"{text} ({words['unchecked']})"


def _row(cell: Html, values: tuple[Any, ...]) -> Html:
    return ROW.format(Html("").join(cell.format(value) for value in values))
