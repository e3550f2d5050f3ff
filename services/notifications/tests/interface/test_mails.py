import datetime
import decimal
import email
import email.policy
import uuid
from pathlib import Path

import pytest
from pupitre_bus.actors import Actor
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors, identity, invoicing, organisation
from pupitre_contracts import notifications as contract
from pupitre_notifications.service import NotificationsService

SUPPLIER, RECIPIENT = uuid.uuid4(), uuid.uuid4()
FANNY = identity.User(user_id=uuid.uuid4(), email="fanny@demo.invalid", given_name="Fanny", family_name="Q", language="fr")
ALAN = identity.User(user_id=uuid.uuid4(), email="alan@demo.invalid", given_name="Alan", family_name="M", language="en")
MEMBERS = {(SUPPLIER, "factures-emises"): [FANNY], (RECIPIENT, "factures-recues"): [ALAN]}


def members(request, scope):
    return {
        "structures": [
            {"structure_id": structure_id, "user_ids": [user.user_id for user in MEMBERS.get((structure_id, request.espace), [])]}
            for structure_id in request.structure_ids
        ]
    }


def users(request, scope):
    return {"users": [user for user in (FANNY, ALAN) if user.user_id in request.user_ids]}


@pytest.fixture
def settings(bench):
    from pupitre_bus.settings import load

    bench.settings = load("pupitre_notifications", environ={"PUPITRE_STATE": str(bench.backend.folder), "PUPITRE_DEMO": "1"})
    return bench.settings


@pytest.fixture
def publish(bench, settings, running, fake_service):
    """Starts notifications between fakes, and gives a function that publishes an event as invoicing does."""
    fake_service("organisation", {organisation.MembersOfEspace: members})
    fake_service("identity", {identity.UsersByIds: users})
    source = _source()
    host = running(source, NotificationsService)

    def publish(*events):
        with host.runtime("invoicing").database.transaction() as tx:
            for event in events:
                tx.publish(event)

    return publish


def _source():
    from pupitre_bus import Service

    return type("Source", (Service,), {"name": "invoicing"})


def a_move(status_to, by="recipient", **over):
    values = {
        "invoice_id": uuid.uuid4(),
        "portal_number": 1,
        "number": "F-2026-1",
        "status_from": "MISE_A_DISPOSITION",
        "status_to": status_to,
        "by": by,
        "actor": "user:x",
        "supplier_structure_id": SUPPLIER,
        "supplier_name": "Papeterie",
        "recipient_structure_id": RECIPIENT,
        "recipient_name": "Commune",
        "currency": "EUR",
        "gross": decimal.Decimal("120.00"),
        **over,
    }
    return invoicing.InvoiceMoved(**values)


def mails_in(folder: Path):
    read = [email.message_from_bytes(file.read_bytes(), policy=email.policy.default) for file in (folder / "mail" / "new").glob("*")]
    return sorted(read, key=lambda mail: mail["To"])


@pytest.mark.requirement("R041")
def test_a_suspended_invoice_sends_its_motive_to_the_supplier(publish, bench, caller):
    publish(a_move("SUSPENDUE", motive="Bon de livraison manquant"))
    wait_until(lambda: mails_in(bench.backend.folder))
    (mail,) = mails_in(bench.backend.folder)
    assert mail["To"] == "fanny@demo.invalid"
    assert "F-2026-1" in mail["Subject"] and "Suspendue" in mail["Subject"]
    assert "Bon de livraison manquant" in mail.get_content()


def test_each_side_reads_a_new_invoice_in_his_language(publish, bench):
    publish(a_move("MISE_A_DISPOSITION", by="system"))
    wait_until(lambda: len(mails_in(bench.backend.folder)) == 2)
    recipient, supplier = mails_in(bench.backend.folder)
    assert recipient["Subject"].startswith("Invoice received")
    assert supplier["Subject"].startswith("Facture n° F-2026-1")


@pytest.mark.requirement("R043")
@pytest.mark.requirement("R044")
def test_the_switch_stops_what_expects_nothing_and_the_notification_address_is_used(publish, bench, monkeypatch):
    addresses = {"contact_email": "c@demo.invalid", "notification_email": "n@demo.invalid"}
    quiet = identity.User(**{**FANNY.values, **addresses, "notify_invoicing": False})
    monkeypatch.setitem(MEMBERS, (SUPPLIER, "factures-emises"), [quiet])
    monkeypatch.setitem(globals(), "FANNY", quiet)
    publish(a_move("MANDATEE"), a_move("REJETEE", motive="Doublon"))
    wait_until(lambda: mails_in(bench.backend.folder))
    publish(a_move("MISE_A_DISPOSITION", by="system"))
    wait_until(lambda: len(mails_in(bench.backend.folder)) == 2)
    read = {mail["To"]: mail["Subject"] for mail in mails_in(bench.backend.folder)}
    assert sorted(read) == ["alan@demo.invalid", "n@demo.invalid"]
    assert "Rejetée" in read["n@demo.invalid"]


def test_the_same_event_sends_one_mail(publish, bench, caller):
    move = a_move("MANDATEE")
    publish(move)
    wait_until(lambda: mails_in(bench.backend.folder))
    from pupitre_bus import outbox

    source = bench.database("invoicing")
    outbox.replay(source, 1, 1)
    source.close()
    publish(a_move("MISE_EN_PAIEMENT", invoice_id=move.invoice_id))
    wait_until(lambda: len(mails_in(bench.backend.folder)) == 2)
    subjects = [mail["Subject"] for mail in mails_in(bench.backend.folder)]
    assert len(subjects) == len(set(subjects)) == 2


def test_a_flux_tells_how_it_ended(publish, bench):
    publish(
        invoicing.FluxProcessed(
            flux_id=uuid.uuid4(), numero_flux="CPP1", structure_id=SUPPLIER, state="IN_INTEGRE_PARTIEL", accepted=3, refused=1
        )
    )
    wait_until(lambda: mails_in(bench.backend.folder))
    (mail,) = mails_in(bench.backend.folder)
    assert "CPP1" in mail["Subject"] and "Factures refusées : 1" in mail.get_content()


def test_a_user_reads_his_own_mails_only(publish, bench, caller):
    publish(a_move("REJETEE", motive="Doublon"))
    as_fanny, as_alan = (caller(Actor("user", str(user.user_id))) for user in (FANNY, ALAN))
    wait_until(lambda: as_fanny.call(contract.MyMails).total == 1)
    (mail,) = as_fanny.call(contract.MyMails).mails
    assert "Doublon" in as_fanny.call(contract.GetMail, mail_id=mail.mail_id).mail.body
    assert as_alan.call(contract.MyMails).total == 0
    with pytest.raises(errors.NotFound):
        as_alan.call(contract.GetMail, mail_id=mail.mail_id)
    with pytest.raises(errors.ActorMissing):
        caller().call(contract.MyMails)
    with pytest.raises(errors.Forbidden):
        caller(Actor("technical", str(uuid.uuid4()))).call(contract.MyMails)


def test_the_local_mailbox_is_for_the_demonstration_only(publish, bench, settings, caller):
    publish(a_move("MANDATEE"))
    reader = caller(Actor("user", str(ALAN.user_id)))
    wait_until(lambda: reader.call(contract.LocalMailbox).total == 1)
    (mail,) = reader.call(contract.LocalMailbox, to="FANNY@demo.invalid").mails
    assert reader.call(contract.LocalMail, mail_id=mail.mail_id).mail.body
    settings._values["demo"] = False
    with pytest.raises(errors.NotFound):
        reader.call(contract.LocalMailbox)


def test_a_mail_that_cannot_be_handed_over_is_tried_again_later(bench, settings, running):
    class Deaf:
        local = repeatable = True

        def send(self, mail_id, message):
            raise OSError("no route to host")

        def settle(self):
            """Nothing was handed over."""

    host = running(NotificationsService)
    runtime = host.runtime("notifications")
    runtime.resources.mailer = Deaf()
    from pupitre_notifications import queries, repository, use_cases

    mail_id = uuid.uuid4()
    with runtime.database.transaction() as tx:
        mail = {
            "mail_id": mail_id, "event_id": uuid.uuid4(), "template": "invoice-status", "user_id": FANNY.user_id,
            "to_address": FANNY.email, "subject": "x", "body": "y", "about": None,
        }  # fmt: skip
        repository.add(tx, [mail])
    use_cases.send_due_mails(runtime.scope(actor=Actor.service("notifications")))
    with runtime.database.reading() as db:
        assert queries.row(db, mail_id).state == "pending"
        assert queries.due(db, datetime.datetime.now(datetime.UTC), 10) == []
