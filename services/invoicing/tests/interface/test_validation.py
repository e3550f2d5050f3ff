"""Invoices that others validate before their recipient has them, through the bus, on both backends, with a plugin's cadres."""
# ruff: noqa: F811  fixtures that come from a module are arguments of the tests

import datetime

import pytest
import sqlalchemy as sa
from export_people import chief_of, exported
from pupitre_bus.actors import Actor
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors, retention
from pupitre_contracts import invoicing as contract
from pupitre_contracts import invoicing_entry as entries
from pupitre_espaces.host import Host
from pupitre_invoicing import party_tables, rights, tables
from support.endorsing_espace import AGENT, HOLDER, STATEMENT
from validation_circle import (  # noqa: F401  its fixtures
    EMITTED,
    FIRST,
    RECEIVED,
    SECOND,
    X9,
    X12,
    Circle,
    circle,
    of,
    plugins,
    rules,
    service_clock,
)

DAY = datetime.date


def steps(invoice):
    return [(line.action, line.status_to) for line in invoice.history]


def told(stage, kind):
    return [data for name, data in stage.bench.told("invoicing") if name == kind]


@pytest.mark.requirement("R170", "R172")
def test_validated_it_goes_to_its_recipient_by_itself_and_before_that_he_knows_nothing(stage, circle):
    sent = circle.sent()
    assert (sent.status, sent.in_validation, sent.recipient_structure_id) == ("A_VALIDER_1", True, stage.body.structure_id)
    assert [(each.role, each.name, each.acts) for each in sent.parties] == [(HOLDER, "Gros Œuvre SA", True)]
    assert sent.delay_days is None
    with pytest.raises(errors.NotFound):
        stage.get(sent, stage.agent)
    assert stage.call(stage.agent, contract.SearchInvoices, side="received").total == 0
    assert [each for each in stage.call(stage.agent, contract.CountWork).counts if each.total] == []
    assert told(stage, "invoice.submitted.v1") == told(stage, "invoice.moved.v1") == []
    stage.bench.clock.advance(days=3)

    done = stage.move(sent, "VALIDEE_1", circle.holder, stated=True, comment="Conforme au devis")

    assert (done.status, done.in_validation) == ("MISE_A_DISPOSITION", None)
    seen = stage.get(sent, stage.agent)
    assert (seen.status, seen.deposited_at) == ("MISE_A_DISPOSITION", stage.bench.clock.now())
    assert (seen.delay_started_on, seen.due_on) == (DAY(2026, 12, 4), DAY(2027, 1, 3))
    assert [each.name for each in seen.parties] == ["Gros Œuvre SA"]
    assert steps(seen) == [
        ("prepare", "BROUILLON"),
        ("send", "A_VALIDER_1"),
        ("move", "VALIDEE_1"),
        ("pass", "DEPOSEE"),
        ("route", "MISE_A_DISPOSITION"),
    ]
    assert stage.call(stage.agent, contract.SearchInvoices, side="received").total == 1
    [submitted] = told(stage, "invoice.submitted.v1")
    assert submitted["recipient_structure_id"] == str(stage.body.structure_id)
    assert [(each.get("status_from"), each["status_to"], each["by"]) for each in told(stage, "invoice.moved.v1")] == [
        ("VALIDEE_1", "DEPOSEE", "system"),
        ("DEPOSEE", "MISE_A_DISPOSITION", "system"),
    ]
    assert stage.move(seen, "MANDATEE", stage.agent).status == "MANDATEE"


@pytest.mark.requirement("R170")
def test_only_those_who_are_named_see_it_and_each_within_his_habilitation(stage, circle):
    named = circle.sent()
    other = circle.sent("F-2", named=[(HOLDER, SECOND)])
    assert [each.invoice_id for each in circle.work(circle.holder).invoices] == [named.invoice_id]
    assert [each.invoice_id for each in circle.work(circle.agent).invoices] == [other.invoice_id]
    assert circle.work(circle.holder, structure_id=circle.first.structure_id, to_do=True).total == 1
    assert stage.get(named, circle.watcher).role_moves == []
    with pytest.raises(errors.Forbidden):
        stage.move(named, "VALIDEE_1", circle.watcher, stated=True)
    with pytest.raises(errors.Forbidden):
        stage.get(named, circle.colleague)
    for foreign in (stage.agent, circle.agent, stage.stranger):
        with pytest.raises(errors.NotFound):
            stage.get(named, foreign)
        with pytest.raises(errors.NotFound):
            stage.move(named, "VALIDEE_1", foreign, stated=True)
    with pytest.raises(errors.TransitionForbidden):
        stage.move(named, "VALIDEE_1", stage.writer, stated=True)
    with pytest.raises(errors.NotFound):
        circle.work(circle.agent, structure_id=circle.first.structure_id)
    with pytest.raises(errors.Forbidden):
        circle.work(circle.colleague, structure_id=circle.first.structure_id)
    file = stage.call(circle.holder, contract.DocumentFile, invoice_id=named.invoice_id, kind="original").document
    assert file.sha256 == named.receipt_sha256


@pytest.mark.requirement("RS-42")
@pytest.mark.postgres
@pytest.mark.rabbitmq
@pytest.mark.parametrize("backend", ["servers"], indirect=True)
def test_the_database_itself_hides_what_has_not_come_to_a_structure(stage, circle):
    both = circle.sent(named=[(HOLDER, FIRST), (AGENT, SECOND)])
    circle.sent("F-2", named=[(HOLDER, SECOND)])

    def rows(actor):
        scope = stage.host.runtime("invoicing").scope(actor=actor)
        rights.ask(scope)
        with scope.reading() as db:
            seen = db.execute(sa.select(tables.invoice.c.number)).scalars().all()
            roles = db.execute(sa.select(party_tables.invoice_party.c.role)).scalars().all()
            lines = db.execute(sa.select(tables.history.c.invoice_id).distinct()).scalars().all()
        return sorted(seen), sorted(roles), len(lines)

    assert rows(stage.writer) == (["F-1", "F-2"], [AGENT, HOLDER, HOLDER], 2)
    assert rows(circle.holder) == (["F-1"], [HOLDER], 1)
    assert rows(circle.agent) == (["F-2"], [HOLDER], 1)
    assert rows(stage.agent) == rows(stage.stranger) == ([], [], 0)
    second = stage.move(both, "VALIDEE_1", circle.holder, stated=True)
    assert rows(circle.agent) == (["F-1", "F-2"], [AGENT, HOLDER], 2)
    assert rows(stage.agent) == ([], [], 0)
    stage.move(second, "VALIDEE_2", circle.agent, stated=True)
    assert rows(stage.agent) == (["F-1"], [AGENT, HOLDER], 1)


@pytest.mark.requirement("R171")
def test_what_is_ticked_and_written_is_kept_in_the_history(stage, circle):
    sent = circle.sent()
    [accept, *_] = stage.get(sent, circle.holder).role_moves
    assert (accept.to, accept.role, accept.label_fr, accept.statement_fr) == ("VALIDEE_1", HOLDER, "Valider", STATEMENT.fr)
    with pytest.raises(errors.Invalid) as unticked:
        stage.move(sent, "VALIDEE_1", circle.holder, comment="Bon pour accord")
    assert STATEMENT.en in str(unticked.value.details)
    proof = {"name": "accord.pdf", "mime": "application/pdf", "size": 9, "sha256": stage.blobs.put(b"%PDF-1.4 ")}
    documents = [contract.NewDocument(**proof)]
    done = stage.move(sent, "VALIDEE_1", circle.holder, stated=True, comment="Bon pour accord", documents=documents)
    line = next(each for each in done.history if each.status_to == "VALIDEE_1")
    assert (line.actor_name, line.structure_name) == ("Tito Titulaire", "Gros Œuvre SA")
    assert line.comment == f"« {STATEMENT.fr} » Bon pour accord"
    assert "accord.pdf" in [each.name for each in stage.get(sent, stage.agent).documents]


def test_silence_is_acceptance_on_the_sixteenth_day_after_two_reminders(stage, circle):
    sent = circle.sent()
    assert sent.answer_due_at == datetime.datetime(2026, 12, 16, 23, tzinfo=datetime.UTC)
    circle.wake(days=11)
    assert [each["days_left"] for each in told(stage, "invoice.awaited.v1")] == [5]
    circle.wake()
    circle.wake(days=3)
    assert [each["days_left"] for each in told(stage, "invoice.awaited.v1")] == [5, 2]
    circle.wake(days=1)
    assert stage.get(sent, stage.writer).status == "A_VALIDER_1"
    stage.bench.clock.advance(hours=14, minutes=1)
    circle.wake()
    circle.wake()
    seen = stage.get(sent, stage.agent)
    assert (seen.status, seen.delay_started_on) == ("MISE_A_DISPOSITION", DAY(2026, 12, 17))
    assert [step for step in steps(seen) if step[0] == "pass"] == [("pass", "ABSENCE_VALIDATION_1_HORS_DELAI"), ("pass", "DEPOSEE")]
    assert len(told(stage, "invoice.submitted.v1")) == 1


def test_what_was_missed_is_made_up_once_by_the_last_of_it(stage, circle):
    circle.sent()
    circle.wake(days=14)
    assert [each["days_left"] for each in told(stage, "invoice.awaited.v1")] == [2]
    late = circle.sent("F-2")
    circle.wake(days=60)
    assert stage.get(late, stage.agent).status == "MISE_A_DISPOSITION"
    assert len(told(stage, "invoice.awaited.v1")) == 1


def test_the_service_looks_at_what_waits_by_itself(stage):
    circle = Circle(stage)
    sent = circle.sent()
    stage.bench.clock.advance(days=16)
    wait_until(lambda: stage.get(sent, stage.writer).status == "MISE_A_DISPOSITION")


@pytest.mark.requirement("R173")
def test_without_the_answer_that_is_a_condition_nothing_ever_happens(stage, circle):
    sent = circle.sent(cadre=X12, named=[(AGENT, SECOND)])
    assert sent.answer_due_at is None
    circle.wake(days=400)
    assert stage.get(sent, stage.writer).status == "A_VALIDER_1"
    assert stage.call(stage.agent, contract.SearchInvoices, side="received").total == 0
    assert stage.move(sent, "DEPOSEE", circle.agent).status == "MISE_A_DISPOSITION"


def test_a_refusal_needs_one_of_its_motives_and_its_notice_goes_to_the_buyer_too(stage, circle):
    sent = circle.sent()
    for values in ({}, {"motive": "non"}, {"motive_code": "MONTANT"}, {"motive_code": "AUTRE"}):
        with pytest.raises(errors.MotiveRefused):
            stage.move(sent, "REFUSEE_1", circle.holder, **values)
    refused = stage.move(sent, "REFUSEE_1", circle.holder, motive_code="TRAVAUX_NON_FAITS", motive="lot 3")
    assert (refused.status, refused.last_motive) == ("REFUSEE_1", "[TRAVAUX_NON_FAITS] Travaux non faits : lot 3")
    notice = told(stage, "invoice.passed.v1")[-1]
    assert (notice["recipient_structure_id"], notice["by"]) == (str(stage.body.structure_id), HOLDER)
    assert "recipient_structure_id" not in told(stage, "invoice.passed.v1")[0]
    with pytest.raises(errors.NotFound):
        stage.get(sent, stage.agent)
    circle.wake(days=30)
    assert stage.get(sent, stage.writer).status == "REFUSEE_1"
    copy = stage.call(stage.writer, entries.CopyInvoice, invoice_id=sent.invoice_id).state
    assert (copy.entry.cadre, copy.entry.parties) == ("X9", of([(HOLDER, FIRST)]))


@pytest.mark.requirement("R160")
def test_what_a_valideur_refused_is_finished_for_archives_and_for_its_term(stage, circle):
    refused, waiting = circle.sent("F-1"), circle.sent("F-2")
    stage.move(refused, "REFUSEE_1", circle.holder, motive_code="TRAVAUX_NON_FAITS")

    def archived(**values):
        found = stage.call(stage.writer, contract.SearchInvoices, side="issued", **values).invoices
        return {(each.number, each.archived) for each in found}

    assert archived() == {("F-1", False), ("F-2", False)}
    assert archived(archived=True) == set()
    stage.bench.clock.advance(days=60)
    assert archived(archived=True) == {("F-1", True)}
    assert archived(archived=False) == {("F-2", False)}
    stage.bench.clock.advance(days=366 * 10)
    operator = Actor.service("operator")
    listed = stage.call(operator, retention.ProposeElimination, by="Alix").list
    numbers = [each.portal_number for each in stage.call(operator, retention.GetElimination, number=listed.number).invoices]
    assert refused.portal_number in numbers
    assert waiting.status == "A_VALIDER_1"


def test_a_wrong_one_is_corrected_on_the_same_invoice_with_new_days(stage, circle):
    sent = circle.sent()
    back = stage.move(sent, "ERREUR_FOURNISSEUR_SUR_VALIDEUR", circle.holder, motive_code="MAUVAIS_VALIDEUR")
    work = stage.call(stage.writer, contract.SearchInvoices, side="issued", work=True)
    assert [each.invoice_id for each in work.invoices] == [sent.invoice_id]
    [count] = stage.call(stage.writer, contract.CountWork).counts
    assert count.to_do == 1
    back = stage.get(back, stage.writer)
    assert [(each.to, each.corrects) for each in back.role_moves] == [("A_VALIDER_1", [HOLDER]), ("ABANDONNEE", [])]
    with pytest.raises(errors.Invalid):
        stage.move(back, "A_VALIDER_1", stage.writer)
    with pytest.raises(errors.Invalid):
        stage.move(back, "A_VALIDER_1", stage.writer, parties=of([(AGENT, SECOND)]))
    with pytest.raises(errors.InvoiceRefused) as unknown:
        stage.move(back, "A_VALIDER_1", stage.writer, parties=of([(HOLDER, "90000007000018")]))
    assert unknown.value.details["findings"][0]["rule"] == "PUP-PARTY-UNKNOWN"
    stage.bench.clock.advance(days=12)
    again = stage.move(back, "A_VALIDER_1", stage.writer, parties=of([(HOLDER, SECOND)]))
    assert (again.number, again.answer_due_at) == ("F-1", datetime.datetime(2026, 12, 28, 23, tzinfo=datetime.UTC))
    with pytest.raises(errors.NotFound):
        stage.get(sent, circle.holder)
    assert stage.move(again, "VALIDEE_1", circle.agent, stated=True).status == "MISE_A_DISPOSITION"


def test_a_second_level_sees_it_once_the_first_has_answered(stage, circle):
    sent = circle.sent(named=[(HOLDER, FIRST), (AGENT, SECOND)])
    with pytest.raises(errors.NotFound):
        stage.get(sent, circle.agent)
    assert circle.work(circle.agent).total == 0
    first = stage.move(sent, "VALIDEE_1", circle.holder, stated=True)
    assert [(each.role, each.acts, each.sees) for each in first.parties] == [(HOLDER, False, True), (AGENT, True, True)]
    assert circle.work(circle.holder, to_do=True).total == 0
    assert circle.work(circle.holder).total == 1
    assert circle.work(circle.agent, to_do=True).total == 1
    circle.wake(days=17)
    assert stage.get(sent, circle.agent).status == "MISE_A_DISPOSITION"


def test_the_status_before_is_found_again(stage, circle):
    disputed = stage.move(circle.sent(), "EN_LITIGE", circle.holder)
    assert (disputed.status_label_fr, disputed.answer_due_at) == ("En litige", None)
    assert [each.to for each in disputed.role_moves] == ["@before"]
    assert stage.move(disputed, "@before", circle.holder).status == "A_VALIDER_1"


def test_of_two_who_answer_at_once_one_wins(stage, circle):
    sent = circle.sent()
    stage.move(sent, "VALIDEE_1", circle.holder, stated=True)
    with pytest.raises(errors.Conflict):
        stage.move(sent, "REFUSEE_1", circle.holder, motive_code="TRAVAUX_NON_FAITS")


def test_mass_processing_refuses_what_must_be_stated_and_does_the_rest(stage, circle):
    one, other = circle.sent(), circle.sent("F-2", cadre=X12, named=[(AGENT, SECOND)])
    moves = [contract.WantedMove(invoice_id=one.invoice_id, to="VALIDEE_1"), contract.WantedMove(invoice_id=other.invoice_id, to="DEPOSEE")]
    [line, _] = stage.call(circle.holder, contract.ProcessInvoices, moves=moves).lines
    assert (line.outcome, line.code) == ("refused", "invalid")
    [line] = stage.call(circle.agent, contract.ProcessInvoices, moves=moves[1:]).lines
    assert (line.outcome, line.status) == ("done", "MISE_A_DISPOSITION")


def test_without_its_plugin_it_is_read_and_not_moved_and_what_was_handed_over_goes_on(stage, circle):
    waiting, handed = circle.sent(), stage.move(circle.sent("F-2"), "VALIDEE_1", circle.holder, stated=True)
    resources = stage.host.runtime("invoicing").resources
    resources.espaces, host = Host("invoicing", discover=False), resources.espaces
    for actor in (stage.writer, circle.holder):
        seen = stage.get(waiting, actor)
        assert (seen.plugin_away, seen.role_moves, seen.status_label_en) == (True, None, "To be validated (1)")
        assert seen.parties[0].role_label_fr == "Titulaire"
    with pytest.raises(errors.EspaceSilent):
        stage.move(waiting, "VALIDEE_1", circle.holder, stated=True)
    circle.wake(days=16)
    assert stage.get(waiting, stage.writer).status == "A_VALIDER_1"
    assert stage.move(handed, "MANDATEE", stage.agent).status == "MANDATEE"
    resources.espaces = host
    circle.wake()
    assert stage.get(waiting, stage.agent).status == "MISE_A_DISPOSITION"


def test_an_invoice_names_those_who_validate_it_to_both_sides(stage, circle):
    sent = circle.sent()
    stage.sent("F-2")
    [validated, other] = exported(stage, chief_of(stage, stage.supplier))
    assert validated.invoice.parties == stage.get(sent, stage.writer).parties
    assert [each.identifier for each in validated.invoice.parties] == [FIRST]
    assert other.invoice.parties is None
    received = chief_of(stage, stage.body)
    assert [each.invoice.number for each in exported(stage, received, "received", stage.body)] == ["F-2"]
    stage.move(sent, "VALIDEE_1", circle.holder, stated=True)
    found = exported(stage, received, "received", stage.body)
    assert {each.invoice.number: [party.name for party in each.invoice.parties or ()] for each in found} == {
        "F-1": ["Gros Œuvre SA"],
        "F-2": [],
    }
