"""The seal of history heads and anchors: an Ed25519 signature with the service's own key, which the database does not
hold."""

from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key


class SealChecker:
    """Checks seals with the public key alone: what an auditor needs, and no more."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._public = key

    @classmethod
    def from_file(cls, path: Path) -> "SealChecker":
        """Read a PEM public key. Raises ValueError when it is not an Ed25519 key."""
        key = load_pem_public_key(path.read_bytes())
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError(f"not an Ed25519 key: {path}")
        return cls(key)

    def check(self, message: bytes, seal: str) -> bool:
        try:
            self._public.verify(bytes.fromhex(seal), message)
        except (InvalidSignature, ValueError):
            return False
        return True


class KeySealer(SealChecker):
    """Signs with a private key; anybody with the public key can check."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        super().__init__(key.public_key())
        self._key = key

    @classmethod
    def from_file(cls, path: Path) -> "KeySealer":
        """Read a PEM private key. Raises ValueError when it is not an Ed25519 key."""
        key = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"not an Ed25519 key: {path}")
        return cls(key)

    def seal(self, message: bytes) -> str:
        return self._key.sign(message).hex()
