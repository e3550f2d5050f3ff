"""The migrations make the tables that the code declares, on both databases."""

from pupitre_bus import migrations


def test_the_migrated_database_is_the_declared_one(backend):
    uri = backend.database_uri("invoicing")
    assert migrations.upgrade("pupitre_invoicing", uri, "invoicing") == [f"{n:04}" for n in range(1, 14)]
    assert migrations.differences("pupitre_invoicing", uri, "invoicing") == []
