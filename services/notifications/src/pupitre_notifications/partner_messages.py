"""Messages of public structures to the suppliers that have sent them an invoice (R007): one way, delivered page by page."""

import time
import uuid
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import communication as contract
from pupitre_contracts import errors, invoicing, organisation

from . import digest_texts, digests, model, preferences, readers
from .tables import message_addressee, partner_message

ESPACE = "mes-messages"
PARTNERS_AT_A_TIME = 100
LARGEST_PAGE = 100
LONGEST_SUBJECT, LONGEST_TEXT = 200, 10_000
RUN_SECONDS = 8.0


def send(request: contract.SendMessage.Request, scope: Any) -> contract.SendMessage.Reply:
    sender = next((each for each in _rights(scope) if each.structure_id == request.structure_id), None)
    if sender is None:
        raise errors.NotFound(what=f"structure {request.structure_id}")
    if sender.type != "PUBLIC" or _profile(sender) != "MODIFICATION":
        raise errors.Forbidden(needed=f"{ESPACE}, MODIFICATION")
    subject, text = request.subject.strip(), request.text.strip()
    faults = {}
    if not (0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable()):
        faults["subject"] = [f"une ligne de 1 à {LONGEST_SUBJECT} caractères / one line of 1 to {LONGEST_SUBJECT} characters"]
    if not 0 < len(text) <= LONGEST_TEXT:
        faults["text"] = [f"de 1 à {LONGEST_TEXT} caractères / 1 to {LONGEST_TEXT} characters"]
    if faults:
        raise errors.Invalid(what="message", fields=faults)
    message_id = uuid.uuid4()
    with scope.begin() as tx:
        tx.execute(
            partner_message.insert().values(
                message_id=message_id,
                structure_id=sender.structure_id,
                structure_name=sender.name,
                subject=subject,
                text=text,
                author=scope.actor.name or sender.name,
                sent_at=tx.now,
                sent_by=scope.actor.reference,
                addressees=0,
            )
        )
        return tx.answer(contract.SendMessage.Reply(message=_as_sender(_row(tx, message_id))))


def sent(request: contract.SentMessages.Request, scope: Any) -> contract.SentMessages.Reply:
    own = [each.structure_id for each in _rights(scope) if each.type == "PUBLIC" and _profile(each) is not None]
    rows, total = _page(scope, partner_message.c.structure_id.in_(own), request)
    return contract.SentMessages.Reply(messages=[_as_sender(row) for row in rows], total=total)


def received(request: contract.ReceivedMessages.Request, scope: Any) -> contract.ReceivedMessages.Reply:
    own = [each.structure_id for each in _rights(scope)]
    rows, total = _page(scope, _addressed_to(own), request)
    return contract.ReceivedMessages.Reply(messages=[_as_addressee(row) for row in rows], total=total)


def read(request: contract.ReadMessage.Request, scope: Any) -> contract.ReadMessage.Reply:
    """Show a message to its senders, and to those it reached; to anybody else it does not exist."""
    rights = _rights(scope)
    senders = {each.structure_id for each in rights if each.type == "PUBLIC" and _profile(each) is not None}
    with scope.reading() as db:
        row = _row(db, request.message_id)
        if row is not None and row.structure_id in senders:
            return contract.ReadMessage.Reply(message=_as_sender(row))
        own = _addressed_to([each.structure_id for each in rights])
        found = db.execute(sa.select(partner_message).where(partner_message.c.message_id == request.message_id, own)).first()
    if found is None:
        raise errors.NotFound(what=f"message {request.message_id}")
    return contract.ReadMessage.Reply(message=_as_addressee(found))


def deliver_due(scope: Any) -> None:
    """Address messages to the partners of their senders, and note them for the digests of the partners' users."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until:
        with scope.reading() as db:
            row = db.execute(_NEXT).first()
        if row is None:
            return
        after = {"after": row.delivered_after} if row.delivered_after else {}
        asked = {"structure_id": row.structure_id, "limit": PARTNERS_AT_A_TIME, **after}
        partners = scope.bus.call(invoicing.PartnersOfStructure, **asked).structure_ids
        addressed = [each for each in partners if each != row.structure_id]
        lines = _lines(scope, row, addressed) if addressed else []
        with scope.begin() as tx:
            _note(tx, row, partners, addressed)
            digests.add(tx, lines, scope.resources.digest_hour)


def _note(tx: Any, row: Any, partners: Sequence[uuid.UUID], addressed: Sequence[uuid.UUID]) -> None:
    """Write down whom the message reached; what another run has written counts once."""
    values = {"delivered_after": partners[-1]} if partners else {"delivered_at": tx.now}
    fresh = tx.insert_new(message_addressee, [{"structure_id": each, "message_id": row.message_id} for each in addressed])
    tx.execute(
        sa.update(partner_message)
        .where(partner_message.c.message_id == row.message_id)
        .values(addressees=partner_message.c.addressees + fresh, **values)
    )


def _lines(scope: Any, row: Any, structure_ids: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    """The lines for users with Factures émises in the structures that a message reaches."""
    found = scope.bus.call(
        organisation.FindStructures, structure_ids=list(structure_ids), include_private=True, page_size=PARTNERS_AT_A_TIME
    )
    names = {each.structure_id: each.name for each in found.structures}
    members = readers.ask(scope, [(each, model.ISSUED, None) for each in structure_ids])
    return [
        digests.line(
            row.message_id,
            user,
            {
                "structure_name": names.get(structure_id, "?"),
                "kind": digest_texts.MESSAGE,
                "about": f"{row.structure_name}, {row.subject}",
                "path": f"/communication/messages/{row.message_id}",
                "happened_at": row.sent_at,
            },
        )
        for (structure_id, _, _), users in members.items()
        for user in users
        if user.notify_invoicing is not False
    ]


def _rights(scope: Any) -> list[organisation.StructureRights]:
    """Ask what the user may do, and let the transactions of this call see the rows of his structures (RS-42)."""
    user_id = preferences.user_of(scope)
    structures = scope.bus.call(organisation.RightsOfActor, kind="user", actor_id=user_id).structures
    scope.see(each.structure_id for each in structures)
    return structures


def _profile(structure: organisation.StructureRights) -> str | None:
    """The user's profile for messages of a structure: of Mes messages, else of Factures reçues."""
    profiles = {right.espace: right.profile for right in structure.espaces}
    return profiles.get(ESPACE, profiles.get(model.RECEIVED))


def _addressed_to(structure_ids: Sequence[uuid.UUID]) -> Any:
    reached = sa.select(message_addressee.c.message_id).where(message_addressee.c.structure_id.in_(structure_ids))
    return partner_message.c.message_id.in_(reached)


def _page(scope: Any, condition: Any, request: Any) -> tuple[list[Any], int]:
    size, number = max(1, min(request.page_size, LARGEST_PAGE)), max(1, request.page)
    with scope.reading() as db:
        total = db.execute(sa.select(sa.func.count()).select_from(partner_message).where(condition)).scalar_one()
        rows = db.execute(
            sa.select(partner_message)
            .where(condition)
            .order_by(partner_message.c.sent_at.desc(), partner_message.c.message_id)
            .limit(size)
            .offset((number - 1) * size)
        ).all()
    return rows, total


def _row(db: Any, message_id: uuid.UUID) -> Any | None:
    return db.execute(sa.select(partner_message).where(partner_message.c.message_id == message_id)).first()


def _as_sender(row: Any) -> contract.PartnerMessage:
    return contract.PartnerMessage(**_values(row), author=row.author, addressees=row.addressees, delivered=row.delivered_at is not None)


def _as_addressee(row: Any) -> contract.PartnerMessage:
    """What the other side sees: the structure speaks, not the person who wrote."""
    return contract.PartnerMessage(**_values(row), author=row.structure_name)


def _values(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("message_id", "structure_id", "structure_name", "subject", "text", "sent_at")}


DUE = partner_message.c.delivered_at.is_(None)
_NEXT = sa.select(partner_message).where(DUE).order_by(partner_message.c.sent_at, partner_message.c.message_id).limit(1)
