"""Who acts: a short-lived signed token that travels with every call (RS-41), and the keys that make and check it.

A token names one callee and lives 60 seconds. Identity alone vouches for users and technical accounts; every service
vouches for itself only.
"""

import base64
import hashlib
import json
import os
import uuid
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from .clock import Clock, SystemClock
from .errors import ActorInvalid

#: Ed25519 by its full name (RFC 9864); no other algorithm is ever accepted.
ALGORITHM = "Ed25519"
LIFETIME = 60
#: For so many seconds a token that was made serves further calls of the same actor to the same callee.
REUSE = 20
MOST_KEPT = 1000
#: How far two hosts' clocks may differ, in seconds.
LEEWAY = 5
IDENTITY = "identity"

KINDS = ("user", "technical", "service")


@dataclass(frozen=True)
class Actor:
    """A user, a technical account or a service. ``id`` is the account's UUID as text, or the service's name.

    ``structure_id`` is the structure for which a user or a technical account acts; ``behalf_of`` is the actor whose
    request a service is carrying out.
    """

    kind: str
    id: str
    name: str = ""
    structure_id: uuid.UUID | None = None
    behalf_of: "Actor | None" = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS or not self.id or not isinstance(self.id, str) or not isinstance(self.name, str):
            raise ValueError(f"not an actor: {self.kind}:{self.id}")
        if self.behalf_of is not None and self.kind != "service":
            raise ValueError("only a service acts on behalf of another actor")

    @classmethod
    def service(cls, name: str, behalf_of: "Actor | None" = None) -> "Actor":
        """Return the service ``name``, acting for the one at the origin of the request, if any."""
        if behalf_of is not None and behalf_of.kind == "service":
            behalf_of = behalf_of.behalf_of
        return cls("service", name, name, behalf_of=behalf_of)

    @property
    def reference(self) -> str:
        """Return ``kind:id``: enough for logs and events, and no personal data."""
        return f"{self.kind}:{self.id}"

    @property
    def origin(self) -> "Actor":
        """Return the actor at the origin: the one acted for, or this one."""
        return self.behalf_of or self


class _Recent:
    """What was used last, at most ``MOST_KEPT`` entries."""

    def __init__(self) -> None:
        self._entries: OrderedDict[Any, Any] = OrderedDict()

    def get(self, key: Any) -> Any:
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def put(self, key: Any, value: Any) -> None:
        self._entries[key] = value
        if len(self._entries) > MOST_KEPT:
            self._entries.popitem(last=False)


class Keyring:
    """The keys in one folder: ``<issuer>.pub`` of all, and ``<issuer>.key`` of the one that this process signs as, if
    any."""

    def __init__(self, folder: str | Path, issuer: str | None = None, clock: Clock | None = None) -> None:
        self._folder = Path(folder)
        self.issuer = issuer
        self._clock = clock or SystemClock()
        self._public: dict[str, OKPKey] = {}
        # Signatures cost more than the calls they go with: a token serves again while it is young, and the very same
        # bytes are proved once.
        self._signed, self._proved = _Recent(), _Recent()
        self._private = OKPKey.import_key((self._folder / f"{issuer}.key").read_bytes()) if issuer is not None else None

    @staticmethod
    def create(folder: str | Path, issuers: Iterable[str]) -> list[str]:
        """Make the missing key pairs, readable by their owner only, and return the issuers that got one."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return [issuer for issuer in issuers if _create_pair(folder, issuer)]

    def sign(self, actor: Actor, audience: str) -> str:
        """Return a token that makes ``audience`` accept ``actor`` for 60 seconds. Raises ValueError for an actor that
        this issuer may not vouch for."""
        if self._private is None:
            raise ValueError("this process has no key of its own")
        if not _may_vouch(self.issuer, actor):
            raise ValueError(f"{self.issuer} may not vouch for {actor.reference}")
        issued = int(self._clock.now().timestamp())
        known = self._signed.get((actor, audience))
        if known is not None and 0 <= issued - known[1] < REUSE:
            return known[0]
        token = self._sign(actor, audience, issued)
        self._signed.put((actor, audience), (token, issued))
        return token

    def _sign(self, actor: Actor, audience: str, issued: int) -> str:
        claims = {"iss": self.issuer, "aud": audience, "iat": issued, "exp": issued + LIFETIME, "jti": uuid.uuid4().hex}
        claims |= _claims(actor)
        if actor.behalf_of is not None:
            claims["behalf"] = _claims(actor.behalf_of)
        return jwt.encode({"alg": ALGORITHM, "typ": "JWT"}, claims, self._private, algorithms=[ALGORITHM])

    def secret_for(self, text: str) -> str:
        """Return 256 bits that nobody without this issuer's key can tell, the same for the same ``text``, in 43 characters."""
        if self._private is None:
            raise ValueError("this process has no key of its own")
        # A signature with Ed25519 is the same each time; what is signed for tokens never begins like this.
        signature = self._private.private_key.sign(b"pupitre secret\0" + text.encode())
        return base64.urlsafe_b64encode(hashlib.sha256(signature).digest()).rstrip(b"=").decode()

    def verify(self, token: str, audience: str) -> Actor:
        """Return the actor that ``token`` proves to ``audience``. Raises :class:`errors.ActorInvalid` without saying
        why to the caller; the reason is in the exception's cause."""
        known = self._proved.get((token, audience))
        if known is not None and self._is_current(*known[1:]):
            return known[0]
        try:
            claims = self._verified(token, audience)
            actor = _actor(claims)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, OSError) as error:
            raise ActorInvalid() from error
        if not _may_vouch(claims["iss"], actor):
            raise ActorInvalid() from ValueError(f"{claims['iss']} may not vouch for {actor.reference}")
        self._proved.put((token, audience), (actor, claims["iat"], claims["exp"]))
        return actor

    def _verified(self, token: str, audience: str) -> dict[str, Any]:
        decoded = jwt.decode(token, self._key_of, algorithms=[ALGORITHM])
        claims = decoded.claims
        if claims["aud"] != audience:
            raise ValueError(f"meant for {claims['aud']!r}")
        issued, expires = claims["iat"], claims["exp"]
        if type(issued) is not int or type(expires) is not int or not 0 < expires - issued <= LIFETIME:
            raise ValueError("no lifetime of at most 60 seconds")
        if not self._is_current(issued, expires):
            raise ValueError("expired, or not yet issued")
        return claims

    def _is_current(self, issued: int, expires: int) -> bool:
        now = self._clock.now().timestamp()
        return issued <= now + LEEWAY and expires >= now - LEEWAY

    def _key_of(self, signed: Any) -> OKPKey:
        """Return the public key of the issuer that the token claims; the signature then proves the claim."""
        issuer = _issuer_of(signed)
        key = self._public.get(issuer)
        if key is None:
            key = self._public[issuer] = OKPKey.import_key((self._folder / f"{issuer}.pub").read_bytes())
        return key


def claimed(token: str) -> str:
    """Return in words what a token that was refused says of itself, whether true or not: for the log, so in plain signs only."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        said = ", ".join(f"{name} {str(claims[name])[:60]!a}" for name in ("iss", "kind", "sub", "aud", "iat", "exp") if name in claims)
    except (ValueError, TypeError, IndexError, AttributeError, RecursionError):
        return "it cannot be read"
    return f"it claims {said}" if said else "it claims nothing"


def _issuer_of(signed: Any) -> str:
    issuer = json.loads(signed.payload)["iss"]
    # It becomes a file's name: letters, digits and hyphens only.
    if not isinstance(issuer, str) or not issuer.replace("-", "").isalnum() or not issuer.isascii():
        raise ValueError("not an issuer's name")
    return issuer


def _may_vouch(issuer: str, actor: Actor) -> bool:
    if actor.kind == "service":
        return actor.id == issuer
    return issuer == IDENTITY


def _claims(actor: Actor) -> dict[str, Any]:
    claims = {"sub": actor.id, "kind": actor.kind, "name": actor.name}
    if actor.structure_id is not None:
        claims["structure"] = str(actor.structure_id)
    return claims


def _actor(claims: dict[str, Any]) -> Actor:
    structure = claims.get("structure")
    behalf = claims.get("behalf")
    return Actor(
        kind=claims["kind"],
        id=claims["sub"],
        name=claims["name"],
        structure_id=uuid.UUID(structure) if structure is not None else None,
        behalf_of=_actor(behalf) if behalf is not None else None,
    )


def _create_pair(folder: Path, issuer: str) -> bool:
    private, public = folder / f"{issuer}.key", folder / f"{issuer}.pub"
    created = not private.exists() and _create_private(private)
    if not public.exists():
        partial = public.with_suffix(".pub.part")
        partial.write_bytes(OKPKey.import_key(private.read_bytes()).as_pem(private=False))
        partial.replace(public)
    return created


def _create_private(path: Path) -> bool:
    """Write a new key, whole or not at all; False when another process was first."""
    draft = path.with_suffix(f".{uuid.uuid4().hex}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(OKPKey.generate_key(ALGORITHM).as_pem(private=True))
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    return True
