"""The page of the amounts: for each dossier what was claimed, what MOE and MOA admit, and the legal date that runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pupitre_espaces import Html, PageContent, PageRequest, RequestView

from . import delays, legal_dates
from .contract_sheet import KIND
from .dossier_rules import counts
from .page_texts import TEXTS, money

MOST = 100
_BODY = Html('<p class="lead">{to_do}</p>{table}')
_TABLE = Html(
    '<table class="table cards"><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
)
_HEAD = Html('<th scope="col">{}</th>')
_ROW = Html("<tr>{}</tr>")
_CELL = Html('<td data-label="{label}">{value}</td>')
_HEADS = ("dossier", "contract", "month", "claimed", "moe", "moa", "last", "date")


def follow(request: PageRequest) -> PageContent:
    """Show the dossiers of the newest documents, the newest first."""
    texts, ports = TEXTS[request.context.language], request.context.ports
    found = [each for each in ports.requests.search(limit=MOST) if each.kind != KIND and each.sent_at is not None]
    dossiers: dict[str, list[RequestView]] = {}
    for piece in found:
        dossiers.setdefault(piece.dossier or piece.number, []).append(piece)
    rows = Html("").join(_ROW.format(_row(number, pieces, request)) for number, pieces in dossiers.items())
    table = _TABLE.format(
        caption=texts["follow.limit"],
        heads=Html("").join(_HEAD.format(texts[f"follow.{each}"]) for each in _HEADS),
        rows=rows,
    )
    to_do = texts["follow.to_do"].format(count=ports.requests.count(to_do=True))
    return PageContent(
        texts["follow.title"],
        _BODY.format(to_do=to_do, table=table if dossiers else Html("<p>{}</p>").format(texts["follow.none"])),
    )


def amounts_by_stage(pieces: Sequence[RequestView]) -> dict[str, Any]:
    """Return the amounts of a dossier: those of its newest document that still stands, which has the former stages' too."""
    standing = [each for each in pieces if counts(each)]
    form: Mapping[str, Any] = max(standing, key=lambda each: each.sent_at).form if standing else {}
    return {
        name: form[name] for name in ("demande_ttc", "admis_moe_ttc", "admis_moa_ttc") if form.get(name) is not None
    }


def _row(number: str, pieces: Sequence[RequestView], request: PageRequest) -> Html:
    language = request.context.language
    last = max(pieces, key=lambda each: each.sent_at)
    amounts = amounts_by_stage(pieces)
    known = delays.read()
    dates = [found for each in pieces if (found := legal_dates.of(each, known)) is not None]
    cells = [
        number,
        last.form.get("marche", ""),
        last.form.get("mois", ""),
        *(money(amounts.get(name), language) for name in ("demande_ttc", "admis_moe_ttc", "admis_moa_ttc")),
        f"{last.cadre} {last.number} : {last.status_label.text(language)}",
        Html("<br>").join(
            f"{each.what.text(language)} : {_day(each.last_day, language)} ({legal_dates.INDICATIVE.text(language)})"
            for each in dates
        ),
    ]
    labels = [TEXTS[language][f"follow.{each}"] for each in _HEADS]
    return Html("").join(_CELL.format(label=label, value=cell) for label, cell in zip(labels, cells, strict=True))


def _day(day: date, language: str) -> str:
    return f"{day:%d/%m/%Y}" if language == "fr" else day.isoformat()
