"""The page that asks three questions and answers with one cadre."""

from __future__ import annotations

from collections.abc import Mapping

from pupitre_espaces import Html, PageContent, PageRequest

from . import choosing
from .actors import HOLDER, JOINT, MOA, MOE, NAMES, SUBCONTRACTOR
from .cadres import BY_CODE, MONTHLY
from .contract_sheet import MOA_MODES
from .kinds import ACCOUNT, FINAL_ACCOUNT
from .page_texts import TEXTS

_SELECT = Html(
    '<p><label for="{name}" class="form-label">{label}</label> '
    '<select id="{name}" name="{name}" class="form-select">{options}</select></p>'
)
_OPTION = Html('<option value="{value}"{chosen}>{text}</option>')
_FORM = Html(
    '<form method="get" action="{action}">{own}{fields}<p><button class="btn btn-primary">{send}</button></p></form>{answer}'
)
_ANSWER = Html("<h2>{title}</h2><p>{text}</p>{link}")
_LINK = Html('<p><a class="btn btn-secondary" href="{href}">{text}</a></p>')


def choose(request: PageRequest) -> PageContent:
    """Show the questions, and the answer once they are answered."""
    texts, asked = TEXTS[request.context.language], _questions(request)
    fields = Html("").join(
        _SELECT.format(
            name=name,
            label=texts[f"choose.{label}"],
            options=Html("").join(
                _OPTION.format(
                    value=value, chosen=Html(" selected") if request.query.get(name) == value else "", text=text
                )
                for value, text in options.items()
            ),
        )
        for name, label, options in asked
    )
    answered = all(request.query.get(name) in options for name, _, options in asked)
    return PageContent(
        texts["choose.title"],
        _FORM.format(
            action=request.link("choisir"),
            own=request.hidden_fields("choisir"),
            fields=fields,
            send=texts["choose.send"],
            answer=_answer(request, texts) if answered else "",
        ),
    )


def _questions(request: PageRequest) -> tuple[tuple[str, str, Mapping[str, str]], ...]:
    language = request.context.language
    texts = TEXTS[language]
    return (
        ("qui", "who", {each: NAMES[each].text(language) for each in (HOLDER, JOINT, SUBCONTRACTOR, MOE, MOA)}),
        ("marche", "works", {each: texts[f"choose.works.{each}"] for each in ("oui", "non")}),
        ("etape", "stage", {each: texts[f"choose.stage.{each}"] for each in ("mensuel", "final", "general", "tacite")}),
        ("moe", "moe", {each: texts[f"choose.moe.{each}"] for each in ("oui", "non")}),
        ("moa", "moa", {each: label.text(language) for each, label in MOA_MODES.items()}),
    )


def _answer(request: PageRequest, texts: Mapping[str, str]) -> Html:
    given = request.query
    advice = choosing.choose(
        choosing.Answers(given["qui"], given["etape"], given["marche"] == "oui", given["moe"] == "oui", given["moa"])
    )
    title = texts["choose.answer"].format(code=advice.code) if advice.code else texts["choose.none"]
    link = ""
    if advice.code and BY_CODE[advice.code].may_begin:
        href = request.link_to_new_request(kind_of(advice.code), advice.code)
        link = _LINK.format(href=href, text=texts["choose.deposit"])
    return _ANSWER.format(title=title, text=advice.text.text(request.context.language), link=link)


def kind_of(code: str) -> str:
    """Return the kind to which a cadre belongs."""
    return ACCOUNT if code in {cadre.code for cadre in MONTHLY} else FINAL_ACCOUNT
