import uuid

import pytest
import sqlalchemy as sa
from organisation_world import together
from pupitre_contracts import errors, organisation
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
