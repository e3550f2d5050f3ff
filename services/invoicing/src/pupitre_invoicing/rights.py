"""What the calling actor may do, asked of organisation for every call and never kept: a removed right bites at once."""

import uuid
from collections.abc import Mapping
from typing import Any

from pupitre_contracts import errors, organisation

ISSUED, RECEIVED = "factures-emises", "factures-recues"
ESPACE_OF_SIDE = {"issued": ISSUED, "received": RECEIVED, "supplier": ISSUED, "recipient": RECEIVED}
READ, WRITE = "CONSULTATION", "MODIFICATION"
DRAFT = "BROUILLON"


class Rights:
    """The structures of one actor, with the espaces open to him there."""

    def __init__(self, structures: list[organisation.StructureRights]) -> None:
        self._structures = {each.structure_id: each for each in structures}

    def attached(self, structure_id: uuid.UUID | None) -> bool:
        return structure_id in self._structures

    def structure(self, structure_id: uuid.UUID) -> organisation.StructureRights:
        return self._structures[structure_id]

    def espace(self, structure_id: uuid.UUID | None, espace: str) -> organisation.EspaceRight | None:
        """Return the right in one espace of one structure, or None."""
        structure = self._structures.get(structure_id)
        return (
            next((each for each in structure.espaces if each.espace == espace), None) if structure is not None else None
        )

    def require(self, structure_id: uuid.UUID, espace: str, profile: str) -> None:
        """Raise Forbidden unless the actor has at least ``profile`` in the espace for the whole structure."""
        right = self.espace(structure_id, espace)
        if right is None or (profile == WRITE and right.profile != WRITE):
            raise errors.Forbidden(needed=f"{espace}, {profile}")

    def structures_with(self, espace: str, profile: str = READ) -> dict[uuid.UUID, list[uuid.UUID] | None]:
        """Return the structures where the actor has the espace, each with the services he is limited to (None: no
        limit)."""
        found = {}
        for structure_id in self._structures:
            right = self.espace(structure_id, espace)
            if right is not None and (profile == READ or right.profile == WRITE):
                found[structure_id] = right.structure_service_ids
        return found

    def sides(self, row: Mapping[str, Any]) -> dict[str, str]:
        """Return the sides from which the actor sees this invoice, each with his profile there (R101, R162)."""
        seen = {}
        supplier = self.espace(row["supplier_structure_id"], ISSUED)
        if supplier is not None:
            seen["supplier"] = supplier.profile
        recipient = self.espace(row["recipient_structure_id"], RECEIVED)
        if recipient is not None and row["status"] != DRAFT and _within(recipient, row["structure_service_id"]):
            seen["recipient"] = recipient.profile
        return seen

    def check_visible(self, row: Mapping[str, Any] | None, what: str) -> dict[str, str]:
        """Return the sides from which the actor sees the invoice. Raises NotFound for a foreign one, Forbidden for
        one of his own
        structure without a profile in its espace."""
        if row is None:
            raise errors.NotFound(what=what)
        seen = self.sides(row)
        if not seen:
            raise self._refusal(row, what)
        return seen

    def _refusal(self, row: Mapping[str, Any], what: str) -> errors.PupitreError:
        if self.attached(row["supplier_structure_id"]) and self.espace(row["supplier_structure_id"], ISSUED) is None:
            return errors.Forbidden(needed=f"{ISSUED}, {READ}")
        recipient = row["recipient_structure_id"]
        if row["status"] != DRAFT and self.attached(recipient) and self.espace(recipient, RECEIVED) is None:
            return errors.Forbidden(needed=f"{RECEIVED}, {READ}")
        return errors.NotFound(what=what)


def ask(scope: Any) -> Rights:
    """Ask organisation what the actor of this call may do. Services have no rights on invoices of their own."""
    actor = scope.actor.origin
    if actor.kind not in ("user", "technical"):
        raise errors.Forbidden(needed="user, technical")
    return rights_of(scope, actor.kind, uuid.UUID(actor.id), actor.structure_id)


def rights_of(scope: Any, kind: str, actor_id: uuid.UUID, structure_id: uuid.UUID | str | None) -> Rights:
    """Ask what a user or technical account may do; for work done after its call has ended.

    ``structure_id`` is the technical account's own structure, which organisation cannot know; a user's rights are asked for in all
    of his.
    """
    own = {"structure_id": uuid.UUID(str(structure_id))} if kind == "technical" else {}
    return Rights(scope.bus.call(organisation.RightsOfActor, kind=kind, actor_id=actor_id, **own).structures)


def searchable(rights: Rights, espace: str, structure_id: uuid.UUID | None) -> dict[uuid.UUID, list[uuid.UUID] | None]:
    """Return the structures to search: the one asked for, or all where the actor has the espace. Raises NotFound for
    a foreign
    structure, Forbidden for an own one without the espace."""
    found = rights.structures_with(espace)
    if structure_id is None:
        return found
    if not rights.attached(structure_id):
        raise errors.NotFound(what=f"structure {structure_id}")
    if structure_id not in found:
        raise errors.Forbidden(needed=f"{espace}, {READ}")
    return {structure_id: found[structure_id]}


def require_service(scope: Any) -> None:
    """Raise Forbidden unless a service or the operator's own tools ask, for nobody else."""
    if scope.actor.kind != "service" or scope.actor.behalf_of is not None:
        raise errors.Forbidden(needed="operator, service")


def _within(right: organisation.EspaceRight, structure_service_id: uuid.UUID | None) -> bool:
    return right.structure_service_ids is None or structure_service_id in right.structure_service_ids
