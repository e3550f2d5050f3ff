"""A technical account, its credentials, a flux, and a client that sends what programs send."""

import base64
import datetime
import hashlib
import json
import uuid
from decimal import Decimal

from portal_world import NOW, SUPPLIER, FakeBlobs
from pupitre_contracts import identity, invoicing

CLIENT, SECRET, BEARER = "client-1", "s3cr3t_token-urlsafe", "opaque-token"
LOGIN, PASSWORD = "TECH_1_10000001@pupitre.invalid", "mot:de passe é"
NUMERO = "CPP0011117000000000300163"
ACCOUNT = identity.TechnicalAccount(
    technical_account_id=uuid.UUID(int=9), portal_number=9, structure_id=SUPPLIER, login=LOGIN, client_id=CLIENT
)
LATE = datetime.datetime(2026, 1, 14, 23, 30, 12, 345678, tzinfo=datetime.UTC)
"""Half past midnight of the next day in France."""


def issued_token(scope="openid"):
    return {"access_token": BEARER, "expires_in": 3600, "scope": "openid" if "openid" in scope else scope}


def a_flux(**changes):
    values = {
        "flux_id": uuid.UUID(int=40), "numero_flux": NUMERO, "structure_id": SUPPLIER, "syntaxe_flux": "IN_DP_E2_CII_FACTURX",
        "code_interface": "FSO1117A", "file_name": "lot.tar.gz", "state": "IN_INTEGRE", "state_at": NOW, "deposited_at": LATE,
        "total": 1, "accepted": 1, "refused": 0, "errors": [],
    }
    return invoicing.Flux(**(values | changes))


def an_error(**changes):
    values = {
        "technical": False, "number": "F-2026-7", "supplier_identifier": "12345678200010", "recipient_siret": "21750001600019",
        "file": "f7.xml", "rule": "BR-CL-04", "message": "La devise EURO n'existe pas.", "remedy": "Écrivez EUR.",
    }
    return invoicing.FluxError(**(values | changes))


class ContentBlobs(FakeBlobs):
    """Names blobs by their content, as the real store does: the same file twice is one blob."""

    def put(self, content):
        name = hashlib.sha256(content).hexdigest()
        self.kept[name] = content
        return name

    def put_file(self, path):
        return self.put(path.read_bytes())


class Machine:
    """Calls the compatible routes as a program does."""

    def __init__(self, http):
        self.http = http
        self.headers = {
            "Authorization": f"Bearer {BEARER}",
            "cpro-account": base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode(),
        }

    def post(self, path, body=None, *, raw=None, content_type="application/json", headers=None):
        data = raw if raw is not None else json.dumps(body if body is not None else {}).encode()
        sent = {name: value for name, value in {**self.headers, **(headers or {})}.items() if value is not None}
        return self.http.post(f"/cpro/{path}", data=data, content_type=content_type, headers=sent)

    def ask(self, path, body=None, **options):
        answer = self.post(path, body, **options)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "application/json"
        return json.loads(answer.data, parse_float=Decimal)

    def deposit(self, content=b"<Invoice/>", **changes):
        headers = changes.pop("headers", None)
        body = {"fichierFlux": base64.b64encode(content).decode(), "nomFichier": "f.xml", "syntaxeFlux": "IN_DP_E1_UBL_INVOICE"}
        return self.post("factures/v1/deposer/flux", body | changes, headers=headers)
