"""The espaces by those who use them: refunds of taxes, court costs, engagements, sollicitations, connections, and who may what."""

import io
import zipfile
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from support.espaces import PDF, errors_of
from support.installation import until
from support.pdf_structure import read
from support.story import Story
from support.visitor import offered

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

REFUNDS, COURTS, ORDERS = "remboursement-tic", "frais-de-justice", "engagements"
ASKED, ANSWERED, CONNECTIONS, FLUX = "sollicitations-emises", "sollicitations-recues", "raccordements", "suivi-des-flux"
JUDGED_SECONDS = 60
CELL = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def menu(person):
    return person.open("/").tree.xpath("//nav[contains(@class, 'site-menu')]//a/@href")


@pytest.fixture
def supplier(sandbox):
    return sandbox.actor("fournisseur")


# Remboursements de taxes


def deliveries(year, good):
    """A file of deliveries, of which two rows are wrong: a volume that is no number, and a fuel that there is not."""
    rows = [f"F-{index};{year}-{index % 12 + 1:02d}-15;FIOUL_LOURD;1,5;QUINTAL" for index in range(good)]
    rows[100:100] = ["F-A;2020-01-01;FIOUL_LOURD;beaucoup;QUINTAL"]
    rows[250:250] = [f"F-B;{year}-06-01;CHARBON;2;QUINTAL"]
    return "\n".join(["Numéro de facture;Date de livraison;Type de carburant;Volume;Unité", *rows, ""]).encode()


@pytest.mark.requirement("R210")
@pytest.mark.requirement("R211")
def test_a_farm_asks_for_its_refund_with_300_lines_of_which_two_are_named(sandbox):
    farm, examiner, stranger = sandbox.actor("agricultrice"), sandbox.actor("instructeur-tic"), sandbox.actor("expert")
    year = sandbox.today().year - 1
    header = {"year": year, "bank_details": "Compte courant", "attested": True}
    draft = farm.draft(REFUNDS, "demande", "A21", form=header, parties={"instructeur": (examiner, "TIC")})
    assert examiner.sees(draft) == 404, "a draft is its maker's alone"
    path = f"espaces/{REFUNDS}/requests/{draft['request_id']}/lines?version={draft['version']}&lang=en"
    imported = farm.must("post", path, data=deliveries(year, 298), headers={"Content-Type": "text/csv"})
    assert imported["kept"] == 298
    assert {(each["row"], each["field"]) for each in imported["refused"]} == {(102, "volume"), (252, "fuel")}
    assert all(each["message"] and each["remedy"] for each in imported["refused"])
    draft = imported["request"]
    assert len(draft["lines"]) == 298
    assert {each["amount"] for each in draft["lines"]} == {"20.64"}
    assert Decimal(draft["gross"]) == 298 * Decimal("20.64")
    stale = farm.ask("put", f"espaces/{REFUNDS}/requests/{draft['request_id']}", json={"version": 1, "form": header})
    assert (stale.status_code, stale.json()["code"]) == (409, "conflict")

    french, english = farm.refused_sending(draft), farm.refused_sending(draft, "en")
    assert french.keys() == english.keys() >= {"rib-missing"}
    assert ("RIB" in french["rib-missing"], french["rib-missing"] != english["rib-missing"]) == (True, True)
    [proof] = [each for each in draft["documents"] if each["made"]]
    drawn = read(farm.file(draft, proof))
    assert len(list(drawn.root.every("TR"))) >= 299, "the proof is tagged, a row for each line"
    assert drawn.unmarked == drawn.unreached == []
    draft = farm.attach(draft, "rib.pdf", designation="RIB")
    draft = farm.attach(draft, "factures.pdf", designation="Factures de carburant")
    sent = farm.send(draft)
    assert sent["status"] == "MISE_A_DISPOSITION"
    assert [each["request_id"] for each in examiner.found(REFUNDS, to_do=True)] == [sent["request_id"]]
    assert stranger.sees(sent) in (403, 404)
    assert farm.may_not(sent, "SERVICE_FAIT", "instructeur"), "nobody examines his own request"
    again = farm.draft(REFUNDS, "demande", "A21", form=header, parties={"instructeur": (examiner, "TIC")})
    assert errors_of(again), "one request a year"

    assert examiner.move(sent, "SERVICE_FAIT")["status"] == "SERVICE_FAIT"
    assert examiner.move(sent, "MISE_EN_PAIEMENT")["status"] == "MISE_EN_PAIEMENT"
    page = sandbox.person("agricultrice").open(f"/espaces/{REFUNDS}/demandes/{sent['request_id']}")
    assert (page.status, "Remboursements de taxes" in page.text, "Mise en paiement" in page.main) == (200, True, True)


# Mémoires de frais de justice


def cell(content, name):
    """The value and the formula of a cell of the first sheet of a workbook."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    found = next(each for each in sheet.iter(f"{CELL}c") if each.get("r") == name)
    return found.find(f"{CELL}v").text, found.find(f"{CELL}f").text


@pytest.mark.requirement("R200")
@pytest.mark.requirement("R201")
@pytest.mark.requirement("R202")
@pytest.mark.requirement("R203")
@pytest.mark.requirement("R204")
@pytest.mark.requirement("R205")
def test_expenses_of_a_memoire_are_what_the_bordereau_adds_up_in_f30(sandbox, supplier, new_number):
    expert, court = sandbox.actor("expert"), sandbox.actor("greffe")
    person, day = sandbox.person("expert"), sandbox.today().isoformat()
    assert supplier.ask("get", f"espaces/{COURTS}/requests").status_code == 403, "the espace is not open there"
    assert f"/espaces/{COURTS}/" not in menu(sandbox.person("fournisseur"))
    assert f"/espaces/{COURTS}/" in menu(person)

    blank = person.open(f"/espaces/{COURTS}/demandes/nouvelle")
    assert not [name for form in blank.forms for name, _ in form.form_values() if name.startswith("line.")], "lines come after the header"
    header = {
        "legal_aid": "NON", "consignation": "NON", "heard": "NON", "prefecture": "NON", "category": "TRADUCTEUR", "issued": day,
        "procedure": "PENALE", "case_number": "26/00123", "prescriber": "OPJ", "decided": day, "mission_start": day, "mission_end": day,
    }
    number = f"MEM-{new_number()}"
    draft = expert.draft(COURTS, "memoire", "A3", number=number, form=header, parties={"juridiction": (court, "FRAIS")})
    spent = {"kilometres": "120", "vehicle": "CV5", "meals": "2", "tickets": "31.40", "tolls": "8.60", "postage": "5.05"}
    spoken, written = {"service": "TRAD_ORAL", "quantity": "3"}, {"service": "TRAD_ECRIT", "quantity": "10"}
    draft = expert.change(draft, lines=[{**spoken, **spent}, written])
    assert [Decimal(each["price"]) for each in draft["lines"]] == [30, 25], "the tariff fills the price in"
    [book] = [each for each in draft["documents"] if each["name"].endswith(".xlsx")]
    assert (book["made"], book["line"]) == (True, 1), "the bordereau is linked to its line by itself"
    value, formula = cell(expert.file(draft, book), "F30")
    assert formula == "SUM(F10:F29)"
    assert Decimal(value) == Decimal(draft["lines"][0]["expenses"]) > Decimal("45.05")
    assert Decimal(draft["lines"][1]["expenses"]) == 0

    typed = expert.change(draft, lines=[{**spoken, "stated_expenses": "60.00"}, written])
    assert any("bordereau" in each.lower() for each in errors_of(typed).values()), "an amount needs its bordereau"
    nowhere = expert.change(typed, lines=[spoken, {**written, "stated_expenses": "60.00"}])
    assert any("frais" in each.lower() for each in errors_of(nowhere).values()), "a translation has no expenses"

    draft = expert.change(nowhere, lines=[{**spoken, **spent}, written])
    for name, what in (("requisition.pdf", "Réquisition"), ("attestation.pdf", "Attestation de mission"), ("option.pdf", "Option TVA")):
        draft = expert.attach(draft, name, designation=what)
    sent = expert.send(draft)
    assert sent["status"] == "MISE_A_DISPOSITION"
    assert expert.may_not(sent, "SERVICE_FAIT", "juridiction"), "nobody certifies his own mémoire"
    assert cell(court.file(sent, next(each for each in sent["documents"] if each["name"] == book["name"])), "F30") == (value, formula)
    for status in ("SERVICE_FAIT", "MANDATEE", "MISE_EN_PAIEMENT"):
        assert court.move(sent, status)["status"] == status
    empty = person.open(f"/espaces/{COURTS}/detail-des-frais-divers")
    assert empty.status == 200


# Engagements


@pytest.mark.requirement("R220")
@pytest.mark.requirement("R221")
def test_an_engagement_of_the_state_is_taken_into_account_once_the_supplier_was_paid(sandbox, supplier, new_number):
    state, farm = sandbox.actor("prefecture"), sandbox.actor("agricultrice")
    body = sandbox.actor("maitrise-ouvrage")
    form = {"subject": "Fournitures", "issued_on": sandbox.today().isoformat(), "net": "100.00", "vat": "20.00"}
    kind = state.kinds(ORDERS)["engagement"]
    form["type"] = kind["form"]["properties"]["type"]["enum"][0]
    number = f"EJ-{new_number()}"
    sent = state.send(state.draft(ORDERS, "engagement", "EJ", number=number, form=form, parties={"supplier": supplier}))
    assert sent["status"] == "TRANSMIS"
    local = body.draft(ORDERS, "engagement", "EJ", number=number, form=form, parties={"supplier": supplier})
    assert "issuer" in errors_of(local), "services of the State alone issue them"

    person = sandbox.person("fournisseur")
    before = person.open(f"/espaces/{ORDERS}/demandes")
    assert "mise en paiement" in before.main
    assert number not in before.main
    story = Story(sandbox.installation)
    identifier = story.sent(story.visitor(story.supplier), new_number())
    recipient = story.visitor(story.easy)
    page = recipient.open(f"/factures-recues/{identifier}")
    assert recipient.submit(page.form("/statut", to="MISE_EN_PAIEMENT"), to="MISE_EN_PAIEMENT").status == 200
    after = person.open(f"/espaces/{ORDERS}/demandes")
    assert number in after.main

    assert [each["number"] for each in supplier.found(ORDERS, text=number)] == [number]
    assert farm.sees(sent) in (403, 404)
    assert state.may_not(sent, "PRIS_EN_COMPTE", "supplier"), "the supplier alone takes it into account"
    assert supplier.move(sent, "PRIS_EN_COMPTE")["status"] == "PRIS_EN_COMPTE"
    assert state.status(sent) == "PRIS_EN_COMPTE"


# Sollicitations


@pytest.mark.requirement("R250")
@pytest.mark.requirement("R251")
@pytest.mark.requirement("R252")
@pytest.mark.requirement("R253")
@pytest.mark.requirement("R257")
def test_a_question_is_answered_by_the_support_or_the_service_and_closed(sandbox, supplier):
    support, service, stranger = sandbox.actor("exploitant"), sandbox.actor("maitrise-ouvrage"), sandbox.actor("expert")
    asked = {
        "support": supplier.draft(ASKED, "sollicitation", cadre_to(supplier, "support"), form=question("COMPTE")),
        "service": supplier.draft(
            ASKED,
            "sollicitation",
            cadre_to(supplier, "service"),
            form=question("SUIVI"),
            parties={role_of(supplier): (service, "FINANCES")},
        ),
    }
    for to, who in (("support", support), ("service", service)):
        sent = supplier.send(asked[to])
        assert sent["status"] == "SOUMISE"
        assert sent["request_id"] in {each["request_id"] for each in who.found(ANSWERED)}
        assert stranger.sees(sent) == 404
        assert supplier.may_not(sent, "REPONDUE", role_of(supplier, to), motive="Moi-même"), "who asks does not answer"
        assert who.move(sent, "REPONDUE", ANSWERED, motive="Voici la réponse")["status"] == "REPONDUE"
        assert who.may_not(sent, "CLOTUREE", "asker", ANSWERED), "who asked closes"
        closed = supplier.move(sent, "CLOTUREE")
        assert closed["status"] == "CLOTUREE"
        assert "Voici la réponse" in " ".join(f"{each['motive']}" for each in closed["history"])
    person = sandbox.person("fournisseur")
    assert "CLOTUREE" in {each["status"] for each in supplier.found(ASKED)}
    home = person.open("/")
    assert home.tree.xpath("//*[contains(@class, 'bubble') or contains(@id, 'assistant') or contains(@class, 'assistant')]")
    assert person.open("/aide/").status == 200


@pytest.mark.requirement("R254")
@pytest.mark.requirement("R256")
@pytest.mark.parametrize("intent", ["password", "activation", "invoice", "training", "structure"])
def test_the_assistant_leads_through_what_people_come_for_and_is_rated(sandbox, new_number, intent):
    story = Story(sandbox.installation)
    person, number = sandbox.person("fournisseur"), new_number()
    page = person.open(f"/espaces/{ASKED}/assistant")
    page = person.submit(holding(page, "intent", intent), intent=intent)
    if intent == "invoice":
        story.sent(story.newcomer(story.supplier), number)
        page = person.submit(holding(page, "text"), text=number)
        assert number in page.main
    if intent == "training" and (form := holding(page, "training")) is not None:
        page = person.submit(form, training=min(offered(form, "training")))
    rated = person.submit(holding(page, "rating", "up"), rating="up")
    assert rated.status == 200
    assert holding(rated, "rating") is None, "it is rated once"
    assert person.open(f"/espaces/{ASKED}/avis").status == 200


def holding(page, name, value=None):
    """The form that has a field, or offers that value of it; None where there is none."""
    has = (each for each in page.forms if (value in offered(each, name) if value else each.xpath(f".//*[@name='{name}']")))
    return next(has, None)


def question(category):
    return {"category": category, "subject": "Une question", "description": "Où en est-ce ?"}


def cadre_to(actor, role):
    """The cadre of the questions that name the support, or a service."""
    kind = actor.kinds(ASKED)["sollicitation"]
    always = {each["key"] for each in kind["roles"] if each["always"]}
    return next(each["code"] for each in kind["cadres"] if bool(set(each["needs"]) & always) == (role == "support"))


def role_of(actor, to="service"):
    """The key of the role that is asked: a service, or the support."""
    kind = actor.kinds(ASKED)["sollicitation"]
    return next(each for cadre in kind["cadres"] if cadre["code"] == cadre_to(actor, to) for each in cadre["needs"])


# Raccordements, suivi des flux


@pytest.mark.requirement("R230")
def test_a_connection_is_asked_for_and_opened_in_two_stages_by_the_operator(sandbox, supplier):
    operator = sandbox.actor("exploitant")
    form = {"mode": "API", "system": "ERP", "contact": "si@exemple.invalid", "application": "app", "sends_invoices": True}
    draft = supplier.draft(CONNECTIONS, "raccordement", "RAC", form=form)
    assert "mode-needs" in supplier.refused_sending(draft), "the API needs its technical account"
    sent = supplier.send(supplier.change(draft, form={**form, "technical_account": "TECH_1"}))
    assert sent["status"] == "SOUMISE"
    assert supplier.may_not(sent, "EN_TEST", "administrator"), "the operator alone opens it"
    for who, status in (
        (operator, "EN_TEST"), (operator, "VALIDEE_QUALIFICATION"), (supplier, "PRODUCTION_DEMANDEE"), (operator, "VALIDEE_PRODUCTION")
    ):
        assert who.move(sent, status)["status"] == status
    assert sandbox.actor("agricultrice").sees(sent) in (403, 404)


@pytest.mark.requirement("R231")
@pytest.mark.requirement("R232")
def test_a_test_flux_is_judged_without_an_invoice_and_a_real_one_is_followed(sandbox, new_number):
    story = Story(sandbox.installation)
    person, number = sandbox.person("fournisseur"), new_number()
    page = person.open(f"/espaces/{FLUX}/qualification")
    file = (f"{number}.xml", story.invoice(number), "application/xml")

    def judge():
        found = person.submit(page.forms[-1], files={upload(page): file})
        return None if found.status == 503 else found  # a busy machine judges too late for a page, which says so

    judged = until(judge, JUDGED_SECONDS, "a test flux is judged", pause=1)
    assert judged.status == 200
    assert f"{number}.xml" in judged.main
    assert story.machine.issued(numeroFacture=number) == [], "nothing was created"
    flux = story.machine.deposit(story.invoice(number), f"{number}.xml", "IN_DP_E1_UBL_INVOICE")
    story.machine.settled(flux)
    assert flux in person.open(f"/espaces/{FLUX}/flux").main
    assert flux not in sandbox.person("traiteur").open("/suivi-des-flux/").text


def upload(page):
    """The name of the field for a file."""
    return page.tree.xpath("//main//input[@type='file']/@name")[0]


# DUME


@pytest.mark.requirement("R281")
def test_the_domain_marche_leads_to_the_dume_service_that_the_operator_named(sandbox):
    person, other = sandbox.person("fournisseur"), sandbox.person("agricultrice")
    page = person.open(person.open("/domaines/marche").link("/espaces/dume/"))
    assert (page.status, "2016/7" in page.main) == (200, True)
    assert page.link("Service DUME d'essai") == "https://dume.exemple.invalid/"
    assert "/espaces/dume/" not in menu(other)
    assert other.open("/espaces/dume/").status == 403


# Who may what


@pytest.mark.requirement("R187")
def test_an_espace_that_is_not_open_is_absent_and_refused(sandbox, supplier):
    assert "/espaces/factures-travaux/" not in menu(sandbox.person("fournisseur"))
    for answer in (
        supplier.ask("get", "espaces/factures-travaux/requests"),
        supplier.ask("post", "espaces/factures-travaux/requests", json={"kind": "acompte", "cadre": "A4"}),
    ):
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "/espaces/factures-travaux/" in menu(sandbox.person("titulaire"))


def test_files_of_a_request_are_its_parties_alone(sandbox, supplier):
    draft = supplier.draft(CONNECTIONS, "raccordement", "RAC", form={"mode": "API"})
    draft = supplier.attach(draft, "plan.pdf")
    [document] = draft["documents"]
    assert supplier.file(draft, document) == PDF
    path = f"espaces/{CONNECTIONS}/requests/{draft['request_id']}/documents/{document['document_id']}"
    assert sandbox.actor("exploitant").ask("get", path).status_code == 404, "a draft has not come to it"
    supplier.must("delete", f"espaces/{CONNECTIONS}/requests/{draft['request_id']}?version={draft['version']}")
    assert supplier.sees(draft) == 404
