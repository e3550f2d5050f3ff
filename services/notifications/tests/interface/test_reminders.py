"""Invoices that nobody moves: whose delay ends, or that stay drafts, are told to those whom they wait for."""

import datetime
import decimal
import uuid

import pytest
from notification_world import NAMES, SUPPLIER, TOWN
from pupitre_bus.actors import Actor
from pupitre_contracts import communication, invoicing
from pupitre_notifications import digests, tables, timetable

HOUR = 7


def a_reminder(about, **over):
    values = {
        "invoice_id": uuid.uuid4(),
        "portal_number": 1,
        "number": "F-2026-1",
        "about": about,
        "since": datetime.date(2026, 4, 20),
        "due_on": datetime.date(2026, 4, 20),
        "supplier_structure_id": SUPPLIER,
        "supplier_name": NAMES[SUPPLIER],
        "recipient_structure_id": TOWN,
        "recipient_name": NAMES[TOWN],
        "currency": "EUR",
        "gross": decimal.Decimal("120.00"),
        **over,
    }
    return invoicing.InvoiceReminded(**values)


@pytest.mark.parametrize("about, template", [("due-soon", "invoice-due-soon"), ("due-now", "invoice-due-now")])
def test_the_recipient_is_told_that_a_delay_ends(stage, about, template):
    reminder = a_reminder(about)
    stage.publish(reminder)
    (mail,) = stage.wait_for_mails(1, template)
    assert "20/04/2026" in mail.subject
    assert f"/factures-recues/{reminder.invoice_id}" in mail.body
    assert "120.00 EUR" in mail.body
    assert mail.user_id != stage.world.fanny.user_id, "the supplier sees it on the pages"


def test_the_supplier_is_told_of_a_draft_that_stays_and_nobody_else(stage):
    draft = a_reminder("draft-unsent", due_on=None, recipient_structure_id=None, recipient_name=None, gross=None)
    stage.publish(draft)
    (mail,) = stage.wait_for_mails(1, "draft-unsent")
    assert mail.user_id == stage.world.fanny.user_id
    assert f"/factures-emises/{draft.invoice_id}" in mail.body
    assert len(stage.mails()) == 1


@pytest.mark.requirement("R043")
def test_a_reminder_waits_for_the_digest_and_the_switch_stops_it(stage, caller):
    fanny = stage.world.fanny
    caller(Actor("user", str(fanny.user_id), fanny.given_name)).call(
        communication.SetPreferences, mode="daily", weekly_recap=True
    )
    stage.publish(a_reminder("draft-unsent"))
    stage.wait_for(tables.digest_line, 1)
    stage.move_to(timetable.next_digest(stage.clock.now(), HOUR) + datetime.timedelta(seconds=2))
    (mail,) = stage.wait_for_mails(1, digests.TEMPLATE)
    assert "Brouillon n° F-2026-1 : il n'est pas envoyé" in mail.body
    assert stage.mails("draft-unsent") == []
