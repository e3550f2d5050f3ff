"""Who deposits with whom: structures, one user each, technical accounts, and invoices whose bytes differ by their number only."""

import datetime
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from pupitre_bus.actors import Actor
from pupitre_contracts import identity, organisation
from support.invoice_factory import Party, fictional_siret, ubl

SUPPLIERS = 6
RECIPIENTS = 3
#: Stands in a prepared invoice where its number goes; as long as a number is.
PLACE = "CHAOS-NUMBER-00"
ADDRESS = {"line": "1 rue des Tests", "postal_code": "33000", "city": "Bordeaux", "country": "FR"}


@dataclass(frozen=True)
class Member:
    """A structure with its one user, and for a supplier the technical account with which programs deposit. ``person``: e-mail and
    password of somebody who works its invoices on the pages, where people do."""

    party: Party
    structure_id: uuid.UUID
    actor: Actor
    account: dict[str, str] | None = None
    person: dict[str, str] | None = None


@dataclass(frozen=True)
class World:
    suppliers: tuple[Member, ...]
    recipients: tuple[Member, ...]

    def templates(self) -> dict[tuple[int, int], bytes]:
        """A valid invoice of each supplier to each recipient, with :data:`PLACE` for its number."""
        today = datetime.datetime.now(datetime.UTC).date()
        return {
            (s, r): ubl(number=PLACE, seller=supplier.party, buyer=recipient.party, issue_date=today, due_date=today)
            for s, supplier in enumerate(self.suppliers)
            for r, recipient in enumerate(self.recipients)
        }


def invoice_bytes(template: bytes, number: str) -> bytes:
    """The template under this number."""
    assert len(number) == len(PLACE)
    return template.replace(PLACE.encode(), number.encode())


def build(call: Any) -> World:
    """Make everybody through the product's own calls; ``call(call_class, key=None, **values)`` acts as the operator."""
    return World(
        tuple(_member(call, f"Fournisseur {n}", "PRIVATE", 100 + n) for n in range(SUPPLIERS)),
        tuple(_member(call, f"Commune {n}", "PUBLIC", 200 + n) for n in range(RECIPIENTS)),
    )


def _member(call: Any, name: str, kind: str, seed: int) -> Member:
    siret = fictional_siret(seed)
    structure = call(
        organisation.CreateStructure, identifier=siret, name=name, type=kind, address=organisation.Address(**ADDRESS)
    ).structure
    email = f"chaos-{seed}@chaos.pupitre.invalid"
    user = call(
        identity.CreateUser, email=email, given_name="Camille", family_name=name, password=secrets.token_urlsafe(18)
    ).user
    call(organisation.AttachUser, structure_id=structure.structure_id, user_id=user.user_id, role="GP")
    account = _account(call, structure.structure_id) if kind == "PRIVATE" else None
    actor = Actor("user", str(user.user_id), f"Camille {name}", structure.structure_id)
    return Member(Party(siret, name), structure.structure_id, actor, account)


def _account(call: Any, structure_id: uuid.UUID) -> dict[str, str]:
    made = call(identity.CreateTechnicalAccount, structure_id=structure_id, label="Chaos")
    return {
        "client_id": made.account.client_id,
        "client_secret": made.client_secret,
        "login": made.account.login,
        "password": made.password,
    }
