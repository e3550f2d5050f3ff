"""Demo data: a story small enough to know by heart, loaded through the services' own calls.

Who plays in it is in :mod:`pupitre.demo_cast`. Loading is repeatable: each step has its own idempotency key, and what exists already is
found instead of made.
"""

import hashlib
import json
import logging
import os
import secrets
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from pupitre_contracts import errors, identity, organisation

from . import demo_invoice
from .demo_cast import PERSONAS, STRUCTURES, TECHNICAL_ACCOUNTS

log = logging.getLogger(__name__)

SECRETS = "demo-secrets.json"
SINCE = date(2024, 1, 1)

class PasswordsLost(Exception):
    """The accounts of an earlier demonstration are in the databases, but the file with their passwords is gone."""


MODIFICATION_FOR_USERS = {"PRIVATE": ("factures-emises",), "PUBLIC": ("factures-recues",)}
"""The demo's simple users work the invoices: their gestionnaire gave them MODIFICATION in these espaces."""


def load(bus: Any, state: Path, base_url: str) -> dict[str, Any]:
    """Load the demo through ``bus`` (an operator's client), write ``demo.json`` and an invoice to try in ``state``,
    and return what ``demo.json`` holds.

    Raises :class:`PasswordsLost` when the databases hold accounts whose passwords ``state`` does not.
    """
    kept = _kept(bus, state)
    by_key = {each["key"]: each for each in STRUCTURES}
    if kept.get("cast") != _cast() or not _is_there(bus):
        _load(bus, kept, state)
        kept["cast"] = _cast()
        _write(state / SECRETS, kept)
    content = {
        "base_url": base_url,
        "personas": [_shown(each, by_key[each["structure"]], kept) for each in PERSONAS],
        "technical_accounts": [kept["accounts"][by_key[key]["identifier"]] for key in TECHNICAL_ACCOUNTS],
        "public_structures": [_public(each) for each in _found(bus, "PUBLIC")],
    }
    demo_invoice.write(state, by_key["papeterie"], by_key["mediatheque"], datetime.now(UTC).date())
    _write(state / "demo.json", content)
    return content


def _load(bus: Any, kept: dict[str, Any], state: Path) -> None:
    structures = {each["key"]: _structure(bus, each) for each in STRUCTURES}
    for each in PERSONAS:
        _persona(bus, each, structures[each["structure"]], kept)
    for each in STRUCTURES:
        for espace in each.get("espaces", ()):
            _open(bus, structures[each["key"]], espace)
    for key in TECHNICAL_ACCOUNTS:
        _technical_account(bus, structures[key], kept, state)


def _cast() -> str:
    """What tells whether the whole of this cast was loaded: a later start then has nothing to ask for."""
    return hashlib.sha256(json.dumps([STRUCTURES, PERSONAS, TECHNICAL_ACCOUNTS]).encode()).hexdigest()


def _is_there(bus: Any) -> bool:
    """Tell whether the databases are those into which the cast was loaded."""
    return _exists(bus, _email(PERSONAS[-1]["key"])) and len(_found(bus)) == len(STRUCTURES)


def _found(bus: Any, kind: str | None = None) -> list[organisation.Structure]:
    """Return the structures of the cast, or those of one type, in its order."""
    wanted = [each["identifier"] for each in STRUCTURES if kind in (None, each["type"])]
    found = bus.call(organisation.FindStructures, identifiers=wanted, include_private=True, page_size=len(wanted)).structures
    ids = {each.identifier: each.structure_id for each in found}
    if kind is None:
        return found
    return [bus.call(organisation.GetStructure, structure_id=ids[each]).structure for each in wanted]


def _kept(bus: Any, state: Path) -> dict[str, Any]:
    """Passwords of an earlier start: chosen once, written before they are used, so that a killed start can be taken up."""
    file = state / SECRETS
    kept = json.loads(file.read_text()) if file.exists() else {"passwords": {}, "accounts": {}}
    without = [each["key"] for each in PERSONAS if each["key"] not in kept["passwords"]]
    if without:
        _refuse_existing(bus, [_email(key) for key in without], file)
        kept["passwords"] |= {key: secrets.token_urlsafe(15) for key in without}
        _write(file, kept)
    return kept


def _refuse_existing(bus: Any, emails: list[str], file: Path) -> None:
    lost = [email for email in emails if _exists(bus, email)]
    if lost:
        raise PasswordsLost(f"{', '.join(lost)} exist, but their passwords were in {file}: put it back, or start with new databases")


def _exists(bus: Any, email: str) -> bool:
    try:
        return bus.call(identity.UserByEmail, email=email).user is not None
    except errors.NotFound:
        return False


def _email(key: str) -> str:
    return f"{key}@demo.pupitre.invalid"


def _structure(bus: Any, wanted: dict[str, Any]) -> organisation.Structure:
    values = {name: wanted[name] for name in ("identifier", "name", "type", "vat_number", "parameters", "address") if name in wanted}
    try:
        structure = bus.call(organisation.CreateStructure, idempotency_key=f"demo-structure-{wanted['key']}", **values).structure
    except errors.StructureExists:
        found = bus.call(organisation.FindStructures, identifiers=[wanted["identifier"]], include_private=True).structures[0]
        structure = bus.call(organisation.GetStructure, structure_id=found.structure_id).structure
    known = {service.code for service in structure.services}
    for service in wanted.get("services", ()):
        if service["code"] not in known:
            bus.call(
                organisation.CreateStructureService,
                idempotency_key=f"demo-service-{wanted['key']}-{service['code']}",
                structure_id=structure.structure_id,
                starts_on=SINCE,
                **service,
            )
    return structure


def _persona(bus: Any, wanted: dict[str, str], structure: organisation.Structure, kept: dict[str, Any]) -> None:
    email, password = _email(wanted["key"]), kept["passwords"][wanted["key"]]
    try:
        user = bus.call(
            identity.CreateUser,
            email=email,
            given_name=wanted["given_name"],
            family_name=wanted["family_name"],
            password=password,
        ).user
    except errors.UserExists:
        user = bus.call(identity.UserByEmail, email=email).user
    bus.call(
        organisation.AttachUser,
        idempotency_key=f"demo-attach-{wanted['key']}",
        structure_id=structure.structure_id,
        user_id=user.user_id,
        role=wanted["role"],
    )
    if wanted["role"] == "US":
        for espace in MODIFICATION_FOR_USERS[structure.type]:
            bus.call(
                organisation.SetHabilitation,
                idempotency_key=f"demo-habilitation-{wanted['key']}-{espace}",
                structure_id=structure.structure_id,
                user_id=user.user_id,
                espace=espace,
                profile="MODIFICATION",
            )


def _shown(wanted: dict[str, str], structure: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    return {
        "key": wanted["key"],
        "email": _email(wanted["key"]),
        "password": kept["passwords"][wanted["key"]],
        "role": wanted["role"],
        "structures": [{"siret": structure["identifier"], "name": structure["name"]}],
    }


def _open(bus: Any, structure: organisation.Structure, espace: str) -> None:
    try:
        bus.call(
            organisation.OpenEspace,
            idempotency_key=f"demo-espace-{structure.identifier}-{espace}",
            structure_id=structure.structure_id,
            espace=espace,
        )
    except errors.EspaceUnknown:
        log.info("the espace %s is not installed: the demo goes on without it", espace)


def _technical_account(bus: Any, structure: organisation.Structure, kept: dict[str, Any], state: Path) -> None:
    made = kept["accounts"].get(structure.identifier)
    if made is None:
        reply = bus.call(identity.CreateTechnicalAccount, structure_id=structure.structure_id, label="Démonstration")
        made = {
            "structure": structure.identifier,
            "client_id": reply.account.client_id,
            "client_secret": reply.client_secret,
            "login": reply.account.login,
            "password": reply.password,
        }
        kept["accounts"][structure.identifier] = made
        _write(state / SECRETS, kept)


def _public(structure: organisation.Structure) -> dict[str, Any]:
    return {
        "siret": structure.identifier,
        "name": structure.name,
        "services": [{"code": service.code, "active": service.active} for service in structure.services],
        "requires_service": structure.parameters.requires_service,
        "requires_engagement": structure.parameters.requires_engagement,
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    """Write a file whole or not at all, readable by its owner only: it holds passwords."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
