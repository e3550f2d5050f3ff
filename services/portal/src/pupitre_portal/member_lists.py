"""The users of a structure as a list that can be searched."""

import uuid
from typing import Any

from pupitre_contracts import rattachements

from . import bus
from .searching import matches


def found(structure_id: uuid.UUID, wanted: str) -> list[Any]:
    """Return the users of a structure whose name or address is what is wanted (R270)."""
    members = bus.call(rattachements.ListMembers, structure_id=structure_id).members
    return [each for each in members if matches(wanted, *_texts(each))]


def _texts(member: Any) -> tuple[str, ...]:
    given, family = member.given_name, member.family_name
    return given, family, f"{given} {family}", f"{family} {given}", member.email
