"""Mails to the gestionnaire principal about his structure's technical accounts (R236, R238). They never hold a secret, and none can be
switched off.
"""

import datetime
import uuid
import zoneinfo
from collections.abc import Sequence
from typing import Any

from pupitre_contracts import identity, technical_accounts

from . import messages, repository, writing

_PARIS = zoneinfo.ZoneInfo("Europe/Paris")


def tell_of_renewal(event: technical_accounts.TechnicalSecretRenewed, scope: Any) -> None:
    until = _day(event.former_until) if event.former_until else "-"
    values = {"former_until": until, "expires_on": _day(event.expires_at), **_kinds(event.kinds)}
    _write(scope, event, f"technical-secret-{event.how}", values, by=event.renewed_by)


def tell_of_expiry(event: technical_accounts.TechnicalSecretExpiryAnnounced, scope: Any) -> None:
    name = "technical-secret-expiring" if event.days else "technical-secret-expired"
    plural = {"days_fr": f"{event.days} jour{'s' if event.days > 1 else ''}", "days_en": f"{event.days} day{'s' if event.days > 1 else ''}"}
    _write(scope, event, name, {**plural, "expires_on": _day(event.expires_at), **_kinds(event.kinds)})


def _write(scope: Any, event: Any, name: str, values: dict[str, str], by: str = "") -> None:
    """Write to whoever is gestionnaire principal now; a structure without one is told by nobody."""
    found = scope.bus.call(technical_accounts.GetGestionnairePrincipal, structure_id=event.structure_id)
    kind, _, actor_id = by.partition(":")
    actor = uuid.UUID(actor_id) if kind == "user" else None
    wanted = sorted({user_id for user_id in (found.user_id, actor) if user_id is not None})
    known = {user.user_id: user for user in scope.bus.call(identity.UsersByIds, user_ids=wanted).users} if wanted else {}
    acting = known.get(actor)
    values = {
        **values,
        "structure": found.structure_name,
        "account": f"{event.login} ({event.label})" if event.label else event.login,
        "by_fr": f"{acting.given_name} {acting.family_name}" if acting else "l'exploitant du portail",
        "by_en": f"{acting.given_name} {acting.family_name}" if acting else "the portal's operator",
        "link": f"{scope.resources.public_url}/structures/{event.structure_id}/comptes-techniques",
    }
    holder = known.get(found.user_id)
    mails = [writing.mail(scope, name, holder, values, about=str(event.technical_account_id))] if holder else []
    with scope.begin() as tx:
        repository.add(tx, mails)


def _kinds(kinds: Sequence[str]) -> dict[str, str]:
    labels = [messages.TECHNICAL_SECRETS[kind] for kind in technical_accounts.SECRET_KINDS if kind in kinds]
    return {"kinds_fr": " et ".join(fr for fr, _ in labels), "kinds_en": " and ".join(en for _, en in labels)}


def _day(moment: datetime.datetime) -> str:
    return moment.astimezone(_PARIS).strftime("%d/%m/%Y %H:%M")
