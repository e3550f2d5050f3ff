"""A query of organisation that forgot its condition, on PostgreSQL and under an account as services have it: RS-42."""

import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import bank_details, errors, organisation, structure_documents
from pupitre_organisation import access, tables

pytestmark = [
    pytest.mark.requirement("RS-42"),
    pytest.mark.postgres,
    pytest.mark.rabbitmq,
    pytest.mark.parametrize("backend", ["servers"], indirect=True),
]

COVERED = (tables.bank_details, tables.structure_document, tables.HISTORY.lines)
ACCOUNT = bank_details.Account(kind="IBAN", country="FR", key="76", national="30006000011234567890189", bic="AGRIFRPP882")
RIB = bank_details.AccountFile(name="rib.pdf", mime="application/pdf", size=1000, sha256="ab" * 32)
KBIS = {"designation": "KBIS", "type": "AUTRE", "name": "kbis.pdf", "mime": "application/pdf", "size": 100, "sha256": "cd" * 32}


@pytest.fixture
def structures(create, operator):
    """Two suppliers, each with an account and a document."""
    made = [create(type="PRIVATE", name=name) for name in ("Atelier Duval", "Atelier Rival")]
    for each in made:
        own = {"structure_id": each.structure_id}
        operator.call(bank_details.AddBankDetails, name="Compte", account=ACCOUNT, file=RIB, **own)
        operator.call(structure_documents.AddStructureDocument, **own, **KBIS)
    return [each.structure_id for each in made]


@pytest.fixture
def gestionnaire(structures, operator):
    """Who manages the first of them."""
    actor = user()
    operator.call(organisation.AttachUser, structure_id=structures[0], user_id=uuid.UUID(actor.id), role="GP")
    return actor


def holders(db):
    """Whose rows a query without any condition gives, by table."""
    return {table.name: set(db.execute(sa.select(table.c.structure_id)).scalars()) for table in COVERED}


def test_nothing_of_a_structure_is_seen_before_the_right_to_it_is_known_and_nothing_of_another_after(service, structures, gestionnaire):
    scope = service.runtime("organisation").scope(actor=gestionnaire)
    for work in (scope.reading, scope.begin):
        with work() as db:
            assert holders(db) == {table.name: set() for table in COVERED}
            access.require_organisation_modification(db, gestionnaire, structures[0], scope.clock.now())
            assert holders(db) == {table.name: {structures[0]} for table in COVERED}
            with pytest.raises(errors.PupitreError):
                access.require_organisation_modification(db, gestionnaire, structures[1], scope.clock.now())
            assert holders(db) == {table.name: {structures[0]} for table in COVERED}
    with scope.reading() as db:
        assert holders(db) == {table.name: set() for table in COVERED}


def test_a_write_that_forgot_its_condition_touches_no_other_structure(service, structures, gestionnaire, bench):
    scope = service.runtime("organisation").scope(actor=gestionnaire)
    with scope.begin() as tx:
        access.require_organisation_modification(tx, gestionnaire, structures[0], tx.now)
        assert tx.execute(tables.structure_document.delete()).rowcount == 1
        assert tx.execute(tables.bank_details.update().values(name="Autre")).rowcount == 1
    database = bench.database("organisation")
    with database.reading() as db:
        assert set(db.execute(sa.select(tables.structure_document.c.structure_id)).scalars()) == {structures[1]}
        assert dict(db.execute(sa.select(tables.bank_details.c.structure_id, tables.bank_details.c.name)).all()) == {
            structures[0]: "Autre",
            structures[1]: "Compte",
        }
    database.close()


def test_which_files_are_cited_is_answered_for_all_structures(structures, caller):
    found = caller(Actor.service("invoicing")).call(structure_documents.CitedFiles, names=["ab" * 32, "cd" * 32, "ef" * 32])
    assert found.cited == ["ab" * 32, "cd" * 32]
