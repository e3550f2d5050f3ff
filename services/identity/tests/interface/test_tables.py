from pupitre_bus import migrations


def test_the_migrations_make_the_tables_that_the_code_declares(backend):
    uri = backend.database_uri("identity")
    assert migrations.upgrade("pupitre_identity", uri, "identity") == ["0001", "0002", "0003", "0005", "0006"]
    assert migrations.differences("pupitre_identity", uri, "identity") == []
    assert migrations.upgrade("pupitre_identity", uri, "identity") == []
