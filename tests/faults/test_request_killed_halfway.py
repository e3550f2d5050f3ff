"""Invoicing killed in the middle of sending a request of an espace, on servers: all of it is there once or nothing, and each mail once."""

import os
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from plugins.distributions import install
from pupitre_bus.database import Database
from pupitre_contracts.catalogue import SUBSCRIPTIONS
from support import mailbox
from support.espaces import Sandbox
from support.installation import Installation, servers, until

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.postgres]

WORKS, MONTH = "factures-travaux", "acompte"
SECONDS = 120
KEPT = """
    SELECT status,
        (SELECT count(*) FROM invoice WHERE invoice.request_id = request.request_id),
        (SELECT array_agg(type) FROM outbox WHERE body::json ->> 'number' = request.number)
    FROM request WHERE number = :number
"""
NOTHING = ("BROUILLON", 0, [])
TOLD = [event.type for event in SUBSCRIPTIONS["notifications"]]


@pytest.fixture
def deadly(tmp_path):
    """The file that says where invoicing dies next."""
    return tmp_path / "dies-at"


@pytest.fixture
def installation(tmp_path, deadly):
    folder = tmp_path / "plugins"
    folder.mkdir()
    install(folder, "deadly_espace", source=Path(__file__).parent)
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    with servers("servers") as variables:
        made = Installation(tmp_path / "state", variables, {"PYTHONPATH": path, "PUPITRE_ESPACE_MORTEL_FILE": str(deadly)})
        yield made.start()
        made.close()


class Facts:
    """What is kept of a request, and told of it, by the databases of the services and the mailbox."""

    def __init__(self, installation):
        self._installation = installation
        self._databases = {
            service: Database(installation.servers["PUPITRE_DATABASE_URI"], service) for service in ("invoicing", "notifications")
        }

    def rows(self, service, statement, **values):
        with self._databases[service].reading() as db:
            return [tuple(row) for row in db.execute(sa.text(statement), values)]

    def kept(self, number):
        """The status of a request, how many invoices it became, and what was told of both: of one moment."""
        [(status, invoices, told)] = self.rows("invoicing", KEPT, number=number)
        return status, invoices, sorted(told or ())

    def mails(self, number):
        """The mails about it as they were handed over: to whom, and what about."""
        return Counter((mail["To"], mail["Subject"].replace(number, "N")) for mail in mailbox.about(self._installation.state, number))

    def is_quiet(self):
        """Whether every event has come to notifications, and every mail has left."""
        if self.rows("invoicing", "SELECT 1 FROM outbox WHERE published_at IS NULL LIMIT 1"):
            return False
        told = {event_id for event_id, kind in self.rows("invoicing", "SELECT id, type FROM outbox") if kind in TOLD}
        heard = {event_id for (event_id,) in self.rows("notifications", "SELECT event_id FROM inbox")}
        return told <= heard and not self.rows("notifications", "SELECT 1 FROM mail WHERE sent_at IS NULL LIMIT 1")

    def close(self):
        for each in self._databases.values():
            each.close()


@pytest.fixture
def facts(installation):
    found = Facts(installation)
    yield found
    found.close()


def drafted(sandbox, number):
    """A works account that is handed over to who pays as soon as it is sent."""
    holder, town = sandbox.actor("titulaire"), sandbox.actor("maitrise-ouvrage")
    form = {"marche": "M-1", "mois": f"{sandbox.today():%Y-%m}", "travaux": "300.00", "part_20": "200.00", "part_10": "100.00"}
    draft = holder.draft(WORKS, MONTH, "A6", number=number, form=form, parties={"service-financier": (town, "FINANCES")})
    return holder.attach(draft, "décompte.pdf")


def send(holder, draft):
    """Ask for it as a program does that does not know what has become of it: again with the same key."""
    address = f"espaces/{WORKS}/requests/{draft['request_id']}/send"
    return holder.ask("post", address, json={"version": draft["version"]}, headers={"Idempotency-Key": draft["number"]})


@pytest.mark.timeout(900)
def test_a_request_whose_sending_was_killed_on_servers_is_sent_wholly_once_or_not_at_all_with_each_mail_once(
    installation, deadly, facts
):
    sandbox = Sandbox(installation, deadly)
    holder = sandbox.actor("titulaire")
    # How it is where nobody is killed.
    draft = drafted(sandbox, "CALME-1")
    assert send(holder, draft).json()["status"] == "MISE_A_DISPOSITION"
    until(facts.is_quiet, SECONDS, "every mail", pause=0.3)
    whole, mails = facts.kept("CALME-1"), facts.mails("CALME-1")
    assert whole[:2] == ("MISE_A_DISPOSITION", 1)
    assert (whole[2].count("request.sent.v1"), whole[2].count("invoice.submitted.v1")) == (1, 1)
    assert set(mails.values()) == {1}

    for point in ("rows", "events", "committed"):
        number = f"MORT-{point}"
        draft, before = drafted(sandbox, number), installation.pid_of("invoicing")
        deadly.write_text(point)
        first = send(holder, draft)
        assert not deadly.exists(), f"nobody died at {point}"
        # The broker puts the question again: a process that is back in time has answered it, and done all of it.
        assert first.ok or first.status_code >= 500, first.text
        until(installation.is_ready, SECONDS, "ready again")
        assert installation.pid_of("invoicing") != before
        assert facts.kept(number) in ((whole,) if first.ok or point == "committed" else (NOTHING, whole))

        answer = until(lambda: (got := send(holder, draft)).ok and got.json(), SECONDS, "it is sent", pause=0.5)  # noqa: B023
        assert (answer["status"], len(answer["documents"])) == ("MISE_A_DISPOSITION", 1)
        until(facts.is_quiet, SECONDS, "every mail", pause=0.3)
        assert facts.kept(number) == whole
        assert facts.mails(number) == mails
        [invoice] = holder.must("get", "factures/emises", params={"number": number})["invoices"]
        assert invoice["number"] == number
    verified = installation.command("verify")
    assert verified.returncode == 0, verified.stdout
    assert installation.stop() == 0
