"""What the platform itself finds wrong with a request, beside what forms and espaces say of it."""

from collections.abc import Mapping
from typing import Any

from pupitre_contracts import organisation
from pupitre_espaces import Role

from .messages import Finding


def unknown(role: Role, identifier: str, suggestions: Mapping[str, str]) -> Finding:
    """Nobody has the identifier; ``suggestions`` name active structures of the same SIREN."""
    return Finding(
        "party-unknown",
        "error",
        f"{role.label.fr} : aucune structure ne porte le SIRET {identifier}.{suggestions['suggestions_fr']}",
        f"{role.label.en}: no structure has the SIRET {identifier}.{suggestions['suggestions_en']}",
        "Cherchez la structure dans l'annuaire et reprenez son SIRET.",
        "Look the structure up in the directory and use its SIRET.",
        term=f"party.{role.key}",
    )


def platform_unset(role: Role) -> Finding:
    """The role is the operator's, and nobody said which structure that is."""
    return Finding(
        "platform-unset",
        "error",
        f"{role.label.fr} : la structure de l'exploitant de la plateforme n'est pas désignée.",
        f"{role.label.en}: the structure of the platform's operator is not named.",
        "L'exploitant la désigne par le réglage PUPITRE_PLATFORM_SIRET.",
        "The operator names it with the setting PUPITRE_PLATFORM_SIRET.",
        term=f"party.{role.key}",
    )


def inactive(role: Role, structure: organisation.Structure) -> Finding:
    """The structure works no more."""
    return Finding(
        "party-inactive",
        "error",
        f"{role.label.fr} : la structure {structure.name} ({structure.identifier}) n'est pas active.",
        f"{role.label.en}: the structure {structure.name} ({structure.identifier}) is not active.",
        "Désignez la structure qui lui succède.",
        "Name the structure that took over.",
        term=f"party.{role.key}",
    )


def wrong_type(role: Role, party: Mapping[str, Any]) -> Finding:
    """The structure is public where the role is for private ones, or the other way round."""
    return Finding(
        "role-type",
        "error",
        f"{role.label.fr} : {party['name']} n'est pas d'un type admis dans ce rôle.",
        f"{role.label.en}: {party['name']} is not of a type that may have this role.",
        "Désignez une autre structure.",
        "Name another structure.",
        term=f"party.{role.key}",
    )


def number_taken(number: str) -> Finding:
    """The maker has sent a request of the kind under the number, perhaps a moment ago."""
    return Finding(
        "number-taken",
        "error",
        f"Le numéro {number} est déjà pris.",
        f"The number {number} is taken.",
        "Choisissez un numéro nouveau.",
        "Choose a new number.",
        term="number",
    )


def once_only(value: str, field: str | None) -> Finding:
    """The maker has asked for the value before, perhaps a moment ago; ``field`` is the one of the form that says it."""
    return Finding(
        "once-only",
        "error",
        f"Une demande a déjà été envoyée pour {value}.",
        f"A request has been sent before for {value}.",
        "Complétez celle qui a été envoyée.",
        "Complete the one that was sent.",
        term=field,
    )
