from pupitre_bus import migrations


def test_the_migrations_make_the_tables_that_the_code_declares(backend):
    uri = backend.database_uri("organisation")
    assert migrations.upgrade("pupitre_organisation", uri, "organisation") == [f"000{number}" for number in range(1, 8)]
    assert migrations.differences("pupitre_organisation", uri, "organisation") == []
    assert migrations.upgrade("pupitre_organisation", uri, "organisation") == []
