"""Structures and people that a story makes for itself, through the operator's own calls, so that no other test meets them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from pupitre import operator_bus, services
from pupitre_bus import settings
from pupitre_contracts import identity, organisation

from support.installation import Installation
from support.structures import siret_of

ADDRESS = {"line": "1 rue des Tests", "postal_code": "33000", "city": "Bordeaux", "country": "FR"}
SINCE = date(2024, 1, 1)


@dataclass(frozen=True)
class Somebody:
    """A structure with one of its people, who signs in with these."""

    siret: str
    structure: str
    structure_id: Any
    email: str
    password: str


@dataclass(frozen=True)
class Cast:
    """Makes structures and people; ``call`` is the operator's."""

    call: Any

    def structure(self, tag: str, name: str, kind: str, codes: tuple[str, ...] = (), **parameters: Any) -> Any:
        made = self.call(
            organisation.CreateStructure,
            identifier=siret_of(tag),
            name=name,
            type=kind,
            address=organisation.Address(**ADDRESS),
            **({"parameters": organisation.Parameters(**parameters)} if parameters else {}),
        ).structure
        for code in codes:
            self.call(
                organisation.CreateStructureService,
                structure_id=made.structure_id,
                code=code,
                label=code.capitalize(),
                starts_on=SINCE,
            )
        return made

    def gestionnaire(self, structure: Any, given_name: str, espaces: tuple[str, ...] = ()) -> Somebody:
        """Make the gestionnaire principal, then open espaces, in which he has MODIFICATION."""
        somebody, _ = self._attached(structure, given_name, "GP")
        for espace in espaces:
            self.call(organisation.OpenEspace, structure_id=structure.structure_id, espace=espace)
        return somebody

    def user(self, structure: Any, given_name: str, espaces: tuple[str, ...] = ()) -> Somebody:
        """Make a simple user with MODIFICATION in some espaces."""
        somebody, user = self._attached(structure, given_name, "US")
        for espace in espaces:
            self.call(
                organisation.SetHabilitation,
                structure_id=structure.structure_id,
                user_id=user.user_id,
                espace=espace,
                profile="MODIFICATION",
            )
        return somebody

    def _attached(self, structure: Any, given_name: str, role: str) -> tuple[Somebody, Any]:
        password, email = secrets.token_urlsafe(18), f"{given_name}-{structure.identifier}@exemple.invalid".lower()
        names = {"given_name": given_name, "family_name": structure.name.split()[-1]}
        user = self.call(identity.CreateUser, email=email, password=password, **names).user
        self.call(organisation.AttachUser, structure_id=structure.structure_id, user_id=user.user_id, role=role)
        return Somebody(structure.identifier, structure.name, structure.structure_id, email, password), user


@contextmanager
def operator(installation: Installation) -> Iterator[Cast]:
    """Give somebody who makes a cast in a running installation, as `pupitre` commands do."""
    packages = [services.package_of(name) for name in services.installed()]
    known = settings.load("pupitre", *packages, environ=installation.environment)
    with operator_bus.connected(known, "identity", "organisation") as bus:
        yield Cast(bus.call)
