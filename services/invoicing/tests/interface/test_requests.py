"""Requests of the kinds that espaces bring: typed, sent, moved, found, on both buses and both databases."""

import datetime
import uuid
from zoneinfo import ZoneInfo

import eventlet
import pytest
from pupitre_contracts import errors
from pupitre_contracts import requests as contract
from pupitre_espaces.discovery import Source
from request_people import Desk
from request_plugin import ESPACE, RECEIVED, Trials

THIS_YEAR = datetime.datetime.now(ZoneInfo("Europe/Paris")).year
CHANGED = (errors.Conflict, errors.TransitionForbidden, errors.RequestNotReady)


@pytest.fixture
def plugins():
    return [Source.of(Trials())]


@pytest.fixture
def desk(stage):
    return Desk(stage)


def rules(request):
    return [(each.rule, each.term) for each in request.findings]


def test_a_draft_is_kept_however_wrong_it_is_and_tells_what_keeps_it_from_being_sent(desk):
    draft = desk.draft(form={"year": "l'an 2025"}, lines=[{"volume": "douze"}, {"volume": "2,5"}], parties=[])

    assert (draft.status, draft.version, draft.can_edit, draft.number) == ("BROUILLON", 1, True, f"AID-{THIS_YEAR}-00001")
    assert draft.form == {"year": "l'an 2025", "total": "25.0"}
    assert [each.get("volume") for each in draft.lines] == ["douze", "2.5"]
    assert rules(draft) == [
        ("form-format", "year"),
        ("form-required", "subject"),
        ("form-format", "1.volume"),
        ("role-missing", "party.instructeur"),
    ]
    with pytest.raises(errors.RequestNotReady) as refusal:
        desk.send(draft, language="en")
    assert refusal.value.details["count"] == 4
    assert refusal.value.details["findings"][0]["message"].startswith("Année (en)")

    values = {"request_id": draft.request_id, "version": 1, "parties": [desk.named("instructeur", desk.stage.BUYER, "VOIRIE")]}
    better = desk.save(**values, form={"year": "2025", "subject": "Semences"}, lines=[{"volume": "2,5"}])
    assert (better.version, better.findings, better.lines) == (2, [], [{"volume": "2.5", "amount": "25.0"}])
    assert (better.net, better.gross) == (25, 25)


def test_what_is_left_out_of_a_draft_stays_and_what_is_named_anew_is_replaced(desk):
    draft = desk.draft(documents=[desk.file()])
    same = desk.save(request_id=draft.request_id, version=1)
    assert (same.form, same.lines, same.parties) == (draft.form, draft.lines, draft.parties)
    assert [each.name for each in same.documents] == ["bon.pdf", "recap.txt"]
    bon = next(each for each in same.documents if not each.made)
    none = desk.save(
        request_id=draft.request_id, version=2, parties=[desk.named("instructeur", "")], remove_documents=[bon.document_id]
    )
    assert [each.role for each in none.parties] == ["demandeur"]
    assert [each.name for each in none.documents] == ["recap.txt"]


def test_a_request_that_is_sent_goes_where_its_lifecycle_says_and_both_sides_see_it(desk):
    sent = desk.sent(documents=[desk.file(line=1, designation="Bon de livraison")])

    assert (sent.status, sent.status_label_fr, sent.can_edit) == ("MISE_A_DISPOSITION", "Mise à disposition du destinataire", False)
    assert sent.acts is False
    seen = desk.get(sent, desk.agent)
    assert (seen.roles, seen.acts, seen.form) == (["instructeur"], True, {"year": 2025, "subject": "Semences", "total": "25.0"})
    assert {each.to for each in seen.moves} == {"SERVICE_FAIT", "SUSPENDUE", "REJETEE", "A_RECYCLER"}
    assert [(each.name, each.line, each.made) for each in seen.documents] == [("recap.txt", None, True), ("bon.pdf", 1, False)]
    assert [(each.action, each.status_from, each.status_to) for each in seen.history] == [
        ("prepare", None, "BROUILLON"),
        ("send", "BROUILLON", "DEPOSEE"),
        ("route", "DEPOSEE", "MISE_A_DISPOSITION"),
    ]
    made = seen.documents[0]
    file = desk.call(desk.agent, contract.RequestFile, request_id=sent.request_id, document_id=made.document_id).document
    assert desk.stage.blobs.get(file.sha256) == f"AID-{THIS_YEAR}-00001 25.0".encode()
    with pytest.raises(errors.NotFound):
        desk.call(desk.agent, contract.RequestFile, request_id=sent.request_id, document_id=uuid.uuid4())


def test_a_move_says_its_motive_and_its_statement_and_returns_what_it_must(desk):
    sent = desk.sent()
    with pytest.raises(errors.MotiveRefused, match="Rejetez la demande"):
        desk.move(sent, "SUSPENDUE", desk.agent, motive_code="DOUBLE", motive="voir l'autre")
    for wrong in ({}, {"motive_code": "AUTRE"}, {"motive_code": "RIEN", "motive": "x"}):
        with pytest.raises(errors.MotiveRefused):
            desk.move(sent, "SUSPENDUE", desk.agent, **wrong)
    with pytest.raises(errors.Invalid, match="stated"):
        desk.move(sent, "SERVICE_FAIT", desk.agent)
    held = desk.move(sent, "SUSPENDUE", desk.agent, motive_code="PIECE", motive="le bon", comment="merci")
    assert (held.last_motive, held.moves) == ("[PIECE] Pièce absente : le bon", [])

    mine = desk.get(held, desk.maker)
    assert (mine.acts, [each.to for each in mine.moves]) == (True, ["MISE_A_DISPOSITION", "ABANDONNEE"])
    back = desk.move(mine, "MISE_A_DISPOSITION", desk.maker, documents=[desk.file()])
    assert "bon.pdf" in {each.name for each in back.documents}
    done = desk.move(back, "SERVICE_FAIT", desk.agent, stated=True, comment="vu sur place")
    assert (done.status, done.moves) == ("SERVICE_FAIT", [])
    [said] = [each.comment for each in done.history if each.status_to == "SERVICE_FAIT"]
    assert said == "« J'atteste le service fait » vu sur place"


def test_what_the_table_has_not_is_refused_and_changes_nothing(desk):
    sent = desk.sent()
    for actor, to in ((desk.agent, "MISE_EN_PAIEMENT"), (desk.maker, "SERVICE_FAIT"), (desk.agent, "ABANDONNEE")):
        with pytest.raises(errors.TransitionForbidden):
            desk.move(sent, to, actor)
    with pytest.raises(errors.Invalid):
        desk.move(sent, "SERVICE_FAIT", desk.agent, stated=True, documents=[desk.file()])
    with pytest.raises(errors.Invalid):
        desk.move(sent, "A_RECYCLER", desk.agent, parties=[desk.named("instructeur", desk.stage.BUYER)])
    with pytest.raises(errors.Conflict):
        desk.move(sent, "REJETEE", desk.agent, motive="non", version=1)
    with pytest.raises(errors.TransitionForbidden):
        desk.send(sent, version=sent.version)
    assert desk.get(sent, desk.agent).version == sent.version


def test_a_wrong_recipient_is_corrected_and_the_right_one_sees_it_instead(desk):
    other = desk.stage.world.structure("90000006000017", "Autre commune", public=True)
    clerk = desk.stage.world.user((other, RECEIVED, "MODIFICATION"))
    wrong = desk.move(desk.sent(), "A_RECYCLER", desk.agent)
    for identifier in ("11111111111111", desk.MOE):
        with pytest.raises(errors.Invalid, match=r"party\.instructeur"):
            desk.move(wrong, "@before", desk.maker, parties=[desk.named("instructeur", identifier)])
    right = desk.move(wrong, "@before", desk.maker, parties=[desk.named("instructeur", other.siret)])

    assert (right.status, right.parties[1].name) == ("MISE_A_DISPOSITION", "Autre commune")
    assert desk.get(right, clerk).acts
    with pytest.raises(errors.NotFound):
        desk.get(right, desk.agent)


def test_who_comes_later_sees_it_later(desk):
    draft = desk.draft(parties=[desk.named("instructeur", desk.stage.BUYER, "VOIRIE"), desk.named("garant", desk.MOE)])
    sent = desk.send(draft)
    with pytest.raises(errors.NotFound):
        desk.get(sent, desk.architect)
    done = desk.move(sent, "SERVICE_FAIT", desk.agent, stated=True)
    assert desk.get(done, desk.architect).roles == ["garant"]


@pytest.mark.parametrize(
    "values, rule",
    [
        ({"identifier": "11111111111111"}, "party-unknown"),
        ({"identifier": "90000006000017"}, "party-inactive"),
        ({"identifier": Desk.MOE}, "role-type"),
        ({"identifier": "90000002000019", "code_service": "RIEN"}, "PUP-ROUTING-SERVICE-UNKNOWN"),
        ({"identifier": "90000002000019", "code_service": "CLOS"}, "PUP-ROUTING-SERVICE-INACTIVE"),
        ({"identifier": "90000007000014"}, "PUP-ROUTING-SERVICE-REQUIRED"),
    ],
)
def test_a_party_that_cannot_have_its_role_is_a_finding(desk, values, rule):
    world = desk.stage.world
    world.structure("90000006000017", "Commune close", public=True, active=False)
    world.structure("90000007000014", "Commune stricte", public=True, requires_service=True)
    world.calls.clear()
    draft = desk.draft(parties=[contract.NamedParty(role="instructeur", **values)])
    assert (rule, "party.instructeur") in rules(draft)
    assert world.calls == ["rights_of_actor", "resolve_recipients"]
    with pytest.raises(errors.RequestNotReady):
        desk.send(draft)


def test_a_draft_keeps_the_identifier_that_nobody_has(desk):
    draft = desk.draft(parties=[contract.NamedParty(role="instructeur", identifier="11111111111111", code_service="X")])
    assert [(each.role, each.identifier, each.code_service) for each in draft.unknown_parties] == [("instructeur", "11111111111111", "X")]
    assert [each.role for each in draft.parties] == ["demandeur"]


def test_a_list_has_what_was_typed_where_it_is_asked_for(desk):
    draft = desk.draft()
    assert [each.type for each in draft.parties] == ["private", "public"]
    assert [each.form for each in desk.list(desk.maker).requests] == [None]
    assert [each.form for each in desk.list(desk.maker, with_form=True).requests] == [draft.form]


@pytest.mark.parametrize(
    "values, field",
    [
        ({"kind": "autre"}, "kind"),
        ({"espace": "autre"}, "kind"),
        ({"cadre": "A1"}, "cadre"),
        ({"parties": [contract.NamedParty(role="roi", identifier="1")]}, "role"),
        ({"kind": "marche", "cadre": "A4", "parties": [contract.NamedParty(role="support", identifier="1")]}, "party.support"),
        ({"lines": [{}] * 2001}, "lines"),
    ],
)
def test_what_no_kind_knows_is_refused(desk, values, field):
    with pytest.raises(errors.Invalid) as refusal:
        desk.draft(**values)
    assert field in refusal.value.details["fields"]


def test_the_espaces_own_word_keeps_a_draft_and_its_silence_keeps_nothing(desk):
    assert rules(desk.draft(form={"year": 2000, "subject": "x"})) == [("year-closed", "year")]
    with pytest.raises(errors.EspaceSilent):
        desk.draft(form={"year": 2025, "subject": "panne"})
    assert desk.list(desk.maker).total == 1


def test_a_draft_is_deleted_and_its_history_stays(desk):
    draft = desk.draft(documents=[desk.file()])
    for actor in (desk.reader, desk.agent, desk.stranger):
        with pytest.raises((errors.Forbidden, errors.NotFound)):
            desk.call(actor, contract.DeleteRequest, request_id=draft.request_id, version=1)
    desk.call(desk.maker, contract.DeleteRequest, request_id=draft.request_id, version=1)
    with pytest.raises(errors.NotFound):
        desk.get(draft, desk.maker)
    assert [row["action"] for row in desk.stage.rows("SELECT action FROM history ORDER BY number")] == ["prepare", "delete"]
    for table in ("request", "request_party", "request_document"):
        assert desk.stage.rows(f"SELECT * FROM {table}") == []
    sent = desk.sent()
    with pytest.raises(errors.TransitionForbidden):
        desk.call(desk.maker, contract.DeleteRequest, request_id=sent.request_id, version=sent.version)


def test_what_is_asked_once_a_year_is_asked_once(desk):
    desk.sent()
    again = desk.draft()
    assert ("once-only", "year") in rules(again)
    with pytest.raises(errors.RequestNotReady):
        desk.send(again)
    assert desk.sent(form={"year": 2024, "subject": "x"}).number == f"AID-{THIS_YEAR}-00003"


@pytest.mark.requirement("RS-20")
@pytest.mark.parametrize("kind", ["aide", "marche"])
def test_of_ten_sends_at_once_of_one_number_or_one_year_one_succeeds(desk, kind):
    drafts = [desk.draft() if kind == "aide" else desk.piece("P-7") for _ in range(10)]
    told = set()

    def send(draft):
        try:
            return desk.send(draft, timeout=60).status
        except errors.RequestNotReady as lost:
            told.add(lost.details["findings"][0]["rule"])
            return ""

    statuses = sorted(eventlet.GreenPool(10).imap(send, drafts))
    assert statuses == [""] * 9 + ["MISE_A_DISPOSITION" if kind == "aide" else "A_VALIDER_MOE"]
    assert told == {"once-only" if kind == "aide" else "number-taken"}


@pytest.mark.requirement("RS-21")
def test_of_ten_contradictory_moves_at_once_one_wins(desk):
    sent, wanted = desk.sent(), ["REJETEE", "A_RECYCLER"] * 5

    def move(to):
        try:
            return desk.move(sent, to, desk.agent, motive="parce que", timeout=60).status
        except CHANGED:
            return None

    [winner] = [status for status in eventlet.GreenPool(10).imap(move, wanted) if status]
    seen = desk.get(sent, desk.agent)
    assert (seen.status, seen.version, len(seen.history)) == (winner, sent.version + 1, 4)


def test_a_kind_whose_plugin_is_away_can_be_read_only(desk):
    sent, draft = desk.sent(), desk.draft(form={"year": 2024, "subject": "x"})
    desk.stage.host.runtime("invoicing").resources.espaces.kinds().clear()

    seen = desk.get(sent, desk.agent)
    assert (seen.plugin_away, seen.moves, seen.kind_label_fr, seen.status_label_en) == (True, [], "Aide", sent.status_label_en)
    assert desk.list(desk.maker).total == 2
    for act in (
        lambda: desk.move(sent, "REJETEE", desk.agent, motive="x"),
        lambda: desk.send(draft),
        lambda: desk.save(request_id=draft.request_id, version=1),
    ):
        with pytest.raises(errors.EspaceSilent):
            act()
    desk.call(desk.maker, contract.DeleteRequest, request_id=draft.request_id, version=1)
    assert desk.list(desk.maker, espace=ESPACE).total == 1
