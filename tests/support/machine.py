"""A program that talks to the portal, as the clients of Chorus Pro do."""

import base64
import io
import tarfile
from collections.abc import Iterable, Mapping
from typing import Any

import requests

from support.installation import Installation, until

UBL, CII, FACTURX = "IN_DP_E1_UBL_INVOICE", "IN_DP_E1_CII_16B", "IN_DP_E2_CII_FACTURX"
SETTLED = ("IN_INTEGRE", "IN_INTEGRE_PARTIEL", "IN_REJETE", "IN_INCIDENTE")
SECONDS = 60


def tar_gz(files: Mapping[str, bytes]) -> bytes:
    """A lot of these files, in their order."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()


class Machine:
    """A technical account of a structure; ``account`` is an entry of ``technical_accounts`` of ``demo.json``."""

    def __init__(self, installation: Installation, account: Mapping[str, str]) -> None:
        self.base_url, self.account = installation.base_url, account
        self._token: str | None = None

    @classmethod
    def of(cls, installation: Installation, siret: str) -> "Machine":
        return cls(
            installation, next(each for each in installation.demo["technical_accounts"] if each["structure"] == siret)
        )

    @property
    def token(self) -> str:
        if self._token is None:
            answer = requests.post(
                f"{self.base_url}/api/oauth/token",
                data={
                    "grant_type": "client_credentials",
                    "client_id": self.account["client_id"],
                    "client_secret": self.account["client_secret"],
                    "scope": "openid",
                },
                timeout=SECONDS,
            )
            assert answer.status_code == 200, answer.text
            self._token = answer.json()["access_token"]
        return self._token

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "cpro-account": cpro_account(self.account["login"], self.account["password"]),
        }

    def post(self, path: str, body: Any = None, **options: Any) -> requests.Response:
        """POST to ``/cpro/<path>``: JSON of ``body``, or ``data=`` as it is; further headers come beside the usual ones."""
        headers = {**self.headers, **options.pop("headers", {})}
        if "data" not in options:
            options["json"] = body
        return requests.post(f"{self.base_url}/cpro/{path}", headers=headers, timeout=SECONDS, **options)

    def ask(self, path: str, body: Any = None) -> dict[str, Any]:
        """The answer of a call that must succeed."""
        answer = self.post(path, body if body is not None else {})
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        found = answer.json()
        assert found["codeRetour"] == 0, f"{path}: {found}"
        return found

    def deposit(self, content: bytes, name: str, syntaxe: str) -> str:
        """Deposit a flux and return its number."""
        return self.ask("factures/v1/deposer/flux", self.flux(content, name, syntaxe))["numeroFluxDepot"]

    @staticmethod
    def flux(content: bytes, name: str, syntaxe: str) -> dict[str, Any]:
        """The body of a deposit."""
        encoded = base64.b64encode(content).decode()
        return {"fichierFlux": encoded, "nomFichier": name, "syntaxeFlux": syntaxe, "avecSignature": False}

    def outcome(self, numero: str) -> dict[str, Any]:
        """What became of a flux so far."""
        return self.ask("transverses/v1/consulterCRDetaille", {"numeroFluxDepot": numero})

    def settled(self, numero: str, seconds: float = SECONDS) -> dict[str, Any]:
        """What became of a flux, once every invoice of it has its outcome."""

        def look() -> dict[str, Any] | None:
            found = self._patiently("transverses/v1/consulterCRDetaille", {"numeroFluxDepot": numero})
            return found if found is not None and found["etatCourantDepotFlux"] in SETTLED else None

        return until(look, seconds, f"flux {numero} settled", pause=0.2)

    def issued(self, **criteria: Any) -> list[dict[str, Any]]:
        """The issued invoices that match, at most 1000."""
        body = {**criteria, "rechercheFactureParFournisseur": {"nbResultatsParPage": 1000}}
        return self.ask("factures/v1/rechercher/fournisseur", body)["listeFactures"]

    def count(self, numero: str) -> int:
        """How many invoices of a flux there are so far; none when the portal is too busy to say."""
        body = {"numeroFluxDepot": numero, "rechercheFactureParFournisseur": {"nbResultatsParPage": 1}}
        found = self._patiently("factures/v1/rechercher/fournisseur", body)
        return found["parametresRetour"]["total"] if found is not None else 0

    def _patiently(self, path: str, body: Any) -> dict[str, Any] | None:
        """The answer of a call that must succeed, or None when it is to be repeated: what a client that waits does."""
        answer = self.post(path, body)
        if answer.status_code in (503, 504):
            return None
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        assert answer.json()["codeRetour"] == 0, f"{path}: {answer.text}"
        return answer.json()


def cpro_account(login: str, password: str) -> str:
    """The value of the ``cpro-account`` header."""
    return base64.b64encode(f"{login}:{password}".encode()).decode()


def rules_in(errors: Iterable[Mapping[str, Any]]) -> set[str]:
    """The rules that the errors of a flux name: each text begins with its rule, and several are parted by a bar."""
    texts = [part.strip() for error in errors for part in error["libelleErreurDP"].split("|")]
    return {text.split(":", 1)[0].strip() for text in texts if ":" in text}
