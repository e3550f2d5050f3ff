"""The flux of the structure: the list, the report of one, and what comes up most often (R232)."""

from __future__ import annotations

import csv
import io
from collections import Counter
from zoneinfo import ZoneInfo

from pupitre_espaces import Download, Html, PageContent, PageRequest, PortRefused

from . import months, texts

PARIS = ZoneInfo("Europe/Paris")
PAGE = 50
#: Flux that the dashboard looks at, and of those with refusals how many reports it reads.
LOOKED_AT, REPORTS = 200, 10
#: Spreadsheets take a cell that begins with one of these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def flux_list(request: PageRequest) -> PageContent:
    """List the newest flux that the structure deposited."""
    context = request.context
    words = texts.TEXTS[context.language]
    found = context.ports.flux.search(limit=PAGE, after=request.query.get("after", ""))
    introduction = Html("<p>{}</p>").format(words["introduction"].format(structure=context.structure.name))
    if not found:
        return PageContent(texts.FOLLOWING.text(context.language), introduction + Html("<p>{none}</p>").format(**words))
    rows = Html("\n").join(
        ROW.format(
            numero=each.numero,
            state=_state(each.state).text(context.language),
            file=each.file_name,
            syntax=each.syntax,
            at=each.deposited_at.astimezone(PARIS).strftime("%Y-%m-%d %H:%M"),
            accepted=each.accepted,
            refused=each.refused,
            report=request.link("compte-rendu"),
            join="&" if "?" in request.address("compte-rendu") else "?",
            read=words["report"],
        )
        for each in found
    )
    more = Html("")
    if len(found) == PAGE:
        join = "&" if "?" in request.address("flux") else "?"
        more = Html('<p><a href="{}{}after={}">{}</a></p>').format(
            request.link("flux"), join, found[-1].numero, words["next"]
        )
    return PageContent(texts.FOLLOWING.text(context.language), introduction + TABLE.format(rows=rows, **words) + more)


def report(request: PageRequest) -> PageContent | Download:
    """Show the errors of one flux with the field, the value and the remedy of each; `format=csv` gives them as a file."""
    context = request.context
    words = texts.TEXTS[context.language]
    numero = request.query.get("numero", "")
    try:
        faults = context.ports.flux.faults(numero)
    except PortRefused:
        return PageContent(texts.REPORT.text(context.language), Html("<p>{unknown}</p>").format(**words), 404)
    if request.query.get("format") == "csv":
        return Download(f"{_plain(numero)}.csv", "text/csv", _csv(faults, words))
    title = f"{texts.REPORT.text(context.language)} {numero}"
    back = Html('<p><a href="{}">{}</a></p>').format(request.link("flux"), words["back"])
    if not faults:
        return PageContent(title, Html("<p>{no_faults}</p>").format(**words) + back)
    rows = Html("\n").join(
        FAULT.format(
            which=" ".join(filter(None, (each.number, each.file))) or words["whole"],
            code=each.code,
            label=each.code_label,
            field=each.field,
            value=each.value,
            message=each.message,
            remedy=each.remedy,
            rule=each.rule,
        )
        for each in faults
    )
    join = "&" if "?" in request.address("compte-rendu") else "?"
    link = Html('<p><a href="{}{}numero={}&amp;format=csv">{}</a></p>').format(
        request.link("compte-rendu"), join, numero, words["download"]
    )
    return PageContent(title, FAULTS.format(rows=rows, **words) + link + back)


def board(request: PageRequest) -> PageContent:
    """Count the last flux by state, and the errors of those that were refused at least in part."""
    context = request.context
    words = texts.TEXTS[context.language]
    title = texts.BOARD.text(context.language)
    found = context.ports.flux.search(limit=LOOKED_AT)
    if not found:
        return PageContent(title, Html("<p>{empty}</p>").format(**words))
    accepted, refused = sum(each.accepted for each in found), sum(each.refused for each in found)
    rate = round(100 * accepted / (accepted + refused)) if accepted + refused else 0
    states = Counter(_state(each.state).text(context.language) for each in found)
    codes: Counter[str] = Counter()
    for each in [each for each in found if each.refused][:REPORTS]:
        codes.update(f"{fault.code} {fault.code_label}" for fault in context.ports.flux.faults(each.numero))
    told = words["totals"].format(count=len(found), accepted=accepted, refused=refused, rate=rate)
    body = Html("<p>{}</p>").format(told) + _counted(words["by_state"], states, words) + _by_month(request, words)
    return PageContent(title, body + (_counted(words["by_code"], codes, words) if codes else Html("")))


def _by_month(request: PageRequest, words: dict[str, str]) -> Html:
    """Show the last months, to whoever may read what the espace keeps for the whole structure."""
    try:
        found = months.newest(request.context)
    except PortRefused:
        return Html("")
    if not found:
        return Html("")
    rows = Html("").join(MONTH.format(month=month, **totals) for month, totals in found)
    return MONTHS.format(rows=rows, **words)


def _counted(title: str, counts: Counter[str], words: dict[str, str]) -> Html:
    rows = Html("").join(
        Html('<tr><td>{}</td><td class="text-end">{}</td></tr>').format(*each) for each in counts.most_common(10)
    )
    return COUNTS.format(title=title, rows=rows, many=words["many"])


def _state(code: str):
    return texts.STATES.get(code) or texts.Label(code, code)


def _plain(numero: str) -> str:
    return "".join(each for each in numero if each.isalnum() or each in "-_") or "flux"


def _csv(faults, words: dict[str, str]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(
        [words["which"], words["code"], words["what"], "", words["message"], words["remedy"], words["rule"]]
    )
    for each in faults:
        cells = (
            each.number or each.file or words["whole"],
            each.code,
            each.field,
            each.value,
            each.message,
            each.remedy,
            each.rule,
        )
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return "\ufeff".encode() + out.getvalue().encode()


TABLE = Html(
    """<div class="table-responsive"><table class="table"><thead><tr><th scope="col">{number}</th><th scope="col">{state}</th>
<th scope="col">{file}</th><th scope="col">{syntax}</th><th scope="col">{deposited}</th><th scope="col" class="text-end">{accepted}</th>
<th scope="col" class="text-end">{refused}</th><th></th></tr></thead><tbody>
{rows}
</tbody></table></div>"""
)
ROW = Html(
    '<tr><th scope="row">{numero}</th><td>{state}</td><td>{file}</td><td>{syntax}</td><td>{at}</td><td class="text-end">{accepted}</td>'
    '<td class="text-end">{refused}</td><td><a href="{report}{join}numero={numero}">{read}</a></td></tr>'
)
FAULTS = Html(
    """<div class="table-responsive"><table class="table"><thead><tr><th scope="col">{which}</th><th scope="col">{code}</th>
<th scope="col">{what}</th><th scope="col">{message}</th><th scope="col">{remedy}</th></tr></thead><tbody>
{rows}
</tbody></table></div>"""
)
FAULT = Html(
    '<tr><th scope="row">{which}</th><td>{code}<br><small>{label}</small></td><td>{field}<br><code>{value}</code></td>'
    "<td>{message} <small>{rule}</small></td><td>{remedy}</td></tr>"
)
MONTHS = Html(
    '<h2 class="h5">{by_month}</h2><div class="table-responsive"><table class="table w-auto"><thead><tr><th scope="col">{month}</th>'
    '<th scope="col" class="text-end">{number_of_flux}</th><th scope="col" class="text-end">{accepted}</th>'
    '<th scope="col" class="text-end">{refused}</th></tr></thead><tbody>{rows}</tbody></table></div>'
)
MONTH = Html(
    '<tr><th scope="row">{month}</th><td class="text-end">{flux}</td><td class="text-end">{accepted}</td>'
    '<td class="text-end">{refused}</td></tr>'
)
COUNTS = Html(
    '<h2 class="h5">{title}</h2><table class="table w-auto"><thead><tr><th scope="col"></th><th scope="col">{many}</th></tr></thead>'
    "<tbody>{rows}</tbody></table>"
)
