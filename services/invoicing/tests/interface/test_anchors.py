"""Anchors: what they show that the seals alone do not, through the bus, on both backends (RS-22)."""

import json

import pytest
import sqlalchemy as sa
from pupitre_bus import anchors
from pupitre_bus.actors import Actor
from pupitre_bus.write_once import WriteOnce
from pupitre_contracts import invoicing as contract
from pupitre_invoicing import history as chain
from pupitre_invoicing import use_cases
from pupitre_invoicing.tables import history, history_anchor, history_anchored, history_head

pytestmark = pytest.mark.requirement("RS-22")


def faults(stage):
    found = stage.bench.caller(Actor.service("operator")).call(contract.VerifyHistory).faults
    return {each.fault.split()[0] for each in found}


@pytest.fixture(autouse=True)
def by_hand(stage):
    stage.hold("anchor-history")


@pytest.fixture
def sealer(stage):
    """The service's own key, as somebody who broke into its machine has it."""
    return stage.scope().resources.sealer


@pytest.fixture
def anchored(stage):
    """Two anchors: of an invoice sent, and of its way on."""
    invoice = stage.sent()
    use_cases.anchor_history(stage.scope())
    stage.move(invoice, "SUSPENDUE", stage.agent, motive="pièce absente")
    stage.sent("F-2")
    use_cases.anchor_history(stage.scope())
    return stage.bench.backend.folder / "anchors"


def test_an_anchor_says_where_each_chain_that_grew_ends_and_is_copied_as_a_file_that_cannot_be_written(stage, anchored):
    use_cases.anchor_history(stage.scope())  # nothing grew
    files = sorted(anchored.iterdir())
    assert [file.name for file in files] == [anchors.name_of(chain.CHAIN, 1), anchors.name_of(chain.CHAIN, 2)]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o444}

    first, second = (json.loads(file.read_text().splitlines()[0]) for file in files)
    assert first["previous"] == chain.ORIGIN
    structure = str(stage.supplier.structure_id)
    [head] = stage.rows("SELECT number, digest FROM history_head")
    assert second["heads"] == {structure: [head["number"], head["digest"]]}
    assert first["heads"][structure][0] == 3
    stage.sent("F-3")
    assert faults(stage) == set()


def test_what_could_not_be_copied_is_copied_by_the_next_run(stage, tmp_path):
    stage.sent()
    (tmp_path / "away").write_text("not a folder")
    scope = stage.scope()
    anchors.make(scope, chain.CHAIN, scope.resources.sealer)
    with pytest.raises(OSError):
        anchors.publish(scope, chain.CHAIN, WriteOnce.from_uri(tmp_path / "away" / "anchors"))
    assert faults(stage) == set()
    use_cases.anchor_history(scope)
    assert scope.resources.anchors.names() == [anchors.name_of(chain.CHAIN, 1)]


def _open(tx):
    if tx.database.on_sqlite:
        for name in tx.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            tx.execute(sa.text(f"DROP TRIGGER {name}"))
    else:
        tx.execute(sa.text("ALTER TABLE history DISABLE TRIGGER ALL"))


def _rewrite(tx, sealer, cut=0):
    """Change a line, recompute every digest after it, and seal the head anew: it takes the key."""
    _open(tx)
    rows = [dict(row) for row in tx.execute(sa.select(history).order_by(history.c.number)).mappings()]
    rows = rows[: len(rows) - cut]
    if not cut:
        rows[2]["motive"] = "tout autre chose"
    previous = chain.ORIGIN
    for row in rows:
        row["previous"] = previous
        previous = row["digest"] = chain.digest_of(row)
    tx.execute(sa.text("DELETE FROM history"))
    tx.execute(history.insert(), rows)
    end = rows[-1]
    seal = sealer.seal(chain.head_message(end["structure_id"], end["number"], previous))
    tx.execute(history_head.update().values(number=end["number"], digest=previous, seal=seal))


def _rewrite_anchors_too(tx, sealer):
    """Make the anchors of the database say what the rewritten chain says."""
    _rewrite(tx, sealer)
    before = chain.ORIGIN
    digests = {row.number: row.digest for row in tx.execute(sa.select(history.c.number, history.c.digest))}
    for row in tx.execute(sa.select(history_anchor).order_by(history_anchor.c.number)).mappings().all():
        said = json.loads(row["statement"])
        said["previous"] = before
        said["heads"] = {key: [number, digests[number]] for key, (number, _) in said["heads"].items()}
        statement = chain.canonical(said).decode()
        seal = sealer.seal(chain.CHAIN.anchor_domain + statement.encode())
        before = anchors.read(chain.CHAIN, statement, seal).digest
        mine = history_anchor.c.number == row["number"]
        tx.execute(history_anchor.update().where(mine).values(statement=statement, seal=seal))


def _rewrite_and_cut_the_anchors(tx, sealer):
    _rewrite(tx, sealer)
    tx.execute(history_anchor.delete())
    tx.execute(history_anchored.delete())


def _go_back(tx, sealer):
    """What a backup of the time of the first anchor brings back."""
    _rewrite(tx, sealer, cut=4)
    tx.execute(history_anchor.delete().where(history_anchor.c.number == 2))


@pytest.mark.parametrize(
    "tampering, shows",
    [
        (_rewrite, {"anchor-contradicted"}),
        (_rewrite_anchors_too, {"anchor-contradicted", "anchor-differs"}),
        (_rewrite_and_cut_the_anchors, {"anchor-contradicted", "anchor-removed"}),
        (_go_back, {"anchor-contradicted", "anchor-removed"}),
    ],
)
def test_whoever_has_the_database_and_the_key_cannot_rewrite_what_the_copies_say(stage, anchored, sealer, tampering, shows):
    database = stage.bench.database("invoicing")
    with database.transaction() as tx:
        tampering(tx, sealer)
    database.close()
    found = faults(stage)
    assert shows <= found
    assert "seal-wrong" not in found


def test_copies_that_are_removed_altered_or_forged_show(stage, anchored, sealer):
    first, second = sorted(anchored.iterdir())
    first.unlink()
    assert faults(stage) == {"anchor-copy-missing"}

    text = second.read_text()
    second.chmod(0o644)
    second.write_text(text.replace('"number":2', '"number":3'))
    assert {"anchor-differs", "anchor-seal-wrong", "anchor-link-broken"} <= faults(stage)

    second.write_text("rubbish")
    assert "anchor-differs" in faults(stage)
    second.unlink()
    database = stage.bench.database("invoicing")
    with database.transaction() as tx:
        tx.execute(history_anchor.delete().where(history_anchor.c.number == 1))
    database.close()
    assert faults(stage) == {"anchor-missing", "anchor-copy-missing"}
