"""The pages and the card of the espace: how many days are left, and the calculator of expenses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pupitre_espaces import (
    Card,
    Download,
    EspaceContext,
    Finding,
    Html,
    Label,
    PageContent,
    PageRequest,
    PortRefused,
    forms,
)
from pupitre_espaces.lifecycle import DRAFT, PARIS
from pupitre_espaces.pages import Answer

from . import bordereau, expenses, forclusion
from .memoire_form import CALCULATOR, CalculatorForm
from .tariff import DATA, Tariff

NAME = Label("Mémoires de frais de justice", "Court costs")
DETAIL = Label("Détail des frais divers", "Detail of expenses")
TEXTS = {
    "fr": {
        "deadlines": "Échéances",
        "heads": ("Mémoire", "Fin de mission", "Dernier jour d'envoi", "Reste"),
        "left": "{days} jours",
        "over": "forclos",
        "none": "Aucun mémoire en brouillon n'a de date de fin de mission.",
        "intro": "Remplissez le calcul, ou téléchargez le bordereau à remplir : le total est en case F30.",
        "blank": "Télécharger le bordereau vierge",
        "reckon": "Calculer",
        "xlsx": "Télécharger le bordereau (tableur)",
        "pdf": "Télécharger le bordereau (PDF)",
        "total": "Montant total, à reporter dans « Frais divers » : {total} EUR",
        "choose": "—",
        "no_rates": "Les barèmes à cette date ne sont pas renseignés ({data}).",
    },
    "en": {
        "deadlines": "Deadlines",
        "heads": ("Mémoire", "End of the mission", "Last day of sending", "Left"),
        "left": "{days} days",
        "over": "too late",
        "none": "No draft has the end of its mission.",
        "intro": "Fill in the calculation, or download the bordereau to be filled in: the total stands in cell F30.",
        "blank": "Download the empty bordereau",
        "reckon": "Calculate",
        "xlsx": "Download the bordereau (spreadsheet)",
        "pdf": "Download the bordereau (PDF)",
        "total": "Total, to be entered as “Frais divers”: {total} EUR",
        "choose": "—",
        "no_rates": "The rates on that day are not filled in ({data}).",
    },
}
FORM = Html(
    '<p>{intro} <a href="{blank}">{blank_text}</a></p>{answer}<form method="post">{mark}{fields}{buttons}</form>'
)
FIELD = Html('<div class="mb-2"><label class="form-label" for="{name}">{label}</label>{input}</div>')
INPUT = Html('<input class="form-control" id="{name}" name="{name}" type="{type}" value="{value}">')
SELECT = Html('<select class="form-select" id="{name}" name="{name}">{options}</select>')
OPTION, CHOSEN = Html('<option value="{}">{}</option>'), Html('<option value="{}" selected>{}</option>')
BUTTON = Html('<button class="btn btn-primary me-2" name="give" value="{}">{}</button>')
RESULT = Html('<p class="alert alert-info" role="status">{}</p>')
FAULT = Html('<p class="alert alert-danger" role="alert">{}</p>')
TABLE = Html('<table class="table"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>')
ROW, HEAD, CELL = Html("<tr>{}</tr>"), Html('<th scope="col">{}</th>'), Html("<td>{}</td>")


def today(context: EspaceContext) -> date:
    """Return the day where the courts are."""
    return context.clock.now().astimezone(PARIS).date()


def deadlines(request: PageRequest) -> PageContent:
    """Show the drafts by the day on which they are lost, soonest first."""
    words, now = TEXTS[request.context.language], today(request.context)
    rows = [
        ROW.format(
            Html("").join(CELL.format(value) for value in (number, _day(end), _day(last), _left(last, now, words)))
        )
        for last, end, number in _drafts(request.context)
    ]
    if not rows:
        return PageContent(words["deadlines"], Html("<p>{}</p>").format(words["none"]))
    heads = Html("").join(HEAD.format(head) for head in words["heads"])
    return PageContent(words["deadlines"], TABLE.format(heads, Html("").join(rows)))


def card(context: EspaceContext) -> Card:
    """Return the card of the home page: what waits for the court, or the draft that is lost first."""
    if context.structure.type == "public":
        try:
            count = context.ports.requests.count(kind="memoire", to_do=True)
        except PortRefused:
            return Card(NAME, Label("Certifier et taxer les mémoires.", "Certify and tax mémoires."))
        return Card(NAME, Label(f"Mémoires à traiter : {count}.", f"Mémoires to be dealt with: {count}."))
    now = today(context)
    for last, _, number in _drafts(context):
        if now <= last:
            left = (last - now).days
            text = Label(
                f"Mémoire {number} : reste {left} jours avant la forclusion ({last:%d/%m/%Y}).",
                f"Mémoire {number}: {left} days left ({last}).",
            )
            return Card(NAME, text, page="echeances")
    return Card(
        NAME,
        Label(
            "Un mémoire s'envoie dans l'année qui suit la mission.", "A mémoire is sent within a year of the mission."
        ),
    )


def calculator(tariff: Tariff, request: PageRequest) -> Answer:
    """Show the calculator, or give the bordereau to be filled in."""
    language, day = request.context.language, today(request.context)
    if request.query.get("bordereau") == "vierge":
        rates = tariff.rates(day)
        if rates is not None:
            return Download("bordereau-frais-divers.xlsx", bordereau.XLSX, bordereau.blank(rates, language))
    return _page(request, {"on": day.isoformat()}, Html(""))


def calculate(tariff: Tariff, request: PageRequest) -> Answer:
    """Answer the calculator: the total, or the bordereau as a file."""
    language, words = request.context.language, TEXTS[request.context.language]
    values, findings = forms.read(CalculatorForm, request.form)
    rates = tariff.rates(values["on"]) if "on" in values else None
    if findings or rates is None:
        return _page(
            request, request.form, _faults(findings, language) or FAULT.format(words["no_rates"].format(data=DATA))
        )
    rows = expenses.entries(values, rates)
    about = f"{request.context.structure.name}, {values['on']:%d/%m/%Y}"
    if request.form.get("give") == "xlsx":
        content = bordereau.workbook(rows, rates, language, values.get("vehicle") or "CV5", about)
        return Download("bordereau-frais-divers.xlsx", bordereau.XLSX, content)
    if request.form.get("give") == "pdf":
        return Download("bordereau-frais-divers.pdf", bordereau.PDF, bordereau.document(rows, language, about))
    return _page(request, request.form, RESULT.format(words["total"].format(total=expenses.total(rows))))


def _page(request: PageRequest, given: Mapping[str, str], answer: Html) -> PageContent:
    language, words = request.context.language, TEXTS[request.context.language]
    fields = Html("").join(_field(each, given.get(each.name, ""), request) for each in forms.describe(CalculatorForm))
    buttons = Html("").join(BUTTON.format(name, words[name]) for name in ("reckon", "xlsx", "pdf"))
    blank = request.link(CALCULATOR, {"bordereau": "vierge"})
    body = FORM.format(
        intro=words["intro"],
        blank=blank,
        blank_text=words["blank"],
        answer=answer,
        mark=request.form_mark,
        fields=fields,
        buttons=buttons,
    )
    return PageContent(DETAIL.text(language), body)


def _field(each: forms.FormField, value: str, request: PageRequest) -> Html:
    language = request.context.language
    if each.choices is not None:
        choices = {"": Label("—", "—"), **each.choices}
        options = Html("").join(
            (CHOSEN if code == value else OPTION).format(code, label.text(language)) for code, label in choices.items()
        )
        made = SELECT.format(name=each.name, options=options)
    else:
        made = INPUT.format(name=each.name, type="date" if each.shape == "date" else "text", value=value)
    return FIELD.format(name=each.name, label=each.label.text(language), input=made)


def _faults(findings: tuple[Finding, ...], language: Any) -> Html:
    return Html("").join(
        FAULT.format(f"{each.message.text(language)} {each.remedy.text(language)}") for each in findings
    )


def _drafts(context: EspaceContext) -> list[tuple[date, date, str]]:
    """Return the drafts under the rule of one year: last day, end of the mission, number; soonest first."""
    try:
        views = context.ports.requests.search(kind="memoire", status=DRAFT, limit=50)
    except PortRefused:
        return []
    found = []
    for each in views:
        end, last = _as_day(each.form.get("mission_end")), _as_day(each.form.get("last_day"))
        last = last or (forclusion.last_day(end) if end is not None else None)
        if last is not None:
            found.append((last, end or last, each.number or "—"))
    return sorted(found)


def _as_day(value: Any) -> date | None:
    """Return a day of a form, which may come as JSON keeps it."""
    return date.fromisoformat(value) if isinstance(value, str) else value


def _day(value: date) -> str:
    return f"{value:%d/%m/%Y}"


def _left(last: date, now: date, words: Mapping[str, Any]) -> str:
    return words["left"].format(days=(last - now).days) if now <= last else words["over"]
