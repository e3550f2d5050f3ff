"""Mails about a person's account: links that prove an address, and notices of what happened to it.

They go to the sign-in address whatever the switches say (R023, R043). A link is asked of identity when the mail is handed over and
stored nowhere: until then, and for whoever reads the mail's text later, a mark stands in its place.
"""

import uuid
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

from pupitre_contracts import errors, identity

from . import messages, repository, writing
from .mailer import Failure

PAGES = {"activation": "activation", "reset": "mot-de-passe/nouveau"}


def tell_of_link(event: identity.AccountLinkAsked, scope: Any) -> None:
    _write(scope, event.user_id, f"account-{event.purpose}", link_id=event.link_id)


def tell_of_activation(event: identity.UserActivated, scope: Any) -> None:
    _write(scope, event.user_id, "account-activated", page="connexion")


def tell_of_repeated_sign_up(event: identity.SignUpRepeated, scope: Any) -> None:
    _write(scope, event.user_id, "account-exists", page="mot-de-passe/oublie")


def tell_of_password(event: identity.PasswordChanged, scope: Any) -> None:
    _write(scope, event.user_id, "password-changed", page="mot-de-passe/oublie")


def _write(scope: Any, user_id: uuid.UUID, name: str, *, page: str = "", link_id: uuid.UUID | None = None) -> None:
    users = scope.bus.call(identity.UsersByIds, user_ids=[user_id]).users
    link = messages.LINK_MARK if link_id else f"{scope.resources.public_url}/{page}"
    mails = [
        writing.mail(scope, name, user, {"email": user.email, "link": link}, to=user.email, about=str(user_id), link_id=link_id)
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
