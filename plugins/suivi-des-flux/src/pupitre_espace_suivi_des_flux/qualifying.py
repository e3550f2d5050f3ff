"""Qualification: a test file is judged as a deposit would be, and nothing is created, sent or kept (R231)."""

from __future__ import annotations

from pupitre_espaces import Html, PageContent, PageRequest, PortRefused
from pupitre_espaces.ports import Verdict

from . import texts

_BADGES = {"QP_RECEVABLE": "success", "QP_RECEVABLE_AVEC_ERREUR": "warning", "QP_IRRECEVABLE": "danger"}


def state_of(verdict: Verdict) -> str:
    """Return the reference's state of a file that was checked: errors refuse it, warnings go with it."""
    if verdict.verdict != "valid":
        return "QP_IRRECEVABLE"
    return (
        "QP_RECEVABLE_AVEC_ERREUR"
        if any(severity != "information" for _, severity, _, _ in verdict.findings)
        else "QP_RECEVABLE"
    )


def ask(request: PageRequest) -> PageContent:
    """Show the form."""
    words = texts.TEXTS[request.context.language]
    return PageContent(texts.QUALIFYING.text(request.context.language), _form(request, words))


def judge(request: PageRequest) -> PageContent:
    """Judge the file that was sent, and show the conformity report."""
    language = request.context.language
    words, title = texts.TEXTS[language], texts.QUALIFYING.text(language)
    sent = request.files.get("file")
    if sent is None or not sent.content:
        return PageContent(
            title, Html('<p class="alert alert-danger">{missing}</p>').format(**words) + _form(request, words), 422
        )
    try:
        verdict = request.context.ports.flux.check(sent.name, sent.content)
    except PortRefused as refused:
        return PageContent(
            title, Html('<p class="alert alert-danger">{}</p>').format(str(refused)) + _form(request, words), 422
        )
    if verdict.verdict == "error":
        return PageContent(
            title, Html('<p class="alert alert-danger">{cannot}</p>').format(**words) + _form(request, words), 503
        )
    return PageContent(title, _report(sent.name, verdict, words, language) + _form(request, words))


def _report(name: str, verdict: Verdict, words: dict[str, str], language: str) -> Html:
    state = state_of(verdict)
    stage = texts.STAGES.get(verdict.stage or "")
    rows = Html("\n").join(
        ROW.format(rule=rule, message=message, remedy=remedy) for rule, _, message, remedy in verdict.findings
    )
    return REPORT.format(
        name=name,
        badge=_BADGES[state],
        state=texts.STATES[state].text(language),
        format=" ".join(filter(None, (verdict.format, verdict.profile))) or "-",
        stopped=words["stopped"].format(stage=stage.text(language)) if stage else "",
        findings=FINDINGS.format(rows=rows, **words) if verdict.findings else Html("<p>{clean}</p>").format(**words),
        verdict=words["verdict"],
        what=words["format"],
    )


def _form(request: PageRequest, words: dict[str, str]) -> Html:
    texts_of_form = {"introduction": words["try"], "choose": words["choose"], "send": words["send"]}
    return FORM.format(action=request.link("qualification"), mark=request.form_mark, **texts_of_form)


REPORT = Html(
    """<section aria-live="polite"><h2 class="h5">{name}</h2>
<p>{verdict}: <span class="badge text-bg-{badge}">{state}</span> {what}: {format}. {stopped}</p>
{findings}</section>
"""
)
FINDINGS = Html(
    '<div class="table-responsive"><table class="table"><thead><tr><th scope="col">{rule}</th><th scope="col">{message}</th>'
    '<th scope="col">{remedy}</th></tr></thead><tbody>{rows}</tbody></table></div>'
)
ROW = Html('<tr><th scope="row">{rule}</th><td>{message}</td><td>{remedy}</td></tr>')
FORM = Html(
    """<form method="post" action="{action}" enctype="multipart/form-data">{mark}<p>{introduction}</p>
<div class="mb-3"><label class="form-label" for="file">{choose}</label>
<input class="form-control" type="file" id="file" name="file" required></div>
<button class="btn btn-primary" type="submit">{send}</button></form>"""
)
