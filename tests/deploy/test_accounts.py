"""Every service on accounts of its own: what it needs passes, what is another's is refused by the servers themselves (RS-43)."""

import json
import os
import subprocess
import uuid
from collections import Counter

import amqp
import kombu
import psycopg2
import pytest
from pupitre import provisioning
from pupitre_bus import grants, permissions, topology
from pupitre_bus.accounts import Accounts
from support import mailbox
from support.accounts import Insider
from support.installation import Installation, until
from support.machine import UBL
from support.nodes import postgres_node
from support.repository import ROOT
from support.story import Story

pytestmark = [
    pytest.mark.rabbitmq,
    pytest.mark.postgres,
    pytest.mark.slow,
    pytest.mark.requirement("RS-43"),
]

on_servers = pytest.mark.parametrize("installation", ["servers"], indirect=True)
SERVICES = ("identity", "organisation", "invoicing", "notifications")
MAIL_SECONDS = 120


@pytest.fixture
def insider(installation) -> Insider:
    return Insider(installation)


@on_servers
def test_an_invoice_goes_from_its_deposit_to_the_mails_with_every_process_on_its_own_account(
    installation, insider, new_number
):
    story, number = Story(installation), new_number()
    numero = story.machine.deposit(story.invoice(number), f"{number}.xml", UBL)
    assert story.machine.settled(numero)["etatCourantDepotFlux"] == "IN_INTEGRE"
    people = len(story.people(story.supplier)) + len(story.people(story.easy))
    until(lambda: len(mailbox.about(installation.state, number)) == people, MAIL_SECONDS, "the mails about it")
    with insider.cursor("admin") as cursor:
        cursor.execute("SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database()")
        assert {insider.name(who) for who in SERVICES} <= {row[0] for row in cursor.fetchall()}
    vhost = insider.settings.amqp_uri.rsplit("/", 1)[1]
    listed = subprocess.run(
        ["rabbitmqctl", "--quiet", "list_connections", "user", "vhost"], capture_output=True, text=True, check=True
    )
    users = Counter(line.split("\t")[0] for line in listed.stdout.splitlines() if line.endswith(f"\t{vhost}"))
    assert set(users) >= {insider.name(who) for who in (*SERVICES, "portal")}
    assert set(users) <= {insider.name(who) for who in (*SERVICES, "portal", "operator", "admin")}
    assert users[insider.name("admin")] == 1, "`pupitre up` itself, which declares the queues; no service"


def publish(channel, exchange: str, key: str, **properties) -> None:
    """Send and wait for the broker's word: an exception is its refusal."""
    producer = kombu.Producer(channel, auto_declare=False)
    producer.publish(b"{}", exchange=exchange, routing_key=key, content_type="application/json", **properties)


def own_reply_queue(channel, who: str) -> kombu.Queue:
    queue = topology.reply_queue(who, str(uuid.uuid4()))(channel)
    queue.queue_declare()
    queue.queue_bind()
    return queue


# --- the broker ---


@on_servers
@pytest.mark.parametrize("who", [*SERVICES, "portal", "operator"])
def test_a_service_calls_and_is_answered(insider, who):
    with insider.channel(who) as channel:
        queue = own_reply_queue(channel, who)
        publish(channel, topology.CALLS_EXCHANGE, "organisation" if who != "organisation" else "identity", expiration=0.001)
        if who != "operator":
            publish(channel, topology.REPLIES_EXCHANGE, queue.name, user_id=insider.name(who))
            until(queue.get, 5, "its own reply")


@on_servers
@pytest.mark.parametrize("who", SERVICES)
def test_a_service_publishes_its_own_events(insider, who):
    with insider.channel(who) as channel:
        publish(channel, f"{who}.events", "nothing.heard.v1", user_id=insider.name(who))


REFUSED = {
    "a call to a service that it does not call": lambda channel: publish(channel, topology.CALLS_EXCHANGE, "notifications"),
    "an event of another": lambda channel: publish(channel, "organisation.events", "structure.created.v1"),
    "another's queue read": lambda channel: channel.basic_get("events.notifications"),
    "another's requests read": lambda channel: channel.basic_get("rpc.identity"),
    "a queue bound to spy on events": lambda channel: channel.queue_bind(
        own_reply_queue(channel, "invoicing").name, "organisation.events", "#"
    ),
    "a queue bound to spy on calls": lambda channel: channel.queue_bind(
        own_reply_queue(channel, "invoicing").name, topology.CALLS_EXCHANGE, "identity"
    ),
    "a queue bound to spy on every call": lambda channel: channel.queue_bind(
        own_reply_queue(channel, "invoicing").name, topology.CALLS_EXCHANGE, "#"
    ),
    "a queue bound to spy on replies": lambda channel: channel.queue_bind(
        own_reply_queue(channel, "invoicing").name, topology.REPLIES_EXCHANGE, "reply.portal.#"
    ),
    "another's queue declared": lambda channel: channel.queue_declare("rpc.identity", durable=True, auto_delete=False),
    "another's queue deleted": lambda channel: channel.queue_delete("events.notifications"),
    "a queue of any other name": lambda channel: channel.queue_declare("hoard", auto_delete=False),
    "a message straight into another's queue": lambda channel: publish(channel, "", "events.notifications"),
    "a message straight into another's requests": lambda channel: publish(channel, "", "rpc.notifications"),
    "dead letters of another": lambda channel: publish(channel, "notifications.dlx", "invoice.moved.v1"),
}


@on_servers
@pytest.mark.parametrize("what", REFUSED)
def test_the_broker_refuses_to_a_service_what_is_not_its_own(insider, what):
    with insider.channel("invoicing") as channel:
        with pytest.raises(amqp.exceptions.AccessRefused):
            REFUSED[what](channel)


@on_servers
def test_the_broker_refuses_a_message_in_the_name_of_another(insider):
    with insider.channel("invoicing") as channel:
        with pytest.raises(amqp.exceptions.PreconditionFailed, match="user_id"):
            publish(channel, "invoicing.events", "invoice.moved.v1", user_id=insider.name("organisation"))


@on_servers
def test_the_migration_account_may_do_what_services_may_not(insider):
    """The refusals above are not those of a broker that refuses everything."""
    with insider.channel("admin") as channel:
        publish(channel, topology.CALLS_EXCHANGE, "notifications", expiration=0.001)
        channel.queue_declare("hoard", auto_delete=False)
        channel.queue_bind("hoard", "organisation.events", "#")
        channel.queue_delete("hoard")


@on_servers
def test_an_account_is_not_opened_with_anothers_password(insider):
    right = insider.settings.broker_uri("invoicing")
    secret = insider.settings.service_accounts.password_of
    with pytest.raises(amqp.exceptions.AccessRefused):
        kombu.Connection(right.replace(secret("invoicing"), secret("organisation")), connect_timeout=5).connect()


@on_servers
def test_an_event_that_its_source_did_not_send_is_parked_and_says_who_sent_it(insider):
    example = json.loads((ROOT / "tests/contract/golden/examples/invoice.moved.v1.json").read_text())
    forged = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": "/pupitre/invoicing",
        "type": "invoice.moved.v1",
        "subject": example["invoice_id"],
        "time": "2026-11-22T08:00:00Z",
        "datacontenttype": "application/json",
        "feedseq": 1,
        "subjectversion": 1,
        "data": example,
    }
    with insider.channel("organisation") as channel:
        kombu.Producer(channel, auto_declare=False).publish(
            json.dumps(forged).encode(),
            exchange="organisation.events",
            routing_key="espace.opened.v1",  # under which notifications listens to this exchange
            content_type="application/cloudevents+json",
            user_id=insider.name("organisation"),
            delivery_mode=2,
        )
    reason = until(lambda: _parked(insider), 20, "the forged event among the dead letters")
    assert reason.startswith("forged: it says that it comes from invoicing")
    assert reason.endswith(f"the account {insider.name('organisation')} sent it")
    with insider.cursor("admin") as cursor:
        cursor.execute("SELECT count(*) FROM notifications.inbox WHERE event_id = %s", (forged["id"],))
        assert cursor.fetchone() == (0,), "it has no effect"
        cursor.execute("DELETE FROM notifications.parked WHERE error LIKE 'forged%'")


def _parked(insider) -> str | None:
    with insider.cursor("admin") as cursor:
        cursor.execute("SELECT error FROM notifications.parked WHERE error LIKE 'forged%'")
        row = cursor.fetchone()
    return row and row[0]


# --- the database ---


DENIED = {
    "another's rows": "SELECT * FROM identity.user_account",
    "another's events": "SELECT body FROM organisation.outbox",
    "a changed history": "UPDATE invoicing.history SET motive = 'nothing'",
    "a shortened history": "DELETE FROM invoicing.history",
    "an emptied history": "TRUNCATE invoicing.history",
    "a changed event": "UPDATE invoicing.outbox SET body = ''",
    "a deleted event": "DELETE FROM invoicing.outbox",
    "a forgotten act of an operator": "DELETE FROM invoicing.operator_act",
    "the guard of the history taken away": "DROP TRIGGER history_no_change ON invoicing.history",
    "a table": "CREATE TABLE invoicing.hoard (id int)",
    "a table in the common schema": "CREATE TABLE public.hoard (id int)",
    "a schema": "CREATE SCHEMA hoard",
    "a column": "ALTER TABLE invoicing.invoice ADD COLUMN hoard int",
    "another version of the schema": "UPDATE invoicing.alembic_version SET version_num = '0000'",
    "rights for itself": "GRANT ALL ON invoicing.history TO CURRENT_USER",
    "another's role": "SET ROLE {admin}",
}


@on_servers
@pytest.mark.parametrize("what", DENIED)
def test_the_database_refuses_to_a_service_what_is_not_its_own(insider, what):
    with insider.cursor("invoicing") as cursor:
        try:
            cursor.execute(DENIED[what].format(admin=insider.name("admin")))
        except psycopg2.errors.InsufficientPrivilege:
            return
        # PostgreSQL grants nothing, with a warning, where the grantor has nothing to give.
        assert what == "rights for itself"
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute(DENIED["a changed history"])


@on_servers
def test_a_service_reads_and_extends_its_history(insider):
    with insider.cursor("invoicing") as cursor:
        cursor.execute("SELECT count(*) FROM invoicing.history")
        cursor.execute("SELECT has_table_privilege('invoicing.history', 'INSERT')")
        assert cursor.fetchone()[0]


@on_servers
def test_no_account_is_a_superuser_or_makes_roles(insider):
    with insider.cursor("admin") as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE starts_with(rolname, %s)"
            " AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)",
            (insider.settings.accounts,),
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'invoicing'")
        assert cursor.fetchall() == [(insider.name("admin"),)]


def test_a_role_is_opened_by_its_password_alone(tmp_path):
    """On a server of its own that asks for passwords, with the script that the container runs."""
    accounts = Accounts("pupitre", tmp_path)
    for who in permissions.account_names():
        accounts.file_of(who).write_text(f"a-password-for-{who}")
    (tmp_path / "roles.sql").write_text(grants.roles_sql(accounts, SERVICES, ["pupitre"]))
    with postgres_node(tmp_path / "database") as node:
        rules = node.data / "pg_hba.conf"
        rules.write_text(f"host all pupitre_identity 127.0.0.1/32 scram-sha-256\n{rules.read_text()}")
        node.execute("SELECT pg_reload_conf()")
        variables = {"PGHOST": "127.0.0.1", "PGPORT": str(node.port), "ROLES": str(tmp_path / "roles.sql")}
        script = ["sh", str(ROOT / "deploy/postgres-roles.sh")]
        for _ in range(2):  # as often as one likes
            subprocess.run(script, env={"PATH": os.environ["PATH"], **variables}, check=True, timeout=60)
        uri = f"postgresql://127.0.0.1:{node.port}/pupitre"
        psycopg2.connect(accounts.address(uri, "identity")).close()
        with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
            psycopg2.connect(accounts.address(uri, "identity").replace("for-identity", "for-invoicing"))


# --- the commands ---


@on_servers
def test_in_a_container_of_one_service_its_own_password_is_enough(installation, insider, tmp_path):
    alone = insider.settings.service_accounts.file_of("invoicing")
    (tmp_path / alone.name).write_text(alone.read_text())
    container = Installation(installation.state, installation.servers | {"PUPITRE_PASSWORDS": str(tmp_path)})
    assert container.command("verify").stdout.endswith("intact\n")
    assert container.command("health", "invoicing").returncode == 0
    refused = container.command("events", "tail", "identity", check=False)
    assert refused.returncode == 1
    assert f"no password of the account {insider.name('identity')}" in refused.stderr
    assert "Traceback" not in refused.stderr


@on_servers
def test_provisioning_again_keeps_the_passwords(insider):
    folder = insider.settings.service_accounts.folder
    before = {path.name: path.read_text() for path in folder.glob("*.password")}
    assert not [line for line in provisioning.write(insider.settings) if line.endswith("made")]
    assert {path.name: path.read_text() for path in folder.glob("*.password")} == before
    assert folder.stat().st_mode & 0o777 == 0o700
