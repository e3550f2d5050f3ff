"""Public structures from reference data: created or updated many at a time, the same file twice changes nothing (R065)."""

import uuid
from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import directory, organisation
from pupitre_contracts.errors import Invalid

from . import access, applications, espaces, facts, model, queries, repository, tables
from .reference_checks import FLAGS, KEYS, Refused, Wanted, check_days, checked, new_service, new_structure

_structure, _service = tables.structure, tables.structure_service
_TWICE = ("la structure figure déjà dans cet envoi", "the structure is in this delivery already")
_PRIVATE = ("une structure privée porte déjà cet identifiant", "a private structure has this identifier already")
_CORRECT = ("corrigez l'identifiant, ou retirez la ligne", "correct the identifier, or take the line out")
_MEANWHILE = ("la structure vient d'être créée par ailleurs", "the structure has just been created elsewhere")


def import_structures(request: Any, scope: Any) -> directory.ImportStructures.Reply:
    access.require_anywhere(scope.actor, "import_structures", model.PUBLIC)
    if len(request.structures) > model.MOST_ASKED:
        fault = f"au plus {model.MOST_ASKED} / at most {model.MOST_ASKED}"
        raise Invalid(what="import_structures", fields={"structures": [fault]})
    delivery = _Delivery(scope, access.signature(scope.actor))
    wanted = delivery.read(request.structures)
    with scope.begin() as tx:
        delivery.store(tx, wanted)
        return tx.answer(delivery.reply())


class _Delivery:
    """What one call brings, and what became of it."""

    def __init__(self, scope: Any, actor: str) -> None:
        self._scope, self._actor = scope, actor
        self._espaces = applications.opened_at_creation(scope.resources.offers(), model.PUBLIC)
        self._of_plugins = [key for key in self._espaces if key in scope.resources.brought()]
        self._counts: Counter[str] = Counter()
        self._refused: list[directory.ImportRefusal] = []

    def reply(self) -> directory.ImportStructures.Reply:
        kinds = ("created", "changed", "unchanged", "services_created", "services_changed")
        refused = sorted(self._refused, key=lambda each: each.position)
        return directory.ImportStructures.Reply(**{kind: self._counts[kind] for kind in kinds}, refused=refused)

    def read(self, given: Iterable[Any]) -> dict[tuple[str, str], Wanted]:
        """Return what is well formed, by identifier; the rest is refused."""
        found: dict[tuple[str, str], Wanted] = {}
        for position, each in enumerate(given):
            try:
                wanted = checked(position, each)
                if wanted.key in found:
                    raise Refused("identifier", _TWICE, ("réunissez les lignes d'une structure", "put the lines of a structure together"))
                found[wanted.key] = wanted
            except Refused as refusal:
                self._refused.append(refusal.told(position))
        return found

    def store(self, tx: Any, wanted: dict[tuple[str, str], Wanted]) -> None:
        """Write what is new or different; locks are taken in the order of all other writers: structures, then numbers."""
        present = _present(tx, wanted, lock=True)
        missing = {key: each for key, each in wanted.items() if key not in present}
        if missing:
            # Whoever creates a structure holds this lock first: from here on nobody else does.
            repository.next_numbers(tx, "structure", 0)
            for key in _present(tx, missing):
                self._refuse(missing.pop(key), Refused("identifier", _MEANWHILE, ("relancez l'import", "run the import again")))
        services = _services(tx, [row.structure_id for row in present.values()]) if present else {}
        made = self._create(tx, missing.values())
        changed, services_made = [], []
        for key, row in present.items():
            try:
                changes, new, different = self._compared(wanted[key], row, services.get(row.structure_id, {}))
            except Refused as refusal:
                self._refuse(wanted[key], refusal)
                continue
            services_made += new
            touched = bool(changes or new or different)
            self._counts["changed" if touched else "unchanged"] += 1
            if changes:
                changed.append((row, changes))
            for service, said in different:
                self._change_service(tx, row, service, said)
        for row, changes in changed:
            self._change(tx, row, changes)
        self._add_services(tx, [*made, *services_made])

    def _refuse(self, wanted: Wanted, refusal: Refused) -> None:
        self._refused.append(refusal.told(wanted.position))

    def _create(self, tx: Any, wanted: Iterable[Wanted]) -> list[dict[str, Any]]:
        """Store new structures with their first espaces; return the rows of their services, still to be stored."""
        rows, services = [], []
        for each in wanted:
            try:
                row = {"structure_id": uuid.uuid4(), **new_structure(each)}
                own = [
                    {"structure_id": row["structure_id"], **new_service(code, said, model.today(tx.now), position)}
                    for code, (position, said) in each.services.items()
                ]
            except Refused as refusal:
                self._refuse(each, refusal)
                continue
            rows.append(row)
            services += own
        if not rows:
            return []
        first = repository.next_numbers(tx, "structure", len(rows))
        repository.add_structures(tx, self._actor, [{**row, "portal_number": first + place} for place, row in enumerate(rows)])
        repository.open_espaces(tx, self._actor, [row["structure_id"] for row in rows], self._espaces)
        lines = [(row["structure_id"], {"after": facts.told(row), "espaces": self._espaces}) for row in rows]
        repository.log_many(tx, self._actor, "structure.imported", lines)
        for row in rows:
            self._tell_created(tx, row)
        self._counts["created"] += len(rows)
        return services

    def _tell_created(self, tx: Any, row: dict[str, Any]) -> None:
        tx.publish(
            organisation.StructureCreated(
                structure_id=row["structure_id"],
                identifier=row["identifier"],
                structure_name=row["name"],
                structure_type=model.PUBLIC,
            )
        )
        for espace in self._of_plugins:
            seen = espaces.as_seen_by_plugins(row["structure_id"], row["identifier_type"], row["identifier"], row["name"], row["type"])
            tx.after_commit(partial(self._scope.resources.espace_opened, espace, seen, tx.now))

    def _compared(self, wanted: Wanted, row: Any, services: dict[str, Any]) -> tuple[dict[str, Any], list, list]:
        """Return what differs of a structure that exists: its own values, its new services, its changed ones. Raises Refused."""
        if row.type != model.PUBLIC:
            raise Refused("identifier", _PRIVATE, _CORRECT)
        changes = {name: value for name, value in wanted.values.items() if value != getattr(row, name)}
        new, different = [], []
        for code, (position, said) in wanted.services.items():
            there = services.get(code)
            if there is None:
                new.append({"structure_id": row.structure_id, **new_service(code, said, model.today(self._scope.clock.now()), position)})
                continue
            other = {name: value for name, value in said.items() if value != getattr(there, name)}
            check_days(other.get("starts_on", there.starts_on), other.get("ends_on", there.ends_on), position)
            if other:
                different.append((there, other))
        return changes, new, different

    def _change(self, tx: Any, row: Any, changes: dict[str, Any]) -> None:
        repository.change_structure(tx, self._actor, row.structure_id, changes)
        plain = {name: value for name, value in changes.items() if name not in KEYS.values()}
        demands = {name: plain.pop(name) for name in FLAGS if name in plain}
        if plain:
            before = {name: getattr(row, name) for name in plain}
            repository.log(tx, self._actor, "structure.changed", row.structure_id, before=before, after=plain)
        if demands:
            before = {name: getattr(row, name) for name in demands}
            repository.log(tx, self._actor, "structure.parameters_changed", row.structure_id, before=before, after=demands)
            told = {name: demands.get(name, getattr(row, name)) for name in queries.PARAMETERS}
            tx.publish(
                organisation.StructureParametersChanged(
                    structure_id=row.structure_id, parameters=organisation.Parameters(**told), changed_by=self._actor
                )
            )

    def _change_service(self, tx: Any, row: Any, service: Any, changes: dict[str, Any]) -> None:
        repository.change_structure_service(tx, self._actor, service.structure_service_id, changes)
        told = {"before": {name: getattr(service, name) for name in changes}, "after": changes}
        repository.log(tx, self._actor, "structure_service.changed", row.structure_id, object=f"service:{service.code}", **told)
        self._counts["services_changed"] += 1

    def _add_services(self, tx: Any, rows: list[dict[str, Any]]) -> None:
        if not rows:
            return
        first = repository.next_numbers(tx, "structure_service", len(rows))
        stored = [{"structure_service_id": uuid.uuid4(), "portal_number": first + place, **row} for place, row in enumerate(rows)]
        repository.add_structure_services(tx, self._actor, stored)
        lines = [(row["structure_id"], {"object": f"service:{row['code']}", "after": facts.told(row)}) for row in rows]
        repository.log_many(tx, self._actor, "structure_service.created", lines)
        self._counts["services_created"] += len(rows)


def _present(tx: Any, wanted: dict[tuple[str, str], Wanted], lock: bool = False) -> dict[tuple[str, str], Any]:
    """Return the rows of those that exist, by identifier; locked in one order, so that two deliveries never wait for each other."""
    query = sa.select(_structure).where(_structure.c.identifier.in_([identifier for _, identifier in wanted]))
    query = query.order_by(_structure.c.structure_id)
    rows = tx.execute(query.with_for_update() if lock else query).all()
    return {key: row for row in rows if (key := (row.identifier_type, row.identifier)) in wanted}


def _services(tx: Any, structure_ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
    found: dict[uuid.UUID, dict[str, Any]] = {}
    for row in tx.execute(sa.select(_service).where(_service.c.structure_id.in_(structure_ids))):
        found.setdefault(row.structure_id, {})[row.code] = row
    return found
