"""The protocol of OpenID Connect as a client speaks it: discovery, the code's exchange, and what makes an ID token believed (R024).

Authorization code with PKCE; state and nonce bind the answer to the browser that asked. Only the configured issuer is talked to, over
https; http is for one on this machine.
"""

import base64
import binascii
import hashlib
import http.client
import json
import ssl
import time
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import import_key
from pupitre_bus.deadline import green_deadline
from pupitre_contracts.errors import ExternalSignInRefused, ProviderUnavailable

#: Signatures that are accepted; never ``none``, and none made with a shared secret.
ALGORITHMS = ("RS256", "PS256", "ES256")
#: How far the provider's clock may differ, and how long after its making an ID token is taken, in seconds.
LEEWAY, FRESH = 60, 600
#: How long metadata and keys are kept, in seconds; an unknown key has them read again, at most so often.
KEPT, AGAIN = 600, 30
MOST_OCTETS, SECONDS = 1_000_000, 4
_LOCAL = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Client:
    """What the provider knows this portal as."""

    issuer: str
    client_id: str
    client_secret: str
    scopes: str


class Provider:
    """One identity provider; metadata and keys are fetched when first needed and kept for a while."""

    def __init__(self, client: Client, fetch: Callable[..., tuple[int, str, bytes]] | None = None) -> None:
        self.client = client
        self._fetch = fetch or fetched
        self._metadata: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, list[dict[str, Any]]] | None = None

    def address(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Return where the browser is sent to. Raises ProviderUnavailable."""
        asked = {
            "response_type": "code",
            "client_id": self.client.client_id,
            "redirect_uri": redirect_uri,
            "scope": self.client.scopes,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urllib.parse.urlencode(asked)}"

    def claims(self, *, code: str, redirect_uri: str, nonce: str, verifier: str, now: float) -> dict[str, Any]:
        """Exchange the code and return what the provider vouches for. Raises ExternalSignInRefused, ProviderUnavailable."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
        headers = {}
        methods = self._discovered().get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in methods:
            pair = f"{_quoted(self.client.client_id)}:{_quoted(self.client.client_secret)}"
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        else:
            form |= {"client_id": self.client.client_id, "client_secret": self.client.client_secret}
        status, _, body = self._fetch("POST", self._endpoint("token_endpoint"), form=form, headers=headers)
        if status >= 500:
            raise ProviderUnavailable()
        given = _object(body)
        if status != 200 or not isinstance(given.get("id_token"), str):
            raise _refused("le portail d'identité n'a pas confirmé", "the identity portal did not confirm")
        token = self.verified(given["id_token"], now)
        if token.get("nonce") != nonce:
            raise _refused("la réponse n'est pas celle de cette demande", "the answer is not to this request")
        return {**self._user_info(given, token), **token}

    def verified(self, token: str, now: float) -> dict[str, Any]:
        """Return the claims of an ID token of this issuer, for this client, in its time. Raises ExternalSignInRefused."""
        try:
            header = json.loads(_decoded(token.split(".", maxsplit=1)[0]))
            if header.get("alg") not in ALGORITHMS:
                raise ValueError("algorithm")
            key = import_key(self._key(header))
            payload = jws.deserialize_compact(token, key, algorithms=list(ALGORITHMS)).payload
            claims = json.loads(payload)
            self._check(claims, now)
        except (JoseError, ValueError, TypeError, AttributeError, KeyError, binascii.Error) as error:
            raise _refused("sa réponse n'est pas valable", "its answer is not valid") from error
        return claims

    def _check(self, claims: Any, now: float) -> None:
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        authorised = claims.get("azp", self.client.client_id if len(audience) == 1 else None)
        rules = {
            "iss": claims["iss"] == self.client.issuer,
            "aud": self.client.client_id in audience,
            "azp": authorised == self.client.client_id,
            "exp": _instant(claims["exp"]) > now - LEEWAY,
            "iat": now - FRESH < _instant(claims["iat"]) < now + LEEWAY,
            "nbf": _instant(claims.get("nbf", 0)) < now + LEEWAY,
            "sub": isinstance(claims["sub"], str) and 0 < len(claims["sub"]) <= 255,
        }
        broken = [name for name, holds in rules.items() if not holds]
        if broken:
            raise ValueError(", ".join(broken))

    def _user_info(self, given: Mapping[str, Any], token: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the provider tells beside the token; it must be about the same person."""
        if not self._discovered().get("userinfo_endpoint") or not isinstance(given.get("access_token"), str):
            return {}
        headers = {"Authorization": f"Bearer {given['access_token']}"}
        status, kind, body = self._fetch("GET", self._endpoint("userinfo_endpoint"), headers=headers)
        # A signed one would need its own rules of time; what the token tells is enough then.
        if status != 200 or "json" not in kind:
            return {}
        told = _object(body)
        if told.get("sub") != token["sub"]:
            raise _refused("sa réponse n'est pas valable", "its answer is not valid")
        return told

    def _discovered(self) -> dict[str, Any]:
        if self._metadata is None or time.monotonic() - self._metadata[0] > KEPT:
            address = f"{self.client.issuer.rstrip('/')}/.well-known/openid-configuration"
            metadata = self._read(address)
            if metadata.get("issuer") != self.client.issuer:
                raise ProviderUnavailable()
            self._metadata = time.monotonic(), metadata
        return self._metadata[1]

    def _endpoint(self, name: str) -> str:
        address = self._discovered().get(name)
        if not isinstance(address, str):
            raise ProviderUnavailable()
        return address

    def _key(self, header: Mapping[str, Any]) -> dict[str, Any]:
        """Return the provider's key that a token names; an unknown one has the keys read again, since they are renewed."""
        for age in (KEPT, AGAIN):
            if self._keys is None or time.monotonic() - self._keys[0] > age:
                keys = self._read(self._endpoint("jwks_uri")).get("keys")
                self._keys = time.monotonic(), [each for each in keys or [] if isinstance(each, dict)]
            fitting = [each for each in self._keys[1] if _fits(each, header)]
            if len(fitting) == 1:
                return fitting[0]
        raise KeyError("kid")

    def _read(self, address: str) -> dict[str, Any]:
        status, _, body = self._fetch("GET", address)
        if status != 200:
            raise ProviderUnavailable()
        return _object(body)


def challenge(verifier: str) -> str:
    """Return the PKCE challenge (S256) of a verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def checked_issuer(text: str) -> str:
    """Return the address of an issuer, empty for none. Raises ValueError unless it is https, or http on this machine."""
    address = text.strip()
    if address and not _allowed(urllib.parse.urlsplit(address)):
        raise ValueError("expected https://… (http:// only on this machine)")
    return address


def fetched(
    method: str, address: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, str, bytes]:
    """Return status, type and body; no redirect is followed, and neither size nor time is without bound. Raises ProviderUnavailable."""
    parts = urllib.parse.urlsplit(address)
    if not _allowed(parts):
        raise ProviderUnavailable()
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    sent = {"Accept": "application/json", **(headers or {})}
    if body is not None:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        with green_deadline(SECONDS):
            connection = _connection(parts)
            try:
                connection.request(method, f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}", body, sent)
                answer = connection.getresponse()
                content = answer.read(MOST_OCTETS + 1)
            finally:
                connection.close()
    except (OSError, http.client.HTTPException) as error:
        raise ProviderUnavailable() from error
    if len(content) > MOST_OCTETS:
        raise ProviderUnavailable()
    return answer.status, answer.headers.get_content_type(), content


def _connection(parts: urllib.parse.SplitResult) -> http.client.HTTPConnection:
    if parts.scheme == "https":
        return http.client.HTTPSConnection(parts.netloc, timeout=SECONDS, context=ssl.create_default_context())
    return http.client.HTTPConnection(parts.netloc, timeout=SECONDS)


def _allowed(parts: urllib.parse.SplitResult) -> bool:
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL))


def _fits(key: Mapping[str, Any], header: Mapping[str, Any]) -> bool:
    kind = "EC" if header["alg"].startswith("ES") else "RSA"
    named = "kid" not in header or key.get("kid") == header["kid"]
    return key.get("kty") == kind and named and key.get("use", "sig") == "sig" and key.get("alg", header["alg"]) == header["alg"]


def _instant(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not an instant")
    return value


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise ProviderUnavailable() from error
    if not isinstance(found, dict):
        raise ProviderUnavailable()
    return found


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _quoted(text: str) -> str:
    return urllib.parse.quote(text, safe="")


def _refused(why_fr: str, why_en: str) -> ExternalSignInRefused:
    return ExternalSignInRefused(why_fr=why_fr, why_en=why_en)
