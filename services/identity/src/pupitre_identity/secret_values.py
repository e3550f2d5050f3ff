"""Secrets of 256 bits made by Pupitre: session identifiers, access tokens, secrets of technical accounts.

They cannot be guessed, so a fast hash is enough to keep them; passwords that people choose are kept by ``hashing``.
"""

import hashlib
import hmac
import secrets

#: What the digest of an account that does not exist is compared with.
NOBODY = hashlib.sha256(secrets.token_bytes(32)).hexdigest()


def new_secret() -> str:
    """Return 256 random bits in 43 characters fit for cookies, headers and forms."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return the SHA-256 of ``secret`` in hexadecimal: all that is ever stored of it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def matches(secret: str, stored: str | None) -> bool:
    """Compare ``secret`` with a stored digest, in a time that tells nothing, even when there is none."""
    return hmac.compare_digest(digest(secret), stored or NOBODY) and stored is not None
