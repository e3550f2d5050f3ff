"""What pages of espaces may do beyond showing: forms, files, downloads, assets, the bubble, and articles of the help centre."""

import io

import pytest
from portal_world import EVIL, SUPPLIER, rights
from pupitre_bus.antivirus import Antivirus
from pupitre_contracts import errors, organisation
from pupitre_espaces import (
    Article,
    Asset,
    Bubble,
    Download,
    Html,
    Label,
    Manifest,
    Page,
    PageContent,
    Paper,
    PortRefused,
    Redirect,
    hookimpl,
    paper,
)
from support.pdf_structure import read

FORM, FREE = "/espaces/guichet/formulaire", "/espaces/guichet/question"
STYLE = b".guichet { color: green }"


class Guichet:
    """An espace with forms: what it is sent, it keeps in `got`."""

    def __init__(self):
        self.got = []

    @hookimpl
    def espace_manifest(self):
        return Manifest("guichet", Label("Guichet", "Desk"), Label("Tient un guichet", "Keeps a desk"))

    @hookimpl
    def espace_pages(self, context):
        def form(request):
            body = Html("<form method='post' action='{}'>{}<input name='nom'></form>").format(
                request.link("formulaire"), request.form_mark
            )
            return PageContent("Formulaire", body)

        def submit(request):
            self.got.append(request)
            said = request.form.get("nom", "")
            if said == "fichier":
                return Download("résumé.csv", "text/csv", b"a;b")
            if said == "retour":
                return Redirect("formulaire", {"vu": "oui & non"}, Label(f"Reçu : {EVIL}", "Received"))
            if said == "refus":
                raise PortRefused("forbidden", f"Pas pour vous {EVIL}")
            if said == "panne":
                raise RuntimeError("canary")
            return PageContent("Faux", f"Vous avez écrit {said}", status=422)

        name = Label("Formulaire", "Form")
        return [
            Page("formulaire", name, form, submit=submit),
            Page("question", Label("Question", "Question"), form, submit=submit, open_to_readers=True, in_menu=False),
            Page("lecture", Label("Lecture", "Reading"), form),
        ]

    @hookimpl
    def espace_assets(self):
        return [Asset("guichet.css", "text/css", STYLE), Asset("guichet.js", "text/javascript", b"'use strict'")]

    @hookimpl
    def espace_bubble(self, context):
        return [Bubble(Label(f"Une question {EVIL}", "A question"), "question", script="guichet.js", style="guichet.css")]

    @hookimpl
    def espace_articles(self):
        body = Html("<p>Le <em>guichet</em> ouvre à neuf heures.</p>")
        return [
            Article("horaires", Label("Horaires", "Opening times"), body, Html("<p>The desk opens at nine.</p>")),
            Article("autre", Label(f"Autre {EVIL}", "Other"), f"Texte {EVIL}", "Text"),
        ]


@pytest.fixture
def guichet():
    return Guichet()


@pytest.fixture
def plugins(guichet):
    return [guichet]


@pytest.fixture(autouse=True)
def opened(bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("guichet",))]}


def text(answer):
    return answer.get_data(as_text=True)


class TestForm:
    def test_a_form_reaches_its_page_with_its_fields_and_without_the_marks_of_the_portal(self, browser, guichet):
        answer = browser.post(f"{FORM}?q=1", {"nom": f"Ada {EVIL}"}, form_at=FORM)
        assert answer.status_code == 422
        assert "Vous avez écrit Ada &lt;script&gt;" in text(answer)
        assert (dict(guichet.got[0].form), dict(guichet.got[0].query)) == ({"nom": f"Ada {EVIL}"}, {"q": "1"})

    def test_the_first_page_takes_its_form_at_the_address_of_the_espace_too(self, browser, guichet):
        browser.post("/espaces/guichet/", {"nom": "x"})
        assert guichet.got[0].form["nom"] == "x"

    def test_a_form_without_its_mark_is_refused(self, browser, guichet):
        assert browser.client.post(FORM, data={"nom": "x"}).status_code == 400
        assert guichet.got == []

    def test_nobody_sends_one_without_signing_in(self, visitor, browser, guichet):
        mark = browser.token(FORM)
        visitor.delete_cookie("pupitre")
        assert visitor.post(FORM, data={"csrf_token": mark}).status_code in (400, 401)
        assert guichet.got == []

    def test_who_may_only_look_is_refused_unless_the_form_is_open_to_readers(self, browser, bus, guichet):
        bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("guichet",), profile="CONSULTATION")]}
        refused = browser.post(FORM, {"nom": "x"})
        assert refused.status_code == 403
        assert "modification" in text(refused)
        assert guichet.got == []
        browser.post(FREE, {"nom": "x"})
        assert guichet.got[0].profile == "CONSULTATION"

    @pytest.mark.parametrize("address", ["/espaces/guichet/lecture", "/espaces/guichet/zut", "/espaces/zut/"])
    def test_a_page_without_a_form_takes_none(self, browser, address):
        assert browser.post(address, {"nom": "x"}, form_at=FORM).status_code == 404

    def test_an_espace_that_is_not_open_takes_none(self, browser, bus, guichet):
        mark = browser.token(FORM)
        bus.answers[organisation.RightsOfActor] = {"structures": [rights()]}
        assert browser.client.post(FORM, data={"csrf_token": mark, "nom": "x"}).status_code == 403
        assert guichet.got == []

    def test_a_page_that_fails_is_named_and_shows_nothing_of_its_fault(self, browser):
        answer = browser.post(FORM, {"nom": "panne"})
        assert answer.status_code == 503
        assert "Guichet" in text(answer)
        assert "canary" not in text(answer)

    def test_the_refusal_of_a_port_is_shown_in_its_words(self, browser):
        answer = browser.post(FORM, {"nom": "refus"})
        assert answer.status_code == 403
        assert "Pas pour vous &lt;script&gt;" in text(answer)

    def test_a_redirect_keeps_the_structure_and_its_message_is_said_once(self, browser):
        answer = browser.post(FORM, {"nom": "retour"})
        assert answer.headers["Location"] == f"{FORM}?vu=oui+%26+non&structure={SUPPLIER}"
        shown = text(browser.get(answer.headers["Location"]))
        assert "Reçu : &lt;script&gt;" in shown
        assert "Reçu" not in text(browser.get(FORM))

    def test_a_download_is_saved_and_never_shown(self, browser):
        answer = browser.post(FORM, {"nom": "fichier"})
        assert answer.headers["Content-Disposition"].startswith("attachment")
        assert answer.data == b"a;b"
        assert "sandbox" in answer.headers["Content-Security-Policy"]


class TestUpload:
    def send(self, browser, content, name="../../devis.pdf"):
        data = {"nom": "x", "piece": (io.BytesIO(content), name), "vide": (io.BytesIO(b""), "")}
        return browser.post(FORM, data)

    def test_a_file_comes_with_a_clean_name(self, browser, guichet):
        self.send(browser, b"%PDF-1.4")
        [(field, uploaded)] = guichet.got[0].files.items()
        assert (field, uploaded.name, uploaded.content, uploaded.mime) == ("piece", "devis.pdf", b"%PDF-1.4", "application/pdf")

    @pytest.mark.parametrize("size, status", [(10_000_000, 422), (10_000_001, 422), (21_000_001, 413)])
    def test_ten_megabytes_pass_and_no_more(self, browser, guichet, size, status):
        assert self.send(browser, b"x" * size).status_code == status
        assert len(guichet.got) == (size == 10_000_000)

    def test_what_the_antivirus_names_does_not_reach_the_plugin(self, browser, guichet, monkeypatch):
        monkeypatch.setattr(Antivirus, "scan", lambda self, content: "Eicar")
        answer = self.send(browser, b"x")
        assert answer.status_code == 422
        assert "Eicar" in text(answer)
        assert guichet.got == []


class TestAssets:
    def test_an_asset_is_served_to_everybody_as_what_it_is(self, visitor):
        answer = visitor.get("/espaces/guichet/assets/guichet.css")
        assert (answer.data, answer.mimetype) == (STYLE, "text/css")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'self'")
        assert answer.headers["Cache-Control"] == "public, no-cache"
        again = visitor.get("/espaces/guichet/assets/guichet.css", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304

    def test_an_address_that_names_its_content_is_kept_for_a_year(self, browser):
        page = text(browser.get("/espaces/guichet/formulaire"))
        address = page.split('<link rel="stylesheet" href="/espaces/')[1].split('"')[0]
        assert "immutable" in browser.get(f"/espaces/{address}").headers["Cache-Control"]
        assert "immutable" not in browser.get("/espaces/guichet/assets/guichet.css?v=0").headers["Cache-Control"]

    @pytest.mark.parametrize("address", ["guichet/assets/zut.css", "zut/assets/guichet.css"])
    def test_what_no_espace_brings_is_not_found(self, visitor, address):
        assert visitor.get(f"/espaces/{address}").status_code == 404


class TestBubble:
    def test_every_page_of_a_user_with_the_espace_has_the_bubble_as_a_link(self, browser):
        for address in ("/mon-compte", "/domaines", "/espaces/guichet/formulaire"):
            page = text(browser.get(address))
            assert f'href="{FREE}?structure={SUPPLIER}"' in page
            assert "Une question &lt;script&gt;" in page
            assert 'src="/statique/bubble.js" defer' in page
            assert 'src="/espaces/guichet/assets/guichet.js?v=' in page

    def test_it_speaks_english(self, browser):
        assert "A question</a>" in text(browser.get("/domaines?lang=en"))

    def test_others_have_none(self, visitor, browser, bus):
        bus.answers[organisation.RightsOfActor] = {"structures": [rights()]}
        assert 'id="bulle"' not in text(browser.get("/domaines"))
        bus.answers[organisation.RightsOfActor] = errors.Unavailable(service="organisation")
        assert 'id="bulle"' not in text(browser.get("/domaines"))
        visitor.delete_cookie("pupitre")
        assert 'id="bulle"' not in text(visitor.get("/domaines"))

    def test_its_own_page_does_not_repeat_it(self, browser):
        assert 'id="bulle"' not in text(browser.get(FREE))

    def test_the_panel_has_the_page_without_the_layout_and_its_form_stays_there(self, browser, guichet):
        page = text(browser.get(f"{FREE}?panel=1"))
        assert 'class="panel-content"' in page
        assert "site-header" not in page
        assert 'name="csrf_token"' in page
        answer = browser.post(f"{FREE}?panel=1", {"nom": "retour"})
        assert answer.headers["Location"].endswith("panel=1")
        assert "Reçu" in text(browser.get(answer.headers["Location"]))
        assert "site-header" not in text(browser.post(f"{FREE}?panel=1", {"nom": "x"}))


class TestHelp:
    @pytest.mark.requirement("R257")
    def test_the_help_centre_lists_the_documentation_and_the_articles_of_espaces(self, visitor):
        page = text(visitor.get("/aide/"))
        assert 'href="/aide/guichet/horaires"' in page
        assert "Autre &lt;script&gt;" in page
        assert 'href="/domaines/facturation/documentation#factures-emises"' in page
        assert 'href="/aide/"' in text(visitor.get("/support"))

    @pytest.mark.requirement("R290")
    def test_the_help_centre_says_why_invoices_are_electronic_and_since_when(self, visitor):
        page = text(visitor.get("/aide/"))
        for said in ("26 juin 2014", "code de la commande publique", "toutes depuis le 1er janvier 2020", "R. 2192-3"):
            assert said in page
        english = text(visitor.get("/aide/?lang=en"))
        for said in ("26 June 2014", "Code de la commande publique", "all of them since 1 January 2020", "R. 2192-3"):
            assert said in english

    @pytest.mark.requirement("R257")
    def test_an_article_is_shown_in_both_languages(self, visitor):
        page = text(visitor.get("/aide/guichet/horaires"))
        assert "<em>guichet</em> ouvre" in page
        assert 'href="/aide/guichet/autre"' in page
        assert "The desk opens at nine" in text(visitor.get("/aide/guichet/horaires?lang=en"))
        assert "Texte &lt;script&gt;" in text(visitor.get("/aide/guichet/autre?lang=fr"))

    def test_articles_are_found_by_their_words(self, visitor):
        page = text(visitor.get("/aide/?q=neuf heures"))
        assert "/aide/guichet/horaires" in page
        assert "/aide/guichet/autre" not in page
        assert "Aucun article" in text(visitor.get("/aide/?q=zzzz"))

    @pytest.mark.parametrize("address", ["/aide/guichet/zut", "/aide/zut/horaires"])
    def test_an_article_that_is_not_there_is_not_found(self, visitor, address):
        assert visitor.get(address).status_code == 404


class Writer:
    """An espace whose page gives a document."""

    @hookimpl
    def espace_manifest(self):
        return Manifest("ecrivain", Label("Écrivain", "Writer"), Label("Écrit", "Writes"))

    @hookimpl
    def espace_pages(self, context):
        text = Paper("Essai", [paper.Heading("Suite"), paper.Text(EVIL), paper.Facts([("Nom", "東")])], context.language)
        return [Page("essai", Label("Essai", "Trial"), lambda request: Download("essai.pdf", "application/pdf", text))]


class TestDocument:
    @pytest.fixture
    def plugins(self):
        return [Writer()]

    def test_it_is_drawn_as_an_accessible_pdf_in_which_no_text_is_more_than_a_text(self, browser, bus):
        bus.answers[organisation.RightsOfActor] = {"structures": [rights(espaces=("ecrivain",))]}
        answer = browser.get("/espaces/ecrivain/essai")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        found = read(answer.data)
        assert [each.text for each in found.root.every("H1", "H2")] == ["Essai", "Suite"]
        assert EVIL in found.root.text
        assert "tient la place d'un caractère" in found.root.text
        assert answer.data == browser.get("/espaces/ecrivain/essai").data
