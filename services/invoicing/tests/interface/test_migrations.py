"""The migrations make the tables that the code declares, on both databases."""

import uuid
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from pupitre_bus import migrations
from pupitre_bus.database import Database
from pupitre_invoicing.request_tables import request_party


def test_the_migrated_database_is_the_declared_one(backend):
    uri = backend.database_uri("invoicing")
    assert migrations.upgrade("pupitre_invoicing", uri, "invoicing") == [f"{n:04}" for n in range(1, 15)]
    assert migrations.differences("pupitre_invoicing", uri, "invoicing") == []


def test_who_sees_a_request_stays_when_others_may_have_his_role_too(backend):
    uri = backend.database_uri("invoicing")
    migrations.upgrade("pupitre_invoicing", uri, "invoicing", to="0013")
    database = Database(uri, "invoicing")
    same = {"request_id": uuid.uuid4(), "role": "moe", "espace": "travaux", "kind": "acompte", "status": "DEPOSEE"}
    first, second = ({**same, "structure_id": uuid.uuid4(), "acts": True, "listed_at": datetime.now(UTC)} for _ in range(2))
    try:
        with database.transaction() as tx:
            tx.execute(request_party.insert(), [first])
        migrations.upgrade("pupitre_invoicing", uri, "invoicing")
        with database.transaction() as tx:
            tx.execute(request_party.insert(), [second])
        with pytest.raises(sa.exc.IntegrityError), database.transaction() as tx:
            tx.execute(request_party.insert(), [second])
        with database.reading() as db:
            found = db.execute(sa.select(request_party)).mappings().all()
    finally:
        database.close()
    assert {(each["structure_id"], each["listed_at"]) for each in found} == {
        (each["structure_id"], each["listed_at"]) for each in (first, second)
    }
