"""What one process of identity holds: the password hasher, the key that vouches for people and machines, the identity provider."""

from dataclasses import dataclass
from typing import Any

from pupitre_bus.actors import Actor, Keyring
from pupitre_bus.settings import WrongSetting
from pupitre_contracts import catalogue

from .hashing import PasswordHasher
from .oidc import Client, Provider


@dataclass(frozen=True)
class Resources:
    hasher: PasswordHasher
    keyring: Keyring
    provider: Provider | None = None

    def actor_tokens(self, actor: Actor) -> dict[str, str]:
        """Return one token per service, each good for 60 seconds and for that service alone."""
        return {service: self.keyring.sign(actor, service) for service in catalogue.SERVICES}

    def close(self) -> None:
        """Nothing to give back."""


def build(settings: Any) -> Resources:
    return Resources(
        hasher=PasswordHasher(settings.argon2_memory_kib, settings.argon2_passes),
        keyring=Keyring(settings.keys, "identity"),
        provider=_provider(settings),
    )


def _provider(settings: Any) -> Provider | None:
    if not settings.oidc_issuer:
        if settings.local_sign_in_closed:
            raise WrongSetting("PUPITRE_LOCAL_SIGN_IN_CLOSED without PUPITRE_OIDC_ISSUER: nobody of these structures could sign in")
        return None
    if not (settings.oidc_client_id and settings.oidc_client_secret):
        raise WrongSetting("PUPITRE_OIDC_ISSUER needs PUPITRE_OIDC_CLIENT_ID and PUPITRE_OIDC_CLIENT_SECRET")
    return Provider(
        Client(settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, settings.oidc_scopes)
    )
