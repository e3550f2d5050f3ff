"""A query of invoicing that forgot its condition, on PostgreSQL and under an account as services have it: RS-42."""

import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import rights, tables
from pupitre_invoicing.processing import process_flux

pytestmark = [
    pytest.mark.requirement("RS-42"),
    pytest.mark.postgres,
    pytest.mark.rabbitmq,
    pytest.mark.parametrize("backend", ["servers"], indirect=True),
]

OTHER = "90000004000013"
EMITTED, RECEIVED = "factures-emises", "factures-recues"
COVERED = (tables.invoice, tables.invoice_content, tables.document, tables.history, tables.flux, tables.flux_item)


@pytest.fixture
def held(stage):
    """Flux are worked on when a test says so."""
    stage.hold("process-flux")


@pytest.fixture
def rival(stage, held, make_file):
    """Another supplier of the same public body, with an invoice and a flux, and who works for it."""
    structure = stage.world.structure(OTHER, "Papeterie Rivale")
    writer = stage.world.user((structure, EMITTED, "MODIFICATION"), name="Rivale")
    own = {"actor": writer, "structure_id": structure.structure_id}
    draft = stage.prepare(make_file("R-1", seller=OTHER), **own).invoice
    stage.send(draft, writer)
    stage.deposit_flux(make_file("R-2", seller=OTHER), file_name="r.xml", **own)
    return writer


@pytest.fixture
def mine(stage, held, make_file):
    """The invoice and the flux of the stage's own supplier."""
    flux = stage.deposit_flux(make_file("F-2"), file_name="f.xml")
    return stage.sent("F-1"), flux


def scope_of(stage, actor):
    return stage.host.runtime("invoicing").scope(actor=actor)


def rights_of(stage, actor):
    """The one structure where an actor of the stage has rights."""
    [found] = stage.world.rights[actor.id]
    return found.structure_id


def everything(scope):
    """What a query without any condition gives of each table, as texts."""
    with scope.reading() as db:
        return {table.name: [str(dict(row)) for row in db.execute(sa.select(table)).mappings()] for table in COVERED}


def test_a_query_without_condition_gives_what_the_actors_rights_name_and_nothing_else(stage, mine, rival):
    process_flux(stage.scope())
    assert stage.flux(mine[1]).state == "IN_INTEGRE"
    seen = {}
    for name, actor in (("supplier", stage.writer), ("rival", rival), ("body", stage.agent), ("stranger", stage.stranger)):
        scope = scope_of(stage, actor)
        rights.ask(scope)
        seen[name] = everything(scope)
    counts = {name: {table: len(rows) for table, rows in found.items()} for name, found in seen.items()}
    one = {"invoice": 2, "invoice_content": 2, "document": 2, "flux": 1, "flux_item": 1}
    for name in ("supplier", "rival"):
        assert {table: counts[name][table] for table in one} == one
        assert counts[name]["history"]
    assert counts["body"]["invoice"] == 4
    assert counts["body"]["flux"] == counts["body"]["flux_item"] == 0
    assert counts["body"]["history"] == counts["supplier"]["history"] + counts["rival"]["history"]
    assert not any(counts["stranger"].values())
    own, foreign = str(stage.supplier.structure_id), str(rights_of(stage, rival))
    assert own in str(seen["supplier"])
    assert foreign not in str(seen["supplier"])
    assert own not in str(seen["rival"])


def test_without_rights_asked_nothing_is_seen_and_nothing_written(stage, mine):
    scope = scope_of(stage, stage.writer)
    assert not any(everything(scope).values())
    with scope.begin() as tx:
        for table in (tables.invoice, tables.document, tables.flux):
            assert tx.execute(table.delete()).rowcount == 0
    row = stage.rows("SELECT * FROM invoice")[0]
    with pytest.raises(sa.exc.ProgrammingError, match="row-level security"), scope.begin() as tx:
        tx.execute(tables.invoice_content.insert().values(invoice_id=row["invoice_id"], content={}, report={}))


def test_a_refused_question_about_rights_lets_nothing_be_seen(stage, mine):
    """Services have no rights on invoices: asking for theirs is refused, and shows nothing."""
    scope = scope_of(stage, Actor.service("invoicing"))
    with pytest.raises(errors.Forbidden):
        rights.ask(scope)
    assert not any(everything(scope).values())


def test_a_mandataire_sees_the_rows_of_who_gave_the_mandat(stage, mine, rival):
    stage.world.give_mandat(stage.supplier, stage.world.structures[rights_of(stage, rival)], rival)
    scope = scope_of(stage, rival)
    rights.ask(scope)
    assert str(stage.supplier.structure_id) in str(everything(scope)["invoice"])


def test_the_work_of_the_service_itself_and_of_operators_sees_every_row(stage, mine, rival):
    operator = stage.bench.caller(stage.scope().actor)
    found = operator.call(contract.PartnersOfStructure, structure_id=stage.body.structure_id).structure_ids
    assert len(found) == 2
    verdict = operator.call(contract.VerifyHistory)
    assert (verdict.chains, verdict.faults) == (2, [])
