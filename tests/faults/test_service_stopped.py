"""One service stopped: the others answer, who needs it is told in words and in time, and what waited is done afterwards."""

import os
import signal
import time
from contextlib import contextmanager

import pytest
import requests
from support import mailbox
from support.installation import until
from support.machine import UBL
from support.story import Story

pytestmark = [pytest.mark.faults, pytest.mark.slow]

#: The time-out of a read is 2 s; a page makes few of them.
PAGE_SECONDS = 9
BACK_SECONDS = 60
on_servers = pytest.mark.parametrize(
    "installation", [pytest.param("servers", marks=[pytest.mark.rabbitmq, pytest.mark.postgres])], indirect=True
)


@contextmanager
def _stopped(installation, service):
    """The service's process halted: it is alive for its supervisor, and answers nothing."""
    pid = installation.pid_of(service)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)
        until(installation.is_ready, BACK_SECONDS, "ready again")


def _timed(visitor, path):
    """The page, in time: the best of three, since the machine may halt for a moment."""
    for _ in range(3):
        began = time.monotonic()
        page = visitor.open(path)
        if time.monotonic() - began < PAGE_SECONDS:
            return page
    raise AssertionError(f"{path}: three times more than {PAGE_SECONDS} s")


def _assert_told(page, name):
    assert page.status in (503, 504)
    assert name in page.main
    assert "Réessayez" in page.main or "réessayez" in page.main
    assert "Traceback" not in page.response.text


def _said_to_be_down(installation, name):
    def told():
        ready = requests.get(f"{installation.base_url}/readyz", timeout=60)
        return ready.status_code == 503 and name in {each["service"] for each in ready.json()["not_ready"]}

    # Readiness is what was seen a moment ago: for that long, it may still be what it was before.
    until(told, BACK_SECONDS, f"{name} said to be down")


@on_servers
def test_without_notifications_invoices_go_on_and_the_mail_comes_later(installation, new_number):
    story = Story(installation)
    visitor, number = story.visitor(story.supplier), new_number()
    with _stopped(installation, "notifications"):
        _said_to_be_down(installation, "notifications")
        _assert_told(_timed(visitor, "/notifications"), "notifications")
        for path in ("/", "/factures-emises/", "/structures/", "/annuaire/", "/sante"):
            assert _timed(visitor, path).status == 200
        numero = story.machine.deposit(story.invoice(number), f"{number}.xml", UBL)
        assert story.machine.settled(numero)["etatCourantDepotFlux"] == "IN_INTEGRE"
        assert mailbox.about(installation.state, number) == []
    expected = len(story.people(story.supplier)) + len(story.people(story.easy))
    until(lambda: len(mailbox.about(installation.state, number)) == expected, BACK_SECONDS, "the mails that waited")


@on_servers
def test_without_invoicing_the_other_pages_answer_and_a_deposit_is_not_pretended(installation, new_number):
    story = Story(installation)
    visitor, number = story.visitor(story.supplier), new_number()
    form = visitor.open("/factures-emises/depot").form("/depot")
    with _stopped(installation, "invoicing"):
        _said_to_be_down(installation, "invoicing")
        home = _timed(visitor, "/")
        assert home.status == 200
        assert "facturation" in home.main
        _assert_told(_timed(visitor, "/factures-emises/"), "facturation")
        for path in ("/structures/", "/annuaire/", "/notifications"):
            assert _timed(visitor, path).status == 200
        refused = story.machine.post("factures/v1/rechercher/fournisseur", {})
        assert refused.status_code in (503, 504)
        assert refused.json()["codeRetour"] != 0
    page = visitor.submit(form, files={"file": (f"{number}.xml", story.invoice(number), "application/xml")})
    assert page.status == 200


@on_servers
def test_a_service_that_is_killed_comes_back_by_itself(installation, new_number):
    story, number = Story(installation), new_number()
    first = installation.pid_of("invoicing")
    numero = story.machine.deposit(story.invoice(number), f"{number}.xml", UBL)
    os.kill(first, signal.SIGKILL)
    # In this order: for a second after the kill, readiness is what was seen before it.
    until(lambda: _runs_anew(installation, first), BACK_SECONDS, "another process of invoicing")
    until(installation.is_ready, BACK_SECONDS, "ready again")
    assert story.machine.settled(numero)["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert [each["numeroFacture"] for each in story.machine.issued(numeroFacture=number)] == [number]


def _runs_anew(installation, first):
    try:
        return installation.pid_of("invoicing") != first
    except AssertionError:
        return False
