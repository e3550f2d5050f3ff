"""Following engagements: what was invoiced of each, told as a warning and never as a refusal (G.1)."""

from __future__ import annotations

from decimal import Decimal

from pupitre_espaces import Html, PageContent, PageRequest
from pupitre_espaces.requests import RequestView

from . import texts

MOST = 20
#: Invoices of these statuses do not count: they were never due.
VOID = frozenset({"BROUILLON", "SUPPRIMEE", "ABANDONNEE", "REJETEE"})


def following(request: PageRequest) -> PageContent:
    """Show the newest engagements that were taken into account, and how much of each was invoiced."""
    context = request.context
    words = TEXTS[context.language]
    side = "received" if context.structure.type == "public" else "issued"
    found = context.ports.requests.search(kind="engagement", status="PRIS_EN_COMPTE", limit=MOST)
    rows = Html("\n").join(_row(each, _invoiced(context, side, each.number), words) for each in found)
    body = TABLE.format(rows=rows, **words) if found else Html("<p>{none}</p>").format(**words)
    return PageContent(words["title"], INTRODUCTION.format(all=request.link("demandes"), **words) + body)


def _invoiced(context, side: str, number: str) -> dict[str, Decimal]:
    """What was invoiced of an engagement by currency, the euro always: sums never add currencies."""
    sums = {"EUR": Decimal(0)}
    for each in context.ports.invoices.search(side, engagement=number, limit=200):
        if each.status not in VOID and each.gross:
            sums[each.currency] = sums.get(each.currency, Decimal(0)) + each.gross
    return sums


def _row(engagement: RequestView, sums: dict[str, Decimal], words: dict[str, str]) -> Html:
    invoiced = sums["EUR"]
    others = "".join(
        f" + {amount:,.2f}\u00a0{code}".replace(",", "\u202f").replace(".", ",")
        for code, amount in sums.items()
        if code != "EUR"
    )
    gross = engagement.amounts.gross if engagement.amounts else Decimal(0)
    issuer, supplier = engagement.party("issuer"), engagement.party("supplier")
    note = (
        Html('<span class="badge text-bg-warning">{}</span>').format(words["exceeded"])
        if invoiced > gross
        else Html("")
    )
    return ROW.format(
        number=engagement.number,
        issuer=issuer.structure.name if issuer else "",
        supplier=supplier.structure.name if supplier else "",
        gross=_euros(gross),
        invoiced=_euros(invoiced) + others,
        left=_euros(gross - invoiced),
        note=note,
    )


def _euros(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",") + "\u202f€"


INTRODUCTION = Html('<p>{introduction} <a href="{all}">{list}</a></p>\n')
TABLE = Html(
    """<div class="table-responsive"><table class="table"><thead><tr><th scope="col">{number}</th><th scope="col">{issuer}</th>
<th scope="col">{supplier}</th><th scope="col" class="text-end">{gross}</th><th scope="col" class="text-end">{invoiced}</th>
<th scope="col" class="text-end">{left}</th></tr></thead><tbody>
{rows}
</tbody></table></div>"""
)
ROW = Html(
    '<tr><th scope="row">{number} {note}</th><td>{issuer}</td><td>{supplier}</td><td class="text-end">{gross}</td>'
    '<td class="text-end">{invoiced}</td><td class="text-end">{left}</td></tr>'
)
TEXTS = {
    "fr": {
        "title": "Suivi des engagements",
        "introduction": "Ce qui a été facturé sur chaque engagement pris en compte. Un dépassement est signalé ; il ne bloque rien.",
        "list": "Tous les engagements",
        "none": "Aucun engagement pris en compte pour l'instant.",
        "number": "Numéro",
        "issuer": texts.ISSUER.fr,
        "supplier": texts.SUPPLIER.fr,
        "gross": "Engagé TTC",
        "invoiced": "Facturé TTC",
        "left": "Reste",
        "exceeded": "dépassé",
    },
    "en": {
        "title": "Following engagements",
        "introduction": "What was invoiced of each engagement that was taken into account. Going beyond is told; it blocks nothing.",
        "list": "All engagements",
        "none": "No engagement was taken into account so far.",
        "number": "Number",
        "issuer": texts.ISSUER.en,
        "supplier": texts.SUPPLIER.en,
        "gross": "Committed incl. VAT",
        "invoiced": "Invoiced incl. VAT",
        "left": "Left",
        "exceeded": "exceeded",
    },
}
