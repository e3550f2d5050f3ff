"""The annuaire as anybody reads it: R260 to R262, R270, R275."""

import datetime
import uuid

import eventlet
import pytest
import sqlalchemy as sa
from pupitre_contracts import directory, errors, organisation
from pupitre_organisation import tables


@pytest.fixture
def anybody(service, caller):
    """Somebody without an account."""
    return caller()


def names(bus, **criteria):
    return [each.name for each in bus.call(directory.SearchDirectory, **criteria).structures]


@pytest.mark.requirement("R260")
def test_an_entry_tells_all_that_a_supplier_needs(anybody, operator, create):
    demands = organisation.Parameters(requires_service=True, requires_engagement=True, payment_not_reported=True)
    commune = create(parameters=demands)
    service = {"structure_id": commune.structure_id, "label": "x", "starts_on": datetime.date(2020, 1, 1)}
    operator.call(organisation.CreateStructureService, code="OUVERT", **service)
    operator.call(organisation.CreateStructureService, code="CLOS", ends_on=datetime.date(2020, 12, 31), **service)
    for wanted in ({"identifier": f"{commune.siret[:9]} {commune.siret[9:]}"}, {"structure_id": commune.structure_id}):
        entry = anybody.call(directory.GetDirectoryEntry, **wanted).entry
        assert (entry.active, entry.name, entry.address.city) == (True, "Commune de Valmont", "Valmont")
        assert entry.parameters == demands
        assert [(each.code, each.active) for each in entry.services] == [("CLOS", False), ("OUVERT", True)]


def test_private_structures_are_not_in_the_annuaire(anybody, create, member):
    private = create(type="PRIVATE", name="Une entreprise")
    _, its_user = member(private)
    for bus in (anybody, its_user):
        assert names(bus) == []
        assert bus.call(directory.ReadDirectory).entries == []
        for wanted in ({"identifier": private.identifier}, {"structure_id": private.structure_id}):
            with pytest.raises(errors.NotFound):
                bus.call(directory.GetDirectoryEntry, **wanted)
    with pytest.raises(errors.NotFound):
        anybody.call(directory.GetDirectoryEntry, structure_id=uuid.uuid4())
    for wrong in ({}, {"identifier": "1", "structure_id": uuid.uuid4()}):
        with pytest.raises(errors.Invalid):
            anybody.call(directory.GetDirectoryEntry, **wrong)


@pytest.mark.requirement("R261")
@pytest.mark.requirement("R270")
def test_anybody_searches_by_identifier_name_city_and_postal_code_with_stars(anybody, create):
    port = create(name="Menuiserie du Port", address=organisation.Address(line="1 quai", postal_code="76600", city="Le Havre"))
    create(name="La Menuiserie", label="Atelier")
    assert names(anybody, name="*menuiserie*") == ["La Menuiserie", "Menuiserie du Port"]
    assert names(anybody, name="menuiserie*") == names(anybody, city="*havre") == ["Menuiserie du Port"]
    assert names(anybody, postal_code="766*") == names(anybody, identifier=port.siret) == ["Menuiserie du Port"]
    assert names(anybody, identifier=port.siret[:12] + "*") == ["Menuiserie du Port"]
    assert names(anybody, label="atel*") == ["La Menuiserie"]
    assert names(anybody, name="*menuiserie*", active=False) == []


@pytest.mark.requirement("R275")
def test_pages_by_number_and_one_after_the_other_show_each_structure_once_and_the_exact_total(anybody, create):
    for name in ("Deux", "Un", "Un", "Été"):
        create(name=name)
    by_number = [anybody.call(directory.SearchDirectory, page=page, page_size=3) for page in (1, 2)]
    assert [len(page.structures) for page in by_number] == [3, 1]
    found, after = [], None
    while True:
        page = anybody.call(directory.SearchDirectory, page_size=1, **({"after": after} if after else {}))
        assert page.total == 4
        found += page.structures
        after = page.next
        if after is None:
            break
    assert found == by_number[0].structures + by_number[1].structures
    assert by_number[1].next is None


@pytest.mark.parametrize(
    "wrong", [{"page": 0}, {"page_size": 0}, {"page_size": 1001}, {"name": "*" * 201}, {"after": "x"}, {"after": "WzEsMl0="},
              {"after": "e30="}, {"after": "é"}, {"after": "WyIAIiwgMV0="}])
def test_a_search_that_makes_no_sense_is_refused(anybody, wrong):
    with pytest.raises(errors.Invalid):
        anybody.call(directory.SearchDirectory, **wrong)


def whole(bus, **since):
    """All pieces, one structure at a time, with the first head."""
    found, after, head = [], None, None
    while True:
        piece = bus.call(directory.ReadDirectory, limit=1, **since, **({} if after is None else {"after": after}))
        head = piece.head if head is None else head
        found += piece.entries
        after = piece.next
        if after is None:
            return found, head


@pytest.mark.requirement("R262")
def test_the_whole_annuaire_is_read_in_pieces_then_only_what_changed(bench, anybody, operator, create):
    first, second, _ = (create(name=name) for name in ("Un", "Deux", "Trois"))
    create(type="PRIVATE")
    entries, head = whole(anybody)
    assert [each.name for each in entries] == ["Un", "Deux", "Trois"]
    assert whole(anybody, since=head) == ([], head)
    operator.call(organisation.SetParameters, structure_id=second.structure_id, parameters=organisation.Parameters(requires_service=True))
    day = datetime.date(2020, 1, 1)
    operator.call(organisation.CreateStructureService, structure_id=first.structure_id, code="A", label="A", starts_on=day)
    database = bench.database("organisation")
    with database.transaction() as tx:
        tx.execute(sa.update(tables.structure).where(tables.structure.c.name == "Trois").values(active=False))
    database.close()
    changed, later = whole(anybody, since=head)
    assert [(each.name, each.active, len(each.services)) for each in changed] == [("Deux", True, 0), ("Un", True, 1), ("Trois", False, 0)]
    assert [each.change for each in changed] == sorted(each.change for each in changed)
    assert whole(anybody, since=later) == ([], later)
    assert len(whole(anybody)[0]) == 3
    for wrong in ({"since": -1}, {"limit": 0}, {"after": -1}):
        with pytest.raises(errors.Invalid):
            anybody.call(directory.ReadDirectory, **wrong)


@pytest.mark.requirement("R262")
def test_a_reader_misses_no_change_of_a_transaction_that_commits_late(bench, anybody, create):
    """A slow writer changes first and commits last: with numbers given at the change, who read meanwhile would never hear of it."""
    slow, quick = create(name="Lente"), create(name="Rapide")
    database = bench.database("organisation")
    _, head = whole(anybody)
    may_commit, has_written = eventlet.Event(), eventlet.Event()

    def write(structure, wait):
        with database.transaction() as tx:
            table = tables.structure
            tx.execute(table.update().where(table.c.structure_id == structure.structure_id).values(phone="1"))
            if wait and not database.on_sqlite:
                has_written.send(None)
                may_commit.wait()

    threads = [eventlet.spawn(write, slow, True)]
    if not database.on_sqlite:
        has_written.wait()
    write(quick, False)
    seen, cursor = whole(anybody, since=head)
    may_commit.send(None)
    threads[0].wait()
    more, _ = whole(anybody, since=cursor)
    assert {each.name for each in seen} | {each.name for each in more} == {"Lente", "Rapide"}
    database.close()
