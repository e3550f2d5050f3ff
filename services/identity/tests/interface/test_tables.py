import datetime
import uuid

import sqlalchemy as sa
from pupitre_bus import migrations
from pupitre_bus.database import Database
from pupitre_bus.types import Instant
from pupitre_identity import tables

SINCE = datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)


def test_the_migrations_make_the_tables_that_the_code_declares(backend):
    uri = backend.database_uri("identity")
    assert migrations.upgrade("pupitre_identity", uri, "identity") == ["0001", "0002", "0003", "0004", "0005", "0006", "0007", "0008"]
    assert migrations.differences("pupitre_identity", uri, "identity") == []
    assert migrations.upgrade("pupitre_identity", uri, "identity") == []


def test_technical_accounts_keep_their_secrets_when_these_get_a_life_of_their_own(backend):
    uri = backend.database_uri("identity")
    backend.services.add("identity")  # what the tests before left goes, and what this one leaves
    if backend.name == "servers":
        backend.close()
    migrations.upgrade("pupitre_identity", uri, "identity", to="0003")
    names = ("label", "login", "password_digest", "client_id", "client_secret_digest", "created_by", "changed_by")
    before = sa.table(
        "technical_account",
        *(sa.column(name, sa.Uuid) for name in ("technical_account_id", "structure_id")),
        *(sa.column(name, sa.Text) for name in names),
        *(sa.column(name, Instant) for name in ("created_at", "changed_at")),
        sa.column("portal_number", sa.BigInteger),
        sa.column("active", sa.Boolean),
    )
    account_id = uuid.uuid4()
    database = Database(uri, "identity")
    with database.transaction() as tx:
        tx.execute(
            before.insert().values(
                **dict.fromkeys(names, "x") | {"password_digest": "p", "client_secret_digest": "c"},
                technical_account_id=account_id, structure_id=uuid.uuid4(), portal_number=7, active=True,
                created_at=SINCE, changed_at=SINCE,
            )
        )
    migrations.upgrade("pupitre_identity", uri, "identity")
    secret = tables.technical_secret.c
    query = sa.select(secret.kind, secret.digest, secret.technical_account_id, secret.issued_at, secret.expires_at, secret.warn_at)
    with database.reading() as db:
        found = db.execute(query.order_by(secret.kind)).all()
    database.close()
    until = SINCE + datetime.timedelta(days=424)
    rest = (account_id, SINCE, until, until - datetime.timedelta(days=30))
    assert [tuple(row) for row in found] == [("client_secret", "c", *rest), ("password", "p", *rest)]
