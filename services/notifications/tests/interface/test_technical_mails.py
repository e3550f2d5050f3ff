"""What the gestionnaire principal reads about his structure's technical accounts."""

import datetime
import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus import Service, rpc
from pupitre_bus.settings import load
from pupitre_bus.testing import wait_until
from pupitre_contracts import identity, technical_accounts
from pupitre_notifications import tables
from pupitre_notifications.service import NotificationsService

GP, DEPUTY = (
    identity.User(
        user_id=uuid.uuid4(), email=f"{name.lower()}@demo.invalid", given_name=name, family_name="L", language=language,
        notify_invoicing=False, notify_news=False,
    )
    for name, language in (("Ada", "fr"), ("Bob", "en"))
)  # fmt: skip
EXPIRES = datetime.datetime(2027, 3, 1, 9, tzinfo=datetime.UTC)
ACCOUNT = {
    "technical_account_id": uuid.uuid4(),
    "structure_id": uuid.uuid4(),
    "login": "TECH_1_00000007@pupitre.invalid",
    "label": "Logiciel de paie",
    "kinds": ["password"],
    "expires_at": EXPIRES,
}


class Identity(Service):
    """Identity as notifications sees it."""

    name = "identity"

    @rpc(identity.UsersByIds)
    def users_by_ids(self, request, scope):
        return identity.UsersByIds.Reply(users=[user for user in (GP, DEPUTY) if user.user_id in request.user_ids])


@pytest.fixture
def holder():
    """Who is gestionnaire principal, as a test says."""
    return {"user_id": GP.user_id}


@pytest.fixture
def publish(bench, running, fake_service, holder):
    def principal(request, scope):
        assert request.structure_id == ACCOUNT["structure_id"]
        holder.setdefault("asked", []).append(request.structure_id)
        return {"structure_name": "Commune de Valmont", **({"user_id": holder["user_id"]} if "user_id" in holder else {})}

    bench.settings = load("pupitre_notifications", environ={"PUPITRE_STATE": str(bench.backend.folder)})
    fake_service("organisation", {technical_accounts.GetGestionnairePrincipal: principal})
    host = running(Identity, NotificationsService)

    def publish(*events):
        with host.runtime("identity").database.transaction() as tx:
            for event in events:
                tx.publish(event)

    return publish


@pytest.fixture
def mails(bench):
    def read(count):
        def rows():
            database = bench.database("notifications")
            with database.reading() as db:
                found = db.execute(sa.select(tables.mail).order_by(tables.mail.c.subject)).all()
            database.close()
            return found if len(found) >= count else None

        found = wait_until(rows, timeout=20)
        assert len(found) == count
        return found

    return read


def renewed(**changes):
    values = ACCOUNT | {"how": "reset", "renewed_by": f"user:{GP.user_id}"}
    return technical_accounts.TechnicalSecretRenewed(**(values | changes))


def announced(days):
    return technical_accounts.TechnicalSecretExpiryAnnounced(**ACCOUNT, days=days)


@pytest.mark.requirement("R238")
def test_a_reset_is_told_to_the_gestionnaire_principal_without_the_password(publish, mails):
    publish(renewed())
    (mail,) = mails(1)
    assert (mail.to_address, mail.subject) == ("ada@demo.invalid", "Compte technique réinitialisé : Commune de Valmont")
    assert "par Ada L" in mail.body and ACCOUNT["login"] in mail.body and "01/03/2027 10:00" in mail.body
    assert f"/structures/{ACCOUNT['structure_id']}/comptes-techniques" in mail.body
    assert "password" not in technical_accounts.TechnicalSecretRenewed.declared


def test_a_rotation_says_until_when_the_former_secret_is_good(publish, mails):
    until = datetime.datetime(2026, 12, 8, 9, tzinfo=datetime.UTC)
    publish(renewed(how="rotation", former_until=until, renewed_by="service:operator", kinds=["password", "client_secret"]))
    (mail,) = mails(1)
    assert "08/12/2026 10:00" in mail.body
    assert "mot de passe et secret d'application" in mail.body
    assert "l'exploitant du portail" in mail.body


@pytest.mark.requirement("R236")
def test_every_announcement_of_an_expiry_is_one_mail_whatever_the_switches_say(publish, mails):
    publish(*(announced(days) for days in (30, 15, 7, 1, 0)))
    subjects = {mail.subject for mail in mails(5)}
    assert subjects == {
        "Compte technique : expiration dans 30 jours, Commune de Valmont",
        "Compte technique : expiration dans 15 jours, Commune de Valmont",
        "Compte technique : expiration dans 7 jours, Commune de Valmont",
        "Compte technique : expiration dans 1 jour, Commune de Valmont",
        "Compte technique expiré : Commune de Valmont",
    }


def test_the_mail_speaks_the_language_of_who_holds_the_role_now(publish, mails, holder):
    holder["user_id"] = DEPUTY.user_id
    publish(announced(7))
    (mail,) = mails(1)
    assert (mail.to_address, mail.subject) == ("bob@demo.invalid", "Technical account: expires in 7 days, Commune de Valmont")


def test_a_structure_without_principal_holds_nothing_up(publish, mails, holder):
    holder.clear()
    publish(announced(7))
    publish(renewed(renewed_by=f"user:{DEPUTY.user_id}"))
    wait_until(lambda: len(holder.get("asked", [])) == 2, timeout=20)
    holder["user_id"] = GP.user_id
    publish(announced(1))
    (mail,) = mails(1)
    assert "1 jour" in mail.subject
