"""Mails about requests of espaces: to those whose work a request has become, and to its maker of what became of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from pupitre_contracts import requests

from . import digest_texts, digests, model, repository, request_texts, timetable, use_cases
from .model import Audience

TO_DO, RETURNED, STATUS, REMINDED = "request-to-do", "request-returned", "request-status", "request-reminded"


def tell_of_sending(event: requests.RequestSent, scope: Any) -> None:
    """Send what the espace has to say of a request that was sent, to those whose work it is; the platform tells them of the passage."""
    parties = [each for each in event.parties if each.acts]
    _tell(event, scope, [(TO_DO, each) for each in parties], {}, own=False)


def tell_of_move(event: requests.RequestMoved, scope: Any) -> None:
    """Tell of a passage those whose work the request has become, and its maker where somebody else made it."""
    values = {
        "status_fr": event.status_label_fr,
        "status_en": event.status_label_en,
        "motive": event.motive or "-",
        "comment": event.comment or "-",
    }
    _tell(event, scope, audiences_of_move(event), values)


def audiences_of_move(event: requests.RequestMoved) -> list[tuple[str, requests.PartyOfEvent]]:
    """Say who is told of a passage, and by which template: never the one who made it, but the others that have his role."""
    told = []
    for each in event.parties:
        is_maker = each.structure_id == event.maker_structure_id
        if each.role == event.by and event.by_structure_id in (None, each.structure_id):
            continue
        if each.acts:
            told.append((RETURNED if is_maker else TO_DO, each))
        elif is_maker and event.by != "system":
            told.append((STATUS, each))
    return told


def remind(event: requests.RequestReminded, scope: Any) -> None:
    """Remind those whose work a request is that time runs out."""
    values = {
        "status_fr": event.status_label_fr,
        "status_en": event.status_label_en,
        "days_left": str(event.days_left),
        "due_on": f"{timetable.day_of(event.due_at):%d/%m/%Y}",
    }
    _tell(event, scope, [(REMINDED, each) for each in event.parties if each.acts], values)


def _tell(
    event: Any, scope: Any, told: Sequence[tuple[str, Any]], values: Mapping[str, str], *, own: bool = True
) -> None:
    audiences = [Audience(each.structure_id, each.espace, template, each.structure_service_id) for template, each in told]
    readers = scope.resources.readers.of(scope, audiences, scope.event_meta.time) if audiences else []
    wishes = use_cases.chosen(scope, readers)
    about = str(event.request_id)
    same = {**values, "kind_fr": event.kind_label_fr, "kind_en": event.kind_label_en, "number": event.number, "maker": event.maker_name}
    written: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    known: set[Any] = set()
    for (template, party), users in zip(told, readers, strict=True):
        # Who works for two of the parties is told once, and sees the request in the espace of the first.
        new = [user for user in users if user.user_id not in known]
        known |= {user.user_id for user in new}
        path = f"/espaces/{party.espace}/demandes/{event.request_id}"
        here = {**same, "link": f"{scope.resources.public_url}{path}"}
        more = {"link": here["link"], "motive": here.get("motive", "-")}
        written += use_cases.espace_mails(scope, event, event.espace, new, about=about, **more)
        if not own:
            continue
        daily = [user for user in new if template in model.OPTIONAL and digests.wants(user, wishes)]
        at_once = [user for user in new if user not in daily]
        render = request_texts.TEMPLATES[template].render
        written += use_cases.mails(scope.event_meta.id, template, render, at_once, here, about=about)
        for user in daily:
            line = {"structure_name": party.name, "kind": digest_texts.REQUEST, "path": path, "happened_at": scope.event_meta.time}
            said = request_texts.LINES[template][user.language == "en"].format_map(here)
            lines.append(digests.line(scope.event_meta.id, user, {**line, "about": said}))
    with scope.begin() as tx:
        repository.add(tx, written)
        digests.add(tx, lines, scope.resources.digest_hour)
