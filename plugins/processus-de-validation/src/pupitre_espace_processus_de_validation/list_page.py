"""The list of invoices that wait, with the days that are left to pay them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from pupitre_espaces import EspaceContext, Html, PageContent, PageRequest
from pupitre_espaces.ports import Record

from . import circuit, texts, words

#: Invoices that a page looks at, the oldest first.
PAGE = 200
_STATE_OF = {"miennes": circuit.WAITING, "attente": circuit.WAITING, "refusees": circuit.REFUSED, "validees": circuit.VALIDATED}


def waiting(context: EspaceContext, state: str = circuit.WAITING, after: str = "") -> list[Record]:
    """Return the invoices at a state, the oldest first."""
    found = context.ports.records.search(circuit.COLLECTION, state, limit=PAGE, after=after)
    return [each for each in found if each.document["state"] == state]


def show(request: PageRequest) -> PageContent:
    """Show one of the lists; the first is what waits for the visitor himself."""
    context = request.context
    language, words_ = context.language, texts.TEXTS[context.language]
    view = request.query.get("vue", "miennes")
    view = view if view in texts.VIEWS else "miennes"
    found = waiting(context, _STATE_OF[view], request.query.get("apres", ""))
    shown = [each for each in found if view != "miennes" or circuit.awaits(each.document, context.user)]
    now = context.clock.now()
    rows = Html("\n").join(row(request, each, now) for each in shown)
    tabs = Html("").join(
        TAB.format(
            address=request.link("a-valider", {"vue": key}),
            text=label.text(language),
            current=Html(' aria-current="page"') if key == view else "",
        )
        for key, label in texts.VIEWS.items()
    )
    counted = _counted(context, found, words_) if _STATE_OF[view] == circuit.WAITING else Html("")
    table = TABLE.format(rows=rows, **words_) if shown else Html("<p>{none}</p>").format(**words_)
    more = Html("")
    if len(found) == PAGE:
        more = Html('<p><a href="{}">{}</a></p>').format(request.link("a-valider", {"vue": view, "apres": found[-1].key}), words_["more"])
    body = Html("<p>{}</p>").format(words_["delay"]) + counted + Html('<ul class="nav nav-tabs mb-3">{}</ul>').format(tabs) + table + more
    return PageContent(texts.TO_VALIDATE.text(language), body)


def row(request: PageRequest, record: Record, now: datetime) -> Html:
    """Return the line of one invoice."""
    document, language = record.document, request.context.language
    words_ = texts.TEXTS[language]
    return ROW.format(
        address=request.link("facture", {"f": record.key}),
        label_number=words_["number"],
        number=document["number"],
        label_supplier=words_["supplier"],
        supplier=document["supplier"],
        label_service=words_["service"],
        service=document["code_service"] or "",
        label_gross=words_["gross"],
        gross=gross(document, language),
        label_step=words_["step"],
        step=_step(document, language),
        label_waits=words_["waits"],
        waits=words.names(circuit.awaited(document), language),
        label_left=words_["left"],
        left=left(document, now, language),
    )


def _step(document: Mapping[str, Any], language: str) -> str:
    step = circuit.step_of(document)
    if step is None:
        return texts.STATES[document["state"]].text(language)
    return texts.TEXTS[language]["of"].format(step=step + 1, steps=len(document["steps"]))


def left(document: Mapping[str, Any], now: datetime, language: str) -> Html:
    """Return the days that are left to pay an invoice in time, marked when they are few."""
    days, words_ = words.days_left(document["due_on"], now), texts.TEXTS[language]
    if days is None:
        return Html("{}").format(words_["stopped"])
    if days < 0:
        return Html('<strong class="text-danger">{}</strong>').format(words_["late"].format(days=-days))
    return Html("<strong>{}</strong>" if days <= 7 else "{}").format(words_["days"].format(days=days))


def gross(document: Mapping[str, Any], language: str) -> str:
    """Return what an invoice amounts to, all taxes included."""
    if document["gross"] is None:
        return texts.TEXTS[language]["unread"]
    return words.money(Decimal(document["gross"]), document["currency"], language)


def _counted(context: EspaceContext, found: list[Record], words_: Mapping[str, str]) -> Html:
    mine = sum(circuit.awaits(each.document, context.user) for each in found)
    first = words_["first"].format(page=PAGE) if len(found) == PAGE else ""
    return Html("<p>{}<strong>{}</strong></p>").format(first, words_["counts"].format(mine=mine, waiting=len(found)))


TAB = Html('<li class="nav-item"><a class="nav-link" href="{address}"{current}>{text}</a></li>')
TABLE = Html(
    '<table class="table cards"><thead><tr><th scope="col">{number}</th><th scope="col">{supplier}</th><th scope="col">{service}</th>'
    '<th scope="col" class="text-end">{gross}</th><th scope="col">{step}</th><th scope="col">{waits}</th><th scope="col">{left}</th></tr>'
    "</thead><tbody>{rows}</tbody></table>"
)
ROW = Html(
    '<tr><th scope="row" data-label="{label_number}"><a href="{address}">{number}</a></th><td data-label="{label_supplier}">{supplier}</td>'
    '<td data-label="{label_service}">{service}</td><td class="text-end" data-label="{label_gross}">{gross}</td>'
    '<td data-label="{label_step}">{step}</td><td data-label="{label_waits}">{waits}</td><td data-label="{label_left}">{left}</td></tr>'
)
