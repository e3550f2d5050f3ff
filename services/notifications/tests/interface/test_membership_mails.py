import datetime
import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus import Service
from pupitre_bus.settings import load
from pupitre_bus.testing import wait_until
from pupitre_contracts import annuaire_files, habilitations, identity, mandats, organisation, rattachements
from pupitre_notifications import tables
from pupitre_notifications.service import NotificationsService

ADA, BOB, EVE = (
    identity.User(user_id=uuid.uuid4(), email=f"{name.lower()}@demo.invalid", given_name=name, family_name="L", language=language)
    for name, language in (("Ada", "fr"), ("Bob", "en"), ("Eve", "fr"))
)
IDA = identity.User(user_id=uuid.uuid4(), email="ida@demo.invalid", given_name="Ida", family_name="L", language="fr", notify_news=False)
WHERE = {"structure_id": uuid.uuid4(), "structure_name": "Commune de Valmont"}
REQUEST = {"approbation_id": uuid.uuid4(), "number": 100001, "user_id": ADA.user_id, **WHERE}


@pytest.fixture
def publish(bench, running, fake_service):
    def users(request, scope):
        return {"users": [user for user in (ADA, BOB, EVE, IDA) if user.user_id in request.user_ids]}

    bench.settings = load("pupitre_notifications", environ={"PUPITRE_STATE": str(bench.backend.folder)})
    fake_service("identity", {identity.UsersByIds: users})
    host = running(type("Source", (Service,), {"name": "organisation"}), NotificationsService)

    def publish(*events):
        with host.runtime("organisation").database.transaction() as tx:
            for event in events:
                tx.publish(event)

    return publish


@pytest.fixture
def mails(bench):
    """The mails once there are so many: (address, subject, body), by address."""

    def read(count):
        def rows():
            database = bench.database("notifications")
            with database.reading() as db:
                found = db.execute(sa.select(tables.mail.c.to_address, tables.mail.c.subject, tables.mail.c.body)).all()
            database.close()
            return found if len(found) >= count else None

        found = wait_until(rows, timeout=20)
        assert len(found) == count
        return sorted(tuple(row) for row in found)

    return read


@pytest.mark.requirement("R150")
def test_each_gestionnaire_is_asked_in_his_language(publish, mails):
    approvers = [BOB.user_id, EVE.user_id]
    publish(rattachements.RattachementRequested(**REQUEST, approver_ids=approvers, comment="Je remplace Camille"))
    (bob, in_english, body), (eve, in_french, _) = mails(2)
    assert (bob, in_english) == ("bob@demo.invalid", "Request for rattachement no. 100001: Ada L")
    assert (eve, in_french) == ("eve@demo.invalid", "Demande de rattachement n° 100001 : Ada L")
    assert "Je remplace Camille" in body
    assert f"/approbations/{REQUEST['approbation_id']}" in body


def test_wishes_are_named(publish, mails):
    wishes = [rattachements.Wish(espace="factures-recues", profile="MODIFICATION")]
    publish(rattachements.HabilitationRequested(**REQUEST, approver_ids=[EVE.user_id], wishes=wishes))
    ((_, subject, body),) = mails(1)
    assert "Demande d'habilitation n° 100001" in subject
    assert "factures-recues (modification)" in body


@pytest.mark.requirement("R155")
@pytest.mark.parametrize("state, words", [("APPROUVE", "approuvée"), ("REFUSE", "refusée")])
def test_the_requester_is_told_of_the_decision_and_its_reason(publish, mails, state, words):
    motive = "Inconnue chez nous" if state == "REFUSE" else None
    publish(
        rattachements.ApprobationDecided(**REQUEST, kind="RATTACHEMENT", state=state, motive=motive, decided_by=f"user:{EVE.user_id}")
    )
    ((address, subject, body),) = mails(1)
    assert address == "ada@demo.invalid"
    assert words in subject
    assert (motive or "Motif : -") in body


@pytest.mark.requirement("R110")
def test_a_user_is_told_of_what_a_gestionnaire_did_and_not_of_what_he_did_himself(publish, mails):
    attached = {"structure_id": WHERE["structure_id"], "structure_name": WHERE["structure_name"], "role": "US"}
    publish(
        organisation.RattachementValidated(**attached, user_id=BOB.user_id),
        organisation.RattachementValidated(**attached, user_id=ADA.user_id, attached_by=f"user:{EVE.user_id}"),
        rattachements.RattachementEnded(**WHERE, user_id=BOB.user_id, ended_by=f"user:{BOB.user_id}"),
        rattachements.RattachementEnded(**WHERE, user_id=EVE.user_id, ended_by=f"user:{ADA.user_id}"),
    )
    told = [(address, subject) for address, subject, _ in mails(2)]
    assert told == [
        ("ada@demo.invalid", "Vous êtes rattaché(e) à Commune de Valmont"),
        ("eve@demo.invalid", "Vous n'êtes plus rattaché(e) à Commune de Valmont"),
    ]


@pytest.mark.requirement("R120")
def test_both_are_told_that_the_role_was_handed_over(publish, mails):
    publish(
        rattachements.GestionnairePrincipalTransferred(
            **WHERE, from_user_id=ADA.user_id, to_user_id=BOB.user_id, transferred_by=f"user:{ADA.user_id}"
        )
    )
    (ada, handed, _), (bob, received, _) = mails(2)
    assert (ada, bob) == ("ada@demo.invalid", "bob@demo.invalid")
    assert "est transmis" in handed
    assert "You are gestionnaire principal" in received


@pytest.mark.requirement("R141")
def test_the_requests_that_an_added_espace_makes_fill_no_mailbox(publish, mails):
    wishes = [rattachements.Wish(espace="atelier", profile="CONSULTATION")]
    made = {**REQUEST, "approver_ids": [EVE.user_id], "wishes": wishes}
    publish(
        rattachements.HabilitationRequested(**made, generated_by=f"user:{EVE.user_id}"),
        rattachements.HabilitationRequested(**{**made, "approver_ids": [BOB.user_id]}),
    )
    assert [address for address, _, _ in mails(1)] == ["bob@demo.invalid"]


@pytest.mark.requirement("R123")
def test_a_gestionnaire_secondaire_learns_what_he_manages(publish, mails):
    named = {**WHERE, "named_by": f"user:{EVE.user_id}"}
    publish(
        habilitations.GestionnaireSecondaireNamed(**named, user_id=ADA.user_id, manages_structure=False, manages_users=True),
        habilitations.GestionnaireSecondaireNamed(**named, user_id=BOB.user_id, manages_structure=False, manages_users=False),
    )
    (_, named_subject, body), (_, ended_subject, _) = mails(2)
    assert named_subject == "Vous êtes gestionnaire secondaire de Commune de Valmont"
    assert "les utilisateurs de la structure" in body
    assert ended_subject == "You are no longer gestionnaire secondaire of Commune de Valmont"


@pytest.mark.requirement("R280")
def test_both_structures_are_told_of_a_mandat_and_of_its_end(publish, mails):
    about = {
        **WHERE,
        "mandat_id": uuid.uuid4(),
        "number": 100001,
        "mandataire_id": uuid.uuid4(),
        "mandataire_name": "Cabinet",
        "gestionnaire_ids": [ADA.user_id, BOB.user_id],
    }
    publish(
        mandats.MandatGiven(**about, starts_on=datetime.date(2026, 1, 1), given_by="user:x"),
        mandats.MandatEnded(**about, ended_by="user:x"),
    )
    told = mails(4)
    assert {subject for _, subject, _ in told} == {
        "Mandat de facturation n° 100001",
        "Fin du mandat de facturation n° 100001",
        "Mandat de facturation no. 100001",
        "End of mandat de facturation no. 100001",
    }
    assert all("Cabinet" in body and "Commune de Valmont" in body for _, _, body in told)


@pytest.mark.requirement("R262")
def test_gestionnaires_who_want_news_are_told_of_a_whole_annuaire_and_not_of_each_days_changes(publish, mails):
    about = {"due_on": datetime.date(2026, 1, 5), "head": 9, "rows": 12, "size": 100, "sha256": "ab" * 32}
    about |= {"structure_ids": [WHERE["structure_id"]], "gestionnaire_ids": [ADA.user_id, BOB.user_id, IDA.user_id]}
    whole, changes = uuid.uuid4(), uuid.uuid4()
    publish(
        annuaire_files.AnnuaireFileProduced(file_id=changes, file_name="FAR37_1.csv.gz", kind="MODIFICATIONS", since=8, **about),
        annuaire_files.AnnuaireFileProduced(file_id=whole, file_name="FAR37_2.csv.gz", kind="COMPLET", **about),
    )
    told = mails(2)
    assert {subject for _, subject, _ in told} == {
        "Annuaire des structures publiques : FAR37_2.csv.gz",
        "Annuaire of public structures: FAR37_2.csv.gz",
    }
    assert all("12" in body for _, _, body in told)
