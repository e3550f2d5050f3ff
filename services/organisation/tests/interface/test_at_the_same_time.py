import uuid

import pytest
import sqlalchemy as sa
from organisation_world import together
from pupitre_bus.testing import user
from pupitre_contracts import errors, organisation, rattachements
from pupitre_organisation import tables


@pytest.mark.requirement("R060")
def test_of_two_creations_of_one_structure_one_is_refused(create):
    outcomes = together(*[lambda: create(identifier="20007104100046")] * 4)
    assert sum(isinstance(each, errors.StructureExists) for each in outcomes) == 3
    assert sum(isinstance(each, organisation.Structure) for each in outcomes) == 1


@pytest.mark.requirement("R120")
def test_of_two_gestionnaires_principaux_named_at_once_one_is_refused(operator, commune):
    def name_one():
        values = {"structure_id": commune.structure_id, "user_id": uuid.uuid4(), "role": "GP"}
        return operator.call(organisation.AttachUser, **values)

    outcomes = together(*[name_one] * 4)
    assert sum(isinstance(each, errors.Conflict) for each in outcomes) == 3


def test_a_user_attached_while_an_espace_opens_gets_one_habilitation_at_most(bench, operator, commune, member):
    def open_it():
        operator.call(organisation.OpenEspace, structure_id=commune.structure_id, espace="atelier")

    outcomes = together(open_it, lambda: member(commune), open_it, lambda: member(commune), open_it)
    assert not any(isinstance(each, Exception) for each in outcomes)
    given, opened = tables.habilitation, tables.open_espace
    database = bench.database("organisation")
    with database.reading() as db:
        opening = db.execute(sa.select(sa.func.count()).where(opened.c.espace == "atelier")).scalar_one()
        per_user = db.execute(
            sa.select(sa.func.count()).select_from(given).group_by(given.c.rattachement_id, given.c.open_espace_id)
        ).scalars()
        assert set(per_user) == {1}
    database.close()
    assert opening == 1


@pytest.mark.requirement("R154")
def test_of_two_decisions_on_one_request_at_once_exactly_one_counts(commune, member, caller, operator, bench):
    _, gestionnaire = member(commune, "GP")
    author = caller(user())
    asked = author.call(rattachements.AskRattachement, structure_id=commune.structure_id, comment="x").approbation
    deciding = {"approbation_ids": [asked.approbation_id], "motive": "x"}
    works = [
        lambda bus=bus, decision=decision: bus.call(rattachements.DecideApprobations, decision=decision, **deciding).outcomes[0]
        for bus in (gestionnaire, operator)
        for decision in ("APPROUVE", "REFUSE")
    ]
    outcomes = together(*works)
    assert sum(each.done for each in outcomes) == 1
    assert all(str(asked.number) in each.why_fr and str(asked.number) in each.why_en for each in outcomes if not each.done)
    decided = [data for kind, data in bench.told("organisation") if kind == "approbation.decided.v1"]
    attached = [data for kind, data in bench.told("organisation") if kind == "rattachement.validated.v1"]
    assert len(decided) == 1
    assert len(attached) == 1 + (decided[0]["state"] == "APPROUVE")


@pytest.mark.requirement("R120")
def test_of_two_transfers_at_once_exactly_one_counts(create, member, bench):
    firm = create(type="PRIVATE")
    _, gestionnaire = member(firm, "GP")
    heirs = [member(firm)[0] for _ in range(3)]
    works = [
        lambda heir=heir: gestionnaire.call(
            rattachements.TransferGestionnairePrincipal, structure_id=firm.structure_id, user_id=heir
        )
        for heir in heirs
    ]
    outcomes = together(*works)
    assert sum(isinstance(each, rattachements.TransferGestionnairePrincipal.Reply) for each in outcomes) == 1
    assert sum(isinstance(each, errors.Forbidden) for each in outcomes) == 2
    moved = [data for kind, data in bench.told("organisation") if kind == "gestionnaire_principal.transferred.v1"]
    assert len(moved) == 1
