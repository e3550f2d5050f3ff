"""Structures at work in espaces: each acts by its technical account, as programs do, and its people look at pages."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import requests

from support.installation import Installation, until
from support.machine import SECONDS, Machine
from support.visitor import Visitor

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
TIMERS_SECONDS = 150
PARIS = ZoneInfo("Europe/Paris")


class Sandbox:
    """An embedded demonstration whose clock a file moves; whoever acts in it is known by the key of a persona."""

    def __init__(self, installation: Installation, clock: Path) -> None:
        self.installation, self._clock, self._days = installation, clock, 0
        self._actors: dict[str, Actor] = {}

    @staticmethod
    def rates_of_any_year(file: Path) -> Path:
        """The rates of the espace of refunds, and one for every delivery of the years to come: tests run in any year."""
        known = resources.files("pupitre_espace_remboursement_tic").joinpath("rates.toml").read_text("utf-8")
        more = {"fuel": "FIOUL_LOURD", "from": "2024-01-01", "rate": "13.76", "per": "QUINTAL"}
        lines = [f'{name} = "{value}"' if name in ("fuel", "per") else f"{name} = {value}" for name, value in more.items()]
        file.write_text("\n".join([known, "[[rates]]", *lines, ""]), "utf-8")
        return file

    def pass_days(self, days: int) -> None:
        """Let time pass for all services."""
        self._days += days
        self._clock.write_text(str(self._days))

    def today(self) -> Any:
        """The day in France, by the clock of the installation."""
        return (datetime.now(UTC) + timedelta(days=self._days)).astimezone(PARIS).date()

    def actor(self, key: str) -> "Actor":
        """The structure of a persona, by its technical account."""
        if key not in self._actors:
            [structure] = self.installation.persona(key)["structures"]
            self._actors[key] = Actor(self.installation, structure["siret"], structure["name"])
        return self._actors[key]

    def person(self, key: str) -> Visitor:
        """A persona, signed in now: sessions end when time passes."""
        return Visitor.signed_in(self.installation, key)


class Actor:
    """A structure that deposits, moves and reads requests by the API, where it has a technical account."""

    def __init__(self, installation: Installation, siret: str, name: str) -> None:
        self.installation, self.siret, self.name = installation, siret, name
        self._account: Machine | None = None

    def ask(self, method: str, path: str, **options: Any) -> requests.Response:
        """Ask the API. A token that time has ended is replaced once, as programs do."""
        for attempt in (1, 2):
            self._account = self._account or Machine.of(self.installation, self.siret)
            headers = {"Authorization": f"Bearer {self._account.token}", **options.get("headers", {})}
            address = f"{self.installation.base_url}/api/v1/{path}"
            answer = requests.request(method, address, timeout=SECONDS, **{**options, "headers": headers})
            if answer.status_code != 401 or attempt == 2:
                break
            self._account = None
        return answer

    def must(self, method: str, path: str, **options: Any) -> Any:
        """The answer of a call that must succeed."""
        answer = self.ask(method, path, **options)
        assert answer.ok, f"{self.name}, {method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def kinds(self, espace: str) -> dict[str, Any]:
        return {each["key"]: each for each in self.must("get", f"espaces/{espace}/kinds")["kinds"]}

    def draft(self, espace: str, kind: str, cadre: str, **typed: Any) -> dict[str, Any]:
        """Keep a draft. ``parties`` may be a mapping of roles to actors, with a code service where it is a pair, or to lists of them."""
        return self.must("post", f"espaces/{espace}/requests", json={"kind": kind, "cadre": cadre, **_named(typed)})

    def change(self, request: Mapping[str, Any], **typed: Any) -> dict[str, Any]:
        return self.must("put", self._one(request), json={"version": request["version"], **_named(typed)})

    def attach(self, request: Mapping[str, Any], name: str, content: bytes = PDF, **about: Any) -> dict[str, Any]:
        """Join a file to a draft, or to one ``line`` of it."""
        files = {"documents": (name, content)}
        return self.must("post", f"{self._one(request)}/documents", data={"version": request["version"], **about}, files=files)

    def send(self, request: Mapping[str, Any]) -> dict[str, Any]:
        return self.must("post", f"{self._one(request)}/send", json={"version": request["version"]})

    def refused_sending(self, request: Mapping[str, Any], language: str = "fr") -> dict[str, str]:
        """What keeps a draft from being sent: rules with their words."""
        answer = self.ask("post", f"{self._one(request)}/send?lang={language}", json={"version": request["version"]})
        assert (answer.status_code, answer.json()["code"]) == (422, "requests.not-ready"), answer.text
        return {each["rule"]: each["message"] for each in answer.json()["details"]["findings"] if each["severity"] == "error"}

    def move(self, request: Mapping[str, Any], to: str, espace: str | None = None, **how: Any) -> dict[str, Any]:
        answer = self.moved(request, to, espace, **how)
        assert answer.ok, f"{self.name} to {to}: {answer.status_code} {answer.text}"
        return answer.json()

    def moved(self, request: Mapping[str, Any], to: str, espace: str | None = None, **how: Any) -> requests.Response:
        """The answer to a move, whatever it is."""
        body = {"version": self.latest(request, espace)["version"], "to": to, **_named(how)}
        return self.ask("post", f"{self._one(request, espace)}/moves", json=body)

    def may_not(self, request: Mapping[str, Any], to: str, role: str, espace: str | None = None, **how: Any) -> bool:
        """Whether a passage is refused to this actor: it is none of his, and he has not the role that makes it."""
        answers = [self.moved(request, to, espace, **each) for each in (how, {**how, "role": role})]
        return [each.json().get("code") for each in answers] == ["invoicing.transition-forbidden", "forbidden"]

    def latest(self, request: Mapping[str, Any], espace: str | None = None) -> dict[str, Any]:
        """The request as this actor sees it now; as he was given it, where he does not see it."""
        answer = self.ask("get", self._one(request, espace))
        return answer.json() if answer.ok else dict(request)

    def status(self, request: Mapping[str, Any], espace: str | None = None) -> str:
        return self.must("get", self._one(request, espace))["status"]

    def sees(self, request: Mapping[str, Any], espace: str | None = None) -> int:
        """The status of the answer to who reads it: 200, 403 or 404."""
        return self.ask("get", self._one(request, espace)).status_code

    def comes_to(self, request: Mapping[str, Any], status: str, espace: str | None = None) -> dict[str, Any]:
        """The request once the platform has made it come to a status."""

        def look() -> dict[str, Any] | None:
            found = self.must("get", self._one(request, espace))
            return found if found["status"] == status else None

        return until(look, TIMERS_SECONDS, f"{request['number']} comes to {status}", pause=0.5)

    def found(self, espace: str, **criteria: Any) -> list[dict[str, Any]]:
        return self.must("get", f"espaces/{espace}/requests", params=criteria)["requests"]

    def dossier(self, request: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The pieces of the dossier of a request, as this actor sees them."""
        return self.must("get", f"dossiers/{request['dossier_id']}")["pieces"]

    def file(self, request: Mapping[str, Any], document: Mapping[str, Any]) -> bytes:
        answer = self.ask("get", f"{self._one(request)}/documents/{document['document_id']}")
        assert answer.ok, answer.text
        return answer.content

    def _one(self, request: Mapping[str, Any], espace: str | None = None) -> str:
        return f"espaces/{espace or request['espace']}/requests/{request['request_id']}"


def errors_of(request: Mapping[str, Any]) -> dict[str, str]:
    """The errors that keep a draft from being sent, by rule."""
    return {each["rule"]: each["message"] for each in request["findings"] if each["severity"] == "error"}


def steps(request: Mapping[str, Any]) -> list[str]:
    """The statuses that a request has come to, oldest first."""
    return [each["status_to"] for each in sorted(request["history"], key=lambda each: each["number"]) if each["status_to"]]


def _named(typed: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(typed.get("parties"), Mapping):
        return dict(typed)
    named = [(role, each) for role, who in typed["parties"].items() for each in (who if isinstance(who, list) else [who])]
    return {**typed, "parties": [_party(role, *(who if isinstance(who, tuple) else (who,))) for role, who in named]}


def _party(role: str, actor: Actor, code_service: str | None = None) -> dict[str, str]:
    return {"role": role, "identifier": actor.siret, **({"code_service": code_service} if code_service else {})}
