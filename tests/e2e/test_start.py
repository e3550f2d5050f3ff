"""One command, and everything runs; a second time it is quick, and nothing is lost between the two."""

import math
import time

import jsonschema
import pytest
import requests
from support.machine import UBL
from support.story import Story
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

SECOND_START_SECONDS = 10
"""Promised of the embedded run; one process per service takes the time of five starts."""
DISTRIBUTED_SECONDS = 40
TEXT = {"type": "string", "minLength": 1}
SIRET = {"type": "string", "pattern": "^[0-9]{14}$"}


def _object(**properties):
    return {"type": "object", "required": list(properties), "properties": properties}


def _list(items, least=1):
    return {"type": "array", "items": items, "minItems": least}


DEMO = _object(
    base_url={"type": "string", "pattern": "^http://"},
    personas=_list(
        _object(key=TEXT, email=TEXT, password=TEXT, role=TEXT, structures=_list(_object(siret=SIRET, name=TEXT))),
        least=4,
    ),
    technical_accounts=_list(_object(structure=SIRET, client_id=TEXT, client_secret=TEXT, login=TEXT, password=TEXT)),
    public_structures=_list(
        _object(
            siret=SIRET,
            name=TEXT,
            services=_list(_object(code=TEXT, active={"type": "boolean"}), least=0),
            requires_service={"type": "boolean"},
            requires_engagement={"type": "boolean"},
        ),
        least=2,
    ),
)


def _started_again(installation):
    """Seconds that a start takes, the best of three: one that was quick is not repeated."""
    took = [math.inf]
    while len(took) < 4 and took[-1] >= SECOND_START_SECONDS:
        assert installation.stop() == 0
        assert installation.pids() == []
        began = time.monotonic()
        installation.start()
        took.append(time.monotonic() - began)
    return took


def test_the_second_start_is_quick_and_finds_what_the_first_one_kept(own_installation, new_number):
    own_installation.start()
    jsonschema.validate(own_installation.demo, DEMO)
    assert own_installation.demo["base_url"] == own_installation.base_url
    assert _mode(own_installation.state / "demo.json") == 0o600
    number, story, before = new_number(), Story(own_installation), own_installation.demo
    numero = story.machine.deposit(story.invoice(number), f"{number}.xml", UBL)
    assert story.machine.settled(numero)["etatCourantDepotFlux"] == "IN_INTEGRE"

    assert min(_started_again(own_installation)) < (SECOND_START_SECONDS if own_installation.embedded else DISTRIBUTED_SECONDS)

    assert own_installation.demo == before
    assert [each["numeroFacture"] for each in story.machine.issued(numeroFacture=number)] == [number]
    assert story.visitor(story.supplier).open("/factures-emises/", onglet="tout", number=number).link(number)
    assert own_installation.stop() == 0


def test_the_terminal_says_where_the_portal_is_and_who_can_sign_in(installation):
    said = installation.log.read_text("utf-8")
    assert f"Pupitre: {installation.base_url}" in said
    for persona in installation.demo["personas"]:
        assert persona["email"] in said
        assert persona["password"] in said
    assert "/boite-locale" in said


def test_every_persona_can_sign_in_with_what_the_file_says(installation):
    for persona in installation.demo["personas"]:
        assert Visitor.signed_in(installation, persona["key"]).open("/").status == 200


def test_a_living_portal_says_that_it_lives_and_that_it_is_ready(installation):
    assert requests.get(f"{installation.base_url}/livez", timeout=60).status_code == 200
    ready = requests.get(f"{installation.base_url}/readyz", timeout=60)
    assert ready.status_code == 200
    assert ready.json()["ready"] is True


def test_a_second_installation_on_a_taken_address_is_refused_in_words(installation, embedded_installation):
    other = embedded_installation(PUPITRE_HTTP=f"127.0.0.1:{installation.port}")
    refused = other.command("run", check=False)
    assert refused.returncode != 0
    assert "PUPITRE_HTTP" in refused.stderr
    assert "Traceback" not in refused.stderr


def _mode(path):
    return path.stat().st_mode & 0o777
