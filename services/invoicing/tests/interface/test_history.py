"""The audit chain through the bus, on both backends: what tampering shows (RS-22)."""

import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import history as chain

OPERATOR = Actor.service("operator")


def verify(stage):
    return stage.bench.caller(OPERATOR).call(contract.VerifyHistory)


def tamper(stage, *statements):
    """Change the history as somebody with full power over the database could: without its triggers."""
    database = stage.bench.database("invoicing")
    with database.transaction() as tx:
        if database.on_sqlite:
            for name in tx.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
                tx.execute(sa.text(f"DROP TRIGGER {name}"))
        else:
            tx.execute(sa.text("ALTER TABLE history DISABLE TRIGGER ALL"))
        for statement in statements:
            statement(tx) if callable(statement) else tx.execute(sa.text(statement))
    database.close()


@pytest.fixture
def life(stage):
    """An invoice with five lines of history."""
    invoice = stage.move(stage.sent(), "SUSPENDUE", stage.agent, motive="pièce absente")
    return stage.move(invoice, "COMPLETEE", stage.writer, comment="voici")


def test_an_untouched_history_has_no_fault(stage, life):
    stage.sent("F-2")
    verdict = verify(stage)
    assert (verdict.chains, verdict.lines, verdict.faults) == (1, 8, [])
    assert len({line.digest for line in life.history}) == 5


def test_only_services_may_verify(stage):
    with pytest.raises(errors.Forbidden):
        stage.call(stage.writer, contract.VerifyHistory)


@pytest.mark.parametrize("statement", ["UPDATE history SET motive = 'autre'", "DELETE FROM history"])
def test_the_database_itself_refuses_to_change_the_history(stage, life, statement):
    database = stage.bench.database("invoicing")
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), database.transaction() as tx:
        tx.execute(sa.text(statement))
    database.close()


def _swap(tx):
    tx.execute(sa.text("UPDATE history SET number = 100 WHERE number = 2"))
    tx.execute(sa.text("UPDATE history SET number = 2 WHERE number = 3"))
    tx.execute(sa.text("UPDATE history SET number = 3 WHERE number = 100"))


def _rewrite(tx):
    """Change a line and recompute every digest after it, the head's included: only the key is missing."""
    from pupitre_invoicing.tables import history, history_head

    rows = [dict(row) for row in tx.execute(sa.select(history).order_by(history.c.number)).mappings()]
    rows[3]["motive"] = "tout autre chose"
    previous = chain.ORIGIN
    for row in rows:
        row["previous"] = previous
        previous = row["digest"] = chain.digest_of(row)
    tx.execute(sa.text("DELETE FROM history"))
    tx.execute(history.insert(), rows)
    tx.execute(history_head.update().values(digest=previous))


def _insert(tx):
    from pupitre_invoicing.tables import history

    last = dict(tx.execute(sa.select(history).order_by(history.c.number.desc()).limit(1)).mappings().one())
    added = last | {"number": last["number"] + 1, "previous": last["digest"]}
    tx.execute(history.insert().values(**added | {"digest": chain.digest_of(added)}))


@pytest.mark.requirement("RS-22")
@pytest.mark.parametrize(
    "tampering, fault",
    [
        ("UPDATE history SET motive = 'autre' WHERE number = 4", "line-altered"),
        ("DELETE FROM history WHERE number = 3", "line-missing"),
        (_insert, "head-differs"),
        (_swap, "line-altered"),
        ("DELETE FROM history WHERE number = 5", "tail-cut"),
        (_rewrite, "seal-wrong"),
        ("UPDATE invoice SET gross = 1", "invoice-altered"),
        ("DELETE FROM history_head", "head-missing"),
    ],
    ids=["edit", "delete", "insert", "swap", "cut-tail", "rewrite", "invoice", "head"],
)
def test_every_way_of_tampering_shows(stage, life, tampering, fault):
    tamper(stage, tampering)
    faults = verify(stage).faults
    assert fault in {each.fault.split()[0] for each in faults}


def test_cutting_the_tail_and_the_head_with_it_shows(stage, life):
    tamper(
        stage,
        "DELETE FROM history WHERE number = 5",
        "UPDATE history_head SET number = 4, digest = (SELECT digest FROM history WHERE number = 4)",
    )
    assert "seal-wrong" in {each.fault for each in verify(stage).faults}
