"""The pages of the fiches d'identité: the list of those in force, and one with the deposits that it fills in."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pupitre_espaces import Html, PageContent, PageRequest, Party, RequestView, forms

from .actors import FIRST, HOLDER, MOA, NAMES, PAYER
from .cadres import BY_CODE
from .chooser_page import kind_of
from .choosing import WITHOUT
from .contract_sheet import AUTHOR, CADRE, IN_FORCE, KIND, MOA_MODES, MOE_MODES, Sheet, steps
from .member_amounts import Line
from .page_texts import TEXTS, money
from .piece_forms import GROUPS

_FIELDS = {field.name: field for field in forms.describe(Sheet)}
_AMOUNTS = forms.describe(Line)
_LIST = Html('<p>{why}</p><p><a class="btn btn-primary" href="{new}">{new_text}</a></p>{sheets}')
_ITEM = Html('<li><a href="{href}">{number}</a> {subject}</li>')
_ROW = Html("<tr>{}</tr>")
_CELL = Html('<td data-label="{label}">{value}</td>')
_HEADS = ("role", "name", "siret", "service", "deposits")
_TABLE = Html(
    '<table class="table cards"><caption>{caption}</caption><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
)
_HEAD = Html('<th scope="col">{}</th>')
_FACTS = Html("<dl>{}</dl>")
_FACT = Html("<dt>{}</dt><dd>{}</dd>")
_OWN = Html("<h2>{title}</h2><ul>{items}</ul>")
_DEPOSIT = Html('<li><a href="{href}">{code} : {label}</a></li>')
_TEXT = Html("<li>{}</li>")
_FOOT = Html('<p>{print}</p><p><a href="{again}">{again_text}</a></p>')


def listing(request: PageRequest) -> PageContent:
    """Show the fiches in force that name the structure."""
    texts = TEXTS[request.context.language]
    found = request.context.ports.requests.search(kind=KIND, status=IN_FORCE, limit=100)
    items = Html("").join(
        _ITEM.format(
            href=request.link("fiche", {"id": str(each.id)}), number=each.number, subject=each.form.get("objet", "")
        )
        for each in found
    )
    return PageContent(
        texts["sheets.title"],
        _LIST.format(
            why=texts["sheets.why"],
            new=request.link_to_new_request(KIND, CADRE),
            new_text=texts["sheets.new"],
            sheets=Html("<ul>{}</ul>").format(items) if found else Html("<p>{}</p>").format(texts["sheets.none"]),
        ),
    )


def sheet(request: PageRequest) -> PageContent:
    """Show one fiche: facts, actors, circuits, and the structure's own deposits, filled in. It prints as it is."""
    texts = TEXTS[request.context.language]
    found = _asked(request)
    if found is None:
        return PageContent(texts["sheets.title"], Html("<p>{}</p>").format(texts["sheet.unknown"]), status=404)
    its = _steps(found)
    return PageContent(
        texts["sheet.title"].format(marche=found.form.get("marche", "")),
        Html("").join(
            [
                _facts(request, found),
                _actors(request, found, its),
                _amounts(request, found),
                _own(request, found, its),
                _foot(request, found),
            ]
        ),
    )


def deposit_link(request: PageRequest, found: RequestView, code: str) -> Html:
    """Return the link to a deposit with a cadre that the fiche fills in: contract, engagement, and whom to name."""
    cadre = BY_CODE[code]
    named = {role: party for role in (*cadre.needs, *cadre.may_name) if (party := _named(found, role))}
    if found.form.get("moa_mode") == WITHOUT:
        named.pop(MOA, None)
    copied = ("marche", "lot", "objet", "groupement", "engagement")
    return request.link_to_new_request(
        kind_of(code),
        code,
        form={name: str(found.form[name]) for name in copied if found.form.get(name)},
        parties={role: party.structure.siret for role, party in named.items()},
        services={role: party.code_service for role, party in named.items() if party.code_service},
    )


def _named(found: RequestView, role: str) -> Party | None:
    # The holder is who validates, unless the fiche names somebody else for it.
    return found.party(role) or (found.party(HOLDER) if role == FIRST else None)


def _asked(request: PageRequest) -> RequestView | None:
    try:
        wanted = UUID(request.query.get("id", ""))
    except ValueError:
        return None
    found = request.context.ports.requests.get(wanted)
    return found if found is not None and found.kind == KIND else None


def _steps(found: RequestView) -> list[tuple[str, str]]:
    form, named = dict(found.form), {party.role for party in found.parties}
    return [*steps(form, named, final=False), *steps(form, named, final=True)]


def _facts(request: PageRequest, found: RequestView) -> Html:
    language, form = request.context.language, found.form
    told = [(each, form.get(each)) for each in ("objet", "lot", "engagement", "comptes", "en_cours", "en_fin")]
    labels = {name: field.label.text(language) for name, field in _FIELDS.items()}
    facts = [(labels[name], Html("<br>").join(str(value).splitlines())) for name, value in told if value]
    for name in ("total_ht", "total_ttc"):
        if form.get(name) is not None:
            facts.append((labels[name], money(form[name], language)))
    for name, choices in (("groupement", GROUPS), ("moe_mode", MOE_MODES), ("moa_mode", MOA_MODES)):
        if form.get(name) in choices:
            facts.append((labels[name], choices[form[name]].text(language)))
    return _FACTS.format(Html("").join(_FACT.format(*each) for each in facts))


def _actors(request: PageRequest, found: RequestView, its: list[tuple[str, str]]) -> Html:
    language = request.context.language
    texts = TEXTS[language]
    labels = [texts[f"sheet.{each}"] for each in _HEADS]
    told = [
        (
            NAMES[party.role].text(language),
            party.structure.name,
            party.structure.siret,
            party.code_service or "",
            ", ".join(code for role, code in its if role == party.role),
        )
        for party in found.parties
        if party.role != AUTHOR
    ]
    return _table(texts["sheet.actors"], labels, told)


def _amounts(request: PageRequest, found: RequestView) -> Html:
    """What each member of a groupement conjoint is to be paid, for those who see it."""
    language = request.context.language
    labels = [field.label.text(language) for field in _AMOUNTS]
    told = [
        tuple(
            money(line[field.name], language) if field.shape == "money" else str(line.get(field.name) or "")
            for field in _AMOUNTS
        )
        for line in found.lines
    ]
    return _table(TEXTS[language]["sheet.amounts"], labels, told) if told else Html("")


def _table(caption: str, labels: Sequence[str], told: Sequence[Sequence[str]]) -> Html:
    rows = Html("").join(_ROW.format(_cells(labels, each)) for each in told)
    heads = Html("").join(_HEAD.format(each) for each in labels)
    return _TABLE.format(caption=caption, heads=heads, rows=rows)


def _cells(labels: Sequence[str], values: Sequence[str]) -> Html:
    return Html("").join(_CELL.format(label=label, value=value) for label, value in zip(labels, values, strict=True))


def _own(request: PageRequest, found: RequestView, its: list[tuple[str, str]]) -> Html:
    language, mine = request.context.language, request.context.structure.siret
    texts = TEXTS[language]
    roles = {party.role for party in found.parties if party.structure.siret == mine} - {AUTHOR, PAYER}
    items = [
        _DEPOSIT.format(href=deposit_link(request, found, code), code=code, label=BY_CODE[code].label.text(language))
        if BY_CODE[code].may_begin
        else _TEXT.format(texts["sheet.from"].format(code=code))
        for role, code in its
        if role in roles
    ]
    return _OWN.format(title=texts["sheet.own"], items=Html("").join(items)) if items else Html("")


def _foot(request: PageRequest, found: RequestView) -> Html:
    texts = TEXTS[request.context.language]
    roles = {party.role for party in found.parties} - {AUTHOR}
    again = request.link_to_new_request(
        KIND,
        CADRE,
        form={name: str(value) for name, value in found.form.items() if value},
        parties={role: [party.structure.siret for party in found.holders(role)] for role in roles},
        services={role: [party.code_service or "" for party in found.holders(role)] for role in roles},
    )
    return _FOOT.format(print=texts["sheet.print"], again=again, again_text=texts["sheet.replace"])
