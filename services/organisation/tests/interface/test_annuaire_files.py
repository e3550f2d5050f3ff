"""Subscribers of the annuaire get its file on schedule, FAR37 (R262)."""

import csv
import gzip
import hashlib
import io
import itertools
import uuid

import pytest
import sqlalchemy as sa
from organisation_world import logged, told
from pupitre_bus.actors import Actor
from pupitre_bus.testing import wait_until
from pupitre_contracts import annuaire_files, directory, errors, organisation, structure_documents
from pupitre_contracts.directory_rows import COLUMNS, rows_of
from pupitre_organisation import annuaire_files as work
from pupitre_organisation import tables

SUBSCRIBE, UNSUBSCRIBE = "annuaire.subscribe", "annuaire.unsubscribe"


@pytest.fixture
def firm(create):
    return create(type="PRIVATE", name="Logiciels Réunis")


@pytest.fixture
def files(operator):
    def of(structure):
        return operator.call(annuaire_files.ListAnnuaireFiles, structure_id=structure.structure_id).files

    return of


@pytest.fixture
def enrolments(operator):
    def of(structure):
        return operator.call(annuaire_files.ListAnnuaireFiles, structure_id=structure.structure_id).enrolments

    return of


@pytest.fixture
def content(blobs):
    """What a file holds, as rows of texts."""

    def read(file):
        packed = blobs.get(file.sha256)
        assert (len(packed), hashlib.sha256(packed).hexdigest()) == (file.size, file.sha256)
        return list(csv.reader(io.StringIO(gzip.decompress(packed).decode(), newline="")))

    return read


def as_read(bus, **asked):
    """The annuaire as every caller reads it, as the rows of a file."""
    entries = bus.call(directory.ReadDirectory, **asked).entries
    rows = [row for entry in entries for row in rows_of(entry)]
    return [list(COLUMNS), *([("" if value is None else str(value)) for value in row] for row in rows)]


def scope_of(service):
    """What a timer works with: it sees every row."""
    scope = service.runtime("organisation").scope(actor=Actor.service("organisation"))
    scope.see_all()
    return scope


@pytest.mark.requirement("R262")
def test_a_subscriber_gets_the_whole_annuaire_and_then_each_day_what_changed(
    commune, firm, subscribe, files, content, operator, somebody, service_clock, bench
):
    subscribe(firm.structure_id)
    [first] = files(firm)
    assert (first.kind, first.since) == ("COMPLET", None)
    assert first.name == f"FAR37_{first.due_on:%Y%m%d}_COMPLET.csv.gz"
    assert content(first) == as_read(somebody)
    assert first.rows == len(content(first)) - 1 > 0

    values = {"structure_id": commune.structure_id, "code": "VOIRIE", "label": "=Voirie", "starts_on": first.due_on}
    operator.call(organisation.CreateStructureService, **values)
    service_clock.advance(days=1)
    latest, *_ = wait_until(lambda: (found := files(firm)) and len(found) == 2 and found)
    if latest.kind == "MODIFICATIONS":  # not on the day of the whole
        assert latest.since == first.head
        _, changed = content(latest)
        assert changed[:17] == as_read(somebody, since=first.head)[1][:17]
    assert "'=Voirie" in {row[17] for row in content(latest)}, "no cell is a formula"
    [event] = [data for kind, data in bench.told("organisation") if kind == "annuaire.file_produced.v1"][1:]
    assert (event["sha256"], event["structure_ids"]) == (latest.sha256, [str(firm.structure_id)])


def test_a_week_has_one_whole_file_and_each_file_begins_where_the_one_before_ended(firm, subscribe, files, service_clock):
    subscribe(firm.structure_id)
    for number in range(2, 9):
        service_clock.advance(days=1)
        wait_until(lambda number=number: len(files(firm)) == number)
    newest_first = files(firm)
    assert [each.kind for each in newest_first[:7]].count("COMPLET") == 1
    assert all(each.since == before.head for each, before in itertools.pairwise(newest_first) if each.kind == "MODIFICATIONS")
    days = [each.due_on for each in newest_first]
    assert len(set(days)) == 8 and (days[0] - days[-1]).days == 7


def test_days_missed_while_everything_was_down_are_one_file(firm, subscribe, files, service_clock):
    subscribe(firm.structure_id)
    service_clock.advance(days=20)
    latest, first = wait_until(lambda: (found := files(firm)) and len(found) == 2 and found)
    assert (latest.due_on - first.due_on).days == 20
    assert latest.kind == "COMPLET", "the day of the whole was among them"


def test_nothing_is_made_for_nobody(firm, service, bench, service_clock):
    service_clock.advance(days=2)
    work.run(scope_of(service))
    database = bench.database("organisation")
    with database.reading() as db:
        assert not work.any_due(db, service_clock.now())
        assert db.execute(sa.select(sa.func.count()).select_from(tables.annuaire_file)).scalar_one() == 0
    database.close()


def test_two_instances_and_one_that_starts_again_make_one_file(firm, subscribe, files, service, bench, service_clock, monkeypatch):
    subscribe(firm.structure_id)
    scope, made = scope_of(service), []

    def twice(scope, since, wrapped=work._made):
        values = wrapped(scope, since)
        made.append(values["file_sha256"])
        if len(made) == 1:  # another instance does it all while this one has only written the blob
            work.run(scope_of(service))
        return values

    monkeypatch.setattr(work, "_made", twice)
    service_clock.advance(days=1)
    work.run(scope)
    wait_until(lambda: len(files(firm)) == 2)
    work.run(scope)
    assert len(files(firm)) == 2
    produced = [data for kind, data in bench.told("organisation") if kind == "annuaire.file_produced.v1"]
    assert len(produced) == 2
    assert len(made) >= 2


def test_a_blob_that_cannot_be_written_leaves_no_row_and_is_made_later(firm, subscribe, files, service, blobs, service_clock, monkeypatch):
    subscribe(firm.structure_id)

    def full(path):
        raise OSError("no space left")

    with monkeypatch.context() as broken:
        broken.setattr(blobs, "put_file", full)
        service_clock.advance(days=1)
        with pytest.raises(OSError):
            work.run(scope_of(service))
        assert len(files(firm)) == 1
    work.run(scope_of(service))
    assert len(files(firm)) == 2


def test_who_comes_later_gets_the_whole_of_the_week_and_the_changes_since(create, firm, subscribe, files, service_clock):
    subscribe(firm.structure_id)
    service_clock.advance(days=1)
    wait_until(lambda: len(files(firm)) == 2)
    other = create(type="PRIVATE", name="Éditeur Voisin")
    subscribe(other.structure_id)
    known = {each.file_id for each in files(firm)}
    given = files(other)
    assert {each.file_id for each in given} <= known, "the same files"
    assert given[-1].kind == "COMPLET"


def test_the_request_ends_it_and_nothing_more_is_given(firm, create, requests_of, enrolments, files, service, service_clock, bench):
    request_id = requests_of(SUBSCRIBE, firm.structure_id)
    wait_until(lambda: files(firm))
    requests_of(SUBSCRIBE, firm.structure_id, request_id)
    other = create(type="PRIVATE")
    requests_of(SUBSCRIBE, other.structure_id)
    wait_until(lambda: files(other))
    assert len(enrolments(firm)) == 1, "asked for twice, it is one"
    requests_of(UNSUBSCRIBE, firm.structure_id, request_id, actor="user:agent")
    wait_until(lambda: enrolments(firm)[0].ended_at)
    service_clock.advance(days=1)
    wait_until(lambda: len(files(other)) == 2)
    assert len(files(firm)) == 1, "what it has stays, and nothing is added"
    [opened, _], [ended] = logged(bench, "annuaire.subscribed"), logged(bench, "annuaire.unsubscribed")
    assert (opened["actor"], ended["actor"]) == ("user:operator via service:organisation", "user:agent via service:organisation")
    assert opened["after"]["asked_in"] == "RAC-2026-00001"
    requests_of(SUBSCRIBE, firm.structure_id, request_id)
    wait_until(lambda: len(enrolments(firm)) == 2)


def test_what_the_gestionnaire_ends_the_same_request_does_not_open_anew(firm, member, requests_of, enrolments, operator):
    _, gestionnaire = member(firm, "GP")
    request_id = requests_of(SUBSCRIBE, firm.structure_id)
    [made] = wait_until(lambda: enrolments(firm))
    asked = {"structure_id": firm.structure_id, "enrolment_id": made.enrolment_id}
    ended = gestionnaire.call(annuaire_files.EndAnnuaireEnrolment, **asked).enrolment
    assert ended.ended_at is not None
    again = gestionnaire.call(annuaire_files.EndAnnuaireEnrolment, **asked).enrolment
    assert again.ended_at == ended.ended_at
    requests_of(SUBSCRIBE, firm.structure_id, request_id)
    requests_of(SUBSCRIBE, firm.structure_id, number="RAC-2026-00002")
    wait_until(lambda: len(enrolments(firm)) == 2)
    assert {each.asked_in for each in enrolments(firm) if each.ended_at is None} == {"RAC-2026-00002"}


def test_an_espace_without_the_permission_is_refused(firm, requests_of, enrolments):
    requests_of(SUBSCRIBE, firm.structure_id, espace="guichet", number="non")
    requests_of(SUBSCRIBE, firm.structure_id, espace="absent", number="non")
    requests_of("banque.vider", firm.structure_id, number="non")
    requests_of(SUBSCRIBE, firm.structure_id, number="oui")
    wait_until(lambda: enrolments(firm))
    assert [each.asked_in for each in enrolments(firm)] == ["oui"]


def test_a_technical_account_gets_its_structures_files_and_no_others(firm, create, subscribe, caller, somebody):
    enrolment_id, file_id = subscribe(firm.structure_id)
    other = create(type="PRIVATE")
    own = caller(Actor("technical", str(uuid.uuid4()), structure_id=firm.structure_id))
    stranger = caller(Actor("technical", str(uuid.uuid4()), structure_id=other.structure_id))
    asked = {"structure_id": firm.structure_id, "file_id": file_id}
    assert own.call(annuaire_files.GetAnnuaireFile, **asked).file.file_id == file_id
    for bus in (stranger, somebody):
        for call, values in (
            (annuaire_files.GetAnnuaireFile, asked),
            (annuaire_files.ListAnnuaireFiles, {"structure_id": firm.structure_id}),
            (annuaire_files.EndAnnuaireEnrolment, {"structure_id": firm.structure_id, "enrolment_id": enrolment_id}),
        ):
            with pytest.raises(errors.NotFound):
                bus.call(call, **values)
    with pytest.raises(errors.NotFound):
        stranger.call(annuaire_files.GetAnnuaireFile, structure_id=other.structure_id, file_id=file_id)


def test_files_are_cited_while_they_are_kept_and_no_longer(firm, subscribe, files, requests_of, enrolments, caller, service_clock):
    subscribe(firm.structure_id)
    [first] = files(firm)
    invoicing = caller(Actor.service("invoicing"))
    assert invoicing.call(structure_documents.CitedFiles, names=[first.sha256]).cited == [first.sha256]
    service_clock.advance(days=36)
    wait_until(lambda: (found := files(firm)) and first.file_id not in {each.file_id for each in found})
    assert [each.kind for each in files(firm)] == ["COMPLET"]


def test_the_event_names_the_gestionnaires_of_those_who_get_the_file(firm, member, subscribe, operator):
    gestionnaire_id, _ = member(firm, "GP")
    member(firm)
    subscribe(firm.structure_id)
    [event] = told(operator, "annuaire.file_produced.v1")
    assert str(gestionnaire_id) in event and event.count(str(gestionnaire_id)) == 1
