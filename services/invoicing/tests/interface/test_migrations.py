"""The migrations make the tables that the code declares, on both databases."""

from pupitre_bus import migrations


def test_the_migrated_database_is_the_declared_one(backend):
    uri = backend.database_uri("invoicing")
    assert migrations.upgrade("pupitre_invoicing", uri, "invoicing") == ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"]
    assert migrations.differences("pupitre_invoicing", uri, "invoicing") == []
