"""The settings of the portal."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pupitre_bus.settings import Setting, boolean


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds < 86_400:
        raise ValueError("expected a number of seconds above 0")
    return seconds


def _patience(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds < 3600:
        raise ValueError("expected a number of seconds from 0 to 3600")
    return seconds


def _listening(text: str) -> tuple[str, int] | None:
    return _port_of(text) if text else None


def _count(text: str) -> int:
    count = int(text)
    if count < 1:
        raise ValueError("expected a number above 0")
    return count


def _port_of(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    return host.strip("[]") or "127.0.0.1", int(port)


SETTINGS = (
    Setting("PUPITRE_HTTP", "127.0.0.1:8000", "host:port on which the portal listens.", parse=_port_of),
    Setting(
        "PUPITRE_HTTP_IDLE_SECONDS",
        "15",
        "Seconds that a connection may say nothing, and that the headers of a request may take to come.",
        parse=_seconds,
    ),
    Setting(
        "PUPITRE_HTTP_REQUEST_SECONDS",
        "60",
        "Seconds from the first octet of a request to its answer; a proxy in front that buffers bodies hides slow lines from it.",
        parse=_seconds,
    ),
    Setting(
        "PUPITRE_HTTP_UPLOADS",
        "16",
        "Bodies larger than 1 MB that are received at once; further ones wait, then are answered 503.",
        parse=_count,
    ),
    Setting(
        "PUPITRE_METRICS",
        "",
        "host:port on which GET /metrics answers a monitoring system, reachable by it alone; empty: nowhere.",
        parse=_listening,
    ),
    Setting(
        "PUPITRE_READY_PATIENCE_SECONDS",
        "15",
        "Seconds for which what was well may be ill before /readyz answers 503; one good answer makes it 200 again.",
        parse=_patience,
    ),
    Setting("PUPITRE_MAX_UPLOAD", "125829120", "Largest body of an upload, in octets (120 MB).", parse=int),
    Setting(
        "PUPITRE_SECRET_KEY",
        "",
        "Key that signs the forms' cookie, the same for all portals of a site; empty: made in the keys folder at the first start.",
        secret=True,
    ),
    Setting(
        "PUPITRE_COOKIE_SECURE",
        "0",
        "1 where the portal is reached by https: cookies go by https only, HSTS is sent.",
        parse=boolean,
    ),
    Setting(
        "PUPITRE_TRUSTED_PROXIES",
        "0",
        "How many reverse proxies stand in front, whose X-Forwarded-* are believed.",
        parse=int,
    ),
    Setting(
        "PUPITRE_OIDC_LABEL",
        "",
        "Name of the identity provider, for the sign-in page; empty: the page does not offer it. identity knows its address.",
    ),
    Setting(
        "PUPITRE_PORT_CALLS",
        "30",
        "How often a page, card, bubble or operation of an espace may call its ports; the one beyond ends it.",
        parse=_count,
    ),
    Setting(
        "PUPITRE_OPEN_VALIDATION", "1", "1: anybody may have a file checked; 0: only who is signed in.", parse=boolean
    ),
)


@dataclass(frozen=True)
class Options:
    """The settings as the portal uses them. ``state`` is the folder where the demonstration keeps its accounts."""

    host: str = "127.0.0.1"
    port: int = 8000
    http_idle: float = 15
    http_request: float = 60
    http_uploads: int = 16
    metrics: tuple[str, int] | None = None
    ready_patience: float = 0
    max_upload: int = 125_829_120
    secret_key: str = ""
    cookie_secure: bool = False
    trusted_proxies: int = 0
    demo: bool = False
    open_validation: bool = True
    oidc_label: str = ""
    state: Path = Path("var")

    @classmethod
    def read(cls, settings: Any, secret_key: str = "") -> "Options":
        """Read the process's settings; ``secret_key`` stands in where none is configured."""
        host, port = settings.http
        return cls(
            host=host,
            port=port,
            http_idle=settings.http_idle_seconds,
            http_request=settings.http_request_seconds,
            http_uploads=settings.http_uploads,
            metrics=settings.metrics,
            ready_patience=settings.ready_patience_seconds,
            max_upload=settings.max_upload,
            secret_key=settings.secret_key or secret_key,
            cookie_secure=settings.cookie_secure,
            trusted_proxies=settings.trusted_proxies,
            demo=settings.demo,
            open_validation=settings.open_validation,
            oidc_label=settings.oidc_label,
            state=Path(settings.state),
        )

    @property
    def demo_file(self) -> Path:
        """Where the demonstration's accounts are written."""
        return self.state / "demo.json"
