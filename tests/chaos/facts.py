"""What the databases, the mailbox and the broker hold at the end of a run: read here, judged in :mod:`chaos.invariants`."""

import json
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pupitre_bus.database import Database
from pupitre_contracts import invoicing
from pupitre_notifications import model

from . import ledger
from .processes import Exit

SOURCES = ("identity", "organisation", "invoicing", "notifications")
CONSUMERS = ("notifications", "ledger")


@dataclass(frozen=True)
class EventRow:
    """An event of a source's log. ``mails``: how many mails the notifications' rules make of it; None: they do not hear it."""

    id: str
    feed_seq: int | None
    type: str
    subject: str
    subject_version: int
    published: bool
    mails: int | None = None
    invoice_id: str = ""


@dataclass
class Facts:
    """All identifiers are text."""

    #: (invoice's number, its id, its status), for all that were sent; one entry per stored invoice.
    invoices: list[tuple[str, str, str]] = field(default_factory=list)
    #: invoice id -> how often its history says that it was deposited.
    deposits: Counter = field(default_factory=Counter)
    #: (invoice id, status) -> how often its history says that it was moved there.
    moves: Counter = field(default_factory=Counter)
    events: dict[str, list[EventRow]] = field(default_factory=dict)
    #: consumer -> ids of the events whose effect is recorded.
    inboxes: dict[str, set[str]] = field(default_factory=dict)
    #: event id -> how many mails were written about it.
    mails: Counter = field(default_factory=Counter)
    mail_states: Counter = field(default_factory=Counter)
    mail_ids: set[str] = field(default_factory=set)
    #: Message-IDs found in the mailbox, one entry per file.
    handed_over: list[str] = field(default_factory=list)
    #: event id -> how many rows the ledger wrote about it.
    entries: Counter = field(default_factory=Counter)
    entries_of_invoices: Counter = field(default_factory=Counter)
    parked: list[str] = field(default_factory=list)
    #: flux number -> (open, state, outcomes of its files).
    flux: dict[str, tuple[bool, str, Counter]] = field(default_factory=dict)
    #: Output of `pupitre verify`, empty when intact.
    chain: str = ""
    #: Queue -> messages that the broker still holds.
    queues: dict[str, int] = field(default_factory=dict)
    #: Ids in the order in which a reader of the log saw them; None: nobody read.
    feed: list[str] | None = None
    exits: list[Exit] = field(default_factory=list)
    #: Findings of SQLite's own integrity check, by service.
    damaged: dict[str, str] = field(default_factory=dict)


class Reader:
    """Reads the databases of an installation. ``readers``: how many users of each structure get its mails."""

    def __init__(
        self, database_uri: Callable[[str], str], readers: Callable[[uuid.UUID], int], with_ledger: bool
    ) -> None:
        self._uri, self._readers, self._with_ledger = database_uri, readers, with_ledger
        self._databases: dict[str, Database] = {}

    def rows(self, service: str, statement: str) -> list[Any]:
        """Rows of a statement in the schema of ``service``."""
        if service not in self._databases:
            self._databases[service] = Database(self._uri(service), service)
        with self._databases[service].reading() as db:
            return list(db.execute(sa.text(statement)))

    def close(self) -> None:
        """Close the connections."""
        for database in self._databases.values():
            database.close()
        self._databases.clear()

    def read(self) -> Facts:
        """Everything but what is not in a database."""
        facts = Facts()
        facts.invoices = [
            (number, _text(key), status)
            for number, key, status in self.rows(
                "invoicing", "SELECT number, invoice_id, status FROM invoice WHERE status <> 'BROUILLON'"
            )
        ]
        for key, action, status in self.rows("invoicing", "SELECT invoice_id, action, status_to FROM history"):
            if action == "move":
                facts.moves[_text(key), status] += 1
            elif status == "DEPOSEE":
                facts.deposits[_text(key)] += 1
        facts.events = {source: self._events(source) for source in SOURCES}
        for consumer in CONSUMERS if self._with_ledger else CONSUMERS[:1]:
            facts.inboxes[consumer] = {_text(row[0]) for row in self.rows(consumer, "SELECT event_id FROM inbox")}
            facts.parked += [
                f"{consumer} {state}: {error.strip().splitlines()[-1] if error.strip() else ''}"
                for state, error in self.rows(consumer, "SELECT state, error FROM parked WHERE state <> 'done'")
            ]
        for mail, event, state in self.rows("notifications", "SELECT mail_id, event_id, state FROM mail"):
            facts.mails[_text(event)] += 1
            facts.mail_states[state] += 1
            facts.mail_ids.add(_text(mail))
        if self._with_ledger:
            for event, invoice in self.rows("ledger", "SELECT event_id, invoice_id FROM entry"):
                facts.entries[_text(event)] += 1
                facts.entries_of_invoices[_text(invoice)] += 1
        self._read_flux(facts)
        return facts

    def waiting(self) -> dict[str, int]:
        """What has not arrived yet, by what it is; empty when all is drained. Raises what the databases raise while down."""
        found = {
            f"{source} unpublished": self._count(source, "outbox WHERE published_at IS NULL") for source in SOURCES
        }
        found["flux open"] = self._count("invoicing", "flux WHERE open")
        found["mails pending"] = self._count("notifications", "mail WHERE state = 'pending'")
        done = {
            name: self._count(name, "inbox") + self._count(name, "parked WHERE state = 'parked'")
            for name in (CONSUMERS if self._with_ledger else CONSUMERS[:1])
        }
        found["notifications behind"] = self._told("notifications") - done["notifications"]
        if self._with_ledger:
            found["ledger behind"] = (
                self._count("invoicing", "outbox WHERE type = 'invoice.submitted.v1'") - done["ledger"]
            )
        return {name: count for name, count in found.items() if count}

    def without_effect(self, among: dict[str, set[str]] | None = None) -> dict[str, set[str]]:
        """The events told so far, or of those ``among`` them, that a consumer has not taken in, by consumer."""
        found = {}
        for consumer in CONSUMERS if self._with_ledger else CONSUMERS[:1]:
            heard = among.get(consumer, set()) if among is not None else self._heard(consumer)
            if heard:
                heard = heard - {_text(row[0]) for row in self.rows(consumer, "SELECT event_id FROM inbox")}
            if heard:
                found[consumer] = heard
        return found

    def _heard(self, consumer: str) -> set[str]:
        heard: set[str] = set()
        for source, types in _types_heard(consumer).items():
            heard |= {_text(row[0]) for row in self.rows(source, f"SELECT id FROM outbox WHERE type IN ({types})")}
        return heard

    def stored(self) -> tuple[int, int]:
        """How many invoices were sent so far, and how many flux are open."""
        return self._count("invoicing", "invoice WHERE status <> 'BROUILLON'"), self._count(
            "invoicing", "flux WHERE open"
        )

    def _told(self, consumer: str) -> int:
        """How many events a consumer is to hear so far."""
        return sum(
            self._count(source, f"outbox WHERE type IN ({types})") for source, types in _types_heard(consumer).items()
        )

    def _count(self, service: str, where: str) -> int:
        return self.rows(service, f"SELECT count(*) FROM {where}")[0][0]

    def _events(self, source: str) -> list[EventRow]:
        statement = "SELECT id, feed_seq, type, subject, subject_version, published_at IS NOT NULL, body FROM outbox ORDER BY seq"
        found = []
        for key, feed_seq, kind, subject, version, published, body in self.rows(source, statement):
            values = json.loads(body) if kind in _HEARD or kind == invoicing.InvoiceSubmitted.type else {}
            mails = _HEARD[kind](values, self._readers) if kind in _HEARD else None
            found.append(
                EventRow(
                    _text(key),
                    feed_seq,
                    kind,
                    subject,
                    version,
                    bool(published),
                    mails,
                    str(values.get("invoice_id", "")),
                )
            )
        return found

    def _read_flux(self, facts: Facts) -> None:
        outcomes: dict[str, Counter] = {}
        for flux, outcome, count in self.rows(
            "invoicing", "SELECT flux_id, outcome, count(*) FROM flux_item GROUP BY flux_id, outcome"
        ):
            outcomes.setdefault(_text(flux), Counter())[outcome] += count
        for flux, number, is_open, state in self.rows(
            "invoicing", "SELECT flux_id, numero_flux, open, state FROM flux"
        ):
            facts.flux[number] = bool(is_open), state, outcomes.get(_text(flux), Counter())


def _types_heard(consumer: str) -> dict[str, str]:
    """The types of event that a consumer hears, by who tells them, as a statement lists them."""
    heard: dict[str, list[str]] = {}
    for event in ledger.subscriptions()[consumer]:
        heard.setdefault(event.owner, []).append(f"'{event.type}'")
    return {source: ", ".join(types) for source, types in heard.items()}


def mailbox(state: Path) -> list[str]:
    """The Message-ID of every mail handed over, as far as its local part: the mail's identity."""
    found = []
    for path in [*(state / "mail" / "new").glob("*"), *(state / "mail" / "cur").glob("*")]:
        for line in path.read_bytes().split(b"\n\n", 1)[0].splitlines():
            if line.lower().startswith(b"message-id:"):
                found.append(line.split(b"<", 1)[1].split(b"@", 1)[0].decode())
                break
    return found


def _mails_of_move(values: Mapping[str, Any], readers: Callable[[uuid.UUID], int]) -> int:
    event = invoicing.InvoiceMoved.load(dict(values))
    return sum(readers(audience.structure_id) for audience in model.audiences_of_move(event))


def _mails_of_flux(values: Mapping[str, Any], readers: Callable[[uuid.UUID], int]) -> int:
    return readers(invoicing.FluxProcessed.load(dict(values)).structure_id)


_HEARD: dict[str, Callable[[Mapping[str, Any], Callable[[uuid.UUID], int]], int]] = {
    invoicing.InvoiceMoved.type: _mails_of_move,
    invoicing.FluxProcessed.type: _mails_of_flux,
}


def _text(key: Any) -> str:
    """An identifier as PostgreSQL gives it (a UUID) or as SQLite keeps it (32 hexadecimal digits)."""
    return str(key if isinstance(key, uuid.UUID) else uuid.UUID(str(key)))
