"""Writing to the support of the platform without an account (R056): kept here, mailed by notifications."""

import uuid
from typing import Any

from pupitre_contracts import account_life
from pupitre_contracts.errors import NotFound

from . import life_records, model, queries, repository, tables, tries
from .sign_in import ANYBODY

_SEQUENCE = "sollicitation"
NAME_CHARACTERS = 200
MOST_LISTED = 1000
_FIELDS = ("sollicitation_id", "number", "name", "email", "message", "language", "sent_at")


def ask(request: Any, scope: Any) -> account_life.AskSupport.Reply:
    values = {
        "sollicitation_id": uuid.uuid4(),
        "name": model.checked_text("sollicitation", "name", request.name, NAME_CHARACTERS),
        "email": model.checked_email(request.email),
        "message": model.checked_text("sollicitation", "message", request.message, model.MESSAGE_CHARACTERS),
        "language": request.language,
    }
    with scope.begin() as tx:
        tries.count_request(tx, "support", request.network)
        number = repository.next_number(tx, _SEQUENCE)
        life_records.add_sollicitation(tx, {**values, "number": number})
        name = f"sollicitation:{values['sollicitation_id']}"
        repository.log(tx, ANYBODY, "support_sollicitation.sent", name, number=number)
        tx.publish(account_life.SupportSollicitationSent(sollicitation_id=values["sollicitation_id"], number=number))
    return account_life.AskSupport.Reply(number=number)


def to_send(request: Any, scope: Any) -> account_life.SollicitationToSend.Reply:
    with scope.reading() as db:
        found = queries.sollicitations(db, tables.support_sollicitation.c.sollicitation_id == request.sollicitation_id)
    if not found:
        raise NotFound(what=f"sollicitation {request.sollicitation_id}")
    return account_life.SollicitationToSend.Reply(sollicitation=_message(found[0]))


def listing(request: Any, scope: Any) -> account_life.ListSollicitations.Reply:
    with scope.reading() as db:
        found = queries.sollicitations(db, limit=max(1, min(request.limit, MOST_LISTED)))
    return account_life.ListSollicitations.Reply(sollicitations=[_message(row) for row in found])


def _message(row: Any) -> account_life.Sollicitation:
    return account_life.Sollicitation(**{name: getattr(row, name) for name in _FIELDS})
