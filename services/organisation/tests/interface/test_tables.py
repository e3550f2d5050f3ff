import contextlib
import datetime
import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus import migrations
from pupitre_bus.database import Database
from pupitre_organisation import tables

SINCE = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)
BY = {"created_at": SINCE, "created_by": "test", "changed_at": SINCE, "changed_by": "test"}


@contextlib.contextmanager
def migrated(backend, to):
    """A database as an older version left it."""
    backend.services.add("organisation")  # what the tests before left goes, and what this one leaves
    if backend.name == "servers":
        backend.close()
    uri = backend.database_uri("organisation")
    migrations.upgrade("pupitre_organisation", uri, "organisation", to=to)
    database = Database(uri, "organisation")
    try:
        yield database
    finally:
        database.close()


def a_structure(number, name, name_key, city, city_key):
    flags = ("requires_service", "requires_engagement", "requires_service_or_engagement", "payment_not_reported", "receives_edi")
    return {
        "structure_id": uuid.uuid4(), "portal_number": number, "identifier_type": "SIRET", "identifier": f"{number:014d}",
        "name": name, "name_key": name_key, "label_key": "", "type": "PUBLIC", "active": True, "postal_code_key": "",
        "city": city, "city_key": city_key, "country": "FR", **dict.fromkeys(flags, False), **BY,
    }  # fmt: skip


def an_account(number, structure_id, name, ended_at=None):
    return {
        "bank_details_id": uuid.uuid4(), "portal_number": number, "structure_id": structure_id, "name": name, "name_key": name.casefold(),
        "kind": "IBAN", "account": {}, "version": 1, "ended_at": ended_at,
        "file_name": "rib.pdf", "file_mime": "application/pdf", "file_size": 1, "file_sha256": "0" * 64, **BY,
    }  # fmt: skip


def test_the_migrations_make_the_tables_that_the_code_declares(backend):
    uri = backend.database_uri("organisation")
    assert migrations.upgrade("pupitre_organisation", uri, "organisation") == [f"000{number}" for number in range(1, 10)]
    assert migrations.differences("pupitre_organisation", uri, "organisation") == []
    assert migrations.upgrade("pupitre_organisation", uri, "organisation") == []


@pytest.mark.requirement("R103")
def test_what_was_stored_before_is_found_by_the_search_keys_of_today(backend):
    structure, change, account = tables.structure, tables.directory_change, tables.bank_details
    lycee = a_structure(1, "Lycée № 5", "lycee № 5", "Besançon", "besancon")
    mairie = a_structure(2, "Mairie", "mairie", "Nîmes", "nimes")
    with migrated(backend, to="0007") as database:
        with database.transaction() as tx:
            tx.execute(structure.insert(), [lycee, mairie])
            names = ("№ 1", "no 1", "№ 2")
            accounts = [an_account(number, lycee["structure_id"], name) for number, name in enumerate(names, 1)]
            tx.execute(account.insert(), [*accounts, an_account(9, lycee["structure_id"], "№ 3", SINCE)])
        numbers = sa.select(change.c.structure_id, change.c.number)
        with database.reading() as db:
            before = {row.structure_id: row.number for row in db.execute(numbers)}
        migrations.upgrade("pupitre_organisation", backend.database_uri("organisation"), "organisation")
        with database.reading() as db:
            keys = db.execute(sa.select(structure.c.name_key, structure.c.city_key).order_by(structure.c.portal_number)).all()
            after = {row.structure_id: row.number for row in db.execute(numbers)}
            names = db.scalars(sa.select(account.c.name_key).order_by(account.c.portal_number)).all()
    assert [tuple(row) for row in keys] == [("lycee no 5", "besancon"), ("mairie", "nimes")]
    assert after[lycee["structure_id"]] > before[lycee["structure_id"]]
    assert after[mairie["structure_id"]] == before[mairie["structure_id"]]
    # The first of the accounts keeps its key, since another in use has the new one already.
    assert names == ["№ 1", "no 1", "no 2", "no 3"]
