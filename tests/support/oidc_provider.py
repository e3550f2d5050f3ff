"""A small identity provider on this machine: it signs tokens, and as badly as a test asks for."""

import base64
import hashlib
import http.server
import json
import threading
import time
import urllib.parse

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "pupitre", "s3cret d'essai/+"
PERSON = {
    "sub": "agent-42",
    "email": "Camille.Durand@ville.exemple",
    "email_verified": True,
    "given_name": "Camille",
    "family_name": "Durand",
    "phone_number": "+33 1 23 45 67 89",
    "address": {"street_address": "1 place de la Mairie", "locality": "Valmont", "postal_code": "12345"},
    "siret": "20007104100046",
}


class OidcProvider:
    """Serves metadata, keys, tokens and user information. ``token`` changes claims, ``header`` the header, ``key`` who signs."""

    def __init__(self):
        self.keys = {"k1": RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})}
        self.person, self.token, self.header, self.key = dict(PERSON), {}, {}, None
        self.raw_token, self.status, self.metadata, self.told = None, 200, {}, None
        self.codes, self.asked = {}, []
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    @property
    def settings(self):
        return {
            "PUPITRE_OIDC_ISSUER": self.issuer,
            "PUPITRE_OIDC_CLIENT_ID": CLIENT_ID,
            "PUPITRE_OIDC_CLIENT_SECRET": CLIENT_SECRET,
        }

    def authorise(self, address):
        """Do as the browser and its owner do at the provider: return the state and the code that it is sent back with."""
        parts = urllib.parse.urlsplit(address)
        assert parts._replace(query="").geturl() == f"{self.issuer}/authorize"
        query = dict(urllib.parse.parse_qsl(parts.query))
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT_ID)
        assert query["code_challenge_method"] == "S256" and "openid" in query["scope"]
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return query["state"], code

    def id_token(self, nonce, **changes):
        if self.raw_token is not None:
            return self.raw_token
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "exp": now + 300, "iat": now, "nonce": nonce, "sub": self.person["sub"]}
        claims = {name: value for name, value in {**claims, **self.token, **changes}.items() if value is not None}
        header = {"alg": "RS256", "kid": "k1", **self.header}
        key = self.key or self.keys["k1"]
        if header["alg"] == "none":
            parts = (json.dumps(part).encode() for part in (header, claims))
            return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts) + "."
        return jwt.encode({name: value for name, value in header.items() if value is not None}, claims, key, algorithms=[header["alg"]])

    def shared_secret_key(self):
        """A key that both sides know and that a browser's owner may have seen: no token signed with it is to be believed."""
        return OctKey.import_key(CLIENT_SECRET * 3)

    def _answer(self, method, path, headers, body):
        self.asked.append(path)
        if path == "/.well-known/openid-configuration":
            found = {"issuer": self.issuer, "userinfo_endpoint": f"{self.issuer}/userinfo"}
            found |= {
                f"{name}": f"{self.issuer}/{place}"
                for name, place in (("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("jwks_uri", "jwks"))
            }
            return 200, {**found, **self.metadata}
        if path == "/jwks":
            return 200, {"keys": [key.as_dict(private=False) for key in self.keys.values()]}
        if path == "/userinfo":
            return 200, (self.told if self.told is not None else self.person)
        if path == "/token" and method == "POST":
            return self._token(headers, dict(urllib.parse.parse_qsl(body)))
        return 404, {}

    def _token(self, headers, form):
        pair = f"{urllib.parse.quote(CLIENT_ID, safe='')}:{urllib.parse.quote(CLIENT_SECRET, safe='')}"
        basic = "Basic " + base64.b64encode(pair.encode()).decode()
        asked = self.codes.pop(form.get("code"), None)
        if self.status != 200:
            return self.status, {}
        if headers.get("Authorization") != basic or asked is None or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        hashed = hashlib.sha256(form["code_verifier"].encode()).digest()
        if base64.urlsafe_b64encode(hashed).rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": self.id_token(asked["nonce"])}

    def _handler(self):
        provider = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def _serve(self):
                length = int(self.headers.get("Content-Length") or 0)
                status, found = provider._answer(self.command, self.path, self.headers, self.rfile.read(length).decode())
                body = json.dumps(found).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _serve  # noqa: N815  # the names that the server looks for

            def log_message(self, *arguments):
                """Nothing."""

        return Handler
