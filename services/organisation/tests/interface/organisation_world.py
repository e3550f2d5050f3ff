"""What the tests of organisation share: what happened at once, what was told, what was logged, and a register."""

import csv
import json

import eventlet
import sqlalchemy as sa
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors, organisation, platform
from pupitre_organisation import tables
from pupitre_organisation.sirene import SireneFile

ADDRESS = organisation.Address(line="2 rue Basse", postal_code="76540", city="Valmont")


def events_of(operator, wanted):
    """Wait for ``wanted`` events, and return the text of all."""
    return wait_until(
        lambda: (page := operator.call_on("organisation", platform.EventsAfter, after=0)).last >= wanted and page.events
    )


def told(operator, kind, count=1):
    """Wait until the feed holds ``count`` events of a type, and return them as text."""

    def found():
        page = operator.call_on("organisation", platform.EventsAfter, after=0)
        events = [event for event in page.events if f'"{kind}"' in event]
        return events if len(events) >= count else None

    return wait_until(found)


def together(*works):
    """Do all at once; return the results and the errors of the contracts."""

    def outcome(work):
        try:
            return work()
        except errors.PupitreError as error:
            return error

    threads = [eventlet.spawn(outcome, work) for work in works]
    return [thread.wait() for thread in threads]


def logged(bench, action):
    """The lines of the history about an act, with what they hold read back."""
    database = bench.database("organisation")
    with database.reading() as db:
        table = tables.HISTORY.lines
        found = db.execute(sa.select(table).where(table.c.action == action).order_by(table.c.number)).mappings().all()
    database.close()
    return [{**line, **{name: json.loads(line[name] or "null") for name in ("detail", "before", "after")}} for line in found]


def register_with(register, path, **values):
    """Name a register that knows one establishment."""
    known = {
        "etatAdministratifEtablissement": "A",
        "denominationUniteLegale": "COMMUNE DE VALMONT",
        "numeroVoieEtablissement": "12",
        "typeVoieEtablissement": "RUE",
        "libelleVoieEtablissement": "DE LA MAIRIE",
        "codePostalEtablissement": "76540",
        "libelleCommuneEtablissement": "VALMONT",
        **values,
    }
    if path.suffix == ".json":
        path.write_text(json.dumps([known]), "utf-8")
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(known), delimiter=";")
            writer.writeheader()
            writer.writerow(known)
    register.source = SireneFile(path)
