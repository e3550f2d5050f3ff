"""What one process of identity holds: the password hasher, and the key that vouches for people and machines."""

from dataclasses import dataclass
from typing import Any

from pupitre_bus.actors import Actor, Keyring
from pupitre_contracts import catalogue

from .hashing import PasswordHasher


@dataclass(frozen=True)
class Resources:
    hasher: PasswordHasher
    keyring: Keyring

    def actor_tokens(self, actor: Actor) -> dict[str, str]:
        """Return one token per service, each good for 60 seconds and for that service alone."""
        return {service: self.keyring.sign(actor, service) for service in catalogue.SERVICES}

    def close(self) -> None:
        """Nothing to give back."""


def build(settings: Any) -> Resources:
    return Resources(
        hasher=PasswordHasher(settings.argon2_memory_kib, settings.argon2_passes),
        keyring=Keyring(settings.keys, "identity"),
    )
