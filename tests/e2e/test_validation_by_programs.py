"""A sub-contractor's software deposits with the cadre A9, by a flux and one by one; the titulaire's validates; the buyer's finds them."""

import pytest
import requests
from support.installation import until
from support.invoice_factory import parts
from support.machine import SECONDS, Machine, tar_gz

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

TITULAIRE, BUYER, STRANGER = "81730452000015", "20008641100010", "79835214200011"
ROLE, ESPACE = "valideur-1", "factures-a-valider"
STATEMENT = {"to": "VALIDEE_1", "stated": True}


class Program:
    """A technical account under /api/v1."""

    def __init__(self, installation, siret):
        self.machine = Machine.of(installation, siret)

    def ask(self, method, path, expected=200, **options):
        headers = {"Authorization": f"Bearer {self.machine.token}", **options.pop("headers", {})}
        answer = requests.request(method, f"{self.machine.base_url}/api/v1{path}", headers=headers, timeout=SECONDS, **options)
        assert answer.status_code == expected, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def numbers(self, side, **criteria):
        return {each["number"]: each for each in self.ask("GET", f"/factures/{side}", params={"limit": 1000, **criteria})["invoices"]}


@pytest.fixture(scope="module")
def supplier(installation, story):
    return Program(installation, story.supplier.siret)


@pytest.fixture(scope="module")
def titulaire(installation):
    return Program(installation, TITULAIRE)


@pytest.fixture(scope="module")
def buyer(installation):
    return Program(installation, BUYER)


@pytest.fixture
def write(story):
    def make(number, kind="ubl", named=TITULAIRE):
        said = (("AAI", f"#acteur {ROLE} {named}"),) if named else ()
        party = type(story.easy)(BUYER, "Syndicat d'aménagement du Val")
        return story.invoice(number, kind, cadre="S3", notes=(*parts().notes, *said), buyer=party)

    return make


def wait_for(titulaire, number):
    """What the titulaire has to do with an invoice, read whole."""

    def look():
        found = titulaire.ask("GET", f"/espaces/{ESPACE}/factures", params={"to_do": "true", "number": number})["invoices"]
        return found[0] if found else None

    return titulaire.ask("GET", f"/factures/{until(look, SECONDS, f'{number} waits for its valideur')['invoice_id']}")


@pytest.mark.requirement("R170", "R171")
def test_an_a9_by_flux_is_validated_by_a_program_and_reaches_its_buyer(supplier, titulaire, buyer, write, new_number):
    by_note, by_flux, wrong = new_number(), new_number(), new_number()
    files = {"note.xml": write(by_note), "flux.pdf": write(by_flux, "facturx", None), "faux.xml": write(wrong, "cii", "90000007000018")}
    numero = supplier.ask(
        "POST", "/flux", 201, params={"name": "a9.tar.gz", "party": f"{ROLE}:{TITULAIRE}"}, data=tar_gz(files)
    )["numero_flux"]
    report = until(
        lambda: found if (found := supplier.ask("GET", f"/flux/{numero}"))["state"] == "IN_INTEGRE_PARTIEL" else None, SECONDS, "the flux"
    )
    [fault] = next(each["errors"] for each in report["files"] if each["file_name"] == "faux.xml")
    assert (fault["code"], fault["rule"], fault["value"]) == ("D-CAD", "PUP-PARTY-UNKNOWN", "90000007000018")

    for number in (by_note, by_flux):
        invoice = wait_for(titulaire, number)
        assert {"VALIDEE_1", "REFUSEE_1"} <= {each["to"] for each in invoice["role_moves"]}
        assert number not in buyer.numbers("recues", number=number)
        about = {"version": invoice["version"]}
        path = f"/factures/{invoice['invoice_id']}"
        buyer.ask("GET", path, 404)
        supplier.ask("POST", f"{path}/moves", 409, json={**about, **STATEMENT})
        titulaire.ask("POST", f"{path}/moves", 422, json={**about, "to": "VALIDEE_1"})
        titulaire.ask("POST", f"{path}/moves", 422, json={**about, "to": "REFUSEE_1"})
        done = titulaire.ask("POST", f"{path}/moves", json={**about, **STATEMENT, "comment": "Bon pour accord"})["invoice"]
        assert done["status"] == "MISE_A_DISPOSITION"
        assert buyer.numbers("recues", number=number)[number]["status"] == "MISE_A_DISPOSITION"
    assert wrong not in supplier.numbers("emises", number=wrong)


@pytest.mark.requirement("R170", "R171")
def test_an_a9_by_the_api_as_file_and_as_entry_is_answered_by_a_program(
    installation, supplier, titulaire, buyer, write, new_number
):
    number = new_number()
    query = {"name": "a9.xml", "party": f"{ROLE}:{TITULAIRE}"}
    sent = supplier.ask("POST", "/factures/emises/fichier", 201, params=query, data=write(number, named=None))
    assert (sent["status"], sent["parties"][0]["identifier"]) == ("A_VALIDER_1", TITULAIRE)
    path = f"/factures/{sent['invoice_id']}"
    Program(installation, STRANGER).ask("GET", path, 404)
    Program(installation, STRANGER).ask("POST", f"{path}/moves", 404, json={"version": sent["version"], **STATEMENT})
    titulaire.ask("POST", f"{path}/moves", json={"version": sent["version"], **STATEMENT})
    assert buyer.ask("GET", path)["status"] == "MISE_A_DISPOSITION"

    number = new_number()
    entry = {
        "number": number,
        "cadre": "A9",
        "issue_date": sent["issue_date"],
        "recipient_siret": BUYER,
        "payment_mode": "CHEQUE",
        "lines": [{"name": "Pose de cloisons", "quantity": 2, "price": "150.25", "rate": 20}],
    }
    refused = supplier.ask("POST", "/factures/emises", 422, json=entry)
    told = {each["rule"]: each for each in refused["details"]["findings"]}["PUP-PARTY-MISSING"]
    assert (told["code"], told["location"], told["field"]) == ("D-CAD", f"parties-{ROLE}", f"Acteur « {ROLE} »")
    assert number not in supplier.numbers("emises", number=number), "what is refused leaves no draft"
    named = {"parties": [{"role": ROLE, "identifier": TITULAIRE}]}
    sent = supplier.ask("POST", "/factures/emises", 201, json={**entry, **named})
    assert (sent["number"], sent["status"]) == (number, "A_VALIDER_1")
    path = f"/factures/{sent['invoice_id']}"
    motive = {"version": sent["version"], "to": "REFUSEE_1", "motive": "Hors marché"}
    assert titulaire.ask("POST", f"{path}/moves", json=motive)["invoice"]["status"] == "REFUSEE_1"
    buyer.ask("GET", path, 404)
    assert supplier.ask("GET", path)["last_motive"] == "Hors marché"
