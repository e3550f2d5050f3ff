"""The INSEE register of establishments (SIRENE), through a port: whether a SIRET is open, its name and address.

The adapter here reads a file that the operator brings up to date, so that an installation needs no network. A port has
``find(siret)``, which returns an :class:`Establishment` or None, and raises SireneUnavailable.
"""

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pupitre_bus.threads import off_hub
from pupitre_contracts.errors import PupitreError, SireneUnavailable

from . import identifiers, model

_OPEN = {"A": True, "O": True, "F": False, "C": False}
_STATE = "etatAdministratifEtablissement"
_STREET = ("numeroVoieEtablissement", "indiceRepetitionEtablissement", "typeVoieEtablissement", "libelleVoieEtablissement")
_NAMES = ("denominationUniteLegale", "denominationUsuelleEtablissement", "enseigne1Etablissement")


@dataclass(frozen=True, slots=True)
class Establishment:
    """What the register says of one SIRET; ``open`` is false once it is closed there."""

    siret: str
    open: bool
    name: str | None
    line: str | None
    complement: str | None
    postal_code: str | None
    city: str | None


class Sirene(Protocol):
    """What organisation asks of the register."""

    def find(self, siret: str) -> Establishment | None: ...


class NoSirene:
    """An installation that names no source: it says so, and changes nothing."""

    def find(self, siret: str) -> Establishment | None:
        raise SireneUnavailable(
            why_fr="cette installation ne nomme aucune source (PUPITRE_SIRENE_FILE)",
            why_en="this installation names no source (PUPITRE_SIRENE_FILE)",
        )


class SireneFile:
    """A CSV file (comma or semicolon, UTF-8) or a JSON list, with INSEE's own names of columns; read again when it has changed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read_at: tuple[int, int] | None = None
        self._establishments: dict[str, Establishment] = {}

    def find(self, siret: str) -> Establishment | None:
        return off_hub(self._find, siret)

    def _find(self, siret: str) -> Establishment | None:
        try:
            found = self._path.stat()
            if (found.st_mtime_ns, found.st_size) != self._read_at:
                self._establishments = {each.siret: each for each in map(_establishment, self._records())}
                self._read_at = (found.st_mtime_ns, found.st_size)
        except PupitreError as error:
            raise _unreadable() from error
        except (OSError, ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
            raise _unreadable() from error
        return self._establishments.get(siret)

    def _records(self) -> Iterable[Mapping[str, Any]]:
        text = self._path.read_text("utf-8-sig")
        if self._path.suffix.lower() == ".json":
            return json.loads(text)
        header = text.partition("\n")[0]
        return csv.DictReader(text.splitlines(), delimiter=";" if ";" in header else ",")


def source(path: Path | None) -> Sirene:
    """Return the adapter for a setting's value."""
    return SireneFile(path) if path else NoSirene()


def state_of(register: Sirene, identifier_type: str, identifier: str) -> str:
    """Return what the register says of an identifier: open, closed, unknown, or that there is no register to ask.

    Asked before a transaction begins: reading the register gives way to other work.
    """
    if identifier_type != "SIRET":
        return model.SIRENE_UNKNOWN
    try:
        found = register.find(identifier)
    except SireneUnavailable:
        return model.SIRENE_WITHOUT_SOURCE
    if found is None:
        return model.SIRENE_UNKNOWN
    return model.SIRENE_OPEN if found.open else model.SIRENE_CLOSED


def _unreadable() -> SireneUnavailable:
    return SireneUnavailable(
        why_fr="le fichier nommé par PUPITRE_SIRENE_FILE est illisible",
        why_en="the file that PUPITRE_SIRENE_FILE names can't be read",
    )


def _establishment(record: Mapping[str, Any]) -> Establishment:
    values = {name: " ".join(str(value or "").split()) for name, value in record.items() if name is not None}
    # Establishments that the register keeps to itself (diffusion partielle) carry this mark in place of their data.
    values = {name: "" if value == "[ND]" else value for name, value in values.items()}
    return Establishment(
        siret=identifiers.checked("SIRET", values["siret"]),
        open=_OPEN[values[_STATE]],
        name=next((values[name] for name in _NAMES if values.get(name)), None),
        line=" ".join(values[name] for name in _STREET if values.get(name)) or None,
        complement=values.get("complementAdresseEtablissement") or None,
        postal_code=values.get("codePostalEtablissement") or None,
        city=values.get("libelleCommuneEtablissement") or None,
    )
