"""The page on which a PDF is sent and its judgement read. Nothing of either is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from pupitre_espaces import Html, Label, PageContent, PageRequest

from . import texts, verdicts
from .verdicts import Facts, Judgement, NotJudged, Signature

SLUG = "verifier"
PARIS = ZoneInfo("Europe/Paris")
_BADGES = {
    "valid": "success",
    "intact": "secondary",
    "unsigned": "secondary",
    "not-anchored": "warning",
    "out-of-time": "warning",
}
_BAD = "danger"


def ask(request: PageRequest) -> PageContent:
    """Show the form."""
    return PageContent(texts.VERIFY.text(request.context.language), _form(request))


def verify(request: PageRequest) -> PageContent:
    """Judge the file that was sent, and show the judgement."""
    context, sent = request.context, request.files.get("file")
    language, title = context.language, texts.VERIFY.text(context.language)
    try:
        if sent is None:
            raise NotJudged("missing")
        judgement = verdicts.judge(sent.content, context.clock.now())
    except NotJudged as not_judged:
        said = FAULT.format(texts.FAULTS[not_judged.reason].text(language))
        return PageContent(title, said + _form(request), 503 if not_judged.passes else 422)
    return PageContent(title, _judgement(sent.name, judgement, language) + _form(request))


def _judgement(name: str, judgement: Judgement, language: str) -> Html:
    label, meaning = texts.VERDICTS[judgement.verdict]
    notes = [
        _of_anchors(judgement.anchors).text(language).format(count=judgement.anchors),
        texts.REVOCATION.text(language),
    ]
    return DOCUMENT.format(
        name=name,
        verdict=texts.TEXTS[language]["document"],
        badge=_BADGES.get(judgement.verdict, _BAD),
        label=label.text(language),
        meaning=meaning.text(language),
        notes=Html("").join(NOTE.format(each) for each in notes) if judgement.signatures else "",
        signatures=Html("").join(
            _section(number, each, language) for number, each in enumerate(judgement.signatures, 1)
        ),
    )


def _of_anchors(count: int | None) -> Label:
    if count is None:
        return texts.ILL_ANCHORS
    return texts.ANCHORS if count else texts.NO_ANCHOR


def _section(number: int, signature: Signature, language: str) -> Html:
    label, meaning = texts.VERDICTS[signature.verdict]
    return SIGNATURE.format(
        number=number,
        kind=texts.KINDS[signature.facts["kind"]].text(language),
        badge=_BADGES.get(signature.verdict, _BAD),
        label=label.text(language),
        meaning=meaning.text(language),
        rows=Html("").join(ROW.format(name, value) for name, value in _rows(signature.facts, language)),
    )


def _rows(facts: Facts, language: str) -> Iterator[tuple[str, str]]:
    """Give what is known of a signature, each with its name."""
    words = texts.TEXTS[language]
    if facts["kind"] == "unreadable":
        yield words["field"], facts["field"]
        return
    yield words["subject"], facts["subject"]
    yield words["issuer"], facts["issuer"]
    yield words["serial"], facts["serial"]
    if facts["kind"] == "stamp":
        yield words["at"], at(facts["claimed_at"])
    else:
        claimed = words["claimed_note"].format(at=at(facts["claimed_at"])) if facts["claimed_at"] else words["no_date"]
        yield words["claimed"], claimed
        yield words["stamped"], _stamp(facts, language)
    yield words["integrity"], words["whole" if facts["intact"] else "altered"]
    yield words["covers"], texts.COVERS[facts["later"]].text(language)
    yield words["validity"], _validity(facts, language)
    yield words["trust"], texts.TRUST[facts["trust"]].text(language).format(anchor=facts["anchor"])
    yield words["digest"], facts["digest"].upper()


def _stamp(facts: Facts, language: str) -> str:
    words, stamp = texts.TEXTS[language], facts["stamp"]
    if stamp is None:
        return words["no_stamp"]
    how = "stamp_broken" if not stamp["intact"] else "stamp_good" if stamp["trust"] == "anchored" else "stamp_unknown"
    return words[how].format(at=at(stamp["at"]), by=stamp["by"])


def _validity(facts: Facts, language: str) -> str:
    words = texts.TEXTS[language]
    period = words["period"].format(first=at(facts["valid_from"]), last=at(facts["valid_until"]))
    then = {True: "in_time", False: "not_in_time", None: "no_time"}[facts["signed_in_time"]]
    return " ".join([period, words[then], *([] if facts["held_now"] else [words["expired"]])])


def at(instant: str) -> str:
    """Return an instant (ISO, UTC) as the clocks of France show it."""
    return f"{datetime.fromisoformat(instant).astimezone(PARIS):%d/%m/%Y %H:%M}"


def _form(request: PageRequest) -> Html:
    words = texts.TEXTS[request.context.language]
    return FORM.format(
        action=request.link(SLUG),
        mark=request.form_mark,
        introduction=words["try"],
        choose=words["choose"],
        send=words["send"],
    )


FAULT = Html('<p class="alert alert-danger" role="alert">{}</p>')
DOCUMENT = Html(
    """<section aria-live="polite" class="mb-4"><h2 class="h5 text-break">{name}</h2>
<p>{verdict} <span class="badge text-bg-{badge} text-wrap">{label}</span></p><p>{meaning}</p>{notes}{signatures}</section>
"""
)
NOTE = Html('<p class="small">{}</p>')
SIGNATURE = Html(
    """<section class="card card-body mb-3">
<h3 class="h6">{number}. {kind} <span class="badge text-bg-{badge} text-wrap">{label}</span></h3>
<p>{meaning}</p><dl class="row mb-0">{rows}</dl></section>
"""
)
ROW = Html('<dt class="col-sm-4">{}</dt><dd class="col-sm-8 text-break">{}</dd>')
FORM = Html(
    """<form method="post" action="{action}" enctype="multipart/form-data">{mark}<p>{introduction}</p>
<div class="mb-3"><label class="form-label" for="file">{choose}</label>
<input class="form-control" type="file" id="file" name="file" accept="application/pdf,.pdf" required></div>
<button class="btn btn-primary" type="submit">{send}</button></form>"""
)
