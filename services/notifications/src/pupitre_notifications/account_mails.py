"""Mails about a person's account: links that prove an address, and notices of what happened to it.

They go to the sign-in address whatever the switches say (R023, R043). A link is asked of identity when the mail is handed over and
stored nowhere: until then, and for whoever reads the mail's text later, a mark stands in its place.
"""

import datetime
import uuid
import zoneinfo
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from pupitre_contracts import account_life, errors, identity

from . import messages, repository, writing
from .mailer import Failure

PAGES = {
    "activation": "activation",
    "reset": "mot-de-passe/nouveau",
    "reactivation": "reactivation",
    "reopening": "reactivation",
}
FRANCE = zoneinfo.ZoneInfo("Europe/Paris")


def tell_of_link(event: identity.AccountLinkAsked, scope: Any) -> None:
    _write(scope, event.user_id, f"account-{event.purpose}", link_id=event.link_id)


def tell_of_activation(event: identity.UserActivated, scope: Any) -> None:
    _write(scope, event.user_id, "account-activated", page="connexion")


def tell_of_repeated_sign_up(event: identity.SignUpRepeated, scope: Any) -> None:
    _write(scope, event.user_id, "account-exists", page="mot-de-passe/oublie")


def tell_of_password(event: identity.PasswordChanged, scope: Any) -> None:
    _write(scope, event.user_id, "password-changed", page="mot-de-passe/oublie")


def tell_of_deactivation(event: account_life.UserDeactivated, scope: Any) -> None:
    """The account can be reopened until the day before ``until`` begins, in France (R054)."""
    last = event.until.astimezone(FRANCE).date() - datetime.timedelta(days=1)
    _write(scope, event.user_id, "account-deactivated", page="reactivation", until=last.strftime("%d/%m/%Y"))


def tell_of_reactivation(event: account_life.UserReactivated, scope: Any) -> None:
    _write(scope, event.user_id, "account-reactivated", page="connexion")


def tell_of_second_factor(event: account_life.SecondFactorEnabled | account_life.SecondFactorDisabled, scope: Any) -> None:
    name = "second-factor-enabled" if isinstance(event, account_life.SecondFactorEnabled) else "second-factor-disabled"
    _write(scope, event.user_id, name, page="mon-compte/second-facteur")


def forget(event: account_life.UserErased, scope: Any) -> None:
    """Delete the mails to a person whose account is gone: they hold his address and name (RS-75)."""
    with scope.begin() as tx:
        repository.delete_of(tx, event.user_id)


def tell_support(event: account_life.SupportSollicitationSent, scope: Any) -> None:
    """Hand what somebody wrote to the support on to its mailbox, and tell him the number (R056)."""
    asked = scope.bus.call(account_life.SollicitationToSend, sollicitation_id=event.sollicitation_id).sollicitation
    sent_at = asked.sent_at.astimezone(FRANCE).strftime("%d/%m/%Y %H:%M")
    values = {"number": asked.number, "name": asked.name, "email": asked.email, "message": asked.message, "sent_at": sent_at}
    team = writing.Reader(event.sollicitation_id, scope.resources.support_address, asked.name, "fr")
    author = writing.Reader(event.sollicitation_id, asked.email, asked.name, asked.language)
    about, link = str(event.sollicitation_id), f"{scope.resources.public_url}/support"
    mails = [
        writing.mail(scope, "support-sollicitation", team, values, to=team.email, about=about),
        writing.mail(scope, "support-received", author, {**values, "link": link}, to=author.email, about=about),
    ]
    with scope.begin() as tx:
        repository.add(tx, mails)


def _write(
    scope: Any, user_id: uuid.UUID, name: str, *, page: str = "", link_id: uuid.UUID | None = None, **more: str
) -> None:
    users = scope.bus.call(identity.UsersByIds, user_ids=[user_id]).users
    link = messages.LINK_MARK if link_id else f"{scope.resources.public_url}/{page}"
    mails = [
        writing.mail(
            scope, name, user, {"email": user.email, "link": link, **more}, to=user.email, about=str(user_id), link_id=link_id
        )
        for user in users
    ]
    with scope.begin() as tx:
        repository.add(tx, mails)


def with_links(scope: Any, rows: Sequence[Any]) -> tuple[list[Any], dict[uuid.UUID, Failure]]:
    """Return the mails as they are to be handed over, and those whose link cannot be had: for good when it is no longer valid."""
    ready, failures = [], {}
    for row in rows:
        try:
            ready.append(SimpleNamespace(**{**row._asdict(), "body": linked(scope, row)}) if row.link_id else row)
        except errors.LinkRefused as error:
            failures[row.mail_id] = Failure(str(error), permanent=True)
        except (errors.Unavailable, errors.TimedOut) as error:
            failures[row.mail_id] = Failure(str(error), permanent=False)
    return ready, failures


def linked(scope: Any, row: Any) -> str:
    """Return the text of a mail with its link. Raises LinkRefused when it is no longer valid."""
    found = scope.bus.call(identity.LinkToSend, link_id=row.link_id)
    return row.body.replace(messages.LINK_MARK, f"{scope.resources.public_url}/{PAGES[found.purpose]}/{found.link}")
