"""« Fichiers de l'annuaire » of a structure (R262)."""

import datetime
import gzip
import uuid

import pytest
from portal_world import TOWN, a_structure
from pupitre_contracts import annuaire_files as calls
from pupitre_contracts import errors, identity, organisation

AT = datetime.datetime(2026, 11, 26, 3, 0, tzinfo=datetime.UTC)
PACKED = gzip.compress(b"identifier_type,identifier\r\n", mtime=0)
PLACE = f"/structures/{TOWN}/annuaire"
ENROLMENT = uuid.uuid4()


@pytest.fixture
def file(browser, bus):
    sha256 = browser.client.application.extensions["pupitre"].blobs.put(PACKED)
    values = {"kind": "MODIFICATIONS", "due_on": AT.date(), "since": 5, "head": 7, "rows": 3, "size": len(PACKED), "sha256": sha256}
    times = dict.fromkeys(("produced_at", "delivered_at", "kept_until"), AT)
    made = calls.AnnuaireFile(file_id=uuid.uuid4(), name="FAR37_20261126_MODIFICATIONS.csv.gz", **values, **times)
    bus.answers |= {
        calls.ListAnnuaireFiles: listed([made]),
        calls.GetAnnuaireFile: {"file": made},
        organisation.GetStructure: {"structure": a_structure()},
    }
    return made


def listed(files, *, may_end=True, ended_at=None):
    one = calls.AnnuaireEnrolment(
        enrolment_id=ENROLMENT, espace="raccordements", asked_in="RAC-2026-00001", started_at=AT, ended_at=ended_at
    )
    return {"enrolments": [one], "files": files, "may_end": may_end}


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.mark.requirement("R262")
def test_a_subscriber_finds_its_files_with_day_kind_size_and_hash(browser, file):
    page = words(browser.get(f"{PLACE}/"))
    for text in (file.name, file.sha256, "modifications", "RAC-2026-00001", f"{len(PACKED)} octets"):
        assert text in page
    answer = browser.get(f"{PLACE}/{file.file_id}")
    assert (answer.status_code, answer.mimetype, answer.get_data()) == (200, "application/gzip", PACKED)


def test_the_structures_page_leads_there(browser, file):
    assert f'href="{PLACE}/"' in words(browser.get(f"/structures/{TOWN}"))


def test_a_gestionnaire_ends_it_once_the_box_is_ticked(browser, bus, file):
    bus.answers[calls.EndAnnuaireEnrolment] = {"enrolment": listed([], ended_at=AT)["enrolments"][0]}
    address = f"{PLACE}/abonnements/{ENROLMENT}/fin"
    assert f'action="{address}"' in words(browser.get(f"{PLACE}/"))
    unconfirmed = words(browser.post(address, form_at=f"{PLACE}/", follow_redirects=True))
    assert "rien n'a été fait" in unconfirmed and bus.requests(calls.EndAnnuaireEnrolment) == []
    told = words(browser.post(address, {"confirmation": "oui"}, form_at=f"{PLACE}/", follow_redirects=True))
    assert "RAC-2026-00001 a pris fin" in told
    [asked] = bus.requests(calls.EndAnnuaireEnrolment)
    assert (asked.structure_id, asked.enrolment_id) == (TOWN, ENROLMENT)


def test_who_may_not_end_it_is_offered_nothing_and_told_so(browser, bus, file):
    address = f"{PLACE}/abonnements/{ENROLMENT}/fin"
    bus.answers[calls.EndAnnuaireEnrolment] = errors.NotFound(what="enrolment")
    refused = browser.post(address, {"confirmation": "oui"}, form_at=f"{PLACE}/")
    assert refused.status_code == 404
    bus.answers[calls.ListAnnuaireFiles] = listed([], may_end=False)
    page = words(browser.get(f"{PLACE}/"))
    assert address not in page and "Aucun fichier" in page


def test_a_stranger_finds_nothing(browser, bus, file):
    bus.answers |= {call: errors.NotFound(what="structure") for call in (calls.ListAnnuaireFiles, calls.GetAnnuaireFile)}
    assert browser.get(f"{PLACE}/").status_code == 404
    assert browser.get(f"{PLACE}/{file.file_id}").status_code == 404


def test_nobody_sees_it_without_signing_in(browser, bus, file):
    bus.answers[identity.ResumeSession] = errors.SessionEnded()
    assert browser.get(f"{PLACE}/{file.file_id}").status_code == 302
