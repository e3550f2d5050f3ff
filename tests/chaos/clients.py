"""Clients as the product has them: they wait, repeat under the same key what they do not know, and write down what they saw."""

import base64
import json
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import eventlet
import requests
from pupitre_bus.actors import Keyring
from pupitre_bus.core import Credentials
from pupitre_contracts import errors, invoicing
from support.machine import UBL, cpro_account, tar_gz

from .journal import FAILED, OK, UNKNOWN, Attempt, Journal

#: What may be done or not: repeated under its key. A database that dies in a call is an internal error to the caller.
UNSURE = ("service-unavailable", "service-timeout", "internal", "idempotency.in-progress", "invoicing.engine-failed")
HTTP_SECONDS = 65
PAUSE = (0.1, 0.3, 1.0)
TOKEN_SECONDS = 40
BY_SUPPLIER = ("COMPLETEE", "ABANDONNEE")
WITH_MOTIVE = ("SUSPENDUE", "REJETEE", "ABANDONNEE")
#: 401: the account is not signed in (any more); 409: the same key is being worked on. All others below 500: the request is wrong.
UNKNOWN_BELOW_500 = (401, 409)


class GaveUp(Exception):
    """The client does not ask again, or the run is over: the outcome stays unknown and is read from the databases."""


class Refused(Exception):
    """The product refused what a client of this harness asks rightly."""


class _Signer:
    """Signs for one actor, as identity does; a token serves for as long as it may."""

    def __init__(self, keyring: Keyring, actor: Any) -> None:
        self._credentials = Credentials(keyring, actor)
        self._tokens: dict[str, tuple[float, str]] = {}

    def token_for(self, audience: str) -> str:
        until, token = self._tokens.get(audience, (0.0, ""))
        if time.monotonic() > until:
            token = self._credentials.token_for(audience)
            self._tokens[audience] = time.monotonic() + TOKEN_SECONDS, token
        return token


class Repeating:
    """Runs one attempt after the other until the outcome is known, and journals each."""

    def __init__(self, journal: Journal, over: Callable[[], bool]) -> None:
        self._journal, self._over = journal, over

    @property
    def over(self) -> bool:
        """Whether the run is over: nobody asks again."""
        return self._over()

    def run(
        self,
        attempt: Callable[[], tuple[str, str, Any]],
        *,
        kind: str,
        key: str,
        numbers: tuple[str, ...],
        limit: float,
        to: str = "",
        patient: bool = True,
    ) -> Any:
        """``attempt()`` gives (outcome, code, answer). Returns the answer of the one that succeeded.

        Raises :class:`GaveUp` for a client without patience at the first doubt, for all when the run is over; :class:`Refused`.
        """
        operation = f"{kind}:{numbers[0]}:{to}"
        tries = 0
        while True:
            started, began = self._journal.now(), time.monotonic()
            outcome, code, answer = attempt()
            spent = (time.monotonic() - began) * 1000
            told = answer if isinstance(answer, str) else ""
            self._journal.write(
                Attempt(operation, kind, key, outcome, started, spent, limit * 1000, numbers, to, code, told)
            )
            if outcome == OK:
                return answer
            if outcome == FAILED:
                raise Refused(f"{operation}: {code} {told}")
            tries += 1
            if self._over() or not patient:
                raise GaveUp(operation)
            eventlet.sleep(PAUSE[min(tries, len(PAUSE)) - 1])


class RpcClient:
    """Prepares, sends and moves invoices through the product's own calls."""

    def __init__(self, bus: Any, keyring: Keyring, repeating: Repeating) -> None:
        self._bus, self._keyring, self._repeating = bus, keyring, repeating
        self._signers: dict[str, _Signer] = {}

    def prepare(self, member: Any, number: str, sha256: str, size: int, patient: bool) -> Any:
        """Keep a draft and return it."""
        values = {"structure_id": member.structure_id, "sha256": sha256, "size": size, "name": f"{number}.xml"}
        reply = self._call("prepare", invoicing.PrepareInvoice, member, number, "", patient, values)
        if reply.invoice is None:
            raise Refused(f"prepare {number}: {reply.report}")
        return reply.invoice

    def send(self, member: Any, number: str, draft: Any, patient: bool) -> Any:
        values = {"invoice_id": draft.invoice_id, "version": draft.version}
        return self._call("send", invoicing.SendInvoice, member, number, "", patient, values).invoice

    def move(self, supplier: Any, recipient: Any, number: str, invoice: Any, to: str, patient: bool) -> Any:
        """Move an invoice, as whoever may, and return it."""
        values = {"invoice_id": invoice.invoice_id, "version": invoice.version, "to": to}
        if to in WITH_MOTIVE:
            values["motive"] = "Motif de l'essai"
        member = supplier if to in BY_SUPPLIER else recipient
        return self._call("move", invoicing.MoveInvoice, member, number, to, patient, values).invoice

    def _call(
        self, kind: str, call: Any, member: Any, number: str, to: str, patient: bool, values: dict[str, Any]
    ) -> Any:
        key = str(uuid.uuid4())
        signer = self._signers.setdefault(member.actor.id, _Signer(self._keyring, member.actor))

        def attempt() -> tuple[str, str, Any]:
            try:
                return OK, "", self._bus.call(call, credentials=signer, idempotency_key=key, **values)
            except errors.PupitreError as error:
                return (UNKNOWN if error.code in UNSURE else FAILED), error.code, str(error)

        return self._repeating.run(
            attempt, kind=kind, key=key, numbers=(number,), to=to, limit=call.timeout, patient=patient
        )


def flux_body(files: dict[str, bytes]) -> bytes:
    """The request that deposits these files (number -> bytes) as one flux."""
    content = tar_gz({f"{number}.xml": each for number, each in files.items()})
    body = {
        "fichierFlux": base64.b64encode(content).decode(),
        "nomFichier": f"{next(iter(files))}.tar.gz",
        "syntaxeFlux": UBL,
        "avecSignature": False,
    }
    return json.dumps(body).encode()


class HttpClient:
    """Deposits flux as programs do: over HTTP, with the technical account of one structure and an ``Idempotency-Key``."""

    def __init__(self, base_url: str, account: dict[str, str], repeating: Repeating) -> None:
        self._base_url, self._account, self._repeating = base_url, account, repeating
        self._token = ""
        self._session = requests.Session()
        self._session.trust_env = False  # looking for proxies costs as much as the request
        self._turn = threading.Lock()

    def deposit(self, numbers: tuple[str, ...], body: bytes, patient: bool) -> str:
        """Deposit the flux of these invoices, made by :func:`flux_body`, and return its number."""
        key = str(uuid.uuid4())
        return self._repeating.run(
            lambda: self._attempt(body, key), kind="flux", key=key, numbers=numbers, limit=HTTP_SECONDS, patient=patient
        )

    def _attempt(self, body: bytes, key: str) -> tuple[str, str, Any]:
        try:
            if not self._token and not self._fetch_token():
                return UNKNOWN, "no-token", ""
            answer = self._session.post(
                f"{self._base_url}/cpro/factures/v1/deposer/flux",
                data=body,
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {self._token}",
                    "cpro-account": cpro_account(self._account["login"], self._account["password"]),
                    "Idempotency-Key": key,
                },
                timeout=HTTP_SECONDS,
            )
            if answer.status_code == 200 and answer.json()["codeRetour"] == 0:
                return OK, "", answer.json()["numeroFluxDepot"]
        except (requests.RequestException, ValueError, KeyError) as error:
            return UNKNOWN, type(error).__name__, ""
        if answer.status_code == 401:
            self._token = ""
        unsure = answer.status_code >= 500 or answer.status_code in UNKNOWN_BELOW_500
        return (UNKNOWN if unsure else FAILED), str(answer.status_code), "" if unsure else answer.text[:500]

    def _fetch_token(self) -> bool:
        with self._turn:
            if not self._token:
                form = {
                    "grant_type": "client_credentials",
                    "client_id": self._account["client_id"],
                    "client_secret": self._account["client_secret"],
                    "scope": "openid",
                }
                answer = self._session.post(f"{self._base_url}/api/oauth/token", data=form, timeout=HTTP_SECONDS)
                self._token = answer.json()["access_token"] if answer.status_code == 200 else ""
        return bool(self._token)
