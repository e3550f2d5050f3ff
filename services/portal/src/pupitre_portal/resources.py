"""What the portal holds once per process: the blob store, the espaces, and the process that draws."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pupitre_bus.antivirus import Antivirus
from pupitre_bus.blobs import BlobStore
from pupitre_bus.deadline import give_way, green_deadline
from pupitre_bus.workers import WorkerPool
from pupitre_espaces import Host
from pupitre_espaces.trace import FILE, TraceFile

from . import drawing


@dataclass
class Resources:
    blobs: BlobStore
    espaces: Host
    antivirus: Antivirus = field(default_factory=Antivirus)
    drawer: WorkerPool = field(default_factory=drawing.pool)

    def health(self) -> Iterable[tuple[str, bool, str]]:
        """Report the espaces, one line each, and the process that draws."""
        return [self.drawer.health(), *((f"espace {name}", well, detail) for name, well, detail in self.espaces.standing())]

    def close(self) -> None:
        """End the process that draws."""
        self.drawer.close()


def build(settings: Any) -> Resources:
    """Open what the settings name and load the espaces."""
    return Resources(
        blobs=BlobStore.from_uri(settings.blobs),
        espaces=_espaces(settings),
        antivirus=settings.antivirus,
    )


def _espaces(settings: Any) -> Host:
    """Load the espaces and ask what they bring, so that what ails it is named from the start."""
    tracer = TraceFile(Path(settings.state) / FILE)
    host = Host("portal", guard=green_deadline, pause=give_way, tracer=tracer, port_calls=settings.port_calls)
    host.ask()
    return host
