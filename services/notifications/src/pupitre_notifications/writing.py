"""One mail to one person, the same however often its event comes."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import identity

from . import messages, model


@dataclass(frozen=True)
class Reader:
    """Somebody who is written to without an account; ``user_id`` stands for him in the mail's identity."""

    user_id: uuid.UUID
    email: str
    given_name: str
    language: str


def address_of(user: identity.User) -> str:
    """Return where a person wants his notifications (R021, R043)."""
    return user.notification_email or user.contact_email or user.email


def mail(
    scope: Any,
    name: str,
    user: identity.User | Reader,
    values: Mapping[str, Any],
    *,
    about: str,
    to: str | None = None,
    link_id: uuid.UUID | None = None,
) -> dict[str, Any]:
    """Return the mail of the template ``name`` in the person's language, as it is stored; ``to`` replaces the address for
    notifications.
    """
    event_id = scope.event_meta.id
    subject, body = messages.TEMPLATES[name].render(user.language, {**values, "given_name": user.given_name})
    return {
        "mail_id": model.mail_id(event_id, name, user.user_id),
        "event_id": event_id,
        "template": name,
        "user_id": user.user_id,
        "to_address": to or address_of(user),
        "subject": subject,
        "body": body,
        "about": about,
        "link_id": link_id,
    }
