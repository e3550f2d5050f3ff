"""Dossiers of requests: pieces that follow each other, times that are over, the délai, and the invoice that a claim becomes."""

import datetime
import uuid
from decimal import Decimal

import eventlet
import pytest
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors, invoice_files
from pupitre_contracts import invoicing as invoices
from pupitre_contracts import requests as contract
from pupitre_espaces.discovery import Source
from pupitre_invoicing import request_handing_over, request_timers, verification
from request_people import Desk
from request_plugin import Trials


class Killed(BaseException):
    """What ends a process is no error of the work."""


BEGIN = datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC)


@pytest.fixture
def service_clock():
    return FrozenClock(BEGIN)


@pytest.fixture
def plugins():
    return [Source.of(Trials())]


@pytest.fixture
def desk(stage):
    stage.hold("pass-time")
    return Desk(stage)


def pass_days(desk, days):
    desk.stage.bench.clock.advance(seconds=days * 86400)
    request_timers.pass_time(desk.stage.scope())


def events(desk, name):
    return desk.stage.rows(f"SELECT * FROM outbox WHERE type = 'request.{name}.v1'")


def verified(desk):
    scope = desk.stage.scope()
    with scope.reading() as db:
        return verification.verify(db, scope.resources.sealer, scope.resources.anchors, desk.stage.blobs)


def codes_offered(desk, request, *actors):
    return [[each.code for each in desk.get(request, actor).next_cadres] for actor in actors]


@pytest.mark.requirement("R181")
def test_a_cadre_that_two_roles_may_deposit_with_is_deposited_by_either_in_his_own_role_and_by_nobody_else(desk):
    state = desk.send(desk.next_piece(desk.send(desk.piece())), desk.architect)
    assert codes_offered(desk, state, desk.architect, desk.agent, desk.maker) == [["A25"], ["A25"], []]
    mine = desk.next_piece(state, "P-3", cadre="A25")
    assert (mine.maker_role, mine.maker_name, mine.acts) == ("moe", "Atelier du Plan", True)
    with pytest.raises(errors.NotFound):
        desk.get(mine, desk.agent)
    theirs = desk.call(
        desk.agent, contract.SaveRequest, structure_id=desk.stage.body.structure_id, espace="essais", kind="marche", cadre="A25",
        number="P-4", previous_id=state.request_id, form={"net": "100.00", "vat": "20.00"},
    ).request
    assert (theirs.maker_role, theirs.acts) == ("moa", True)
    with pytest.raises(errors.Forbidden):
        desk.draft(kind="marche", cadre="A25", number="P-5", previous_id=state.request_id, lines=[], parties=[])
    sent = desk.send(mine, desk.architect)
    assert (sent.status, desk.get(state, desk.agent).status) == ("TRANSMISE_MOA", "ASSOCIEE")
    assert {each.role: each.name for each in sent.parties}["moa"] == desk.stage.body.name
    with pytest.raises(errors.TransitionForbidden):
        desk.send(theirs, desk.agent)


def test_a_cadre_is_not_offered_where_what_a_party_publishes_is_against_it(desk):
    demanding = desk.stage.body.parameters.values | {"requires_engagement": True}
    desk.stage.world.structures[desk.stage.body.structure_id] = type(desk.stage.body)(
        **desk.stage.body.values | {"parameters": type(desk.stage.body.parameters)(**demanding)}
    )
    form = {"net": "100.00", "vat": "20.00", "engagement": "E-7"}
    state = desk.send(desk.next_piece(desk.send(desk.piece(form=form)), form=form), desk.architect)
    assert codes_offered(desk, state, desk.architect, desk.agent) == [[], []]
    assert desk.next_piece(state, "P-3", cadre="A25").cadre == "A25", "a draft is kept all the same: the espace has the last word"


def test_a_piece_that_is_deposited_from_another_joins_its_dossier_and_moves_it(desk):
    first = desk.send(desk.piece())
    assert (first.status, first.dossier_number) == ("A_VALIDER_MOE", f"D-{first.portal_number}")
    seen = desk.get(first, desk.architect)
    assert [each.code for each in seen.next_cadres] == ["A7"]
    assert (seen.acts, {each.to for each in seen.moves}) == (True, {"REFUSEE_MOE", "ERREUR_DE_MOE"})

    second = desk.next_piece(first, form={"net": "90.00", "vat": "18.00"})
    assert (second.dossier_id, second.previous_id) == (first.dossier_id, first.request_id)
    assert [(each.rule, each.severity) for each in second.findings] == [("changed", "warning")]
    assert [each.role for each in second.parties] == ["titulaire", "moe", "moa", "support"]
    second = desk.send(second, desk.architect)
    assert second.status == "MISE_A_DISPOSITION_MOA"
    assert desk.get(first, desk.maker).status == "ASSOCIEE"
    assert desk.get(first, desk.maker).history[-1].action == "route"

    dossier = desk.call(desk.agent, contract.GetDossier, dossier_id=first.dossier_id)
    assert [(each.number, each.status) for each in dossier.pieces] == [("P-1", "ASSOCIEE"), ("P-2", "MISE_A_DISPOSITION_MOA")]
    for nobody in (desk.helper, desk.stranger):
        with pytest.raises(errors.NotFound):
            desk.call(nobody, contract.GetDossier, dossier_id=first.dossier_id)
    verdict = verified(desk)
    assert verdict.faults == []


def test_a_piece_is_deposited_by_who_is_named_and_while_it_is_awaited(desk):
    first = desk.send(desk.piece())
    rival = desk.stage.world.structure("90000006000017", "Autre atelier")
    other = desk.stage.world.user((rival, "essais", "MODIFICATION"), (desk.moe, "essais", "CONSULTATION"))
    piece = {"espace": "essais", "kind": "marche", "cadre": "A7", "previous_id": first.request_id}
    with pytest.raises(errors.Forbidden):
        desk.save(other, structure_id=rival.structure_id, **piece)
    with pytest.raises(errors.NotFound):
        desk.save(desk.maker, **{**piece, "structure_id": desk.stage.supplier.structure_id, "cadre": "A4", "previous_id": uuid.uuid4()})
    with pytest.raises(errors.Invalid, match="previous_id"):
        desk.piece(previous_id=desk.sent().request_id)
    alone = desk.next_piece(first, previous_id=None)
    assert ("cadre-needs-previous", "cadre") in [(each.rule, each.term) for each in alone.findings]

    late = desk.next_piece(first)
    desk.move(first, "REFUSEE_MOE", desk.architect, motive="non")
    with pytest.raises(errors.TransitionForbidden):
        desk.send(late, desk.architect)
    assert desk.get(first, desk.helper).roles == ["support"]


@pytest.mark.requirement("RS-20")
def test_of_two_pieces_sent_at_once_from_one_the_second_comes_too_late(desk):
    first = desk.send(desk.piece())
    drafts = [desk.next_piece(first, number) for number in ("P-2", "P-3", "P-4", "P-5")]

    def send(draft):
        try:
            return desk.send(draft, desk.architect, timeout=60).status
        except (errors.TransitionForbidden, errors.Conflict):
            return ""

    assert sorted(eventlet.GreenPool(4).imap(send, drafts)) == ["", "", "", "MISE_A_DISPOSITION_MOA"]
    assert len(events(desk, "sent")) == 2


@pytest.mark.requirement("RS-20")
def test_acts_that_add_to_the_histories_of_several_structures_never_wait_for_each_other(desk):
    """Pieces of two makers, whose histories are taken in either order by those who send and hand over at once."""
    firsts = [desk.send(desk.piece(f"P-{n}")) for n in range(12)]
    seconds = [desk.next_piece(each, f"S-{n}") for n, each in enumerate(firsts)]
    awaited = [desk.send(each, desk.architect) for each in seconds[:6]]
    acts = [lambda each=each: desk.send(each, desk.architect, timeout=60) for each in seconds[6:]]
    acts += [lambda each=each: desk.move(each, "TRANSMISE_MOA", desk.agent, timeout=60) for each in awaited]

    done = list(eventlet.GreenPool(12).imap(lambda act: act().status, acts))
    assert sorted(done) == ["MISE_A_DISPOSITION_MOA"] * 6 + ["TRANSMISE_MOA"] * 6
    assert verified(desk).faults == []


def test_time_that_is_over_moves_a_request_once_and_reminds_once_before(desk):
    first = desk.send(desk.piece())
    assert first.due_at == datetime.datetime(2026, 12, 8, 23, tzinfo=datetime.UTC)
    for days, reminded in ((4, 0), (1, 1), (0, 1), (2, 2), (0, 2)):
        pass_days(desk, days)
        assert len(events(desk, "reminded")) == reminded, days
    assert desk.get(first, desk.architect).status == "A_VALIDER_MOE"
    pass_days(desk, 1)
    pass_days(desk, 0)
    late = desk.get(first, desk.architect)
    assert (late.status, late.version, late.due_at) == ("ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE", first.version + 1, None)
    assert [(each.action, each.actor) for each in late.history[-1:]] == [("timer", "service:invoicing")]
    assert len(events(desk, "reminded")) == 2


def test_what_was_missed_is_made_up_once_and_with_the_last_reminder_alone(desk):
    drafts = [desk.piece(f"P-{number}") for number in range(60)]
    sent = [desk.send(each) for each in drafts]
    desk.move(sent[0], "REFUSEE_MOE", desk.architect, motive="non")
    pass_days(desk, 6)
    assert len(events(desk, "reminded")) == 59
    desk.stage.bench.clock.advance(seconds=40 * 86400)
    list(eventlet.GreenPool(3).imap(request_timers.pass_time, [desk.stage.scope() for _ in range(3)]))
    statuses = {row["status"]: row["count"] for row in desk.stage.rows("SELECT status, count(*) AS count FROM request GROUP BY status")}
    assert statuses == {"ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE": 59, "REFUSEE_MOE": 1}
    assert len(desk.stage.rows("SELECT * FROM history WHERE action = 'timer'")) == 59
    assert len(events(desk, "reminded")) == 59
    assert verified(desk).faults == []


def test_the_delai_of_the_dossier_begins_with_the_first_piece_and_is_interrupted_once(desk):
    first = desk.send(desk.piece())
    pass_days(desk, 2)
    second = desk.send(desk.next_piece(first), desk.architect)
    pass_days(desk, 1)
    held = desk.move(second, "SUSPENDUE", desk.agent, motive="pièce absente")
    pass_days(desk, 5)
    back = desk.move(desk.get(held, desk.architect), "MISE_A_DISPOSITION_MOA", desk.architect, documents=[desk.file()])
    again = desk.move(desk.get(back, desk.agent), "SUSPENDUE", desk.agent, motive="encore")
    assert [(each.kind, each.on.day) for each in desk.get(first, desk.maker).delay] == [("START", 1)]
    assert [(each.kind, each.on.day) for each in again.delay] == [("INTERRUPT", 4), ("RESUME", 9)]


def handed_over(desk, **values):
    first = desk.send(desk.piece("P-9", form={"net": "100.00", "vat": "20.00", "engagement": "BC-7"}))
    pass_days(desk, 2)
    second = desk.next_piece(first, form={"net": "100.00", "vat": "20.00", "engagement": "BC-7"}, documents=[desk.file()], **values)
    return desk.send(second, desk.architect)


def invoice_of(desk, request, actor=None):
    return desk.call(actor or desk.agent, invoices.GetInvoice, invoice_id=request.invoice_id).invoice


def test_a_claim_becomes_an_invoice_of_who_is_paid_with_the_day_on_which_it_began(desk):
    payer = handed_over(desk)
    over = desk.move(payer, "TRANSMISE_MOA", desk.agent)
    assert over.invoice_status == "MISE_A_DISPOSITION"

    invoice = invoice_of(desk, over)
    assert (invoice.number, invoice.cadre, invoice.gross, invoice.engagement) == ("P-2", "A7", Decimal("120.00"), "BC-7")
    assert (invoice.supplier_name, invoice.recipient_name, invoice.code_service) == (
        desk.stage.supplier.name,
        desk.stage.body.name,
        "VOIRIE",
    )
    assert [(each.kind, each.on) for each in invoice.delay_events] == [("START", BEGIN.date())]
    assert invoice.due_on == BEGIN.date() + datetime.timedelta(days=30)
    assert [each.name for each in invoice.documents] == ["P-2.xml", "bon.pdf"]
    assert [each.action for each in invoice.history] == ["send", "route"]

    desk.stage.move(invoice, "MANDATEE", desk.agent)
    for actor in (desk.agent, desk.architect):
        assert desk.get(over, actor).invoice_status == "MANDATEE"
    [listed] = desk.list(desk.architect, cadre="A7").requests
    assert (listed.invoice_id, listed.invoice_status) == (over.invoice_id, "MANDATEE")
    with pytest.raises((errors.NotFound, errors.Forbidden)):
        invoice_of(desk, over, desk.architect)
    verdict = verified(desk)
    assert verdict.faults == []


def test_time_that_is_over_hands_over_too_and_nothing_is_handed_over_twice(desk):
    payer = handed_over(desk)
    pass_days(desk, 11)
    over = desk.get(payer, desk.agent)
    assert (over.status, over.invoice_status) == ("PRISE_EN_COMPTE_MOA", "MISE_A_DISPOSITION")
    pass_days(desk, 30)
    assert len(desk.stage.rows("SELECT * FROM invoice")) == 1


def test_a_number_that_the_payee_has_used_is_told_apart(desk):
    desk.stage.sent("P-2", issue_date="2026-10-01")
    over = desk.move(handed_over(desk), "TRANSMISE_MOA", desk.agent)
    assert invoice_of(desk, over).number == f"P-2-{over.portal_number}"


def test_what_cannot_be_kept_is_not_half_made(desk, monkeypatch):
    """Killed between the request and its invoice: neither is changed."""
    handed_over(desk)
    columns = {"request": "*", "history": "*", "delay_event": "*", "outbox": "seq, id"}
    before = {table: desk.stage.rows(f"SELECT {names} FROM {table}") for table, names in columns.items()}
    def killed(*given, **values):
        raise Killed

    scope = desk.stage.scope()
    monkeypatch.setattr(request_handing_over.storing, "record_sending", killed)
    desk.stage.bench.clock.advance(seconds=11 * 86400)
    with pytest.raises(Killed):
        request_timers.pass_time(scope)
    assert {table: desk.stage.rows(f"SELECT {names} FROM {table}") for table, names in columns.items()} == before
    assert desk.stage.rows("SELECT * FROM invoice") == []


class TestWithTheEngine:
    @pytest.fixture
    def engine(self, real_engine):
        return real_engine

    def test_the_invoice_is_read_exported_and_printed_like_any_other(self, desk):
        over = desk.move(handed_over(desk), "TRANSMISE_MOA", desk.agent)
        file = {"invoice_id": over.invoice_id}
        readable = desk.call(desk.agent, invoices.DocumentFile, **file, kind="readable", timeout=60).document
        assert desk.stage.blobs.get(readable.sha256).startswith(b"%PDF")
        for form in ("cii", "facturx", "everything"):
            made = desk.call(desk.agent, invoice_files.ExportInvoice, **file, form=form, timeout=60).file
            assert made.size > 1000
        # The identifiers of these tests have wrong check digits, and that is all there is to say.
        assert {each.rule for each in invoice_of(desk, over).report.findings} == {"PUP-SIRET", "PUP-SIREN", "PUP-VAT-KEY"}
