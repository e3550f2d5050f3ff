"""`pupitre structures`: the operator decides on requests and sets the state of structures (R068, R069)."""

import json

import pytest
from support.visitor import Visitor

PUBLIC = {
    "identifier": "200 071 041 00046",
    "name": "CC du Val",
    "line": "1 rue Haute",
    "postal_code": "10130",
    "city": "Chaource",
    "motive": "Nouvelle communauté",
}


def requests(installation, *options):
    return json.loads(installation.command("structures", "requests", "--json", *options).stdout)


@pytest.mark.requirement("R069")
@pytest.mark.requirement("R068")
def test_the_operator_inactivates_and_activates_and_both_are_written_down(embedded):
    siret = next(each["siret"] for each in embedded.demo["public_structures"])
    done = embedded.command("structures", "inactivate", siret, "--motive", "Fusion")
    assert done.stdout.strip().endswith("inactive")
    again = embedded.command("structures", "inactivate", siret, check=False)
    assert (again.returncode, "organisation.structure-state-same" in again.stderr) == (1, True)
    assert embedded.command("structures", "activate", siret).stdout.strip().endswith(": active")
    activated, inactivated = requests(embedded)[:2]
    assert (inactivated["kind"], inactivated["motive"], inactivated["state"]) == ("INACTIVATION", "Fusion", "APPROUVE")
    assert (activated["kind"], activated["decided_by"]) == ("ACTIVATION", "service:operator")
    assert embedded.command("structures", "activate", "00000000000000", check=False).returncode == 1


def test_a_request_that_does_not_exist_is_one_line(embedded):
    refused = embedded.command("structures", "approve", "7", check=False)
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert embedded.command("structures", "refuse", "7", check=False).returncode == 2


@pytest.mark.requirement("R068")
def test_a_public_structure_that_a_user_asks_for_is_made_when_the_operator_approves(embedded):
    visitor = Visitor.signed_in(embedded, "traiteur")
    asked = visitor.submit(visitor.open("/structures/demande-publique").form("/demande-publique"), **PUBLIC)
    assert "l'exploitant de la plateforme décide" in asked.main
    (waiting,) = requests(embedded, "--state", "DEMANDE")
    assert (waiting["requester"]["email"], waiting["motive"]) == (embedded.persona("traiteur")["email"], PUBLIC["motive"])
    embedded.command("structures", "approve", str(waiting["number"]), "--requester-manages")
    page = visitor.open("/structures/demande-publique")
    assert "approuvée" in page.main
    managed = visitor.open(visitor.open("/structures/").link("CC du Val"))
    assert "200 071 041 00046" in managed.main
    parameters = visitor.open(managed.url + "/gestion/parametres")
    saved = visitor.submit(parameters.form("/gestion/parametres"), requires_service="y", moa_presence="SANS_MOA")
    assert "Le code service est obligatoire." in saved.main
