"""`pupitre migrate` makes keys, databases and queues; a second time it finds them made."""

import kombu
import pytest
import sqlalchemy as sa
from pupitre_bus import connection, topology
from pupitre_bus.database import Database
from pupitre_contracts.catalogue import SERVICES
from support.installation import Installation, servers


def _migrated(installation, *names):
    return installation.command("migrate", *names).stdout.splitlines()


def test_a_second_migration_of_the_embedded_run_does_nothing(stopped):
    installation = stopped()
    first = _migrated(installation)
    assert {f"key of {name} made" for name in (*SERVICES, "portal", "operator")} <= set(first)
    assert {f"{name}: migration 0001" for name in SERVICES} <= set(first)
    keys = {each.name: each.read_bytes() for each in (installation.state / "keys").iterdir()}
    assert {each.stat().st_mode & 0o777 for each in (installation.state / "keys").glob("*.key")} == {0o600}

    assert _migrated(installation) == ["up to date"]
    assert {each.name: each.read_bytes() for each in (installation.state / "keys").iterdir()} == keys


def test_one_service_can_be_migrated_alone(stopped):
    installation = stopped()
    _migrated(installation, "notifications")
    assert [each.name for each in installation.state.glob("*.sqlite3")] == ["notifications.sqlite3"]


@pytest.mark.rabbitmq
@pytest.mark.postgres
def test_a_second_migration_of_servers_only_finds_what_is_there(tmp_path):
    with servers("servers") as variables:
        installation = Installation(tmp_path / "state", variables)
        assert {f"{name}: migration 0001" for name in SERVICES} <= set(_migrated(installation))
        assert _migrated(installation) == ["broker: exchanges and queues declared", "up to date"]

        topology.verify(variables["PUPITRE_AMQP_URI"], "notifications")
        with connection.connect(variables["PUPITRE_AMQP_URI"]) as link:
            for owner in SERVICES:
                kombu.Exchange(f"{owner}.events", type="topic")(link.channel()).declare(passive=True)
        for name in SERVICES:
            database = Database(variables["PUPITRE_DATABASE_URI"], name)
            with database.reading() as db:
                assert db.execute(sa.text("SELECT count(*) FROM alembic_version")).scalar_one() >= 1
            database.close()
