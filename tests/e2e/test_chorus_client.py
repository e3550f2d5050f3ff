"""Programs written for Chorus Pro work unchanged: one of them unmodified, and the habits of the others."""

import base64
import re
import urllib.parse

import pytest
import requests
from chorusapi.client import ChorusAPI
from chorusapi.constants.syntax_flux_constant import SyntaxFlux
from chorusapi.exceptions.exception import ChorusApiException
from support.installation import until
from support.machine import SECONDS, SETTLED, Machine, cpro_account, tar_gz

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

DAY = re.compile(r"\d{4}-\d\d-\d\d")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d")
NUMERO = re.compile(r"CPP001\d{4}\d{15}")


@pytest.fixture
def machine(story) -> Machine:
    return story.machine


@pytest.fixture
def chorus(installation, machine) -> ChorusAPI:
    """The client as published; only the addresses of its instance are ours."""
    account = machine.account
    client = ChorusAPI(account["client_id"], account["client_secret"], account["login"], account["password"])
    client.auth_url = f"{installation.base_url}/api/oauth/token"
    client.api_url = installation.base_url
    return client.auth()


def _in_base64(content):
    return base64.b64encode(content).decode()


def _deposited(chorus, content, name, syntaxe):
    answer = chorus.deposer_flux(_in_base64(content), name, syntaxe_flux=syntaxe)
    assert (answer.code_retour, answer.libelle) == (0, "GCU_MSG_01_000")
    assert NUMERO.fullmatch(answer.numero_flux_depot)
    assert DAY.fullmatch(answer.date_depot)
    assert answer.syntaxe_flux == syntaxe
    return answer.numero_flux_depot


def _settled(chorus, numero):
    def look():
        found = chorus.consulter_cr_detaille(numero)
        return found if found.etat_courant_depot_flux in SETTLED else None

    return until(look, SECONDS, f"flux {numero} settled")


@pytest.mark.parametrize(
    "kind, syntaxe",
    [
        ("ubl", SyntaxFlux.IN_DP_E1_UBL_INVOICE),
        ("cii", SyntaxFlux.IN_DP_E1_CII_16B),
        ("facturx", SyntaxFlux.IN_DP_E2_CII_FACTURX),
    ],
)
def test_the_published_client_deposits_an_invoice_and_finds_it(chorus, story, new_number, kind, syntaxe):
    number = new_number()
    numero = _deposited(
        chorus, story.invoice(number, kind), f"{number}.{'pdf' if kind == 'facturx' else 'xml'}", syntaxe
    )
    outcome = _settled(chorus, numero)
    assert (outcome.code_retour, outcome.libelle) == (0, "TRA_MSG_00.000")
    assert outcome.etat_courant_depot_flux == "IN_INTEGRE", [each.libelle_erreur_dP for each in outcome.liste_erreur_dp]
    assert MOMENT.fullmatch(outcome.date_depot_flux)
    assert MOMENT.fullmatch(outcome.date_heure_etat_courant_flux)

    [invoice] = chorus.rechercher_facture(numero).liste_factures
    assert invoice.numero_facture == number
    assert isinstance(invoice.identifiant_facture_cpp, int)
    assert invoice.statut == "MISE_A_DISPOSITION"
    assert invoice.numero_flux_depot == numero
    assert invoice.code_destinataire == story.easy.siret
    assert invoice.code_fournisseur == story.supplier.siret
    assert DAY.fullmatch(invoice.date_depot)
    assert isinstance(invoice.montant_ttc, int | float)


def test_the_published_client_deposits_a_lot_and_learns_what_became_of_each_invoice(chorus, story, new_number):
    good, bad = new_number(), new_number()
    files = {
        "good.xml": story.invoice(good),
        "bad.xml": story.invoice(bad).replace(b"<cbc:DocumentCurrencyCode>EUR", b"<cbc:DocumentCurrencyCode>EURO"),
    }
    numero = _deposited(chorus, tar_gz(files), "lot.tar.gz", SyntaxFlux.IN_DP_E1_UBL_INVOICE)
    outcome = _settled(chorus, numero)
    assert outcome.etat_courant_depot_flux == "IN_INTEGRE_PARTIEL"
    assert [each.numero_facture for each in chorus.rechercher_facture(numero).liste_factures] == [good]
    assert {each.numero_dp for each in outcome.liste_erreur_dp} <= {bad, "bad.xml"}
    assert any(
        "BR-CL-04" in each.libelle_erreur_dP or "BT-5" in each.libelle_erreur_dP for each in outcome.liste_erreur_dp
    )

    brief = chorus.consulter_cr(numero)
    assert (brief.code_retour, brief.numero_flux_depot) == (0, numero)
    assert brief.etat_courant_flux == "IN_INTEGRE_PARTIEL"
    assert brief.code_interface_flux == "FSO1100A"
    assert brief.nom_fichier_flux == "lot.tar.gz"


def test_the_published_client_reads_the_annuaire(chorus, installation, story):
    [found] = chorus.rechercher_structure(story.strict.siret).liste_structures
    assert isinstance(found.id_structure_cpp, int)
    assert (found.identifiant_structure, found.type_identifiant_structure, found.statut) == (
        story.strict.siret,
        "SIRET",
        "ACTIVE",
    )

    structure = chorus.consulter_structure(found.id_structure_cpp)
    assert structure.information_generales.identifiant_structure == story.strict.siret
    assert structure.parametres.code_service_doit_etre_renseigne is True
    assert structure.parametres.numero_ej_doit_etre_renseigne is True
    assert structure.adresse_postale_du_siege.ville

    expected = {
        each["code"]: each["active"] for each in installation.public_structure(requires_service=True)["services"]
    }
    services = chorus.rechercher_services(found.id_structure_cpp).liste_structures
    assert {each.code_service: each.est_actif for each in services} == expected
    assert all(isinstance(each.id_service, int) for each in services)


def test_the_published_client_finds_nothing_where_there_is_nothing(chorus):
    assert chorus.rechercher_structure("99999999999999").liste_structures == []
    assert chorus.rechercher_facture("CPP0011100999999999999999").liste_factures == []


def test_the_published_client_sees_that_the_api_is_well(chorus):
    health = chorus.health_check()
    assert (health.status_code_value, health.status_code) == (200, "OK")


def test_a_wrong_secret_gets_no_token(installation, machine):
    client = ChorusAPI(machine.account["client_id"], "wrong", machine.account["login"], machine.account["password"])
    client.auth_url = f"{installation.base_url}/api/oauth/token"
    with pytest.raises(ChorusApiException, match="invalid_client"):
        client.auth()


@pytest.mark.parametrize("login, password", [("{login}", "wrong"), ("nobody@cpro.fr", "{password}")])
def test_a_wrong_technical_account_is_refused_as_the_real_gateway_does(machine, login, password):
    header = cpro_account(login.format(**machine.account), password.format(**machine.account))
    answer = machine.post("structures/v1/rechercher", {}, headers={"cpro-account": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="PISTE",error="Unauthorized"')
    assert answer.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize(
    "headers",
    [{"cpro-account": ""}, {"cpro-account": "%%%"}, {"Authorization": ""}, {"Authorization": "Bearer made-up"}],
)
def test_a_call_without_both_identities_is_refused(machine, headers):
    assert machine.post("structures/v1/rechercher", {}, headers=headers).status_code == 401


def _token(installation, **options):
    return requests.post(f"{installation.base_url}/api/oauth/token", timeout=SECONDS, **options)


@pytest.mark.parametrize("scope", [None, "openid", "openid resource.READ"])
def test_a_token_is_given_with_any_of_the_scopes_that_clients_ask_for(installation, machine, scope):
    account = machine.account
    form = {
        "grant_type": "client_credentials",
        "client_id": account["client_id"],
        "client_secret": account["client_secret"],
    }
    answer = _token(installation, data=form | ({"scope": scope} if scope else {}))
    assert answer.status_code == 200
    token = answer.json()
    assert token["token_type"] == "Bearer"
    assert token["access_token"]
    assert isinstance(token["expires_in"], int)
    assert 0 < token["expires_in"] < 32767
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_token_is_given_to_a_client_that_sends_its_secret_in_a_basic_header(installation, machine):
    answer = _token(
        installation,
        data={"grant_type": "client_credentials"},
        auth=(machine.account["client_id"], machine.account["client_secret"]),
        headers={"Accept": "application/json"},
    )
    assert answer.status_code == 200
    assert answer.json()["access_token"]


def test_a_token_is_given_to_a_client_that_encodes_its_form_in_its_own_order(installation, machine):
    account = machine.account
    secret = urllib.parse.quote(account["client_secret"], safe="")
    body = f"scope=openid&client_secret={secret}&client_id={account['client_id']}&grant_type=client_credentials"
    answer = _token(installation, data=body, headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "form",
    [{}, {"grant_type": "password"}, {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "x"}],
)
def test_a_refused_token_is_an_error_in_json(installation, form):
    answer = _token(installation, data=form)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_client", "invalid_request", "unsupported_grant_type")
    assert answer.json()["error_description"]


@pytest.mark.parametrize("raw", [b"{}", b"[]", b"null", b"", b"\xef\xbb\xbf{}"])
@pytest.mark.parametrize("path", ["structures/v1/rechercher", "factures/v1/rechercher/fournisseur"])
def test_every_way_of_saying_no_parameter_is_understood(machine, path, raw):
    answer = machine.post(path, data=raw, headers={"Content-Type": "application/json;charset=utf-8"})
    assert answer.status_code == 200
    found = answer.json()
    assert found["codeRetour"] == 0
    assert found["libelle"] == "TRA_MSG_00.000"
    assert found["parametresRetour"].keys() == {"pageCourante", "pages", "nbResultatsParPage", "total"}
    assert all(isinstance(value, int) for value in found["parametresRetour"].values())
    assert found["parametresRetour"]["nbResultatsParPage"] == 10


@pytest.mark.parametrize("raw", [b"{", b"42", b'"text"', b"\xff"])
def test_a_body_that_is_no_json_object_is_refused_with_a_reason(machine, raw):
    answer = machine.post("structures/v1/rechercher", data=raw, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["codeRetour"] != 0
    assert answer.json()["libelle"]


def test_numbers_sent_as_text_and_unknown_properties_are_taken(machine, story):
    body = {
        "structure": {
            "identifiantStructure": int(story.easy.siret),
            "typeIdentifiantStructure": "SIRET",
            "nom": "ignored",
        },
        "restreindreStructuresPrivees": "",
        "parametres": {
            "nbResultatsParPage": "5",
            "pageResultatDemandee": "1",
            "triSens": None,
            "nbResultatsMaximum": 10,
        },
    }
    found = machine.ask("structures/v1/rechercher", body)
    assert [each["identifiantStructure"] for each in found["listeStructures"]] == [story.easy.siret]
    assert found["parametresRetour"]["nbResultatsParPage"] == 5
    identifier = found["listeStructures"][0]["idStructureCPP"]
    for name in ("idStructureCPP", "idStructure"):
        consulted = machine.ask("structures/v1/consulter", {name: str(identifier), "codeLangue": "FR"})
        assert consulted["informationGenerales"]["idStructureCPP"] == identifier


def test_a_client_that_asks_for_a_huge_page_gets_everything_at_once(machine, story):
    found = machine.ask("structures/v1/rechercher", {"parametres": {"nbResultatsParPage": 9999999999}})
    assert found["parametresRetour"]["pages"] == 1
    assert len(found["listeStructures"]) == found["parametresRetour"]["total"] >= 2


def test_an_unknown_flux_answers_with_a_code_that_says_so(machine):
    for path in ("transverses/v1/consulterCR", "transverses/v1/consulterCRDetaille"):
        answer = machine.post(path, {"numeroFluxDepot": "CPP0011100000000000999999"})
        assert answer.status_code == 200
        assert answer.json()["codeRetour"] == 20000


def test_the_flux_of_another_structure_is_unknown(installation, story, new_number):
    number = new_number()
    numero = story.machine.deposit(story.invoice(number), f"{number}.xml", "IN_DP_E1_UBL_INVOICE")
    other = Machine.of(installation, story.other_supplier.siret)
    assert other.post("transverses/v1/consulterCRDetaille", {"numeroFluxDepot": numero}).json()["codeRetour"] == 20000
    assert other.issued(numeroFluxDepot=numero) == []


@pytest.mark.parametrize(
    "body",
    [
        {"fichierFlux": ""},
        {"fichierFlux": "not base64 !"},
        {"fichierFlux": "PGEvPg==", "syntaxeFlux": "IN_DP_E3_FACTUR_X_10"},
    ],
)
def test_a_flux_that_cannot_be_taken_is_refused_with_a_code_and_words(machine, body):
    answer = machine.post(
        "factures/v1/deposer/flux", {"nomFichier": "a.xml", "syntaxeFlux": "IN_DP_E1_UBL_INVOICE", **body}
    )
    assert answer.status_code == 200
    assert answer.json()["codeRetour"] != 0
    assert "flux" in answer.json()["libelle"].lower()


def test_the_same_number_twice_is_refused_and_the_first_invoice_stays(machine, story, new_number):
    number = new_number()
    first = machine.deposit(story.invoice(number), "a.xml", "IN_DP_E1_UBL_INVOICE")
    assert machine.settled(first)["etatCourantDepotFlux"] == "IN_INTEGRE"
    second = machine.deposit(story.invoice(number, contract="OTHER"), "b.xml", "IN_DP_E1_UBL_INVOICE")
    outcome = machine.settled(second)
    assert outcome["etatCourantDepotFlux"] == "IN_REJETE"
    assert "PUP-NUMBER-TAKEN" in outcome["listeErreurDP"][0]["libelleErreurDP"]
    [kept] = machine.issued(numeroFacture=number)
    assert kept["numeroFluxDepot"] == first


def test_while_a_flux_waits_no_client_can_take_it_for_done(machine, story, new_number):
    lot = {f"{n}.xml": story.invoice(new_number()) for n in range(10)}
    numero = machine.deposit(tar_gz(lot), "lot.tar.gz", "IN_DP_E1_UBL_INVOICE")
    seen = []

    def settled():
        seen.append(machine.outcome(numero)["etatCourantDepotFlux"])
        return seen[-1] in SETTLED

    until(settled, SECONDS, "settled")
    waiting = {
        "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP",
        "IN_EN_ATTENTE_TRAITEMENT_CPP",
        "IN_EN_COURS_TRAITEMENT_CPP",
    }
    assert set(seen[:-1]) <= waiting
    assert seen[-1] == "IN_INTEGRE"
