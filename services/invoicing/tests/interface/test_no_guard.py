"""Passages where no plugin that guards is loaded: nobody is asked anything, unless one is installed that cannot be loaded."""

import pytest
from pupitre_contracts import errors


def opens(stage):
    now = stage.world.structures[stage.body.structure_id]
    stage.world.structures[stage.body.structure_id] = type(now)(**now.values | {"espaces": ["factures-recues", "garde"]})


def test_without_a_plugin_that_guards_a_passage_costs_no_question(stage):
    invoice = stage.sent("F-1")
    opens(stage)
    stage.world.asked_for_structures.clear()
    assert stage.move(invoice, "MANDATEE", stage.agent).status == "MANDATEE"
    assert "Agent" not in stage.world.asked_for_structures


class TestOneThatCannotBeLoaded:
    @pytest.fixture
    def declared_guards(self):
        return {"garde"}

    @pytest.mark.requirement("R283")
    def test_a_guard_that_is_installed_and_cannot_be_loaded_refuses_where_it_is_open(self, stage):
        free, barred = stage.move(stage.sent("F-1"), "MANDATEE", stage.agent), stage.sent("F-2")
        opens(stage)
        with pytest.raises(errors.GuardSilent) as silent:
            stage.move(barred, "MANDATEE", stage.agent)
        assert "« garde »" in silent.value.message("fr")
        with pytest.raises(errors.GuardSilent):
            stage.move(free, "MISE_EN_PAIEMENT", stage.agent)
        assert stage.move(barred, "SUSPENDUE", stage.agent, motive="Erreur").status == "SUSPENDUE"
