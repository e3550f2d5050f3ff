"""What notifications does: turn events into mails, hand mails over, and let readers see theirs."""

import contextlib
import logging
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pupitre_bus.scope import Received
from pupitre_bus.threads import off_hub
from pupitre_contracts import errors, identity, invoicing, organisation
from pupitre_contracts import notifications as contract

from . import account_mails, digest_texts, digests, messages, model, preferences, queries, recaps, repository, writing
from .mailer import Failure, hand_over

log = logging.getLogger(__name__)

#: Mails handed over between two commits, where handing one over twice leaves one; elsewhere each has a commit of its own.
BATCH = 100
RUN_SECONDS = 8.0


def tell_of_moves(received: Sequence[Received], scope: Any) -> None:
    """Write the mails that transitions of invoices call for (R041)."""
    concerned = [(each, audience) for each in received for audience in model.audiences_of_move(each.event)]
    latest = max(each.meta.time for each in received)
    audiences = scope.resources.readers.of(scope, [audience for _, audience in concerned], latest)
    wishes = chosen(scope, audiences)
    written: list[dict[str, Any]] = []
    lines: list[dict[str, Any]] = []
    for (each, audience), users in zip(concerned, audiences, strict=True):
        side = "recues" if audience.espace == model.RECEIVED else "emises"
        path = f"/factures-{side}/{each.event.invoice_id}"
        values = {**_told_of_move(each.event), "link": f"{scope.resources.public_url}{path}"}
        render, about = messages.TEMPLATES[audience.template].render, str(each.event.invoice_id)
        daily = [user for user in users if digests.wants(user, wishes)]
        waiting = {user.user_id for user in daily} if model.waits_for_digest(audience.template, each.event.status_to) else set()
        at_once = [user for user in users if user.user_id not in waiting]
        written += mails(each.meta.id, audience.template, render, at_once, values, about=about)
        line = {
            "structure_name": each.event.recipient_name if side == "recues" else each.event.supplier_name,
            "kind": digest_texts.INVOICE,
            "about": each.event.number,
            "status_from": each.event.status_from,
            "status_to": each.event.status_to,
            "path": path,
            "happened_at": each.meta.time,
        }
        lines += [digests.line(each.meta.id, user, line) for user in daily]
    with scope.begin() as tx:
        repository.add(tx, written)
        digests.add(tx, lines, scope.resources.digest_hour)
        recaps.count(tx, [(each.event, each.meta.time) for each in received], scope.resources.digest_hour)


def chosen(scope: Any, audiences: Iterable[Sequence[identity.User]]) -> dict[uuid.UUID, Any]:
    """How those of the users want to be told who chose anything."""
    with scope.reading() as db:
        return preferences.of(db, {user.user_id for users in audiences for user in users})


def _told_of_move(event: invoicing.InvoiceMoved) -> dict[str, str]:
    label_fr, label_en = messages.STATUS_LABELS.get(event.status_to, (event.status_to, event.status_to))
    todo_fr, todo_en = messages.WHAT_TO_DO.get(event.status_to, ("", ""))
    return {
        "number": event.number,
        "supplier": event.supplier_name,
        "recipient": event.recipient_name,
        "gross": f"{event.gross:.2f}",
        "currency": event.currency,
        "status_fr": label_fr,
        "status_en": label_en,
        "motive": event.motive or "-",
        "comment": event.comment or "-",
        "todo_fr": todo_fr,
        "todo_en": todo_en,
    }


def tell_of_flux(event: invoicing.FluxProcessed, scope: Any) -> None:
    """Tell the users of the depositing structure how their flux ended."""
    outcome_fr, outcome_en = messages.FLUX_LABELS[event.state]
    audience = model.Audience(event.structure_id, model.ISSUED, "flux-processed")
    (users,) = scope.resources.readers.of(scope, [audience], scope.event_meta.time)
    wishes = chosen(scope, [users])
    daily = [user for user in users if digests.wants(user, wishes)]
    at_once = [user for user in users if user not in daily]
    path = f"/factures-emises/flux/{event.numero_flux}"
    values = {
        "numero_flux": event.numero_flux,
        "outcome_fr": outcome_fr,
        "outcome_en": outcome_en,
        "accepted": event.accepted,
        "refused": event.refused,
        "link": f"{scope.resources.public_url}{path}",
    }
    render = messages.TEMPLATES["flux-processed"].render
    written = mails(scope.event_meta.id, "flux-processed", render, at_once, values, about=str(event.flux_id))
    lines = digests.lines_of_flux(scope, event, daily, path)
    with scope.begin() as tx:
        repository.add(tx, written)
        digests.add(tx, lines, scope.resources.digest_hour)


def tell_of_espace(event: organisation.EspaceOpened, scope: Any) -> None:
    """Send the mails that the opened espace brings for its own opening, to the users who may enter it."""
    audience = model.Audience(event.structure_id, event.espace, event.espace)
    (users,) = scope.resources.readers.of(scope, [audience], scope.event_meta.time)
    written = espace_mails(scope, event, event.espace, users, about=str(event.structure_id))
    with scope.begin() as tx:
        repository.add(tx, written)


def espace_mails(
    scope: Any, event: Any, espace: str, users: Iterable[identity.User], *, about: str, **more: str
) -> list[dict[str, Any]]:
    """Make the mails that an espace brings for an event; its templates may name the event's texts, and ``more``."""
    values = {name: value for name, value in event.dump().items() if isinstance(value, str)} | more
    by_language = {
        language: dict(scope.resources.espaces.messages(event.type, language, values, [espace])) for language in ("fr", "en")
    }
    written: list[dict[str, Any]] = []
    for key in sorted(by_language["fr"].keys() & by_language["en"].keys()):

        def render(language: str, _: Mapping[str, str], key: str = key) -> tuple[str, str]:
            message = by_language[language][key]
            return message.subject, message.body

        written += mails(scope.event_meta.id, f"espace:{key}", render, users, {}, about=about)
    return written


def mails(
    event_id: uuid.UUID, name: str, render: Any, users: Iterable[identity.User], values: Mapping[str, Any], *, about: str
) -> Iterator[dict[str, Any]]:
    """Make the mails of a template to those of the users whose switch does not stop it."""
    for user in users:
        if name in model.OPTIONAL and user.notify_invoicing is False:
            continue
        subject, body = render(user.language, {**values, "given_name": user.given_name})
        yield {
            "mail_id": model.mail_id(event_id, name, user.user_id),
            "event_id": event_id,
            "template": name,
            "user_id": user.user_id,
            "to_address": writing.address_of(user),
            "subject": subject,
            "body": body,
            "about": about,
        }


def send_due_mails(scope: Any) -> int:
    """Hand over the mails that are due and return how many went; what is left after some seconds is for the next run."""
    until = time.monotonic() + RUN_SECONDS
    size = BATCH if scope.resources.mailer.repeatable else 1
    sent = 0
    while time.monotonic() < until:
        with scope.reading() as db:
            rows = queries.due(db, scope.clock.now(), size)
        if not rows:
            break
        ready, failures = account_mails.with_links(scope, rows)
        failures |= off_hub(hand_over, scope.resources.mailer, scope.resources.sender, ready)
        with scope.begin() as tx:
            repository.mark_sent(tx, [row.mail_id for row in rows if row.mail_id not in failures])
            for row in rows:
                if row.mail_id in failures:
                    _record(tx, row, failures[row.mail_id])
        sent += len(rows) - len(failures)
    return sent


def _record(tx: Any, row: Any, failure: Failure) -> None:
    attempts = row.attempts + 1
    again = None if failure.permanent else model.next_attempt(attempts, tx.now)
    log.warning("mail %s not handed over: %s", row.mail_id, failure.reason)
    repository.mark_failed(tx, row.mail_id, attempts, failure.reason, again)


def my_mails(request: contract.MyMails.Request, scope: Any) -> contract.MyMails.Reply:
    """List the calling user's own mails."""
    with scope.reading() as db:
        mails, total = queries.page(db, user_id=preferences.user_of(scope), number=request.page, size=request.page_size)
    return contract.MyMails.Reply(mails=mails, total=total)


def get_mail(request: contract.GetMail.Request, scope: Any) -> contract.GetMail.Reply:
    """Read one of the calling user's own mails; another's is not-found."""
    with scope.reading() as db:
        found = queries.one(db, request.mail_id, preferences.user_of(scope))
    if found is None:
        raise errors.NotFound(what=f"mail {request.mail_id}")
    return contract.GetMail.Reply(mail=found)


def local_mailbox(request: contract.LocalMailbox.Request, scope: Any) -> contract.LocalMailbox.Reply:
    """List every mail, where mail never leaves the machine."""
    _only_local(scope)
    with scope.reading() as db:
        mails, total = queries.page(db, to=request.to, number=request.page, size=request.page_size)
    return contract.LocalMailbox.Reply(mails=mails, total=total)


def local_mail(request: contract.LocalMail.Request, scope: Any) -> contract.LocalMail.Reply:
    """Read one mail, where mail never leaves the machine."""
    _only_local(scope)
    with scope.reading() as db:
        row = queries.row(db, request.mail_id)
    if row is None:
        raise errors.NotFound(what=f"mail {request.mail_id}")
    body = row.body
    if row.link_id:
        with contextlib.suppress(errors.LinkRefused):
            body = account_mails.linked(scope, row)
    return contract.LocalMail.Reply(mail=queries.as_message(row, body))


def _only_local(scope: Any) -> None:
    if not (scope.resources.mailer.local and scope.settings.demo):
        raise errors.NotFound(what="local mailbox")
