"""What invoicing holds once per process: the blob store, the engine's workers, the espaces, and the seal of the
history."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pupitre_bus.antivirus import Antivirus
from pupitre_bus.blobs import BlobStore
from pupitre_bus.deadline import give_way, green_deadline
from pupitre_bus.sealing import KeySealer
from pupitre_bus.workers import WorkerPool
from pupitre_bus.write_once import WriteOnce
from pupitre_espaces.host import Host
from pupitre_espaces.trace import FILE, TraceFile

from . import payment_rules, retention_rules

#: Calls that one worker answers before it is replaced, each about at most five files: what a library leaks stays bounded.
RECYCLE = 2000


@dataclass
class Resources:
    blobs: BlobStore
    engine: WorkerPool
    espaces: Host
    sealer: KeySealer
    anchors: WriteOnce
    workers: int
    payment: payment_rules.PaymentRules = field(default_factory=payment_rules.packaged)
    retention: retention_rules.RetentionRules = field(default_factory=retention_rules.packaged)
    antivirus: Antivirus = field(default_factory=Antivirus)
    #: SIRET of the structure of the platform's operator; empty: none is named.
    platform_siret: str = ""

    def health(self) -> Iterable[tuple[str, bool, str]]:
        """Report the engine's workers, then the espaces, one line each."""
        espaces = ((f"espace {name}", well, detail) for name, well, detail in self.espaces.standing())
        return [self.engine.health(), *espaces]

    def close(self) -> None:
        self.engine.close()


def build(settings: Any) -> Resources:
    """Open what the settings name."""
    return Resources(
        blobs=BlobStore.from_uri(settings.blobs),
        engine=engine_pool(settings),
        espaces=_espaces(settings),
        sealer=KeySealer.from_file(Path(settings.keys) / "invoicing.key"),
        anchors=WriteOnce.from_uri(settings.anchors),
        workers=settings.engine_workers,
        payment=payment_rules.load(settings.payment_rules),
        retention=retention_rules.load(settings.retention_rules),
        antivirus=settings.antivirus,
        platform_siret=settings.platform_siret.strip(),
    )


def _espaces(settings: Any) -> Host:
    """Load the espaces and ask what they bring: later no plugin is called for it, least of all within a transaction."""
    host = Host("invoicing", guard=green_deadline, pause=give_way, tracer=TraceFile(Path(settings.state) / FILE))
    host.ask()
    return host


def engine_pool(settings: Any) -> WorkerPool:
    """Return the worker processes that judge files; they start with the first job, and ``close()`` ends them."""
    return WorkerPool(
        ["-m", "pupitre_invoicing.engine"],
        size=settings.engine_workers,
        timeout=settings.engine_timeout,
        memory_mb=settings.engine_memory_mb,
        recycle=RECYCLE,
    )
