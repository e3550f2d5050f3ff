"""Mails about the life of an account: leaving, coming back, second factor, support, and what is deleted with an account."""

import datetime
import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus import Service, rpc
from pupitre_bus.settings import load
from pupitre_bus.testing import wait_until
from pupitre_contracts import account_life, identity, rattachements
from pupitre_notifications import messages, repository, tables
from pupitre_notifications.account_mails import PAGES
from pupitre_notifications.service import NotificationsService

NAMES = {"email": "ada@demo.invalid", "contact_email": "ailleurs@demo.invalid", "given_name": "Ada", "family_name": "L"}
ADA = identity.User(user_id=uuid.uuid4(), language="fr", active=False, **NAMES)
BOB = identity.User(user_id=uuid.uuid4(), language="en", active=True, **{**NAMES, "email": "bob@demo.invalid", "given_name": "Bob"})
LINK_ID, LINK, ASKED_ID = uuid.uuid4(), "s3cret-de-quarante-trois-caracteres", uuid.uuid4()
UNTIL = datetime.datetime(2026, 5, 14, 22, tzinfo=datetime.UTC)  # midnight in France


class Identity(Service):
    """Identity as notifications sees it."""

    name = "identity"

    @rpc(identity.UsersByIds)
    def users_by_ids(self, request, scope):
        return identity.UsersByIds.Reply(users=[user for user in (ADA, BOB) if user.user_id in request.user_ids])

    @rpc(identity.LinkToSend)
    def link_to_send(self, request, scope):
        return identity.LinkToSend.Reply(link=LINK, purpose="reactivation", expires_at=UNTIL)

    @rpc(account_life.SollicitationToSend)
    def sollicitation_to_send(self, request, scope):
        return account_life.SollicitationToSend.Reply(
            sollicitation=account_life.Sollicitation(
                sollicitation_id=ASKED_ID, number=12, name="Ada L", email="perdue@demo.invalid", message="Rouvrez.\r\nBcc: x",
                language="en", sent_at=UNTIL,
            )
        )  # fmt: skip


class Organisation(Service):
    """Publishes a transfer."""

    name = "organisation"


@pytest.fixture
def host(bench, running):
    environ = {"PUPITRE_STATE": str(bench.backend.folder), "PUPITRE_SUPPORT_ADDRESS": "aide@portail.invalid"}
    bench.settings = load("pupitre_notifications", environ=environ)
    return running(Identity, Organisation, NotificationsService)


@pytest.fixture
def publish(host):
    def publish(event, source="identity"):
        with host.runtime(source).database.transaction() as tx:
            tx.publish(event)

    return publish


@pytest.fixture
def rows(bench, host):
    def read():
        database = bench.database("notifications")
        with database.reading() as db:
            found = db.execute(sa.select(tables.mail).order_by(tables.mail.c.template)).all()
        database.close()
        return found

    return read


def test_leaving_and_coming_back_are_told_at_the_sign_in_address(publish, rows, bench):
    publish(account_life.UserDeactivated(user_id=ADA.user_id, until=UNTIL))
    publish(account_life.UserReactivated(user_id=ADA.user_id))
    asked = {"user_id": ADA.user_id, "link_id": LINK_ID, "purpose": "reactivation", "expires_at": UNTIL}
    publish(identity.AccountLinkAsked(**asked))
    wait_until(lambda: len(rows()) == 3 and all(row.state == "sent" for row in rows()), timeout=30)
    left, back, link = rows()
    assert {row.to_address for row in rows()} == {"ada@demo.invalid"}
    assert (left.template, back.template, link.template) == ("account-deactivated", "account-reactivated", "account-reactivation")
    assert "jusqu'au 14/05/2026 inclus" in left.body and "/reactivation" in left.body
    assert LINK not in link.body
    sent = [file.read_text().replace("=\n", "") for file in (bench.backend.folder / "mail" / "new").glob("*")]
    assert any(f"/reactivation/{LINK}" in mail for mail in sent)


@pytest.mark.requirement("RS-54")
def test_a_change_of_the_second_factor_is_told(publish, rows):
    publish(account_life.SecondFactorEnabled(user_id=BOB.user_id))
    publish(account_life.SecondFactorDisabled(user_id=BOB.user_id, disabled_by="service:operator"))
    wait_until(lambda: len(rows()) == 2, timeout=30)
    off, on = rows()
    assert on.subject == "Signing in to your account now asks for a code"
    assert off.subject == "Signing in to your account asks for no code any more"
    assert {row.to_address for row in rows()} == {"bob@demo.invalid"}


@pytest.mark.requirement("R056")
def test_a_sollicitation_goes_to_the_mailbox_of_the_support_and_its_number_to_the_author(publish, rows, bench):
    publish(account_life.SupportSollicitationSent(sollicitation_id=ASKED_ID, number=12))
    wait_until(lambda: len(rows()) == 2 and all(row.state == "sent" for row in rows()), timeout=30)
    received, asked = rows()
    assert (asked.to_address, asked.subject) == ("aide@portail.invalid", "Sollicitation n° 12 de Ada L")
    assert "perdue@demo.invalid" in asked.body and "Rouvrez." in asked.body
    assert (received.to_address, received.subject) == ("perdue@demo.invalid", "Your sollicitation no. 12 was received")
    assert "Rouvrez" not in received.body


@pytest.mark.requirement("R051")
def test_who_left_gets_no_other_mail(publish, rows):
    publish(
        rattachements.GestionnairePrincipalTransferred(
            structure_id=uuid.uuid4(), structure_name="Papeterie", from_user_id=ADA.user_id, to_user_id=BOB.user_id, transferred_by="x"
        ),
        "organisation",
    )
    wait_until(rows, timeout=30)
    assert [(row.template, row.user_id) for row in rows()] == [("gp-received", BOB.user_id)]


@pytest.mark.requirement("RS-75")
def test_the_mails_of_an_erased_account_are_deleted_and_no_other(publish, rows):
    for user in (ADA, BOB):
        publish(account_life.SecondFactorEnabled(user_id=user.user_id))
    wait_until(lambda: len(rows()) == 2, timeout=30)
    publish(account_life.UserErased(user_id=ADA.user_id))
    wait_until(lambda: [row.user_id for row in rows()] == [BOB.user_id], timeout=30)


@pytest.mark.requirement("RS-75")
def test_no_table_of_users_is_forgotten_when_one_is_erased():
    of_users = {table.name for table in tables.metadata.sorted_tables if "user_id" in table.c}
    assert of_users == {table.name for table in repository.OF_USER}


def test_every_link_has_a_page_and_a_text_in_both_languages():
    values = {"given_name": "Ada", "email": "a@b.fr", "link": "https://x"}
    for purpose in PAGES:
        for language in ("fr", "en"):
            subject, body = messages.TEMPLATES[f"account-{purpose}"].render(language, values)
            assert subject and "https://x" in body
