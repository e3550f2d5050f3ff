import contextlib
import datetime
import uuid
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_contracts import organisation
from pupitre_organisation import annuaire, model, rights, tables

NOW = datetime.datetime(2024, 3, 15, 9, 30, tzinfo=datetime.UTC)
AUTHORSHIP = {"created_at": NOW, "created_by": "test", "changed_at": NOW, "changed_by": "test"}


@pytest.fixture
def counted():
    """A database in memory, and the list of the statements it ran."""
    engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
    tables.metadata.create_all(engine)
    statements = []
    sa.event.listen(engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    yield SimpleNamespace(engine=engine, statements=statements)
    engine.dispose()


def add_structures(engine, count):
    ids = []
    with engine.begin() as db:
        for number in range(count):
            values = dict.fromkeys(("name_key", "label_key", "postal_code_key", "city_key"), "")
            flags = {column.name: False for column in tables.structure.c if isinstance(column.type, sa.Boolean)}
            structure_id = uuid.uuid4()
            db.execute(
                tables.structure.insert().values(
                    structure_id=structure_id,
                    portal_number=number,
                    identifier_type="SIRET",
                    identifier=f"{number:014d}",
                    siren=f"{number:014d}"[:9],
                    name=f"Commune {number}",
                    type=model.PUBLIC,
                    country="FR",
                    **(values | flags | {"active": number % 2 == 0} | AUTHORSHIP),
                )
            )
            ids.append(structure_id)
    return ids


def scope_on(engine):
    @contextlib.contextmanager
    def reading():
        with engine.connect() as db:
            yield db

    clock = SimpleNamespace(now=lambda: NOW)
    return SimpleNamespace(reading=reading, clock=clock, actor=Actor("user", str(uuid.uuid4())))


@pytest.mark.parametrize("count", [1, 50])
def test_recipients_take_four_queries_whatever_their_number(counted, count):
    add_structures(counted.engine, 10)
    recipients = [organisation.Recipient(siret=f"{number:014d}") for number in range(count)]
    counted.statements.clear()
    request = organisation.ResolveRecipients.Request(recipients=recipients)
    reply = annuaire.resolve_recipients(request, scope_on(counted.engine))
    assert len(reply.recipients) == count
    assert len(counted.statements) <= 4


def test_a_page_of_structures_takes_two_queries(counted):
    add_structures(counted.engine, 60)
    counted.statements.clear()
    reply = annuaire.find_structures(organisation.FindStructures.Request(), scope_on(counted.engine))
    assert (len(reply.structures), reply.total) == (50, 60)
    assert len(counted.statements) == 2


def test_rights_in_many_structures_take_two_queries(counted):
    user_id = uuid.uuid4()
    with counted.engine.begin() as db:
        for structure_id in add_structures(counted.engine, 20):
            db.execute(
                tables.rattachement.insert().values(
                    rattachement_id=uuid.uuid4(),
                    structure_id=structure_id,
                    user_id=user_id,
                    role=model.US,
                    started_at=NOW,
                    **AUTHORSHIP,
                )
            )
    counted.statements.clear()
    with counted.engine.connect() as db:
        assert len(rights.of_user(db, user_id, NOW)) == 20
    assert len(counted.statements) == 2
