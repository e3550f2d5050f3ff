"""What one process of organisation holds: the espaces that exist here, the portal's own and those of plugins, the INSEE register, and
what the annuaire's files need."""

import datetime
import importlib.metadata
from pathlib import Path
from typing import Any

from pupitre_bus.blobs import BlobStore
from pupitre_bus.deadline import give_way, green_deadline
from pupitre_espaces.context import Structure
from pupitre_espaces.host import Host
from pupitre_espaces.trace import FILE, TraceFile

from . import applications, model, sirene
from .annuaire_schedule import Schedule

_OWN_DISTRIBUTION = "pupitre-organisation"


class Resources:
    """The catalogue of espaces, and the way to tell a plugin that a structure opened or closed its own."""

    def __init__(
        self,
        host: Host,
        register: sirene.Sirene | None = None,
        *,
        blobs: BlobStore | None = None,
        schedule: Schedule = Schedule(),
    ) -> None:
        self._host = host
        self._blobs = blobs
        self.schedule = schedule
        self.sirene: sirene.Sirene = register or sirene.NoSirene()
        self._own = applications.offers(_OWN_DISTRIBUTION, _own_version())

    @property
    def blobs(self) -> BlobStore:
        """The store of files. Raises RuntimeError where there is none."""
        if self._blobs is None:
            raise RuntimeError("organisation was given no store of files")
        return self._blobs

    def may_ask_of(self, espace: str) -> frozenset[str]:
        """Return what the manifest of an installed espace lets it ask for; nothing for one that is away."""
        found = (each.manifest.may_ask for each in self._host.catalogue() if each.key == espace)
        return next(found, frozenset())

    def offers(self) -> list[model.EspaceOffer]:
        """Return every espace that exists here, once: a plugin that shows the pages of a reserved key stands for it.

        A plugin in trouble says so in ``problem``.
        """
        problems = {each["key"]: each["problems"] for each in self._host.describe() if each["key"]}
        plugins = [
            model.EspaceOffer(
                key=installed.key,
                label_fr=installed.manifest.label.fr,
                label_en=installed.manifest.label.en,
                description_fr=installed.manifest.description.fr,
                description_en=installed.manifest.description.en,
                structure_types=frozenset(each.upper() for each in installed.manifest.structure_types),
                by_default=installed.manifest.by_default,
                origin=installed.distribution,
                version=installed.version,
                problem="; ".join(f"{each['kind']}: {each['detail']}" for each in problems.get(installed.key, ()))
                or None,
            )
            for installed in self._host.catalogue()
        ]
        brought = {plugin.key for plugin in plugins}
        return [*(own for own in self._own if own.key not in brought), *plugins]

    def brought(self) -> set[str]:
        """Return the keys of the espaces that plugins bring: the portal's own are told nothing."""
        return {installed.key for installed in self._host.catalogue()}

    def espace_opened(self, espace: str, structure: Structure, at: datetime.datetime) -> None:
        self._host.call("espace_opened", [espace], structure=structure, at=at)

    def espace_closed(self, espace: str, structure: Structure, at: datetime.datetime) -> None:
        self._host.call("espace_closed", [espace], structure=structure, at=at)

    def health(self) -> list[tuple[str, bool, str]]:
        """Return (name, ok, detail) of every plugin, those that did not load included."""
        return [(f"espace {name}", ok, detail) for name, ok, detail in self._host.standing()]

    def close(self) -> None:
        """Nothing to give back."""


def build(settings: Any) -> Resources:
    tracer = TraceFile(Path(settings.state) / FILE)
    host = Host("organisation", guard=green_deadline, pause=give_way, tracer=tracer)
    schedule = Schedule(settings.annuaire_full_day, settings.annuaire_hour, settings.annuaire_kept_days)
    return Resources(host, sirene.source(settings.sirene_file), blobs=BlobStore.from_uri(settings.blobs), schedule=schedule)


def _own_version() -> str:
    try:
        return importlib.metadata.version(_OWN_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return "0"
