"""Requests and the kinds they are of: a kind is its plugin's, and a request outlives the plugin."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pupitre_contracts import errors
from pupitre_espaces import Label, Lifecycle, RequestKind
from pupitre_espaces import host as espaces
from pupitre_espaces.lifecycle import in_force
from pupitre_espaces.requests import Cadre, Completed, RequestDraft, Role

from . import model


@dataclass(frozen=True, slots=True)
class Known:
    """A kind of request with the version of its lifecycle that one request follows."""

    espace: str
    kind: RequestKind
    table: Lifecycle

    def cadre(self, code: str) -> Cadre:
        """Return the cadre of that code. Raises Invalid."""
        try:
            return self.kind.cadre(code)
        except KeyError as error:
            raise errors.Invalid(what="request", fields={"cadre": [_known(each.code for each in self.kind.cadres)]}) from error

    def role(self, key: str) -> Role:
        """Return the role of that key. Raises Invalid."""
        try:
            return self.kind.role(key)
        except KeyError as error:
            raise errors.Invalid(what="request", fields={"role": [_known(each.key for each in self.kind.roles)]}) from error

    def espace_of(self, role: Role) -> str:
        """Return the espace in which a role works."""
        return role.espace or self.espace

    def label(self, status: str) -> Label:
        """Return the name of a status of the lifecycle."""
        return self.table.label(status) or Label(status, status)


def new(scope: Any, espace: str, kind: str) -> Known:
    """Return the kind of a new request, with the lifecycle in force today. Raises Invalid for one that no plugin brings."""
    found = scope.resources.espaces.kinds().get((espace, kind))
    if found is None:
        raise errors.Invalid(what="request", fields={"kind": [f"{espace}/{kind} : inconnu / unknown"]})
    today = model.civil_date(scope.clock.now())
    return Known(espace, found, in_force(found.lifecycles[0].kind, today, found.lifecycles))


def of(scope: Any, row: Mapping[str, Any]) -> Known | None:
    """Return the kind of a request; None while its plugin, or what the request needs of it, is away."""
    found = scope.resources.espaces.kinds().get((row["espace"], row["kind"]))
    if found is None or row["cadre"] not in {each.code for each in found.cadres}:
        return None
    table = next((each for each in found.lifecycles if each.name == row["lifecycle"]), None)
    return Known(row["espace"], found, table) if table is not None else None


def needed(scope: Any, row: Mapping[str, Any]) -> Known:
    """Return the kind of a request. Raises EspaceSilent while its plugin is away."""
    found = of(scope, row)
    if found is None:
        raise errors.EspaceSilent(espace=row["espace"])
    return found


def complete(scope: Any, known: Known, draft: RequestDraft) -> Completed:
    """Return the espace's word on a draft; never within a transaction. Raises EspaceSilent."""
    try:
        return scope.resources.espaces.complete(known.espace, known.kind, draft)
    except espaces.EspaceSilent as error:
        raise errors.EspaceSilent(espace=error.key) from error


def _known(codes: Any) -> str:
    return f"inconnu, au choix : / unknown, one of: {', '.join(codes)}"
