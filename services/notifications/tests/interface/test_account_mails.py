import datetime
import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus import Service, rpc
from pupitre_bus.actors import Actor
from pupitre_bus.settings import load
from pupitre_bus.testing import wait_until
from pupitre_contracts import errors, identity
from pupitre_contracts import notifications as contract
from pupitre_notifications import tables
from pupitre_notifications.service import NotificationsService

ADA = identity.User(
    user_id=uuid.uuid4(),
    email="ada@demo.invalid",
    contact_email="ailleurs@demo.invalid",
    given_name="Ada",
    family_name="L",
    language="fr",
)
LINK_ID, LINK = uuid.uuid4(), "s3cret-de-quarante-trois-caracteres"
UNTIL = datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC)


class Identity(Service):
    """Identity as notifications sees it; a test says which link is still valid, and whether identity answers at all."""

    name = "identity"
    purpose: str | None = "activation"
    down = 0

    @rpc(identity.UsersByIds)
    def users_by_ids(self, request, scope):
        return identity.UsersByIds.Reply(users=[ADA])

    @rpc(identity.LinkToSend)
    def link_to_send(self, request, scope):
        if type(self).down:
            type(self).down -= 1
            raise errors.Unavailable(service="identity")
        if type(self).purpose is None or scope.actor.id != "notifications":
            raise errors.LinkRefused()
        return identity.LinkToSend.Reply(link=LINK, purpose=type(self).purpose, expires_at=UNTIL)


@pytest.fixture
def publish(bench, running):
    bench.settings = load("pupitre_notifications", environ={"PUPITRE_STATE": str(bench.backend.folder), "PUPITRE_DEMO": "1"})
    Identity.purpose, Identity.down = "activation", 0
    host = running(Identity, NotificationsService)

    def publish(event):
        with host.runtime("identity").database.transaction() as tx:
            tx.publish(event)

    return publish


@pytest.fixture
def stored(bench):
    """The rows of the table of mails, once there is one in the state that is waited for."""

    def read(state="sent"):
        def rows():
            database = bench.database("notifications")
            with database.reading() as db:
                found = db.execute(sa.select(tables.mail)).all()
            database.close()
            return [row for row in found if row.state == state]

        return wait_until(rows, timeout=20)

    return read


def a_link(purpose="activation"):
    return identity.AccountLinkAsked(user_id=ADA.user_id, link_id=LINK_ID, purpose=purpose, expires_at=UNTIL)


def handed_over(bench):
    return [file.read_text() for file in (bench.backend.folder / "mail" / "new").glob("*")]


@pytest.mark.requirement("R022")
@pytest.mark.requirement("R023")
def test_a_link_goes_to_the_sign_in_address_and_is_stored_nowhere(publish, bench, stored, caller):
    publish(a_link())
    (row,) = stored()
    assert row.to_address == "ada@demo.invalid"
    (mail,) = handed_over(bench)
    assert f"/activation/{LINK}" in mail.replace("=\n", "")
    assert LINK not in row.body
    ada = caller(Actor("user", str(ADA.user_id)))
    assert LINK not in str(ada.call(contract.GetMail, mail_id=row.mail_id).mail.body)


@pytest.mark.requirement("RS-51")
def test_the_local_mailbox_of_a_demonstration_shows_the_link(publish, stored, caller):
    publish(a_link())
    (row,) = stored()
    shown = caller(Actor("user", str(uuid.uuid4()))).call(contract.LocalMail, mail_id=row.mail_id).mail
    assert f"/activation/{LINK}" in shown.body
    Identity.purpose = None
    shown = caller(Actor("user", str(uuid.uuid4()))).call(contract.LocalMail, mail_id=row.mail_id).mail
    assert LINK not in shown.body


def test_a_link_that_is_no_longer_valid_is_not_sent(publish, bench, stored):
    Identity.purpose = None
    publish(a_link())
    (row,) = stored("failed")
    assert "no longer valid" in row.last_error
    assert handed_over(bench) == []


def test_a_link_waits_for_identity(publish, bench, stored):
    Identity.down = 1
    publish(a_link())
    (row,) = stored()
    assert row.attempts == 1
    assert len(handed_over(bench)) == 1


@pytest.mark.parametrize(
    "event, subject",
    [
        (identity.UserActivated(user_id=ADA.user_id), "Votre compte Pupitre est activé"),
        (identity.SignUpRepeated(user_id=ADA.user_id), "Vous avez déjà un compte Pupitre"),
        (identity.PasswordChanged(user_id=ADA.user_id, how="change"), "Votre mot de passe a été changé"),
    ],
)
def test_what_happened_to_an_account_is_told_at_its_sign_in_address(publish, stored, event, subject):
    publish(event)
    (row,) = stored()
    assert (row.subject, row.to_address) == (subject, "ada@demo.invalid")
