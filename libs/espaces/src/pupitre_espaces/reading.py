"""What code of a plugin answers where it is no hook: called and checked, within the walls that its caller has around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .context import EspaceContext
from .events import EspaceEvent, Reaction
from .operations import InputRefused, Operation, OperationRequest, perform
from .pages import Answer, Download, Page, PageContent, Redirect
from .problems import WrongAnswer
from .requests import Completed, RequestDraft, RequestKind


def of_page(page: Page, answer: Any) -> Answer:
    """Return what a page answered."""
    if type(answer) not in (PageContent, Download, Redirect):
        raise WrongAnswer(f"the page {page.slug} wants PageContent, Download or Redirect, got {type(answer).__name__}")
    return answer


def of_operation(operation: Operation, request: OperationRequest, raw: Mapping[str, Any]) -> dict[str, Any] | InputRefused:
    """Return what an operation gives, or what is wrong with what was sent."""
    try:
        return perform(operation, request, raw)
    except InputRefused as refused:
        return refused  # the caller's fault, not the plugin's: it does not count


def of_reaction(reaction: Reaction, event: EspaceEvent, context: EspaceContext) -> None:
    """Have a reaction react."""
    answer = reaction.react(event, context)
    if answer is not None:
        raise WrongAnswer(f"the reaction to {event.type} returns nothing, not {type(answer).__name__}")


def of_kind(kind: RequestKind, draft: RequestDraft) -> Completed:
    """Return a kind's word on a draft."""
    completed = kind.complete(draft)
    if type(completed) is not Completed:
        raise WrongAnswer(f"the kind {kind.key} wants Completed, got {type(completed).__name__}")
    if kind.payment is not None:
        # What its rates of VAT are read from is the espace's own too: an answer that cannot be read is its fault, here.
        kind.payment.parts(completed.form, completed.lines)
    return completed
