"""Mails about requests of espaces: to those whose work they are, to their maker, and those that the espace itself brings."""

import datetime
import uuid

import pytest
from notification_world import NAMES, SUPPLIER, TOWN
from pupitre_bus.actors import Actor
from pupitre_contracts import communication, requests
from pupitre_espaces import Host, Label, Manifest, MessageTemplate, hookimpl
from pupitre_espaces.discovery import Source
from pupitre_notifications import tables

ESPACE = "essais"


class Trials:
    @hookimpl
    def espace_manifest(self):
        return Manifest(key=ESPACE, label=Label("Essais", "Trials"), description=Label("Essais", "Trials"))

    @hookimpl
    def espace_messages(self):
        yield MessageTemplate(
            "request.moved.v1", Label("Essai {number}", "Trial {number}"), Label("{status_to} : {motive}", "{status_to}: {motive}")
        )
        yield MessageTemplate("request.sent.v1", Label("Reçu {number}", "Got {number}"), Label("{link}", "{link}"))


@pytest.fixture
def world(stage):
    """Fanny asks in the espace, Alan answers in *Factures reçues*."""
    stage.world.habilitations[SUPPLIER, ESPACE] = {stage.world.fanny.user_id: "MODIFICATION"}
    return stage.world


def party(role, structure_id, espace, *, acts=False):
    return requests.PartyOfEvent(role=role, structure_id=structure_id, name=NAMES[structure_id], espace=espace, acts=acts)


def parties(acts):
    sides = (("demandeur", SUPPLIER, ESPACE), ("instructeur", TOWN, "factures-recues"))
    return [party(*each, acts=acts == each[0]) for each in sides]


SAME = {
    "espace": ESPACE,
    "kind": "aide",
    "kind_label_fr": "Aide",
    "kind_label_en": "Aid",
    "number": "AID-2026-00001",
    "maker_name": NAMES[SUPPLIER],
}


def moved(to, by, acts, **values):
    return requests.RequestMoved(
        **SAME,
        request_id=uuid.uuid4(),
        portal_number=1,
        cadre="A21",
        status_from="DEPOSEE",
        status_to=to,
        status_label_fr=to.title(),
        status_label_en=f"{to.title()} (en)",
        by=by,
        actor="user:1",
        maker_structure_id=SUPPLIER,
        **{"parties": parties(acts), **values},
    )


def test_those_whose_work_a_request_has_become_are_told_in_their_language(stage, world):
    event = moved("MISE_A_DISPOSITION", "system", "instructeur")
    stage.publish(event)
    (mail,) = stage.wait_for_mails(1, "request-to-do")
    assert (mail.user_id, mail.subject) == (world.alan.user_id, "Aid no. AID-2026-00001 from Papeterie: to be worked on")
    assert f"/espaces/factures-recues/demandes/{event.request_id}" in mail.body
    assert len(stage.mails()) == 1


def test_each_structure_of_a_role_is_told_but_the_one_that_acted(stage, world):
    both = [party("membre", each, espace, acts=True) for each, espace in ((SUPPLIER, ESPACE), (TOWN, "factures-recues"))]
    first = moved("DEPOSEE", "system", "", parties=both)
    stage.publish(first)
    told = stage.wait_for(tables.mail, 2, tables.mail.c.about == str(first.request_id))
    assert {each.user_id for each in told} == {world.fanny.user_id, world.alan.user_id}
    last = moved("SIGNEE", "membre", "", parties=both, by_structure_id=SUPPLIER)
    stage.publish(last)
    [mail] = stage.wait_for(tables.mail, 1, tables.mail.c.about == str(last.request_id))
    assert mail.user_id == world.alan.user_id


def test_the_maker_is_told_of_a_return_with_its_motive_whatever_his_switch_says(stage, world):
    world.change(world.fanny, notify_invoicing=False)
    stage.publish(moved("SUSPENDUE", "instructeur", "demandeur", motive="[PIECE] Pièce absente", comment="merci"))
    (mail,) = stage.wait_for_mails(1, "request-returned")
    assert mail.user_id == world.fanny.user_id
    assert "[PIECE] Pièce absente" in mail.body
    assert "merci" in mail.body
    assert f"/espaces/{ESPACE}/demandes/" in mail.body


def test_the_maker_is_told_what_became_of_it_unless_he_did_it_himself_or_wants_no_mail(stage, world):
    stage.publish(moved("ABANDONNEE", "demandeur", ""), moved("SERVICE_FAIT", "instructeur", ""))
    (mail,) = stage.wait_for_mails(1, "request-status")
    assert mail.subject == "Aide n° AID-2026-00001 : Service_Fait"
    world.change(world.fanny, notify_invoicing=False)
    last = moved("SUSPENDUE", "instructeur", "demandeur")
    stage.publish(moved("SERVICE_FAIT", "instructeur", ""), last)
    stage.wait_for(tables.mail, 1, tables.mail.c.about == str(last.request_id))
    assert len(stage.mails("request-status")) == 1


@pytest.mark.requirement("R041")
def test_who_chose_one_digest_a_day_finds_requests_in_it(stage, world, caller):
    alan = world.alan
    caller(Actor("user", str(alan.user_id), alan.given_name)).call(communication.SetPreferences, mode="daily", weekly_recap=True)
    stage.publish(moved("MISE_A_DISPOSITION", "system", "instructeur"))
    (line,) = stage.wait_for(tables.digest_line, 1)
    assert line.about == "Aid no. AID-2026-00001 from Papeterie: to be worked on (Mise_A_Disposition (en))"
    assert stage.mails() == []


def test_time_that_runs_out_is_told_to_those_whose_work_it_is(stage, world):
    stage.publish(
        requests.RequestReminded(
            **SAME,
            request_id=uuid.uuid4(),
            status="MISE_A_DISPOSITION",
            status_label_fr="Mise à disposition",
            status_label_en="Made available",
            days_left=3,
            due_at=datetime.datetime(2026, 12, 9, 1, tzinfo=datetime.UTC),
            parties=parties("instructeur"),
        )
    )
    (mail,) = stage.wait_for_mails(1, "request-reminded")
    assert (mail.user_id, "3 day(s) left" in mail.subject, "09/12/2026" in mail.body) == (world.alan.user_id, True, True)


def test_the_espace_adds_mails_of_its_own(stage, world):
    stage.host.runtime("notifications").resources.espaces = Host("notifications", discover=False, plugins=[Source.of(Trials())])
    stage.publish(
        requests.RequestSent(
            **SAME, request_id=uuid.uuid4(), portal_number=1, cadre="A21", maker_structure_id=SUPPLIER, parties=parties("instructeur")
        )
    )
    (mail,) = stage.wait_for_mails(1, f"espace:{ESPACE}")
    assert (mail.subject, mail.user_id) == ("Got AID-2026-00001", world.alan.user_id)
    stage.publish(moved("SUSPENDUE", "instructeur", "demandeur", motive="non"))
    found = stage.wait_for_mails(2, f"espace:{ESPACE}")
    [mine] = [each for each in found if each.user_id == world.fanny.user_id]
    assert (mine.subject, mine.body) == ("Essai AID-2026-00001", "SUSPENDUE : non")
