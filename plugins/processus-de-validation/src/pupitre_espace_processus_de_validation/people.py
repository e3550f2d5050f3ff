"""Who may be a validator, and who decides it: organisation says both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pupitre_espaces import EspaceContext, Html, PageRequest
from pupitre_espaces.ports import Member

from . import circuit, texts
from .rules import Validator


def required(context: EspaceContext) -> tuple[Member, ...]:
    """Return the members who may validate, for a user who decides about them. Raises Refused for any other, PortRefused where
    organisation does not let him know them."""
    if context.user is None or not context.user.manages_users:
        raise circuit.Refused(texts.MANAGERS_ONLY)
    return tuple(each for each in context.ports.members.all() if each.may_act)


def for_showing(request: PageRequest) -> tuple[Member, ...] | None:
    """Return the members who may validate; None for a visitor who decides nothing about them."""
    user = request.context.user
    return required(request.context) if user is not None and user.manages_users and request.profile == "MODIFICATION" else None


def chosen(form: Mapping[str, str], prefix: str, members: Iterable[Member]) -> list[Validator]:
    """Return those whose box is ticked. Raises Refused for somebody who may not validate."""
    known = {each.id: each for each in members}
    ticked = [name.removeprefix(f"{prefix}.") for name in form if name.startswith(f"{prefix}.")]
    if set(ticked) - set(known):
        raise circuit.Refused(texts.NO_ACTING_MEMBER)
    return [Validator(known[each].id, known[each].name) for each in ticked]


def boxes(prefix: str, legend: str, members: Iterable[Member], ticked: Iterable[str] = ()) -> Html:
    """Return a box for each member, those of `ticked` as they were sent."""
    sent = set(ticked)
    rows = Html("").join(
        BOX.format(name=f"{prefix}.{each.id}", text=each.name, checked=Html(" checked") if f"{prefix}.{each.id}" in sent else "")
        for each in members
    )
    return BOXES.format(legend=legend, rows=rows)


BOX = Html(
    '<div class="form-check"><input class="form-check-input" type="checkbox" id="{name}" name="{name}" value="1"{checked}>'
    '<label class="form-check-label" for="{name}">{text}</label></div>'
)
BOXES = Html('<fieldset class="mb-3"><legend class="h6">{legend}</legend>{rows}</fieldset>')
