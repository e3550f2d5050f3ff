"""Closing one's account, reopening it, handing over a role, and writing to the support."""

import uuid

import pytest
from portal_world import SUCCESSOR, SUPPLIER, TOWN, Browser, a_successor, an_account, rights
from pupitre_contracts import account_life, errors, identity, organisation, rattachements

FIRM = uuid.UUID(int=3)
PAGE = "/mon-compte/desactivation"
NEW = {"password": "neuf camions bleus reculent", "again": "neuf camions bleus reculent"}


def words(answer):
    return answer.get_data(as_text=True).replace("&#39;", "'")


@pytest.fixture
def anybody(visitor):
    return Browser(visitor)


@pytest.fixture
def simple(bus):
    """The visitor manages nothing."""
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(role="US")]}


@pytest.fixture
def two_firms(bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(), rights(FIRM, name="Papeterie")]}


@pytest.mark.requirement("R050")
def test_the_confirmation_says_both_sentences_and_only_ok_deactivates(browser, bus, simple):
    assert f'href="{PAGE}"' in words(browser.get("/mon-compte"))
    page = words(browser.get(PAGE))
    assert "Vous pourrez réactiver votre compte pendant 60 jours" in page
    assert "Toute modification en cours est perdue." in page
    assert 'href="/mon-compte">Annuler' in page
    assert not bus.requests(account_life.DeactivateAccount)
    answer = browser.post(PAGE)
    assert answer.headers["Location"] == "/connexion?fin=desactivation"
    (asked,) = bus.requests(account_life.DeactivateAccount)
    assert asked.successors == []
    assert any(cookie.startswith("pupitre=;") for cookie in answer.headers.getlist("Set-Cookie"))
    assert "Votre compte est désactivé" in words(browser.get("/connexion?fin=desactivation"))


@pytest.mark.requirement("R052")
@pytest.mark.requirement("R053")
def test_a_gestionnaire_searches_a_successor_and_cannot_confirm_before(browser, bus, two_firms):
    page = words(browser.get(PAGE))
    assert page.count("à désigner") == 2
    assert "OK, désactiver" not in page
    for name, criterion in (("nom", "name"), ("adresse", "address"), ("mail", "email")):
        page = words(browser.get(f"{PAGE}?{name}=leroy"))
        assert "Résultats 1 - 1 sur 1" in page and "Leroy &lt;script&gt;" in page and f'name="{name}" value="leroy"' in page
        assert bus.requests(account_life.FindSuccessors)[-1].dump()[criterion] == "leroy"


@pytest.mark.requirement("R052")
@pytest.mark.parametrize("choices", [["toutes"], [str(SUPPLIER), str(FIRM)]])
def test_one_successor_for_all_structures_or_one_for_each(browser, bus, two_firms, choices):
    address = PAGE
    for choice in choices:
        joined = "&" if "?" in address else "?"
        address = browser.get(f"{address}{joined}qui={SUCCESSOR}&pour={choice}").headers["Location"]
    page = words(browser.get(address))
    assert "à désigner" not in page and "OK, désactiver mon compte" in page
    chosen = {f"s-{SUPPLIER}": str(SUCCESSOR), f"s-{FIRM}": str(SUCCESSOR)}
    assert all(f'name="{name}" value="{value}"' in page for name, value in chosen.items())
    browser.post(PAGE, chosen, form_at=address)
    (asked,) = bus.requests(account_life.DeactivateAccount)
    assert {each.structure_id: each.user_id for each in asked.successors} == {SUPPLIER: SUCCESSOR, FIRM: SUCCESSOR}


@pytest.mark.requirement("R052")
def test_what_the_services_refuse_is_said_and_the_choices_stay(browser, bus, two_firms):
    chosen = {f"s-{SUPPLIER}": str(SUCCESSOR), f"s-{FIRM}": str(SUCCESSOR)}
    form_at = f"{PAGE}?s-{SUPPLIER}={SUCCESSOR}&s-{FIRM}={SUCCESSOR}"
    for refusal, told in (
        (errors.SuccessorsNeeded(structures="Papeterie"), "un successeur pour chaque structure"),
        (errors.NotFound(what="user x"), "ne peut plus se connecter"),
        (errors.Conflict(what="account"), "a changé entre-temps"),
    ):
        bus.answers[account_life.DeactivateAccount] = refusal
        answer = browser.post(PAGE, chosen, form_at=form_at)
        assert answer.status_code == 409
        assert told in words(answer) and f'name="s-{FIRM}"' in words(answer)


def test_a_deactivation_that_waits_is_announced_and_nobody_is_signed_out(browser, bus, simple):
    bus.answers[account_life.DeactivateAccount] = {"done": False}
    answer = browser.post(PAGE)
    assert answer.headers["Location"] == "/mon-compte"
    assert "dès que le service des structures répondra" in words(browser.get("/mon-compte"))


@pytest.mark.requirement("R026")
def test_the_gestionnaire_of_a_public_structure_is_sent_to_the_support(browser, bus):
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(TOWN, type="PUBLIC", name="Ville de Test")]}
    page = words(browser.get(PAGE))
    assert "désigné par l'exploitant du portail" in page and 'href="/support/ecrire"' in page
    assert "OK, désactiver" not in page
    assert not bus.requests(account_life.FindSuccessors)


def test_a_search_that_asks_too_little_says_so_beside_the_form(browser, bus, two_firms):
    fault = {"name": ["au moins 3 caractères / at least 3 characters"]}
    bus.answers[account_life.FindSuccessors] = errors.Invalid(what="user", fields=fault)
    answer = browser.get(f"{PAGE}?nom=a")
    assert answer.status_code == 422
    assert "au moins 3 caractères" in words(answer) and 'value="a"' in words(answer)


def test_pages_of_results_keep_the_search_and_the_choices(browser, bus, two_firms):
    bus.answers[account_life.FindSuccessors] = {"users": [a_successor()], "total": 25}
    page = words(browser.get(f"{PAGE}?nom=leroy&page=2&s-{FIRM}={SUCCESSOR}"))
    assert "Résultats 11 - 11 sur 25" in page
    assert f"s-{FIRM}={SUCCESSOR}&amp;page=3&amp;nom=leroy" in page


def test_nobody_deactivates_without_being_signed_in(anybody, bus):
    assert anybody.get(PAGE).headers["Location"].startswith("/connexion")
    answer = anybody.post(PAGE, form_at="/connexion")
    assert answer.status_code == 401
    assert not bus.requests(account_life.DeactivateAccount)


@pytest.mark.requirement("R054")
def test_reactivation_is_asked_for_by_address_with_one_answer_for_all(anybody, bus):
    assert "Réactiver mon compte" in words(anybody.get("/connexion"))
    answer = anybody.post("/reactivation", {"email": "a@b.fr"})
    assert answer.status_code == 200
    assert "Consultez votre messagerie" in words(answer) and 'href="/support/ecrire"' in words(answer)
    (asked,) = bus.requests(account_life.AskReactivation)
    assert asked.email == "a@b.fr"
    bus.answers[account_life.AskReactivation] = errors.TooManyTries(seconds=9)
    assert anybody.post("/reactivation", {"email": "a@b.fr"}).status_code == 429


@pytest.mark.requirement("R054")
@pytest.mark.requirement("R056")
def test_who_signs_in_to_a_deactivated_account_is_told_until_when_it_can_be_reactivated(anybody, bus):
    signing = {"email": "a@b.fr", "password": "bon"}
    bus.answers[identity.SignIn] = errors.AccountDeactivated(over=False, until="2026-05-14")
    answer = anybody.post("/connexion", signing)
    assert answer.status_code == 403
    assert "jusqu'au 14/05/2026 inclus" in words(answer) and 'href="/reactivation?adresse=a@b.fr"' in words(answer)
    bus.answers[identity.SignIn] = errors.AccountDeactivated(over=True, until="2026-05-14")
    page = words(anybody.post("/connexion", signing))
    assert "Les 60 jours pour le réactiver sont passés" in page and 'href="/reactivation?adresse' not in page


@pytest.mark.requirement("R055")
def test_the_link_asks_for_a_new_password_and_opening_it_changes_nothing(anybody, bus):
    bus.answers[account_life.DescribeLink] = {"purpose": "reactivation", "wants_question": False}
    page = words(anybody.get("/reactivation/le-lien"))
    assert "new-password" in page and "question" not in page
    assert not bus.requests(account_life.ReactivateAccount)
    answer = anybody.post("/reactivation/le-lien", NEW)
    assert answer.headers["Location"] == "/connexion?fin=reactivation&adresse=a@b.fr"
    (asked,) = bus.requests(account_life.ReactivateAccount)
    assert (asked.link, asked.password, asked.answer) == ("le-lien", NEW["password"], None)


@pytest.mark.requirement("R055")
@pytest.mark.requirement("R029")
def test_where_questions_are_the_policy_the_former_answer_and_a_new_question_are_asked(anybody, bus):
    bus.answers[account_life.DescribeLink] = {"purpose": "reactivation", "wants_question": True, "question": "Mon premier chat ?"}
    assert "Mon premier chat ?" in words(anybody.get("/reactivation/le-lien"))
    data = {**NEW, "answer": "Félix", "question": "Ma rue ?", "new_answer": "des Lilas"}
    answer = anybody.post("/reactivation/le-lien", {**data, "new_answer": ""})
    assert 'href="#new_answer">Écrivez la réponse.' in words(answer)
    bus.answers[account_life.ReactivateAccount] = errors.AnswerWrong(left=4)
    answer = anybody.post("/reactivation/le-lien", data)
    assert answer.status_code == 422 and 'href="#answer">La réponse à la question secrète est incorrecte' in words(answer)
    bus.answers[account_life.ReactivateAccount] = {"email": "a@b.fr"}
    anybody.post("/reactivation/le-lien", data)
    asked = bus.requests(account_life.ReactivateAccount)[-1]
    assert (asked.answer, asked.question, asked.new_answer) == ("Félix", "Ma rue ?", "des Lilas")


@pytest.mark.requirement("R054")
def test_an_expired_link_offers_another(anybody, bus):
    bus.answers[account_life.DescribeLink] = errors.LinkRefused()
    answer = anybody.get("/reactivation/mort")
    assert answer.status_code == 410
    assert "n'est plus valable" in words(answer) and 'href="/reactivation">Recevoir un nouveau lien' in words(answer)


@pytest.mark.requirement("R056")
def test_after_60_days_the_page_offers_only_the_support(anybody, bus):
    bus.answers[account_life.DescribeLink] = errors.ReactivationOver()
    answer = anybody.get("/reactivation/trop-tard")
    assert answer.status_code == 410
    main = words(answer).partition("<main")[2].partition("</main>")[0].partition("</nav>")[2]  # after the breadcrumb
    assert "depuis plus de 60 jours" in main
    assert main.count("<a ") == 1 and 'href="/support/ecrire"' in main and "<form" not in main


@pytest.mark.requirement("R056")
def test_the_support_is_written_to_without_an_account(anybody, bus):
    answer = anybody.post("/support/ecrire", {"name": "Ada", "email": "ada@b.fr", "message": "Rouvrez mon compte."})
    assert answer.status_code == 200
    assert "sollicitation n° 12 est enregistrée" in words(answer)
    (asked,) = bus.requests(account_life.AskSupport)
    assert (asked.name, asked.email, asked.message, asked.language) == ("Ada", "ada@b.fr", "Rouvrez mon compte.", "fr")


def test_what_is_missing_from_a_sollicitation_is_said_and_the_rest_kept(anybody, bus, browser):
    answer = anybody.post("/support/ecrire", {"name": "", "email": "ada@b.fr", "message": "Rouvrez."})
    assert answer.status_code == 422
    assert 'href="#name">Indiquez votre nom.' in words(answer) and "Rouvrez." in words(answer)
    bus.answers[account_life.AskSupport] = errors.Invalid(what="e-mail", fields={"email": ["pas une adresse / no address"]})
    answer = anybody.post("/support/ecrire", {"name": "Ada", "email": "ada", "message": "Rouvrez."})
    assert answer.status_code == 422 and 'href="#email">pas une adresse' in words(answer)
    bus.answers[account_life.AskSupport] = errors.TooManyTries(seconds=5)
    assert anybody.post("/support/ecrire", {"name": "Ada", "email": "a@b.fr", "message": "x"}).status_code == 429
    assert 'value="Camille Duval"' in words(browser.get("/support/ecrire"))


@pytest.mark.requirement("R032")
@pytest.mark.requirement("R120")
def test_the_role_is_handed_over_from_the_account_page_by_searching_a_user(browser, bus, two_firms):
    bus.answers[rattachements.TransferGestionnairePrincipal] = errors.Conflict(what="structure")
    assert 'href="/mon-compte/transmission/"' in words(browser.get("/mon-compte"))
    listing = words(browser.get("/mon-compte/transmission/"))
    address = f"/mon-compte/transmission/{FIRM}"
    assert f'href="{address}"' in listing
    assert f"?qui={SUCCESSOR}" in words(browser.get(f"{address}?nom=leroy"))
    chosen = f"{address}?qui={SUCCESSOR}"
    assert "ada@b.fr" in words(browser.get(chosen))
    unticked = browser.post(address, {"qui": str(SUCCESSOR)}, form_at=chosen)
    assert unticked.status_code == 422 and "Cochez la case" in words(unticked)
    assert not bus.requests(rattachements.TransferGestionnairePrincipal)
    ticked = {"qui": str(SUCCESSOR), "confirmation": "oui"}
    assert browser.post(address, ticked, form_at=chosen).status_code == 409
    member = rattachements.Member(
        user_id=SUCCESSOR, email="ada@b.fr", given_name="Ada", family_name="Leroy", role="GP", espaces=[]
    )
    bus.answers[rattachements.TransferGestionnairePrincipal] = {"member": member}
    assert browser.post(address, ticked, form_at=chosen).headers["Location"] == "/mon-compte"
    asked = bus.requests(rattachements.TransferGestionnairePrincipal)[-1]
    assert (asked.structure_id, asked.user_id) == (FIRM, SUCCESSOR)


def test_a_role_that_one_does_not_hold_cannot_be_handed_over(browser, bus, simple):
    assert 'href="/mon-compte/transmission/"' not in words(browser.get("/mon-compte"))
    assert browser.get(f"/mon-compte/transmission/{SUPPLIER}").status_code == 404
    bus.answers[organisation.RightsOfActor] = {"structures": [rights(TOWN, type="PUBLIC")]}
    assert browser.get(f"/mon-compte/transmission/{TOWN}").status_code == 409


@pytest.mark.requirement("R030")
def test_the_account_page_has_its_five_blocks(browser):
    page = words(browser.get("/mon-compte"))
    blocks = ("donnees", "parametres", "rattachements", "habilitations", "pieces-jointes")
    places = [page.index(f'<h2 class="h4" id="{block}"') for block in blocks]
    assert places == sorted(places) and 'href="/mon-compte/pieces-jointes/"' in page


@pytest.mark.requirement("R029")
def test_the_secret_question_is_changed_where_it_is_the_policy(browser, bus):
    assert browser.get("/mon-compte/question-secrete").status_code == 404
    assert "Question secrète" not in words(browser.get("/mon-compte"))
    bus.answers[identity.GetAccount] = {"account": an_account(wants_question=True, question="Mon chat ?")}
    bus.answers[account_life.SetSecretQuestion] = errors.PasswordWrong()
    assert "Mon chat ?" in words(browser.get("/mon-compte"))
    data = {"current": "bon", "question": "Ma rue ?", "new_answer": "des Lilas"}
    answer = browser.post("/mon-compte/question-secrete", data)
    assert answer.status_code == 422 and 'href="#current">Le mot de passe actuel' in words(answer)
    assert 'value="Ma rue ?"' in words(answer)
    bus.answers[account_life.SetSecretQuestion] = errors.Invalid(what="x", fields={"answer": ["trop court / too short"]})
    assert 'href="#new_answer">trop court' in words(browser.post("/mon-compte/question-secrete", data))
    bus.answers[account_life.SetSecretQuestion] = {}
    assert browser.post("/mon-compte/question-secrete", data).headers["Location"] == "/mon-compte"
    asked = bus.requests(account_life.SetSecretQuestion)[-1]
    assert (asked.current, asked.question, asked.answer) == ("bon", "Ma rue ?", "des Lilas")
