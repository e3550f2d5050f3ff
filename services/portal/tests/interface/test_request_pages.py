"""The page of a request: its views, its passages, the next piece, its files; and the dossier it stands in."""

import datetime
import decimal
import io
import uuid
import zipfile

import pytest
from portal_world import EVIL, EXPORTED_CONTENT, NOW, SUPPLIER, TOWN, rights
from pupitre_contracts import errors, organisation
from pupitre_contracts import requests as calls
from request_world import (
    DOCUMENT,
    DOSSIER,
    REQUEST,
    Aides,
    Instruction,
    a_document,
    a_draft,
    a_motive,
    a_move,
    a_party,
    a_request,
    an_entry,
)

LIST = "/espaces/instruction/demandes"
PAGE = f"{LIST}/{REQUEST}"
MOVE = f"{PAGE}/passage"


@pytest.fixture
def plugins():
    return [Aides(), Instruction()]


@pytest.fixture(autouse=True)
def opened(bus):
    town = rights(TOWN, espaces=("instruction",), type="PUBLIC", identifier="21750001600019", name="Ville de Test")
    able = [town, rights(espaces=("aides",))]
    bus.answers[organisation.RightsOfActor] = {"structures": able}
    offer(bus)
    bus.answers[calls.MoveRequest] = {"request": a_request(status="SERVICE_FAIT", status_label_fr="Service fait", status_label_en="Done")}
    bus.answers[calls.SaveRequest] = {"request": a_draft(request_id=uuid.UUID(int=77))}
    bus.answers[calls.RequestFile] = {"document": a_document()}
    bus.answers[calls.GetDossier] = {"dossier_id": DOSSIER, "dossier_number": "DOS-7", "pieces": pieces()}


def offer(bus, *moves, **changes):
    bus.answers[calls.GetRequest] = {"request": a_request(moves=list(moves), **changes)}


def pieces():
    later = NOW + datetime.timedelta(days=3)
    answer = an_entry(number=2, at=later, actor_name="Alex", motive=f"Trop {EVIL}", status_to="SERVICE_FAIT")
    admitted = a_request(
        request_id=uuid.UUID(int=78), number="A-2", cadre="D2", maker_role="instructeur", maker_name="Ville de Test",
        net=decimal.Decimal("900.00"), gross=decimal.Decimal("900.00"), history=[answer], delay=None,
        invoice_id=uuid.UUID(int=79), invoice_status="MISE_EN_PAIEMENT",
    )  # fmt: skip
    return [a_request(), admitted]


def text(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'").replace("&#x27;", "'")


class TestOneTruth:
    def test_a_piece_that_became_an_invoice_has_the_status_of_the_invoice_wherever_it_is_shown(self, browser, bus):
        """The line of stages says paid, so does the table."""
        bus.answers[calls.GetDossier] = {"dossier_id": DOSSIER, "dossier_number": "DOS-7", "pieces": pieces()}
        dossier = text(browser.get(f"/espaces/aides/dossiers/{DOSSIER}"))
        table = dossier[dossier.index("<tbody>") : dossier.index("</tbody>")]
        shown = [each.split("</span>")[0].rsplit(">", 1)[-1] for each in table.split("badge-status")[1:]]
        assert shown == ["Mise à disposition", "Mise en paiement"]
        bus.answers[calls.GetRequest] = {"request": pieces()[1]}
        page = text(browser.get(PAGE))
        assert "Mise en paiement</span></h1>" in page


class TestViews:
    def test_the_first_view_has_parties_form_lines_amounts_and_delays(self, browser, bus):
        page = text(browser.get(PAGE))
        for words in ("Ville de Test (217 500 016 00019), service VOIRIE", "Gazole &lt;script&gt;", "01/03/2026", "oui", "Volume (hl)"):
            assert words in page
        assert "12,5 hl" in page
        assert "Réponse attendue avant le 30/03/2026" in page
        assert "Le délai de paiement de 30 jours commence, échéance le 14/04/2026" in page
        assert "A-1 &lt;script&gt;" in page
        assert "<script>alert" not in page
        assert len(bus.calls) <= 4

    def test_attachments_are_downloads_one_by_one_or_as_a_zip(self, browser, bus):
        page = text(browser.get(f"{PAGE}?vue=pieces"))
        assert f'href="{PAGE}/pieces/{DOCUMENT}"' in page
        assert f'href="{PAGE}/pieces.zip"' in page
        one = browser.get(f"{PAGE}/pieces/{DOCUMENT}")
        assert one.data == EXPORTED_CONTENT
        assert one.headers["Content-Disposition"].startswith("attachment")
        everything = zipfile.ZipFile(io.BytesIO(browser.get(f"{PAGE}/pieces.zip").data))
        assert everything.namelist() == ["facture.pdf"]
        bus.answers[calls.RequestFile] = errors.NotFound(what="document")
        assert browser.get(f"{PAGE}/pieces/{uuid.UUID(int=99)}").status_code == 404

    def test_a_request_without_files_has_no_zip(self, browser, bus):
        offer(bus, documents=[])
        assert "pas de pièce jointe" in text(browser.get(f"{PAGE}?vue=pieces"))
        assert browser.get(f"{PAGE}/pieces.zip").status_code == 404

    def test_the_history_names_statuses_and_actors(self, browser):
        page = text(browser.get(f"{PAGE}?vue=historique"))
        assert "<strong>Mise à disposition du destinataire</strong>" in page
        assert "Camille &lt;script&gt;" in page

    def test_the_dossier_view_lists_its_pieces(self, browser, bus):
        page = text(browser.get(f"{PAGE}?vue=dossier"))
        assert f'href="{LIST}/{uuid.UUID(int=78)}">A-2</a>' in page
        assert len(bus.calls) == 4

    def test_a_request_without_a_dossier_has_no_such_view(self, browser, bus):
        bus.answers[calls.GetRequest] = {"request": a_draft(status="REJETEE", can_edit=False, dossier_id=None, dossier_number=None)}
        page = text(browser.get(f"{PAGE}?vue=dossier"))
        assert f"{PAGE}?vue=dossier" not in page
        assert not bus.requests(calls.GetDossier)

    def test_the_page_speaks_english(self, browser):
        page = text(browser.get(f"{PAGE}?lang=en"))
        for words in ("Claim of aid", "Made available", "Gas oil", "instructeur en", "payment delay of 30 days"):
            assert words in page
        assert "Demande" not in page.split("<main")[1].split("</main")[0]

    @pytest.mark.parametrize("error, status", [(errors.NotFound(what="request"), 404), (errors.Forbidden(needed="aides"), 403)])
    def test_what_invoicing_does_not_show_is_not_shown(self, browser, bus, error, status):
        bus.answers[calls.GetRequest] = error
        for address in (PAGE, MOVE, f"{PAGE}/pieces.zip"):
            assert browser.get(address).status_code == status

    def test_a_request_is_not_found_in_an_espace_that_it_does_not_belong_to(self, browser, bus):
        offer(bus, espace="autre", parties=[a_party()])
        assert browser.get(PAGE).status_code == 404


class TestWithoutItsPlugin:
    @pytest.fixture
    def plugins(self):
        return [Aides()]

    def test_it_reads_as_data_with_a_notice_and_nothing_can_be_done(self, browser, bus):
        offer(bus, kind="disparu", plugin_away=True, form={"canari": f"jaune {EVIL}", "coche": True}, lines=[{"poids": "3"}])
        page = text(browser.get(f"/espaces/aides/demandes/{REQUEST}"))
        assert "n'est pas là" in page
        assert "canari" in page
        assert "jaune &lt;script&gt;" in page
        assert "<td data-label=\"poids\">3</td>" in page
        answer = browser.post(f"/espaces/aides/demandes/{REQUEST}/suite", {"cadre": "D2"}, form_at="/mon-compte")
        assert answer.status_code == 503
        assert not bus.requests(calls.SaveRequest)


class TestPassages:
    def test_each_passage_offered_has_its_button_and_others_none(self, browser, bus):
        offer(bus, a_move("SERVICE_FAIT"), a_move("REJETEE", motive_required=True), acts=True)
        page = text(browser.get(PAGE))
        assert f'href="{MOVE}?vers=SERVICE_FAIT&amp;role=instructeur">Vers SERVICE_FAIT</a>' in page
        assert "vers=REJETEE" in page
        assert "Cette demande attend votre action." in page

    def test_who_may_only_look_sees_no_button(self, browser, bus):
        offer(bus, acts=True)
        page = text(browser.get(PAGE))
        assert "Traiter la demande" not in page
        assert "ne permet que de la lire" in page

    def test_the_page_of_a_passage_asks_for_what_it_needs(self, browser, bus):
        move = a_move(
            "REJETEE", motive_required=True, motives=[a_motive(), a_motive("MONTANT")], statement_fr=f"Je certifie {EVIL}",
            statement_en="I certify", corrects=["instructeur"], documents=True,
        )  # fmt: skip
        offer(bus, move)
        page = text(browser.get(f"{MOVE}?vers=REJETEE&role=instructeur"))
        for name in ("motive_code", "motive", "stated", "party.instructeur", "service.instructeur", "documents", "comment"):
            assert f'name="{name}"' in page
        assert '<option value="MONTANT">Motif MONTANT</option>' in page
        assert "Je certifie &lt;script&gt;" in page
        assert "I certify" in text(browser.get(f"{MOVE}?vers=REJETEE&role=instructeur&lang=en"))

    def test_a_simple_passage_asks_for_nothing_but_a_word(self, browser, bus):
        offer(bus, a_move())
        page = text(browser.get(f"{MOVE}?vers=SERVICE_FAIT"))
        for name in ("motive_code", "motive", "stated", "party.instructeur", "documents"):
            assert f'name="{name}"' not in page

    def test_a_passage_carries_all_that_was_typed(self, browser, bus, blobs):
        move = a_move("REJETEE", motives=[a_motive()], statement_fr="Oui", statement_en="Yes", corrects=["instructeur"], documents=True)
        offer(bus, move)
        data = {
            "version": "4", "motive_code": "AUTRE", "motive": " Trop ", "comment": "Voir", "stated": "1",
            "party.instructeur": "217 500 016 00019", "service.instructeur": "V2", "documents": (io.BytesIO(b"%PDF-1.4"), "avis.pdf"),
        }  # fmt: skip
        answer = browser.post(f"{MOVE}?vers=REJETEE&role=instructeur", data)
        assert answer.headers["Location"] == PAGE
        asked = bus.requests(calls.MoveRequest)[0]
        assert (asked.request_id, asked.version, asked.to, asked.role) == (REQUEST, 4, "REJETEE", "instructeur")
        assert (asked.motive_code, asked.motive, asked.comment, asked.stated) == ("AUTRE", "Trop", "Voir", True)
        assert [(each.role, each.identifier, each.code_service) for each in asked.parties] == [("instructeur", "21750001600019", "V2")]
        assert [each.name for each in asked.documents] == ["avis.pdf"]
        assert bus.keys(calls.MoveRequest)[0]
        assert "La demande est maintenant : Service fait." in text(browser.get(PAGE))

    def test_a_blocked_motive_is_explained_and_nothing_typed_is_lost(self, browser, bus):
        offer(bus, a_move("REJETEE", motive_required=True, motives=[a_motive(), a_motive("MONTANT")]))
        bus.answers[calls.MoveRequest] = errors.MotiveRefused(reason="Corrigez le montant dans votre pièce.")
        answer = browser.post(f"{MOVE}?vers=REJETEE&role=instructeur", {"version": "4", "motive_code": "MONTANT", "comment": EVIL})
        assert answer.status_code == 422
        page = text(answer)
        assert page.count("Corrigez le montant dans votre pièce.") == 2
        assert '<option value="MONTANT" selected>' in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;</textarea>" in page

    @pytest.mark.parametrize(
        "error",
        [errors.MotiveMissing(status_to="REJETEE"), errors.Invalid(what="x", fields={"stated": ["à cocher / tick it"]})],
    )
    def test_what_is_missing_is_asked_for_on_the_same_page(self, browser, bus, error):
        offer(bus, a_move("REJETEE", motive_required=True, statement_fr="Oui", statement_en="Yes"))
        bus.answers[calls.MoveRequest] = error
        answer = browser.post(f"{MOVE}?vers=REJETEE", {"version": "4"})
        assert answer.status_code == error.status
        assert "Il y a un problème" in text(answer)
        assert text(answer).count("Cochez cette case pour continuer.") == (2 if isinstance(error, errors.Invalid) else 0)

    @pytest.mark.parametrize(
        "error",
        [errors.Conflict(what="request"), errors.TransitionForbidden(status_from="A", status_to="B", allowed="C")],
    )
    def test_when_somebody_was_faster_the_request_is_shown_as_it_is_now(self, browser, bus, error):
        offer(bus, a_move())
        bus.answers[calls.MoveRequest] = error
        answer = browser.post(f"{MOVE}?vers=SERVICE_FAIT", {"version": "3"})
        assert answer.status_code == 409
        assert "Que faire maintenant" in text(answer)

    def test_a_refusal_of_the_service_is_a_refusal_of_the_page(self, browser, bus):
        offer(bus, a_move())
        bus.answers[calls.MoveRequest] = errors.Forbidden(needed="instruction, MODIFICATION")
        assert browser.post(f"{MOVE}?vers=SERVICE_FAIT", {"version": "4"}).status_code == 403

    def test_what_is_not_offered_has_no_page(self, browser, bus):
        assert browser.get(f"{MOVE}?vers=SERVICE_FAIT").status_code == 404
        offer(bus, a_move())
        assert browser.get(f"{MOVE}?vers=SERVICE_FAIT&role=fermier").status_code == 404


class TestNextPiece:
    def next(self, bus, **changes):
        following = calls.NextCadre(code="D2", label_fr="Complément", label_en="Addition")
        offer(bus, next_cadres=[following], acts=True, **changes)

    def test_the_next_piece_is_begun_for_the_structure_that_has_the_role(self, browser, bus):
        self.next(bus)
        page = text(browser.get(PAGE))
        assert "Déposer la pièce suivante : D2, Complément" in page
        answer = browser.post(f"{PAGE}/suite", {"cadre": "D2"}, form_at=PAGE)
        assert answer.headers["Location"] == f"/espaces/aides/demandes/{uuid.UUID(int=77)}/saisie"
        asked = bus.requests(calls.SaveRequest)[0]
        assert (asked.structure_id, asked.espace, asked.kind, asked.cadre, asked.previous_id) == (SUPPLIER, "aides", "aide", "D2", REQUEST)

    def test_the_structure_is_chosen_where_several_may(self, browser, bus):
        other = uuid.UUID(int=3)
        able = [rights(TOWN, espaces=("instruction",)), rights(espaces=("aides",)), rights(other, espaces=("aides",), name=f"Autre {EVIL}")]
        bus.answers[organisation.RightsOfActor] = {"structures": able}
        self.next(bus, parties=[a_party("instructeur")])
        assert f'<option value="{other}">Autre &lt;script&gt;' in text(browser.get(PAGE))
        browser.post(f"{PAGE}/suite", {"cadre": "D2", "structure_id": str(other)}, form_at=PAGE)
        assert bus.requests(calls.SaveRequest)[0].structure_id == other

    @pytest.mark.parametrize("data, status", [({"cadre": "D2", "structure_id": str(TOWN)}, 403), ({"cadre": "ZZ"}, 404)])
    def test_what_is_not_the_users_is_refused(self, browser, bus, data, status):
        self.next(bus)
        assert browser.post(f"{PAGE}/suite", data, form_at=PAGE).status_code == status
        assert not bus.requests(calls.SaveRequest)

    def test_who_may_only_look_there_is_offered_and_given_nothing(self, browser, bus):
        self.next(bus)
        reader = [rights(TOWN, espaces=("instruction",), profile="CONSULTATION"), rights(espaces=("aides",), profile="CONSULTATION")]
        bus.answers[organisation.RightsOfActor] = {"structures": reader}
        assert "Déposer la pièce suivante" not in text(browser.get(PAGE))
        assert browser.post(f"{PAGE}/suite", {"cadre": "D2"}, form_at="/mon-compte").status_code == 403


class TestDossier:
    def test_the_dossier_tells_who_did_what_when_and_compares_the_amounts(self, browser, bus):
        page = text(browser.get(f"/espaces/instruction/dossiers/{DOSSIER}"))
        assert "Dossier DOS-7" in page
        stages = page.split('<p class="fs-5">')[1].split("</p>")[0].replace("\u202f", "").replace("\xa0", " ")
        assert "demandé par Fermier (D1) : <strong>1000,00 €</strong>" in stages
        assert "admis par Instructeur (D2) : <strong>900,00 €</strong> (-100,00 €)" in stages
        assert "payé : <strong>900,00 €</strong>" in stages
        assert "A-1 &lt;script&gt;alert(1)&lt;/script&gt; : Mise à disposition du destinataire" in page.replace("\xa0", " ")
        assert page.index("Camille &lt;script&gt;") < page.index("Alex")
        assert "Trop &lt;script&gt;" in page
        assert "Le délai de paiement de 30 jours commence" in page
        assert len(bus.calls) == 3

    def test_it_speaks_english(self, browser):
        page = text(browser.get(f"/espaces/instruction/dossiers/{DOSSIER}?lang=en"))
        assert "claimed by fermier en" in page
        assert "admitted by instructeur en" in page

    def test_a_dossier_of_others_or_of_another_espace_is_not_found(self, browser, bus):
        address = f"/espaces/instruction/dossiers/{DOSSIER}"
        bus.answers[calls.GetDossier] = {"dossier_id": DOSSIER, "dossier_number": "X", "pieces": [a_request(espace="autre", parties=[])]}
        assert browser.get(address).status_code == 404
        bus.answers[calls.GetDossier] = errors.NotFound(what="dossier")
        assert browser.get(address).status_code == 404
