"""A request is begun, typed, kept, imported, confirmed and sent, without a script."""

import io
import uuid

import pytest
from portal_world import EVIL, SUPPLIER, TOWN, rights
from pupitre_contracts import bank_details, directory, errors, organisation
from pupitre_contracts import requests as calls
from request_world import (
    DOCUMENT,
    REQUEST,
    Aides,
    Instruction,
    WideLine,
    a_document,
    a_draft,
    a_finding,
    a_kind,
    a_party,
    a_request,
)

LIST = "/espaces/aides/demandes"
NEW, DRAFT = f"{LIST}/nouvelle", f"{LIST}/{REQUEST}"
EDIT = f"{DRAFT}/saisie"
FORM = {"form.subject": "Gazole", "form.year": "2025", "form.honest": "1", "number": "A-7", "party.instructeur": "217 500 016 00019"}


@pytest.fixture
def plugins():
    return [Aides(), Instruction()]


@pytest.fixture(autouse=True)
def opened(bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("aides",))]}
    bus.answers[calls.GetRequest] = {"request": a_draft()}
    bus.answers[calls.SaveRequest] = {"request": a_draft(version=5)}
    bus.answers[calls.SendRequest] = {"request": a_request()}
    bus.answers[calls.DeleteRequest] = {}


def text(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'").replace("&#x27;", "'")


def allow(bus, *espaces, profile="MODIFICATION", **changes):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=espaces, profile=profile, **changes)]}


def saved(bus):
    return bus.requests(calls.SaveRequest)[-1]


class TestNew:
    def test_the_only_thing_that_can_be_begun_is_begun_at_once(self, browser):
        page = text(browser.get(NEW))
        for name in ("form.subject", "form.why", "form.on", "form.fuel", "form.amount", "form.honest", "party.instructeur", "number"):
            assert f'name="{name}"' in page
        assert 'name="form.total"' not in page
        assert 'name="party.etat"' not in page
        assert "110 002 011 00044" in page
        assert "Objet (obligatoire)" in page
        assert "Ce que vous demandez" in page
        assert "Montant demandé (€)" in page
        assert 'href="/espaces/aides/aide">Calculer</a>' in page
        assert '<option value="GNR">Gazole</option>' in page
        assert 'rows="4"' in page
        assert 'name="line.1.volume"' in page

    def test_the_form_speaks_english(self, browser):
        page = text(browser.get(f"{NEW}?lang=en"))
        assert "Subject (required)" in page
        assert "Amount claimed" in page
        assert "obligatoire" not in page

    def test_a_link_fills_the_form_in_and_what_it_names_wrongly_is_ignored(self, browser):
        link = f"{NEW}?kind=aide&cadre=D1&number=A%269&form.subject=<b>&form.zut=1&party.instructeur=21750001600019&service.instructeur=V1"
        page = text(browser.get(link))
        assert 'value="A&amp;9"' in page
        assert 'value="&lt;b&gt;"' in page
        assert 'value="21750001600019"' in page
        assert 'value="V1"' in page
        assert "zut" not in page.split("<main")[1]

    def test_what_was_typed_is_kept_as_it_is_and_the_draft_is_shown(self, browser, bus):
        lines = {"row": ["1", "2", "3"], "line.1.volume": "12,5", "line.1.fuel": "GNR", "line.3.volume": "beaucoup"}
        answer = browser.post(f"{NEW}?kind=aide&cadre=D1", {**FORM, **lines, "form.year": "l'an dernier"}, form_at=NEW)
        assert answer.headers["Location"] == EDIT
        kept = saved(bus)
        assert (kept.structure_id, kept.espace, kept.kind, kept.cadre, kept.number) == (SUPPLIER, "aides", "aide", "D1", "A-7")
        assert kept.form == {"subject": "Gazole", "year": "l'an dernier", "honest": True}
        assert kept.lines == [{"volume": "12,5", "fuel": "GNR"}, {"volume": "beaucoup"}]
        assert [(each.role, each.identifier) for each in kept.parties] == [("instructeur", "21750001600019")]
        assert bus.keys(calls.SaveRequest)[0]
        assert "Le brouillon est enregistré" in text(browser.get(EDIT))

    def test_an_incomplete_draft_is_kept_too(self, browser, bus):
        assert browser.post(NEW, {}).status_code == 302
        assert saved(bus).form == {"honest": False}

    def test_a_refusal_loses_nothing_of_what_was_typed(self, browser, bus):
        bus.answers[calls.SaveRequest] = errors.Invalid(what="SaveRequest", fields={"parties": ["SIRET inconnu / unknown SIRET"]})
        answer = browser.post(NEW, {**FORM, "form.subject": EVIL, "row": "1", "line.1.volume": "7"})
        assert answer.status_code == 422
        page = text(answer)
        assert "SIRET inconnu" in page
        assert 'value="&lt;script&gt;alert(1)&lt;/script&gt;"' in page
        assert 'value="7"' in page

    def test_a_plugin_that_does_not_answer_loses_nothing_either(self, browser, bus):
        bus.answers[calls.SaveRequest] = errors.EspaceSilent(espace="aides")
        answer = browser.post(NEW, FORM)
        assert answer.status_code == 503
        assert 'value="Gazole"' in text(answer)

    @pytest.mark.parametrize("query", ["kind=zut", "kind=aide&cadre=D2", "kind=aide&cadre=ZZ"])
    def test_what_is_not_offered_is_not_found(self, browser, bus, query):
        assert browser.get(f"{NEW}?{query}").status_code == 404
        assert browser.post(f"{NEW}?{query}", FORM, form_at=NEW).status_code == 404
        assert not bus.requests(calls.SaveRequest)

    def test_who_may_only_look_begins_nothing(self, browser, bus):
        mark = browser.token(NEW)
        allow(bus, "aides", profile="CONSULTATION")
        assert browser.get(NEW).status_code == 403
        assert browser.client.post(NEW, data={"csrf_token": mark, **FORM}).status_code == 403
        assert not bus.requests(calls.SaveRequest)
        bus.answers[calls.SearchRequests] = {"requests": [], "total": 0}
        assert "/demandes/nouvelle" not in text(browser.get(LIST))

    def test_where_no_role_of_the_structure_begins_anything_the_page_says_so(self, browser, bus):
        allow(bus, "instruction", type="PUBLIC")
        assert "ne peut commencer aucune demande" in text(browser.get("/espaces/instruction/demandes/nouvelle"))


class TestChoice:
    @pytest.fixture
    def plugins(self):
        cadre = a_kind().cadres[0]
        second = type(cadre)("D3", cadre.label, "fermier", help=cadre.label)
        return [Aides(a_kind(cadres=[*a_kind().cadres, second])), Instruction()]

    def test_kind_and_cadre_are_chosen_first(self, browser, bus):
        both = [rights(espaces=("aides",)), rights(TOWN, espaces=("aides",), name=f"Mairie {EVIL}", type="PUBLIC")]
        bus.answers[organisation.RightsOfActor] = {"structures": both}
        page = text(browser.get(f"{NEW}?structure={TOWN}"))
        assert f'href="{NEW}?kind=aide&amp;cadre=D3&amp;structure={TOWN}"' in page
        assert "cadre=D2" not in page
        assert "Mairie &lt;script&gt;" in page
        assert f'<option value="{TOWN}" selected>' in page


class TestDraft:
    def test_a_draft_shows_what_it_holds_and_who_is_named(self, browser, bus):
        page = text(browser.get(EDIT))
        assert 'value="Gazole &lt;script&gt;' in page
        assert 'value="2026-03-01"' in page
        assert '<option value="GNR" selected>' in page
        assert "Ville de Test" in page
        assert 'value="VOIRIE"' in page
        assert 'name="line.1.volume"' in page
        assert 'value="12.50"' in page
        assert "25,00" in page
        assert 'name="remove_document" value="' + str(DOCUMENT) in page
        assert "000,00\xa0€" in page
        assert len(bus.calls) <= 5

    def test_the_names_of_bank_details_are_suggested(self, browser, bus):
        about = {"bank_details_id": uuid.UUID(int=61), "portal_number": 1, "kind": "IBAN", "masked": "FR76 •••• 0189", "version": 3}
        kept = bank_details.BankDetailsSummary(name=f"Compte {EVIL}", **about)
        bus.answers[bank_details.ListBankDetails] = {"bank_details": [kept]}
        page = text(browser.get(EDIT))
        assert bus.requests(bank_details.ListBankDetails)[0].structure_id == SUPPLIER
        assert 'list="form.account-choix"' in page
        assert '<option value="Compte &lt;script&gt;' in page
        assert "0189" not in page

    def test_the_page_does_without_what_other_services_do_not_say(self, browser, bus):
        bus.answers[bank_details.ListBankDetails] = errors.Unavailable(service="organisation")
        bus.answers[directory.GetDirectoryEntry] = errors.NotFound(what="structure")
        assert browser.get(EDIT).status_code == 200

    def test_an_identifier_that_nobody_has_stays_to_be_corrected(self, browser, bus):
        unknown = calls.NamedParty(role="instructeur", identifier="11111111111111", code_service="X9")
        draft = a_draft(parties=[a_party()], unknown_parties=[unknown], findings=[a_finding("party.instructeur")])
        bus.answers[calls.GetRequest] = {"request": draft}
        page = text(browser.get(EDIT))
        assert 'value="11111111111111"' in page
        assert 'value="X9"' in page
        assert "Faux : party.instructeur" in page

    def test_findings_stand_at_the_top_and_beside_their_fields(self, browser, bus):
        terms = ["subject", "1.volume", "party.instructeur", "number", "files", None, "honest"]
        bus.answers[calls.GetRequest] = {"request": a_draft(findings=[a_finding(each) for each in terms])}
        page = text(browser.get(f"{EDIT}?controle=1"))
        assert "Avant l'envoi : 7 points à corriger" in page
        assert 'role="alert"' in page
        for name in ("form.subject", "line.1.volume", "party.instructeur", "number", "files", "form.honest"):
            assert f'href="#{name}"' in page
            assert f'id="{name}"' in page
        assert 'aria-describedby="form.subject-aide form.subject-1" aria-invalid="true"' in page
        assert page.count("Corrigez subject.") == 2
        assert "Before sending" in text(browser.get(f"{EDIT}?lang=en"))

    def test_a_draft_is_kept_with_its_version(self, browser, bus):
        answer = browser.post(EDIT, {**FORM, "version": "4", "row": "1", "line.1.volume": "13", "action": "save"})
        assert answer.headers["Location"] == EDIT
        kept = saved(bus)
        assert (kept.request_id, kept.version, kept.lines) == (REQUEST, 4, [{"volume": "13"}])
        assert kept.documents == []
        assert kept.remove_documents == []

    def test_lines_are_added_and_taken_away_without_scripts(self, browser, bus):
        answer = browser.post(EDIT, {**FORM, "version": "4", "row": "1", "line.1.volume": "13", "action": "add"})
        assert answer.headers["Location"] == f"{EDIT}?lignes=1&vides=10#lignes"
        assert 'name="line.11.volume"' in text(browser.get(answer.headers["Location"].partition("#")[0]))
        lines = [{"volume": "1"}, {"volume": "2"}, {"volume": "3"}]
        documents = [a_document(line=1), a_document(document_id=uuid.UUID(int=60), line=3, name="trois.pdf")]
        bus.answers[calls.GetRequest] = {"request": a_draft(lines=lines, documents=documents)}
        rows = {"row": ["1", "2", "3"], "line.1.volume": "1", "line.2.volume": "2", "line.3.volume": "3"}
        browser.post(EDIT, {**FORM, **rows, "version": "4", "action": "remove-2"})
        kept = saved(bus)
        assert kept.lines == [{"volume": "1"}, {"volume": "3"}]
        assert kept.remove_documents == [uuid.UUID(int=60)]
        assert [(each.name, each.line) for each in kept.documents] == [("trois.pdf", 2)]

    def test_a_long_table_is_typed_page_by_page_and_nothing_of_the_others_is_lost(self, browser, bus):
        lines = [{"volume": str(number)} for number in range(1, 121)]
        bus.answers[calls.GetRequest] = {"request": a_draft(lines=lines, findings=[a_finding("110.volume")])}
        page = text(browser.get(f"{EDIT}?lignes=2"))
        assert 'name="line.51.volume"' in page
        assert 'name="line.50.volume"' not in page
        assert 'href="?lignes=3#line.110.volume"' in page
        typed = {"row": [str(number) for number in range(51, 101)], **{f"line.{number}.volume": "x" for number in range(51, 101)}}
        answer = browser.post(f"{EDIT}?lignes=2", {**FORM, **typed, "version": "4"}, form_at=EDIT)
        assert answer.headers["Location"] == f"{EDIT}?lignes=2"
        assert [each["volume"] for each in saved(bus).lines] == [*map(str, range(1, 51)), *["x"] * 50, *map(str, range(101, 121))]

    def test_files_come_with_the_form_for_the_request_or_a_line(self, browser, bus, blobs):
        data = {**FORM, "version": "4", "row": "1", "line.1.volume": "13", "documents": (io.BytesIO(b"%PDF-1.4"), "bon.pdf")}
        data |= {"designation": "Bon", "document_line": "1", "remove_document": str(DOCUMENT)}
        browser.post(EDIT, data)
        kept = saved(bus)
        assert [(each.name, each.line, each.designation, each.size) for each in kept.documents] == [("bon.pdf", 1, "Bon", 8)]
        assert kept.remove_documents == [DOCUMENT]
        assert list(blobs.kept.values()) == [b"%PDF-1.4"]

    def test_a_file_that_is_not_taken_is_named_and_nothing_is_lost(self, browser, bus):
        answer = browser.post(EDIT, {**FORM, "version": "4", "documents": (io.BytesIO(b"MZ"), "virus.exe")})
        assert answer.status_code == 422
        assert "type de fichier" in text(answer)
        assert 'value="Gazole"' in text(answer)
        assert not bus.requests(calls.SaveRequest)

    def test_another_window_s_version_is_told_and_what_was_typed_stays(self, browser, bus):
        bus.answers[calls.SaveRequest] = errors.Conflict(what="request")
        answer = browser.post(EDIT, {**FORM, "version": "3", "row": "1", "line.1.volume": "99"})
        assert answer.status_code == 409
        assert "une autre fenêtre" in text(answer)
        assert 'value="99"' in text(answer)

    def test_a_draft_is_deleted(self, browser, bus):
        bus.answers[calls.SearchRequests] = {"requests": [], "total": 0}
        answer = browser.post(f"{DRAFT}/suppression", {"version": "4"}, form_at=EDIT)
        assert answer.headers["Location"] == LIST
        assert bus.requests(calls.DeleteRequest)[0].version == 4
        assert "Le brouillon est supprimé." in text(browser.get(LIST))

    def test_who_may_not_type_on_it_is_shown_it_and_refused(self, browser, bus):
        mark = browser.token(EDIT)
        bus.answers[calls.GetRequest] = {"request": a_draft(can_edit=False)}
        assert browser.get(EDIT).headers["Location"] == DRAFT
        assert 'name="form.subject"' not in text(browser.get(DRAFT))
        assert browser.client.post(EDIT, data={"csrf_token": mark, **FORM, "version": "4"}).status_code == 403
        assert not bus.requests(calls.SaveRequest)

    def test_a_draft_of_another_is_not_found(self, browser, bus):
        bus.answers[calls.GetRequest] = errors.NotFound(what=f"request {REQUEST}")
        assert browser.get(EDIT).status_code == 404
        bus.answers[calls.GetRequest] = {"request": a_draft(espace="autre", parties=[])}
        assert browser.get(EDIT).status_code == 404


class TestSending:
    def test_what_is_wrong_leads_back_to_the_draft(self, browser, bus):
        bus.answers[calls.SaveRequest] = {"request": a_draft(findings=[a_finding("subject")])}
        answer = browser.post(EDIT, {**FORM, "version": "4", "action": "confirm"})
        assert answer.headers["Location"] == f"{EDIT}?controle=1"
        bus.answers[calls.GetRequest] = {"request": a_draft(findings=[a_finding("subject")])}
        assert browser.get(f"{DRAFT}/confirmation").headers["Location"] == f"{EDIT}?controle=1"

    def test_the_confirmation_names_those_it_goes_to_and_the_amounts(self, browser, bus):
        answer = browser.post(EDIT, {**FORM, "version": "4", "action": "confirm"})
        assert answer.headers["Location"] == f"{DRAFT}/confirmation"
        page = text(browser.get(f"{DRAFT}/confirmation"))
        assert "Ville de Test (217 500 016 00019), service VOIRIE" in page
        assert "000,00\xa0€" in page
        assert "Gazole &lt;script&gt;" in page
        assert "J'atteste" in page
        assert "facture.pdf" in page

    def test_sending_tells_the_number(self, browser, bus):
        answer = browser.post(f"{DRAFT}/confirmation", {"version": "4"})
        assert answer.headers["Location"] == f"{DRAFT}/envoi"
        assert bus.requests(calls.SendRequest)[0].version == 4
        assert bus.keys(calls.SendRequest)[0]
        bus.answers[calls.GetRequest] = {"request": a_request()}
        page = text(browser.get(f"{DRAFT}/envoi"))
        assert "La demande n° A-1 &lt;script&gt;" in page
        assert "DOS-7" in page

    def test_what_came_up_meanwhile_is_shown_on_the_draft(self, browser, bus):
        finding = dict(a_finding("1.volume").values)
        bus.answers[calls.SendRequest] = errors.RequestNotReady(count=1, findings=[finding])
        answer = browser.post(f"{DRAFT}/confirmation", {"version": "4"})
        assert answer.status_code == 422
        assert 'href="#line.1.volume"' in text(answer)

    @pytest.mark.parametrize("error", [errors.Conflict(what="request"), errors.EspaceSilent(espace="aides")])
    def test_a_refusal_keeps_the_confirmation(self, browser, bus, error):
        bus.answers[calls.SendRequest] = error
        answer = browser.post(f"{DRAFT}/confirmation", {"version": "4"})
        assert answer.status_code == error.status
        assert "Confirmer et envoyer" in text(answer)

    def test_what_was_sent_is_not_confirmed_again(self, browser, bus):
        bus.answers[calls.GetRequest] = {"request": a_request()}
        assert browser.get(f"{DRAFT}/confirmation").headers["Location"] == DRAFT
        bus.answers[calls.GetRequest] = {"request": a_draft()}
        assert browser.get(f"{DRAFT}/envoi").headers["Location"] == EDIT


class TestLinesWithManyFields:
    @pytest.fixture
    def plugins(self):
        return [Aides(a_kind(line=WideLine, lines_after_form=True)), Instruction()]

    def test_a_line_is_a_block_with_help_and_the_link_to_the_page_that_helps(self, browser, bus):
        bus.answers[calls.GetRequest] = {"request": a_draft(lines=[{"costs": "12.50", "amount": "25.00"}])}
        page = text(browser.get(EDIT))
        assert '<legend class="h6 fw-semibold">Ligne 1</legend>' in page
        assert 'name="line.1.costs"' in page and 'value="12.50"' in page
        assert "Case F30" in page
        assert page.count('href="/espaces/aides/aide">Détail</a>') == 2
        assert 'name="line.2.costs"' in page and 'name="line.3.costs"' not in page
        assert 'value="remove-1"' in page and 'value="remove-2"' not in page
        assert 'name="line.1.amount"' not in page

    def test_lines_wait_for_the_form(self, browser):
        page = text(browser.get(NEW))
        assert "ses lignes se saisissent ensuite" in page
        assert "line.1." not in page

    def test_what_is_typed_in_a_block_is_kept(self, browser, bus):
        bus.answers[calls.GetRequest] = {"request": a_draft(lines=[{"costs": "12.50"}])}
        rows = {"row": ["1", "2"], "line.1.costs": "13", "line.2.field0": "7"}
        browser.post(EDIT, {**FORM, **rows, "version": "4"})
        assert saved(bus).lines == [{"costs": "13"}, {"field0": "7"}]
