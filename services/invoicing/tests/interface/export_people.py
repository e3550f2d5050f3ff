"""Who takes along all that a structure has, in the tests of that."""

from pupitre_bus.actors import Actor
from pupitre_contracts import structure_export as calls

OPERATOR = Actor.service("operator")


def chief_of(stage, structure):
    actor = stage.world.user((structure, "", ""), name="Chef")
    [held] = stage.world.rights[actor.id]
    given = {name: value for name, value in held.values.items() if value is not None}
    stage.world.rights[actor.id] = [type(held)(**{**given, "role": "GP"})]
    return actor


def exported(stage, actor, side="issued", structure=None):
    found, after = [], 0
    where = {"structure_id": (structure or stage.supplier).structure_id, "side": side}
    while after is not None:
        page = stage.call(actor, calls.ExportInvoices, **where, after=after)
        found, after = [*found, *page.invoices], page.next
    return found
