import pytest
import sqlalchemy as sa
from pupitre_bus.actors import Actor
from pupitre_contracts import errors, organisation
from pupitre_organisation import tables


def names(bus, **criteria):
    return [each.name for each in bus.call(organisation.FindStructures, **criteria).structures]


@pytest.fixture
def carpenters(create):
    for name in ("Menuiserie Petit", "La Menuiserie", "Grande menuiserie d'Été", "100 % Bois", "1000 Bois"):
        create(name=name)


@pytest.mark.requirement("R103")
def test_a_star_stands_for_any_text_and_nothing_else_does(somebody, carpenters):
    assert names(somebody, name="*MENUISERIE*") == ["Grande menuiserie d'Été", "La Menuiserie", "Menuiserie Petit"]
    assert names(somebody, name="menuiserie*") == ["Menuiserie Petit"]
    assert names(somebody, name="*menuiserie") == ["La Menuiserie"]
    assert names(somebody, name="menuiserie") == []
    assert names(somebody, name="la menuiserie") == ["La Menuiserie"]
    assert names(somebody, name="*d'ete") == ["Grande menuiserie d'Été"]
    assert names(somebody, name="100 %*") == ["100 % Bois"]
    assert names(somebody, name="100_*") == []


def test_criteria_narrow_the_result_and_pages_cut_it(somebody, create, carpenters):
    create(name="Menuiserie du Port", address=organisation.Address(line="1 quai", postal_code="76600", city="Le Havre"))
    assert names(somebody, name="*menuiserie*", city="le havre") == ["Menuiserie du Port"]
    assert names(somebody, postal_code="766*") == ["Menuiserie du Port"]
    page = somebody.call(organisation.FindStructures, page=2, page_size=4, descending=True)
    assert (len(page.structures), page.total) == (2, 6)
    for wrong in ({"page": 0}, {"page_size": 0}, {"page_size": 1001}, {"name": "*" * 201}):
        with pytest.raises(errors.Invalid):
            somebody.call(organisation.FindStructures, **wrong)


def test_structures_are_found_by_number_and_identifier(somebody, create):
    first, second = create(name="Un"), create(name="Deux")
    assert names(somebody, portal_numbers=[second.portal_number]) == ["Deux"]
    assert names(somebody, structure_ids=[first.structure_id]) == ["Un"]
    assert names(somebody, identifiers=[f" {first.identifier[:3]} {first.identifier[3:]}"]) == ["Un"]
    assert names(somebody, identifiers=[first.identifier[:-1] + "*"], identifier_type="SIRET") == ["Un"]
    assert names(somebody, identifiers=[]) == []


def test_private_structures_of_others_stay_out_unless_asked_for(create, somebody, member, caller):
    mine, other = create(type="PRIVATE", name="La mienne"), create(type="PRIVATE", name="Une autre")
    create(name="Commune")
    _, user_of_mine = member(mine)
    assert names(user_of_mine) == ["Commune", "La mienne"]
    assert names(somebody) == ["Commune"]
    assert names(somebody, include_private=True) == ["Commune", "La mienne", "Une autre"]
    technical = Actor("technical", "6f2c7a9e-7d58-4f0d-9f5c-3f0f4f6f9a11", structure_id=other.structure_id)
    assert names(caller(technical)) == ["Commune", "Une autre"]
    assert names(caller(Actor.service("invoicing"))) == ["Commune"]


def resolve(bus, *recipients):
    return bus.call(organisation.ResolveRecipients, recipients=[organisation.Recipient(**each) for each in recipients])


def test_recipients_are_resolved_together_in_the_order_asked(somebody, create):
    first, second = create(name="Un"), create(name="Deux")
    spaced = f"{first.siret[:9]} {first.siret[9:]}"
    found = resolve(somebody, {"siret": second.siret}, {"siret": spaced, "code_service": "A"}, {"siret": second.siret})
    assert [each.structure.name for each in found.recipients] == ["Deux", "Un", "Deux"]
    assert (found.recipients[1].siret, found.recipients[1].code_service) == (spaced, "A")
    assert all(each.suggestions == [] for each in found.recipients)


@pytest.mark.requirement("R075")
def test_an_unknown_siret_suggests_active_public_structures_of_its_siren(bench, somebody, create):
    poste = "356000000"
    create(name="Siège", identifier=poste + "00048")
    create(name="Fermée", identifier=poste + "09075")
    create(name="Privée", identifier=poste + "00014", type="PRIVATE")
    database = bench.database("organisation")
    with database.transaction() as tx:
        tx.execute(sa.update(tables.structure).where(tables.structure.c.name == "Fermée").values(active=False))
    database.close()
    unknown, closed = resolve(somebody, {"siret": poste + "99999"}, {"siret": poste + "09075"}).recipients
    assert unknown.structure is None
    assert [each.name for each in unknown.suggestions] == ["Siège"]
    assert closed.structure.active is False
    assert [each.name for each in closed.suggestions] == ["Siège"]


def test_the_annuaire_wants_to_know_who_asks(service, caller):
    with pytest.raises(errors.ActorMissing):
        caller().call(organisation.FindStructures)
    with pytest.raises(errors.ActorMissing):
        resolve(caller(), {"siret": "20007104100046"})
