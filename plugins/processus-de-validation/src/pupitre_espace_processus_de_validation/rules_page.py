"""The rules: what is in force, what was, and the form of who decides about them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from pupitre_espaces import Html, PageContent, PageRequest, PortRefused, Redirect
from pupitre_espaces.ports import Member

from . import circuit, people, rules, texts, words
from .rules import Rule

_CONFLICT = "conflict"
_LONGEST_CODE = 100
_SIRET = 14


def show(request: PageRequest, fault: str = "", status: int = 200) -> PageContent:
    """Show the rules to everybody, and the forms to who manages the structure's users."""
    language = request.context.language
    words_, found, members = texts.TEXTS[language], rules.all_of(request.context), people.for_showing(request)
    alert = Html('<p class="alert alert-danger" role="alert">{}</p>').format(fault) if fault else Html("")
    rows = Html("\n").join(_row(request, each, members) for each in sorted(found, key=lambda each: each.until is not None))
    table = TABLE.format(rows=rows, **words_) if found else Html("<p>{no_rules}</p>").format(**words_)
    form = _form(request, members) if members is not None else Html("<p>{who_may}</p>").format(**words_)
    return PageContent(texts.RULES.text(language), alert + Html("<p>{rules}</p>").format(**words_) + table + form, status)


def submit(request: PageRequest) -> PageContent | Redirect:
    """Add a rule or end one, for who manages the structure's users; for anybody else nothing is changed."""
    context, act = request.context, request.form.get("acte", "")
    try:
        members = people.required(context)
        if act not in ("ajouter", "terminer"):
            raise circuit.Refused(texts.UNKNOWN_ACT)
        (_add if act == "ajouter" else _end)(request, members)
    except circuit.Refused as refused:
        return show(request, refused.label.text(context.language), 409 if refused.label == texts.RULE_OVER else 422)
    except PortRefused as refused:
        if refused.code != _CONFLICT:
            raise
        return show(request, texts.CHANGED.text(context.language), 409)
    return Redirect("regles", message=texts.DONE[act])


def _add(request: PageRequest, members: tuple[Member, ...]) -> None:
    context, form = request.context, request.form
    first, second = (people.chosen(form, prefix, members) for prefix in ("etape1", "etape2"))
    steps = [first, second] if second else [first]
    circuit.check_steps(steps)
    found = rules.all_of(context)
    if len(found) >= rules.MOST:
        raise circuit.Refused(texts.TOO_MANY)
    rule = Rule(
        key=rules.next_key(found),
        steps=tuple(tuple(step) for step in steps),
        since=context.clock.now(),
        made_by=context.user.name,
        code_service=_code(form.get("code_service", "")),
        from_amount=_amount(form.get("montant", "")),
        supplier_siret=_siret(form.get("siret", "")),
    )
    context.ports.records.put(rules.COLLECTION, rule.key, rule.stored(), version=0)


def _end(request: PageRequest, members: tuple[Member, ...]) -> None:
    context = request.context
    record = context.ports.records.get(rules.COLLECTION, request.form.get("regle", ""))
    if record is None or rules.read(record).until is not None:
        raise circuit.Refused(texts.RULE_OVER)
    ended = replace(rules.read(record), until=context.clock.now(), ended_by=context.user.name)
    context.ports.records.put(rules.COLLECTION, record.key, ended.stored(), version=record.version)


def _code(text: str) -> str | None:
    if len(text.strip()) > _LONGEST_CODE:
        raise circuit.Refused(texts.WRONG_SERVICE)
    return text.strip() or None


def _amount(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        return words.amount(text)
    except ValueError as error:
        raise circuit.Refused(texts.WRONG_AMOUNT) from error


def _siret(text: str) -> str | None:
    plain = "".join(text.split())
    if plain and not (plain.isascii() and plain.isdecimal() and len(plain) == _SIRET):
        raise circuit.Refused(texts.WRONG_SIRET)
    return plain or None


def _row(request: PageRequest, rule: Rule, members: tuple[Member, ...] | None) -> Html:
    language = request.context.language
    words_ = texts.TEXTS[language]
    able = None if members is None else {each.id for each in members}
    end = Html("")
    if members is not None and rule.until is None:
        text = f"{words_['end']} : {rule.label.text(language)}"
        end = END.format(action=request.link("regles"), mark=request.form_mark, key=rule.key, text=text, **words_)
    return ROW.format(
        name=rule.label.text(language),
        service_shown=rule.code_service or words_["any_service"],
        amount_shown=words.money(rule.from_amount, "EUR", language) if rule.from_amount is not None else words_["any_amount"],
        supplier_shown=rule.supplier_siret or words_["any_supplier"],
        steps_shown=Html("").join(Html("<li>{}</li>").format(_names(step, able, language)) for step in rule.steps),
        since_shown=words_["made"].format(at=words.moment(rule.since.isoformat()), by=rule.made_by),
        until_shown=words_["made"].format(at=words.moment(rule.until.isoformat()), by=rule.ended_by) if rule.until else "",
        end_shown=end,
        **words_,
    )


def _names(step: tuple[rules.Validator, ...], able: set[str] | None, language: str) -> str:
    gone = texts.TEXTS[language]["gone"]
    shown = [{"name": each.name if able is None or each.id in able else f"{each.name} ({gone})"} for each in step]
    return words.names(shown, language)


def _form(request: PageRequest, members: tuple[Member, ...]) -> Html:
    words_, typed = texts.TEXTS[request.context.language], request.form
    return FORM.format(
        action=request.link("regles"),
        mark=request.form_mark,
        typed_code=typed.get("code_service", ""),
        typed_amount=typed.get("montant", ""),
        typed_siret=typed.get("siret", ""),
        first=people.boxes("etape1", words_["first_step"], members, typed),
        second=people.boxes("etape2", words_["second_step"], members, typed),
        **{name: text for name, text in words_.items() if name != "first"},
    )


TABLE = Html(
    '<table class="table cards"><thead><tr><th scope="col">{rule}</th><th scope="col">{service}</th><th scope="col">{from}</th>'
    '<th scope="col">{supplier}</th><th scope="col">{steps}</th><th scope="col">{since}</th><th scope="col">{until}</th>'
    '<th scope="col">{actions}</th></tr></thead><tbody>{rows}</tbody></table>'
)
ROW = Html(
    '<tr><th scope="row" data-label="{rule}">{name}</th><td data-label="{service}">{service_shown}</td>'
    '<td data-label="{from}">{amount_shown}</td><td data-label="{supplier}">{supplier_shown}</td>'
    '<td data-label="{steps}"><ol class="mb-0 ps-3">{steps_shown}</ol></td>'
    '<td data-label="{since}">{since_shown}</td><td data-label="{until}">{until_shown}</td><td data-label="{actions}">{end_shown}</td></tr>'
)
END = Html(
    '<form method="post" action="{action}">{mark}<input type="hidden" name="regle" value="{key}">'
    '<button class="btn btn-sm btn-outline-danger" name="acte" value="terminer" aria-label="{text}">{end}</button></form>'
)
FORM = Html(
    '<h2 class="h5">{add}</h2><form method="post" action="{action}">{mark}<p>{members}</p>'
    '<div class="mb-3"><label class="form-label" for="code_service">{code_service}</label>'
    '<input class="form-control" id="code_service" name="code_service" maxlength="100" value="{typed_code}"></div>'
    '<div class="mb-3"><label class="form-label" for="montant">{from_amount}</label>'
    '<input class="form-control" id="montant" name="montant" inputmode="decimal" value="{typed_amount}"></div>'
    '<div class="mb-3"><label class="form-label" for="siret">{supplier_siret}</label>'
    '<input class="form-control" id="siret" name="siret" inputmode="numeric" value="{typed_siret}"></div>'
    '{first}{second}<button class="btn btn-primary" name="acte" value="ajouter">{create}</button></form>'
)
