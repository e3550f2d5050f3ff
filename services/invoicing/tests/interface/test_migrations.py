"""The migrations make the tables that the code declares, on both databases."""

import uuid
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa
from pupitre_bus import migrations, row_security
from pupitre_bus.database import Database
from pupitre_bus.search_texts import search_key
from pupitre_invoicing import party_tables, tables
from pupitre_invoicing.request_tables import request_party


def test_the_migrated_database_is_the_declared_one(backend):
    backend.services.add("invoicing")  # what a test leaves goes
    uri = backend.database_uri("invoicing")
    assert migrations.upgrade("pupitre_invoicing", uri, "invoicing") == [f"{n:04}" for n in range(1, 17)]
    assert migrations.differences("pupitre_invoicing", uri, "invoicing") == []


def test_who_sees_a_request_stays_when_others_may_have_his_role_too(backend):
    backend.services.add("invoicing")  # what a test leaves goes
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


def test_what_was_there_is_found_by_origin_creator_and_valideur_after_the_migration(backend):
    backend.services.add("invoicing")
    uri, invoice_id, structure = backend.database_uri("invoicing"), uuid.uuid4(), uuid.uuid4()
    migrations.upgrade("pupitre_invoicing", uri, "invoicing", to="0014")
    database = Database(uri, "invoicing")
    now = datetime(2026, 3, 1, tzinfo=UTC)
    invoice = an_invoice(invoice_id, structure, now)
    line = {"structure_id": structure, "previous": "", "digest": "", "invoice_id": invoice_id, "at": now}
    lines = [
        {**line, "number": 1, "actor": "user:1", "actor_name": "Zoé Élan", "action": "prepare", "status_to": "BROUILLON"},
        {**line, "number": 2, "actor": "user:2", "actor_name": "Autre", "action": "send", "status_from": "BROUILLON", "status_to": "X"},
    ]
    party = {
        "invoice_id": invoice_id, "role": "valideur-1", "position": 0, "role_label_fr": "T", "role_label_en": "H", "espace": "x",
        "structure_id": uuid.uuid4(), "identifier": "90000005000014", "name": "Gros Œuvre", "supplier_structure_id": structure,
        "acts": False,
    }
    content = {"invoice_id": invoice_id, "content": {"preceding": [{"number": "F-É 7"}, {"number": "F-8"}]}, "report": {}}
    written = [(tables.invoice, invoice), (tables.invoice_content, content), *((tables.history, each) for each in lines)]
    write(database, (*written, (party_tables.invoice_party, party)))
    migrations.upgrade("pupitre_invoicing", uri, "invoicing")
    with database.transaction() as tx:
        _see_all(tx)
        columns = tables.invoice.c.search_origin, tables.invoice.c.created_by, tables.invoice.c.search_creator
        assert tx.execute(sa.select(*columns)).one() == ("f-e 7\nf-8", "user:1", "zoe elan")
        assert tx.execute(sa.select(party_tables.invoice_party.c.search_name)).scalar_one() == search_key("Gros Œuvre")
    database.close()


def test_the_vat_in_euros_of_what_was_there_is_taken_from_its_content(backend):
    backend.services.add("invoicing")
    uri, now = backend.database_uri("invoicing"), datetime(2026, 3, 1, tzinfo=UTC)
    migrations.upgrade("pupitre_invoicing", uri, "invoicing", to="0015")
    database = Database(uri, "invoicing")
    there = {
        "F-1": ("USD", {"accounting_currency": "EUR", "totals": {"vat_accounting": "38.11"}}),
        "F-2": ("USD", {"accounting_currency": "USD", "totals": {"vat_accounting": "41.00"}}),
        "F-3": ("EUR", {"accounting_currency": None, "totals": {"vat": "20.00"}}),
        "F-4": ("CHF", {"accounting_currency": "EUR", "totals": {"vat_accounting": None}}),
        "F-5": ("CHF", None),
    }
    for number, (currency, content) in there.items():
        invoice_id = uuid.uuid4()
        values = an_invoice(invoice_id, uuid.uuid4(), now, number=number, number_key=number, currency=currency)
        kept = [(tables.invoice_content, {"invoice_id": invoice_id, "content": content, "report": {}})] if content else []
        write(database, [(tables.invoice, values), *kept])
    migrations.upgrade("pupitre_invoicing", uri, "invoicing")
    with database.transaction() as tx:
        _see_all(tx)
        found = dict(tx.execute(sa.select(tables.invoice.c.number, tables.invoice.c.vat_eur)).all())
    database.close()
    assert found == dict.fromkeys(there) | {"F-1": Decimal("38.11")}


def an_invoice(invoice_id, structure, now, **changes):
    return {
        "invoice_id": invoice_id, "lifecycle": "facture@2026-01-01", "number": "AV-1", "number_key": "av-1", "kind": "AVOIR", "cadre": "A1",
        "status": "MISE_A_DISPOSITION", "version": 2, "issue_date": now.date(), "created_at": now, "status_at": now,
        "supplier_structure_id": structure, "supplier_name": "Quai", "currency": "EUR", "deposit_mode": "UPLOAD_PORTAIL",
        "searched": "av-1", "original_sha256": "ab" * 32, **changes,
    }


def write(database, rows):
    """Write rows as they were when the tables had no more columns than these."""
    with database.transaction() as tx:
        _see_all(tx)
        for table, values in rows:
            old = sa.table(table.name, *(sa.column(name, table.c[name].type) for name in values))
            tx.execute(old.insert(), [values])


def _see_all(tx):
    if tx.connection.dialect.name == "postgresql":
        row_security.limit(tx.connection, row_security.ALL)
