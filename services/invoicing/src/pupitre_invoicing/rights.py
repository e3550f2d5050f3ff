"""What the calling actor may do, asked of organisation for every call and never kept: a removed right bites at once."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from pupitre_bus import admission
from pupitre_contracts import errors, organisation

ISSUED, RECEIVED = "factures-emises", "factures-recues"
ESPACE_OF_SIDE = {"issued": ISSUED, "received": RECEIVED, "supplier": ISSUED, "recipient": RECEIVED}
READ, WRITE = "CONSULTATION", "MODIFICATION"
DRAFT = "BROUILLON"


class Rights:
    """The structures of one actor, with the espaces open to him there, and those that let him deposit for them (R280)."""

    def __init__(
        self, structures: list[organisation.StructureRights], mandants: Sequence[organisation.Mandant] | None = None
    ) -> None:
        self._structures = {each.structure_id: each for each in structures}
        able = self.structures_with(ISSUED, WRITE)
        self._mandants = {each.structure_id for each in mandants or () if each.mandataire_id in able}

    def seen(self) -> set[uuid.UUID]:
        """Return every structure of whose rows the actor may see some."""
        return {*self._structures, *self._mandants}

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
        if right is None or not _everywhere(right, profile):
            raise errors.Forbidden(needed=f"{espace}, {profile}")

    def require_deposit(self, structure_id: uuid.UUID) -> None:
        """Raise Forbidden unless the actor may deposit for a structure: his own, or one that gave a mandat to his (R280)."""
        if structure_id not in self._mandants:
            self.require(structure_id, ISSUED, WRITE)

    def deposits_for(self) -> set[uuid.UUID]:
        """Return every structure for which the actor may deposit."""
        return {*self.structures_with(ISSUED, WRITE), *self._mandants}

    def holds_mandat_of(self, structure_id: uuid.UUID) -> bool:
        return structure_id in self._mandants

    def structures_with(self, espace: str, profile: str = READ) -> dict[uuid.UUID, list[uuid.UUID] | None]:
        """Return the structures where the actor has the espace, each with the services he is limited to (None: no
        limit). What a structure issues belongs to none of its services: a right limited to some does not open it."""
        found = {}
        for structure_id in self._structures:
            right = self.espace(structure_id, espace)
            if right is None or (espace == ISSUED and not _everywhere(right, profile)):
                continue
            if profile == READ or right.profile == WRITE:
                found[structure_id] = right.structure_service_ids if profile == READ else _able(right)
        return found

    def sides(self, row: Mapping[str, Any]) -> dict[str, str]:
        """Return the sides from which the actor sees this invoice, each with his profile there (R101, R162)."""
        seen = {}
        supplier = self.espace(row["supplier_structure_id"], ISSUED)
        if supplier is not None and _everywhere(supplier, READ):
            seen["supplier"] = WRITE if _everywhere(supplier, WRITE) else READ
        if "supplier" not in seen and row["supplier_structure_id"] in self._mandants:
            # Who deposits by mandat works on drafts, and reads what he sent himself.
            if row["status"] == DRAFT:
                seen["supplier"] = WRITE
            elif row.get("sent_by_actor"):
                seen["supplier"] = READ
        recipient = self.level(row["recipient_structure_id"], RECEIVED, row["structure_service_id"])
        if recipient is not None and row["status"] != DRAFT:
            seen["recipient"] = recipient
        for party in row.get("parties", ()):
            level = self.level(party["seen_by_id"], party["espace"], None)
            if level is not None:
                seen[party["role"]] = level
        return seen

    def level(
        self, structure_id: uuid.UUID | None, espace: str, structure_service_id: uuid.UUID | None
    ) -> str | None:
        """Return the profile in an espace on what is of one service of a structure, or of none; None where it does not reach."""
        right = self.espace(structure_id, espace)
        if right is None or not _within(right, structure_service_id):
            return None
        able = _able(right)
        return WRITE if right.profile == WRITE and (able is None or structure_service_id in able) else READ

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
        for party in row.get("parties", ()):
            if self.attached(party["seen_by_id"]) and self.espace(party["seen_by_id"], party["espace"]) is None:
                return errors.Forbidden(needed=f"{party['espace']}, {READ}")
        return errors.NotFound(what=what)


def ask(scope: Any) -> Rights:
    """Ask organisation what the actor of this call may do, and let its transactions see the rows of his structures. Services have
    no rights on invoices of their own."""
    actor = scope.actor.origin
    if actor.kind not in ("user", "technical"):
        raise errors.Forbidden(needed="user, technical")
    allowed = rights_of(scope, actor.kind, uuid.UUID(actor.id), actor.structure_id)
    scope.see(allowed.seen())
    return allowed


def rights_of(scope: Any, kind: str, actor_id: uuid.UUID, structure_id: uuid.UUID | str | None) -> Rights:
    """Ask what a user or technical account may do; for work done after its call has ended.

    ``structure_id`` is the technical account's own structure, which organisation cannot know; a user's rights are asked for in all
    of his.
    """
    own = {"structure_id": uuid.UUID(str(structure_id))} if kind == "technical" else {}
    found = scope.bus.call(organisation.RightsOfActor, kind=kind, actor_id=actor_id, **own)
    return Rights(found.structures, found.mandants)


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
    """Raise Forbidden unless a service or the operator's own tools ask, for nobody else: they see every row."""
    if scope.actor.kind != "service" or scope.actor.behalf_of is not None:
        raise errors.Forbidden(needed="operator, service")
    scope.see_all()


def require_operator(scope: Any) -> None:
    """Raise Forbidden unless an operator asks, in his own name: he sees every row."""
    if not admission.is_operator(scope.actor):
        raise errors.Forbidden(needed=admission.OPERATOR)
    scope.see_all()


def require_export(scope: Any, structure_id: uuid.UUID) -> None:
    """Raise Forbidden unless the actor may take along all that a structure has: its gestionnaire principal, whatever his espaces, its
    technical accounts, operators. Raises NotFound for a structure of others."""
    if admission.is_operator(scope.actor):
        scope.see_all()
        return
    allowed = ask(scope)
    if not allowed.attached(structure_id):
        raise errors.NotFound(what=f"structure {structure_id}")
    if scope.actor.origin.kind == "user" and allowed.structure(structure_id).role != "GP":
        raise errors.Forbidden(needed="gestionnaire principal")


def _able(right: organisation.EspaceRight) -> list[uuid.UUID] | None:
    """Return the services where a right's profile is MODIFICATION, if it is at all; None for no limit."""
    return right.structure_service_ids if right.modification_service_ids is None else right.modification_service_ids


def _everywhere(right: organisation.EspaceRight, profile: str) -> bool:
    """Tell whether a right holds for the whole structure, in at least this profile."""
    if profile == WRITE:
        return right.profile == WRITE and _able(right) is None
    return right.structure_service_ids is None


def _within(right: organisation.EspaceRight, structure_service_id: uuid.UUID | None) -> bool:
    return right.structure_service_ids is None or structure_service_id in right.structure_service_ids
