"""The assistant: rules alone, at any hour, without any external service (R253 to R256).

What was said travels in the form itself, so that it is nobody else's, survives a reduced window and a change of page, and is kept nowhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from pupitre_espaces import EspaceContext, Html, PageContent, PageRequest, PortRefused
from pupitre_espaces.lifecycle import PARIS

from . import intents, reference
from .assistant_texts import TEXTS

#: Turns and characters that a conversation keeps; older ones are let go.
MOST_TURNS, LONGEST = 20, 500
RATINGS, REGISTRATIONS = "avis", "inscriptions"


@dataclass(slots=True)
class Turn:
    """What was said: by whom ("me" or "assistant"), and the text."""

    by: str
    text: str


@dataclass(slots=True)
class Conversation:
    """A conversation. `awaiting` is what the next text answers; `ended` the intent that was just led to its end, to be rated."""

    turns: list[Turn] = field(default_factory=list)
    awaiting: str = ""
    ended: str = ""


def show(request: PageRequest) -> PageContent:
    """Greet, with the suggestions."""
    words = TEXTS[request.context.language]
    return _page(request, Conversation([Turn("assistant", words["greeting"])]))


def answer(request: PageRequest) -> PageContent:
    """Answer what was said, chosen or rated."""
    context, words = request.context, TEXTS[request.context.language]
    talk = _read(request.form.get("talk", "")) or Conversation([Turn("assistant", words["greeting"])])
    said = request.form.get("text", "").strip()[:LONGEST]
    if request.form.get("rating") in ("up", "down"):
        talk.turns.append(Turn("assistant", _rate(context, talk.ended, request.form["rating"], words)))
        talk.ended = ""
    elif request.form.get("training"):
        talk.turns.append(Turn("assistant", _register(context, request.form["training"], words)))
        talk.ended = intents.TRAINING
    elif request.form.get("intent") or said:
        chosen = next((each for each in intents.INTENTS if each.key == request.form.get("intent")), None)
        text = chosen.suggestion.text(context.language) if chosen else said
        talk.turns.append(Turn("me", text))
        _reply(context, talk, chosen.key if chosen else "", text, words)
    talk.turns = talk.turns[-MOST_TURNS:]
    return _page(request, talk)


def _reply(context: EspaceContext, talk: Conversation, intent: str, text: str, words: dict[str, str]) -> None:
    awaited, talk.awaiting, talk.ended = talk.awaiting, "", ""
    if awaited == intents.INVOICE and not intent and (number := intents.number_in(text)):
        _tell_of_invoice(context, talk, number, words)
        return
    intent = intent or intents.recognise(text)
    if intent == intents.INVOICE:
        number = intents.number_in(text)
        if number is None:
            talk.awaiting = intents.INVOICE
            talk.turns.append(Turn("assistant", words["which-invoice"]))
        else:
            _tell_of_invoice(context, talk, number, words)
    elif intent == intents.TRAINING:
        coming = reference.trainings(context.clock.now().astimezone(PARIS).date())
        talk.turns.append(Turn("assistant", words["trainings"] if coming else words["no-training"]))
        talk.awaiting = intents.TRAINING if coming else ""
        talk.ended = "" if coming else intents.TRAINING
    elif intent == intents.UNKNOWN:
        talk.turns.append(Turn("assistant", words["unknown"]))
    else:
        talk.turns.append(Turn("assistant", words[intent]))
        talk.ended = intent


def _tell_of_invoice(context: EspaceContext, talk: Conversation, number: str, words: dict[str, str]) -> None:
    found = []
    for side in ("issued", "received"):
        try:
            found += context.ports.invoices.search(side, number=number, limit=5)
        except PortRefused:
            continue  # he has not that espace: what he may not see is not found
    if not found:
        talk.awaiting = intents.INVOICE
        talk.turns.append(Turn("assistant", words["no-invoice"].format(number=number)))
        return
    lines = [
        words["invoice-line"].format(
            number=each.number,
            status=each.status_label.text(context.language),
            supplier=each.supplier_name,
            recipient=each.recipient_name,
        )
        for each in found
    ]
    talk.turns.append(Turn("assistant", "\n".join([*lines, words["invoice-more"]])))
    talk.ended = intents.INVOICE


def _register(context: EspaceContext, code: str, words: dict[str, str]) -> str:
    coming = {each.code: each for each in reference.trainings(context.clock.now().astimezone(PARIS).date())}
    training = coming.get(code)
    if training is None or context.user is None:
        return words["no-training"]
    key = f"{code}-{context.user.id}".lower()
    try:
        document = {"training": code, "day": training.day.isoformat(), "user": context.user.name}
        context.ports.records.put(REGISTRATIONS, key, document)
    except PortRefused as refused:
        return str(refused)
    told = words["registered"].format(title=training.title.text(context.language), day=training.day.isoformat())
    return f"{told} {training.link}".strip()


def _rate(context: EspaceContext, intent: str, rating: str, words: dict[str, str]) -> str:
    if intent not in {each.key for each in intents.INTENTS}:
        return words["nothing-to-rate"]
    for _ in range(3):
        try:
            kept = context.ports.records.get(RATINGS, intent)
            counts = {"up": 0, "down": 0} | (dict(kept.document) if kept else {})
            counts[rating] += 1
            context.ports.records.put(RATINGS, intent, counts, version=kept.version if kept else 0)
            return words["thanks"]
        except PortRefused as refused:
            if refused.code != "conflict":
                return str(refused)
    return words["rate-again"]


def ratings(request: PageRequest) -> PageContent:
    """Report how the users of the structure rated what the assistant led them through (R256)."""
    language = request.context.language
    words = TEXTS[language]
    kept = {each.key: each.document for each in request.context.ports.records.search(RATINGS)}
    rows = Html("").join(
        RATED.format(
            intent=each.suggestion.text(language), up=kept[each.key].get("up", 0), down=kept[each.key].get("down", 0)
        )
        for each in intents.INTENTS
        if each.key in kept
    )
    body = RATINGS_TABLE.format(rows=rows, **words) if kept else Html("<p>{none_rated}</p>").format(**words)
    return PageContent(words["ratings"], body)


def _read(text: str) -> Conversation | None:
    """Return the conversation that the form brought back; None for what is none. It comes from the visitor: nothing in it is believed."""
    try:
        raw = json.loads(text)
        turns = [
            Turn("me" if each["by"] == "me" else "assistant", str(each["text"])[:2000])
            for each in raw["turns"][-MOST_TURNS:]
        ]
        return Conversation(turns, str(raw["awaiting"]), str(raw["ended"]))
    except (ValueError, TypeError, KeyError):
        return None


def _page(request: PageRequest, talk: Conversation) -> PageContent:
    context, words = request.context, TEXTS[request.context.language]
    turns = [{"by": each.by, "text": each.text} for each in talk.turns]
    # The panel of the bubble brings what was said last into view.
    last = max((index for index, each in enumerate(talk.turns) if each.by == "assistant"), default=-1)
    said = [
        SAID.format(by=each.by, last=Html("<span data-last></span>") if index == last else "", who=words[each.by], text=each.text)
        for index, each in enumerate(talk.turns)
    ]
    form = FORM.format(
        action=request.link("assistant"),
        mark=request.form_mark,
        talk=json.dumps({"turns": turns, "awaiting": talk.awaiting, "ended": talk.ended}),
        buttons=Html("").join(_buttons(context, talk)),
        rating=RATE.format(**words) if talk.ended else Html(""),
        help=request.link("demandes"),
        **words,
    )
    return PageContent(words["title"], TALK.format(language=context.language, said=Html("").join(said), form=form))


def _buttons(context: EspaceContext, talk: Conversation) -> list[Html]:
    language = context.language
    if talk.awaiting == intents.TRAINING:
        coming = reference.trainings(context.clock.now().astimezone(PARIS).date())
        labels = {each.code: f"{each.day.isoformat()} : {each.title.text(language)}" for each in coming}
        return [BUTTON.format(name="training", value=code, label=label) for code, label in labels.items()]
    return [
        BUTTON.format(name="intent", value=each.key, label=each.suggestion.text(language)) for each in intents.INTENTS
    ]


TALK = Html(
    '<div class="assistant" data-lang="{language}"><ol class="assistant-talk list-unstyled">{said}</ol>{form}</div>'
)
SAID = Html('<li class="assistant-{by}"><strong>{who}</strong> <span class="assistant-text">{text}</span>{last}</li>')
BUTTON = Html(
    '<button class="btn btn-outline-primary btn-sm" type="submit" name="{name}" value="{value}">{label}</button> '
)
RATE = Html(
    '<p>{rate} <button class="btn btn-outline-success btn-sm" name="rating" value="up">\N{THUMBS UP SIGN} {yes}</button> '
    '<button class="btn btn-outline-danger btn-sm" name="rating" value="down">\N{THUMBS DOWN SIGN} {no}</button></p>'
)
FORM = Html(
    """<form method="post" action="{action}">{mark}<input type="hidden" name="talk" value="{talk}">
{rating}<p class="assistant-suggestions">{buttons}</p>
<div class="input-group"><label class="visually-hidden" for="assistant-text">{say}</label>
<input class="form-control" id="assistant-text" name="text" maxlength="500" placeholder="{say}" autocomplete="off">
<button class="btn btn-primary" type="submit">{send}</button></div></form>
<p><a href="{help}">{human}</a></p>"""
)
RATED = Html('<tr><th scope="row">{intent}</th><td class="text-end">{up}</td><td class="text-end">{down}</td></tr>')
RATINGS_TABLE = Html(
    '<table class="table w-auto"><thead><tr><th scope="col">{what}</th><th scope="col">\N{THUMBS UP SIGN} {yes}</th>'
    '<th scope="col">\N{THUMBS DOWN SIGN} {no}</th></tr></thead><tbody>{rows}</tbody></table>'
)
