"""What one process of organisation holds: the espaces that exist here, the portal's own and those of plugins, and the INSEE register."""

import datetime
import importlib.metadata
from typing import Any

from pupitre_bus.deadline import green_deadline
from pupitre_contracts.organisation import STRUCTURE_TYPES
from pupitre_espaces.context import Structure
from pupitre_espaces.host import Host

from . import model, sirene

_OWN_DISTRIBUTION = "pupitre-organisation"


class Resources:
    """The catalogue of espaces, and the way to tell a plugin that a structure opened or closed its own."""

    def __init__(self, host: Host, register: sirene.Sirene | None = None) -> None:
        self._host = host
        self.sirene: sirene.Sirene = register or sirene.NoSirene()
        self._own = _own_espaces()

    def offers(self) -> list[model.EspaceOffer]:
        """Return every espace that exists here; a plugin in trouble says so in ``problem``."""
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
        return [*self._own, *plugins]

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
    return Resources(Host("organisation", guard=green_deadline), sirene.source(settings.sirene_file))


def _own_espaces() -> list[model.EspaceOffer]:
    version = _own_version()
    return [
        model.EspaceOffer(
            key=model.FACTURES_EMISES,
            label_fr="Factures émises",
            label_en="Invoices issued",
            description_fr="Déposer ses factures et suivre leur traitement.",
            description_en="Deposit invoices and follow what becomes of them.",
            structure_types=frozenset(STRUCTURE_TYPES),
            by_default=True,
            origin=_OWN_DISTRIBUTION,
            version=version,
        ),
        model.EspaceOffer(
            key=model.FACTURES_RECUES,
            label_fr="Factures reçues",
            label_en="Invoices received",
            description_fr="Traiter les factures adressées à la structure.",
            description_en="Process the invoices addressed to the structure.",
            structure_types=frozenset({model.PUBLIC}),
            by_default=True,
            origin=_OWN_DISTRIBUTION,
            version=version,
        ),
    ]


def _own_version() -> str:
    try:
        return importlib.metadata.version(_OWN_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return "0"
