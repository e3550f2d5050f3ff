import datetime
import uuid

import eventlet
import pytest
import sqlalchemy as sa
from notification_world import OTHER_SUPPLIER, SUPPLIER, TOWN, a_move
from pupitre_bus.actors import Actor
from pupitre_bus.testing import wait_until
from pupitre_contracts import communication, errors, invoicing
from pupitre_notifications import digests, recaps, repository, scheduled, tables, timetable

HOUR = 7


def as_user(caller, user):
    return caller(Actor("user", str(user.user_id), user.given_name))


def once_a_day(caller, *users, weekly_recap=True):
    for user in users:
        as_user(caller, user).call(communication.SetPreferences, mode="daily", weekly_recap=weekly_recap)


def after_next_digest(stage):
    return timetable.next_digest(stage.clock.now(), HOUR) + datetime.timedelta(seconds=2)


@pytest.mark.requirement("R040")
@pytest.mark.requirement("R041")
def test_one_digest_a_day_lists_each_change_by_structure(stage, caller):
    once_a_day(caller, stage.world.fanny)
    suspended = a_move("SUSPENDUE", number="F-1", motive="Bon manquant")
    paid = a_move("MISE_EN_PAIEMENT", number="F-2", status_from="MANDATEE")
    other = a_move("SERVICE_FAIT", number="F-3", supplier_structure_id=OTHER_SUPPLIER, supplier_name="Imprimerie")
    stage.publish(suspended, paid, other)
    stage.wait_for(tables.digest_line, 3)
    assert [mail for mail in stage.mails() if mail.user_id == stage.world.fanny.user_id] == []

    stage.move_to(after_next_digest(stage))
    (mail,) = stage.wait_for_mails(1, digests.TEMPLATE)
    assert mail.to_address == "fanny@demo.invalid"
    assert "Facture n° F-1 : Mise à disposition du destinataire -> Suspendue" in mail.body
    assert "Facture n° F-2 : Mandatée -> Mise en paiement" in mail.body
    assert f"/factures-emises/{suspended.invoice_id}" in mail.body
    assert mail.body.index("Imprimerie") < mail.body.index("F-3") < mail.body.index("Papeterie") < mail.body.index("F-1")
    assert "connexion" not in mail.body
    stage.clock.advance(hours=3)
    digests.send_due(stage.scope())
    assert len(stage.mails(digests.TEMPLATE)) == 1


@pytest.mark.requirement("R040")
def test_who_chose_nothing_is_told_at_once_as_before(stage, caller):
    assert as_user(caller, stage.world.fanny).call(communication.MyPreferences).preferences.mode == "immediate"
    stage.publish(a_move("MISE_EN_PAIEMENT"))
    (mail,) = stage.wait_for_mails(1, "invoice-status")
    assert mail.user_id == stage.world.fanny.user_id
    assert stage.rows(tables.digest_line) == []


def test_a_rejection_does_not_wait_for_the_digest(stage, caller):
    once_a_day(caller, stage.world.fanny)
    stage.publish(a_move("REJETEE", motive="Doublon"))
    (mail,) = stage.wait_for_mails(1, "invoice-returned")
    assert "Doublon" in mail.body
    assert len(stage.rows(tables.digest_line)) == 1


def test_a_flux_is_told_in_the_digest(stage, caller):
    once_a_day(caller, stage.world.fanny)
    values = {"flux_id": uuid.uuid4(), "numero_flux": "CPP1", "structure_id": SUPPLIER, "accepted": 3, "refused": 1}
    stage.publish(invoicing.FluxProcessed(**values, state="IN_INTEGRE_PARTIEL"))
    stage.wait_for(tables.digest_line, 1)
    stage.move_to(after_next_digest(stage))
    (mail,) = stage.wait_for_mails(1, digests.TEMPLATE)
    assert "Papeterie\n- Flux CPP1 : une partie" in mail.body
    assert stage.mails("flux-processed") == []


@pytest.mark.requirement("R043")
def test_the_unticked_box_stops_digest_and_recap_and_not_what_must_be_known(stage, caller):
    once_a_day(caller, stage.world.fanny)
    stage.publish(a_move("MISE_EN_PAIEMENT"))
    stage.wait_for(tables.digest_line, 1)
    stage.world.change(stage.world.fanny, notify_invoicing=False)
    week = timetable.week_of(stage.clock.now())
    stage.move_to(timetable.recap_at(week, HOUR) + datetime.timedelta(seconds=5))
    stage.wait_for(tables.digest_line, 1, tables.digest_line.c.settled_at.is_not(None))
    stage.wait_for_mails(1, recaps.TEMPLATE)  # the town's user still has his
    stage.publish(a_move("REJETEE", motive="Doublon"))
    stage.wait_for_mails(1, "invoice-returned")
    mine = {mail.template for mail in stage.mails() if mail.user_id == stage.world.fanny.user_id}
    assert mine == {"invoice-returned"}


@pytest.mark.requirement("R043")
def test_the_digest_goes_to_the_address_that_is_the_user_s_on_that_day(stage, caller):
    once_a_day(caller, stage.world.fanny)
    stage.publish(a_move("MISE_EN_PAIEMENT"))
    stage.wait_for(tables.digest_line, 1)
    stage.world.change(stage.world.fanny, contact_email="ailleurs@demo.invalid")
    stage.move_to(after_next_digest(stage))
    (mail,) = stage.wait_for_mails(1, digests.TEMPLATE)
    assert mail.to_address == "ailleurs@demo.invalid"


@pytest.mark.requirement("R040")
def test_after_days_of_standstill_there_is_one_digest_and_the_day_has_no_second(stage, caller):
    once_a_day(caller, stage.world.fanny)
    stage.publish(a_move("MISE_EN_PAIEMENT", number="F-1"))
    stage.wait_for(tables.digest_line, 1)
    stage.stop()
    early = timetable.next_digest(stage.clock.now() + datetime.timedelta(days=3), HOUR) - datetime.timedelta(hours=2)
    stage.move_to(early)
    stage.start()
    (first,) = stage.wait_for_mails(1, digests.TEMPLATE)
    assert "F-1" in first.body

    stage.publish(a_move("MANDATEE", number="F-2"))
    stage.wait_for(tables.digest_line, 2)
    stage.move_to(early + datetime.timedelta(hours=3))
    digests.send_due(stage.scope())
    assert len(stage.mails(digests.TEMPLATE)) == 1
    stage.move_to(early + datetime.timedelta(hours=27))
    second = next(mail for mail in stage.wait_for_mails(2, digests.TEMPLATE) if mail.mail_id != first.mail_id)
    assert "F-2" in second.body and "F-1" not in second.body


def test_two_that_send_at_once_send_one_digest(stage, caller):
    once_a_day(caller, stage.world.fanny)
    stage.publish(a_move("MISE_EN_PAIEMENT"), a_move("MANDATEE", number="F-2"))
    stage.wait_for(tables.digest_line, 2)
    scopes = [stage.scope(), stage.scope()]
    stage.clock.advance(days=1)
    threads = [eventlet.spawn(digests.send_due, scope) for scope in scopes]
    for thread in threads:
        thread.wait()
    (mail,) = stage.wait_for_mails(1, digests.TEMPLATE)
    assert "F-2" in mail.body
    assert {row.mail_id for row in stage.rows(tables.digest_line)} == {mail.mail_id}


@pytest.mark.requirement("R042")
def test_once_a_week_each_structure_has_its_recap(stage, caller):
    as_user(caller, stage.world.omar).call(communication.SetPreferences, mode="immediate", weekly_recap=False)
    own = {"supplier_structure_id": OTHER_SUPPLIER, "supplier_name": "Imprimerie"}
    stage.publish(a_move("MANDATEE"), a_move("MANDATEE", number="F-2"), a_move("MISE_EN_PAIEMENT"), a_move("MANDATEE", **own))
    moves = lambda: sum(row.moves for row in stage.rows(tables.movement))
    wait_until(lambda: moves() == 8)
    week = timetable.week_of(stage.clock.now())
    stage.move_to(timetable.recap_at(week, HOUR) + datetime.timedelta(seconds=5))
    mails = stage.wait_for_mails(3, recaps.TEMPLATE)
    told = {(mail.user_id, mail.about): mail.body for mail in mails}
    fanny, alan = stage.world.fanny.user_id, stage.world.alan.user_id
    assert set(told) == {(fanny, str(SUPPLIER)), (fanny, str(OTHER_SUPPLIER)), (alan, str(TOWN))}
    assert "Factures émises\n- Mandatée : 2\n- Mise en paiement : 1\n" in told[fanny, str(SUPPLIER)]
    assert "Received invoices\n- Payment order made: 3\n" in told[alan, str(TOWN)]
    recaps.send_due(stage.scope())
    stage.clock.advance(days=7)
    recaps.send_due(stage.scope())
    assert len(stage.mails(recaps.TEMPLATE)) == 3


@pytest.mark.requirement("R045")
def test_no_mail_goes_to_the_address_of_a_structure(stage, caller):
    """Notifications asks for users only: what organisation says of a structure's address reaches no mail."""
    once_a_day(caller, stage.world.fanny)
    summary = stage.world._structure
    stage.world._structure = lambda request, scope: {
        "structure": type(summary(request, scope)["structure"])(
            **{**summary(request, scope)["structure"].values, "email": "mairie@structure.invalid"}
        )
    }
    stage.publish(a_move("REJETEE", motive="Doublon"), a_move("MISE_A_DISPOSITION", by="system"))
    stage.wait_for(tables.digest_line, 2)
    stage.move_to(timetable.recap_at(timetable.week_of(stage.clock.now()), HOUR) + datetime.timedelta(seconds=5))
    stage.wait_for_mails(2, recaps.TEMPLATE)
    people = {user.email for user in stage.world.users.values()}
    assert {mail.to_address for mail in stage.mails()} <= people


def test_only_a_user_has_preferences(stage, caller):
    with pytest.raises(errors.Forbidden):
        caller(Actor.service("organisation")).call(communication.SetPreferences, mode="daily", weekly_recap=True)
    with pytest.raises(errors.ActorMissing):
        caller().call(communication.MyPreferences)
    with pytest.raises(errors.Invalid):
        as_user(caller, stage.world.fanny).call(communication.SetPreferences, mode="jamais", weekly_recap=True)
    assert stage.rows(tables.preference) == []


def test_a_choice_can_be_changed_and_says_who_made_it(stage, caller):
    fanny = as_user(caller, stage.world.fanny)
    fanny.call(communication.SetPreferences, mode="daily", weekly_recap=False)
    fanny.call(communication.SetPreferences, mode="immediate", weekly_recap=True)
    present = fanny.call(communication.MyPreferences).preferences
    assert (present.mode, present.weekly_recap) == ("immediate", True)
    (row,) = stage.rows(tables.preference, sa.true())
    assert row.changed_by == f"user:{stage.world.fanny.user_id}"


def test_what_was_said_is_forgotten_after_a_season_and_what_waits_is_not(stage, caller):
    once_a_day(caller, stage.world.fanny)
    stage.publish(a_move("MISE_EN_PAIEMENT"))
    stage.wait_for(tables.digest_line, 1)
    stage.clock.advance(days=15)
    stage.wait_for(tables.digest_line, 1, tables.digest_line.c.settled_at.is_not(None))
    stage.wait_for(tables.movement, 2, tables.movement.c.told_at.is_not(None))
    stage.clock.advance(days=91)
    scheduled.forget(stage.scope())
    assert len(stage.rows(tables.digest_line)) == 1
    stage.publish(a_move("MANDATEE", number="F-2"))
    stage.wait_for(tables.digest_line, 2)
    stage.clock.advance(seconds=2 * 86400)
    scheduled.forget(stage.scope())
    assert [row.about for row in stage.rows(tables.digest_line)] == ["F-2"]
    assert {row.status for row in stage.rows(tables.movement)} == {"MANDATEE"}


@pytest.mark.requirement("RS-75")
def test_nothing_is_left_of_the_digests_of_an_erased_account(stage, caller):
    once_a_day(caller, stage.world.fanny, stage.world.omar)
    stage.world.habilitations[SUPPLIER, "factures-emises"][stage.world.omar.user_id] = "CONSULTATION"
    stage.publish(a_move("MISE_EN_PAIEMENT"))
    stage.wait_for(tables.digest_line, 2)
    with stage.scope().begin() as tx:
        repository.delete_of(tx, stage.world.fanny.user_id)
    for table in (tables.digest_line, tables.preference):
        assert [row.user_id for row in stage.rows(table)] == [stage.world.omar.user_id]
