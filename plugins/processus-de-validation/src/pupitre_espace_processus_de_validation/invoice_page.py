"""One invoice: its steps, what its validator decides, and who did what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pupitre_espaces import Html, PageContent, PageRequest, PortRefused, Redirect
from pupitre_espaces.ports import Record

from . import circuit, list_page, people, texts, words

_CONFLICT = "conflict"


def show(request: PageRequest, fault: str = "", status: int = 200) -> PageContent:
    """Show the validation of the invoice that the address names."""
    record = request.context.ports.records.get(circuit.COLLECTION, request.query.get("f", ""))
    return _unknown(request) if record is None else _shown(request, record, fault, status)


def submit(request: PageRequest) -> PageContent | Redirect:
    """Carry out what the visitor decided; what he may not is said on the page, and nothing is changed."""
    records, language = request.context.ports.records, request.context.language
    record = records.get(circuit.COLLECTION, request.query.get("f", ""))
    if record is None:
        return _unknown(request)
    act = request.form.get("acte", "")
    try:
        document = _decided(request, record.document, act)
        # The version that he read: of two who act at once, one is told to look again.
        records.put(circuit.COLLECTION, record.key, document, version=_version(request, record))
    except circuit.Refused as refused:
        return _shown(request, record, refused.label.text(language), 409)
    except PortRefused as refused:
        if refused.code != _CONFLICT:
            raise
        return show(request, texts.CHANGED.text(language), 409)
    return Redirect("facture", {"f": record.key}, texts.DONE[act])


def _decided(request: PageRequest, document: Mapping[str, Any], act: str) -> circuit.Document:
    context, said = request.context, request.form.get("motif", "")
    now = context.clock.now()
    if act == "valider":
        return circuit.accept(document, context.user, now, said)
    if act == "refuser":
        return circuit.decline(document, context.user, now, said)
    if act == "reattribuer":
        return circuit.reassign(document, people.chosen(request.form, "valideur", people.required(context)), context.user, now)
    if act == "relancer":
        people.required(context)
        return circuit.relaunch(document, context.user, now)
    raise circuit.Refused(texts.UNKNOWN_ACT)


def _version(request: PageRequest, record: Record) -> int:
    sent = request.form.get("version", "")
    return int(sent) if sent.isdecimal() else record.version


def _unknown(request: PageRequest) -> PageContent:
    language = request.context.language
    body = Html("<p>{}</p>").format(texts.TEXTS[language]["unknown"])
    return PageContent(texts.INVOICE.text(language), body + _back(request), 404)


def _back(request: PageRequest) -> Html:
    return Html('<p><a href="{}">{}</a></p>').format(request.link("a-valider"), texts.TEXTS[request.context.language]["back"])


def _shown(request: PageRequest, record: Record, fault: str, status: int) -> PageContent:
    language, document = request.context.language, record.document
    words_ = texts.TEXTS[language]
    refused = Html("")
    if document["state"] == circuit.REFUSED:
        act = circuit.last_refusal(document)
        told = words_["refused"].format(by=act["by"], at=words.moment(act["at"]), motive=act["motive"])
        refused = Html('<p class="alert alert-warning">{}</p>').format(told)
    facts = FACTS.format(
        supplier_name=document["supplier"],
        code=document["code_service"] or "-",
        amount=list_page.gross(document, language),
        on_portal=document[f"status_{language}"],
        by_rule=document[f"rule_{language}"],
        left_shown=list_page.left(document, request.context.clock.now(), language),
        is_at=texts.STATES[document["state"]].text(language),
        **words_,
    )
    alert = Html('<p class="alert alert-danger" role="alert">{}</p>').format(fault) if fault else Html("")
    parts = (alert, refused, facts, _steps(document, language), _forms(request, record), _acts(document, language), _back(request))
    return PageContent(f"{texts.INVOICE.text(language)} {document['number']}", Html("").join(parts), status)


def _steps(document: Mapping[str, Any], language: str) -> Html:
    words_, current = texts.TEXTS[language], circuit.step_of(document)
    lines = []
    for index, each in enumerate(document["steps"]):
        who = words.names(each["validators"], language)
        if each["by"]:
            told = words_["by"].format(name=each["by"]["name"], at=words.moment(each["at"]))
        else:
            told = words_["is_waiting" if index == current else "later"].format(who=who)
        lines.append(Html("<li>{}</li>").format(told))
    return Html('<h2 class="h5">{}</h2><ol>{}</ol>').format(words_["steps"], Html("").join(lines))


def _forms(request: PageRequest, record: Record) -> Html:
    if request.profile != "MODIFICATION":
        return Html("")
    words_, document = texts.TEXTS[request.context.language], record.document
    of_form = {"action": request.link("facture", {"f": record.key}), "mark": request.form_mark, "version": record.version}
    parts = []
    if circuit.awaits(document, request.context.user):
        parts.append(DECIDE.format(typed=request.form.get("motif", ""), most=circuit.LONGEST_MOTIVE, **of_form, **words_))
    elif document["state"] == circuit.WAITING:
        parts.append(Html("<p>{}</p>").format(words_["not_yours"]))
    members = people.for_showing(request) if document["state"] in (circuit.WAITING, circuit.REFUSED) else None
    if members is not None and document["state"] == circuit.WAITING:
        boxes = people.boxes("valideur", words_["reassign"], members, request.form)
        parts.append(REASSIGN.format(boxes=boxes, **of_form, **words_))
    if members is not None and document["state"] == circuit.REFUSED:
        parts.append(RELAUNCH.format(**of_form, **words_))
    return Html("").join(parts)


def _acts(document: Mapping[str, Any], language: str) -> Html:
    words_ = texts.TEXTS[language]
    rows = Html("").join(
        ACT.format(at=words.moment(each["at"]), actor=each["by"], act=_act(each, language), motive=each["motive"], **words_)
        for each in document["acts"]
    )
    return ACTS.format(rows=rows, **words_)


def _act(each: Mapping[str, Any], language: str) -> str:
    words_ = texts.TEXTS[language]
    step = f" ({words_['step'].lower()} {each['step'] + 1})" if each["step"] is not None else ""
    to = words_["to"].format(names=", ".join(each["to"])) if each["to"] else ""
    return f"{texts.ACTS[each['act']].text(language)}{to}{step}"


FACTS = Html(
    '<dl class="row"><dt class="col-sm-3">{supplier}</dt><dd class="col-sm-9">{supplier_name}</dd><dt class="col-sm-3">{service}</dt>'
    '<dd class="col-sm-9">{code}</dd><dt class="col-sm-3">{gross}</dt><dd class="col-sm-9">{amount}</dd><dt class="col-sm-3">{status}</dt>'
    '<dd class="col-sm-9">{on_portal}</dd>'
    '<dt class="col-sm-3">{rule}</dt><dd class="col-sm-9">{by_rule}</dd>'
    '<dt class="col-sm-3">{left}</dt><dd class="col-sm-9">{left_shown}</dd>'
    '<dt class="col-sm-3">{state}</dt><dd class="col-sm-9">{is_at}</dd></dl>'
)
_HEAD = '<form method="post" action="{action}" class="mb-4">{mark}<input type="hidden" name="version" value="{version}">'
DECIDE = Html(
    _HEAD + '<h2 class="h5">{decide}</h2><div class="mb-3"><label class="form-label" for="motif">{comment}</label>'
    '<textarea class="form-control" id="motif" name="motif" maxlength="{most}" rows="3">{typed}</textarea></div>'
    '<button class="btn btn-primary" name="acte" value="valider">{accept}</button> '
    '<button class="btn btn-outline-danger" name="acte" value="refuser">{decline}</button></form>'
)
REASSIGN = Html(_HEAD + '{boxes}<button class="btn btn-outline-primary" name="acte" value="reattribuer">{reassign_do}</button></form>')
RELAUNCH = Html(_HEAD + '<button class="btn btn-outline-primary" name="acte" value="relancer">{relaunch}</button></form>')
ACTS = Html(
    '<h2 class="h5">{history}</h2><table class="table cards"><thead><tr><th scope="col">{when}</th><th scope="col">{who}</th>'
    '<th scope="col">{what}</th><th scope="col">{why}</th></tr></thead><tbody>{rows}</tbody></table>'
)
ACT = Html(
    '<tr><td data-label="{when}">{at}</td><td data-label="{who}">{actor}</td><td data-label="{what}">{act}</td>'
    '<td data-label="{why}">{motive}</td></tr>'
)
