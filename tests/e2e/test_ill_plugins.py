"""Plugins that raise, sleep or cannot be imported: the portal works, and says which one is ill."""

import json
import os
import time
import uuid
from urllib.parse import urlencode

import pytest
import requests
from plugins.distributions import install, reported
from support.installation import until
from support.machine import UBL
from support.story import Story

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

#: Import error, wrong signature, exception, endless loop that yields, wrong type, key theft, memory hog, data of another structure, ports
#: called without end; and one that sleeps and will not be woken.
ILL = (
    "fails_to_import",
    "asks_too_much",
    "raises",
    "loops",
    "returns_rubbish",
    "takes_a_key",
    "hogs_memory",
    "reads_others",
    "asks_without_end",
    "sleeps",
)
#: Those that load, by the key of their espace, with what their page may answer: a page that names them, or nothing there.
OPENED = {
    "raises": (404, 503),
    "sleeps": (404, 503),
    "boucle": (503,),
    "rubbish": (503,),
    "gourmand": (503,),
    "avide": (503,),
    "curieux": (200,),
}
NAMED_AT_LOADING = ("fails_to_import", "asks_too_much", "takes_a_key")
PAGE_SECONDS = 8


def _opened(visitor, path):
    """The page, in time: the best of three, since the machine may halt for a moment."""
    for _ in range(3):
        began = time.monotonic()
        page = visitor.open(path)
        if time.monotonic() - began < PAGE_SECONDS:
            return page
    raise AssertionError(f"{path}: three times more than {PAGE_SECONDS} s")


def test_the_portal_works_with_ten_hostile_plugins_and_names_each(embedded_installation, tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    path = os.pathsep.join(filter(None, (str(install(folder, *ILL)), os.environ.get("PYTHONPATH"))))
    installation = embedded_installation(PYTHONPATH=path).start()
    story = Story(installation)
    visitor = story.visitor(story.supplier)

    structures = visitor.open("/structures/")
    for espace in OPENED:
        page = _opened(visitor, structures.link(story.supplier.name))
        assert visitor.submit(page.form(f"/espaces/{espace}/ouverture")).status == 200
    home = _opened(visitor, "/")
    assert home.status == 200
    assert "Bonjour" in home.main
    # A request of another structure, asked for through every port: there is nothing.
    foreign = {"request": str(uuid.uuid4()), "key": "x", "text": "*"}
    for espace, statuses in OPENED.items():
        shown = _opened(visitor, f"/espaces/{espace}/?{urlencode(foreign)}")
        assert shown.status in statuses, espace
        assert "Traceback" not in shown.response.text
    assert "refused: " in _opened(visitor, f"/espaces/curieux/?{urlencode(foreign)}").main

    number = "ILL-1"
    numero = story.machine.deposit(story.invoice(number), f"{number}.xml", UBL)
    assert story.machine.settled(numero)["etatCourantDepotFlux"] == "IN_INTEGRE"
    identifier = story.sent(visitor, "ILL-2")
    assert _opened(visitor, f"/factures-emises/{identifier}").status == 200

    health = _opened(visitor, "/sante")
    for name in ILL:
        assert reported(name) in health.main, health.main
    ready = requests.get(f"{installation.base_url}/readyz", timeout=60)
    assert ready.status_code == 200
    assert ready.json()["espaces_ill"]

    listed = installation.command("espaces", "list", check=False)
    assert listed.returncode == 1
    for name in NAMED_AT_LOADING:
        assert f"espace-hostile-{name.replace('_', '-')}" in listed.stdout
    assert installation.stop() == 0


#: How each reaction of the ill plugin fails, by the event.
FAILS = {"invoice.submitted.v1": "error", "invoice.moved.v1": "time-out", "flux.processed.v1": "wrong-answer"}


def test_the_suite_works_with_an_ill_reaction_and_ill_operations_and_names_them(embedded_installation, tmp_path):
    folder = tmp_path / "plugins"
    folder.mkdir()
    path = os.pathsep.join(filter(None, (str(install(folder, "reacts_badly", "operates_badly")), os.environ.get("PYTHONPATH"))))
    installation = embedded_installation(PYTHONPATH=path).start()
    story = Story(installation)
    visitor, machine = story.visitor(story.supplier), story.machine
    structures = visitor.open("/structures/")
    for espace in ("emotif", "maladroit"):
        page = visitor.open(structures.link(story.supplier.name))
        assert visitor.submit(page.form(f"/espaces/{espace}/ouverture")).status == 200

    for operation in ("leve", "tourne", "rend"):
        began = time.monotonic()
        answer = requests.get(
            f"{installation.base_url}/api/v1/espaces/maladroit/{operation}", headers=machine.headers, timeout=PAGE_SECONDS
        )
        assert time.monotonic() - began < PAGE_SECONDS
        assert (answer.status_code, "maladroit" in answer.text, "Traceback" in answer.text) == (503, True, False), answer.text

    def failures():
        letters = json.loads(installation.command("dead-letters", "list", "invoicing", "--json").stdout)
        return {each["type"]: each["error"] for each in letters if each["consumer"] == "invoicing:emotif" and each["error"]}

    # What programs and people do goes on, before the reactions have failed and after.
    for number in ("MAL-1", "MAL-2"):
        numero = machine.deposit(story.invoice(number), f"{number}.xml", UBL)
        assert machine.settled(numero)["etatCourantDepotFlux"] == "IN_INTEGRE"
        failed = until(lambda: (found := failures()).keys() >= FAILS.keys() and found, 60, "the failed reactions")
    assert _opened(visitor, f"/factures-emises/{story.sent(visitor, 'MAL-3')}").status == 200
    for event, kind in FAILS.items():
        assert reported("reacts_badly") in failed[event]
        assert f"{kind} in Reaction.react" in failed[event]
    assert reported("operates_badly") in _opened(visitor, "/sante").main
    assert requests.get(f"{installation.base_url}/readyz", timeout=60).status_code == 200
    assert installation.stop() == 0


def test_without_ill_plugins_the_list_of_espaces_is_well(installation):
    listed = installation.command("espaces", "list")
    assert listed.returncode == 0
    assert "bonjour" in listed.stdout


def test_the_espace_of_the_tutorial_has_a_tab_for_who_added_it_and_none_for_others(story):
    member, stranger = story.visitor(story.supplier), story.visitor(story.other_supplier)
    assert "/espaces/bonjour" in member.open("/").link("/espaces/bonjour")
    assert member.open("/espaces/bonjour/").status == 200
    assert stranger.open("/espaces/bonjour/").status == 403
