"""`pupitre retention` from the list of what has expired to the certificate, on both backends and with the clock of the test (RS-74)."""

import contextlib
import datetime
import json

import pytest
from click.testing import CliRunner
from pupitre import operator_bus
from pupitre.cli import cli
from pupitre_bus.actors import Actor
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors

pytestmark = pytest.mark.requirement("RS-74")


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC))


@pytest.fixture
def command(stage, monkeypatch):
    """Runs `pupitre retention` as the operator of the stage; gives what it prints."""
    stage.hold("announce-waiting")
    caller = stage.bench.caller(Actor.service("operator"))
    monkeypatch.setattr(operator_bus, "connected", lambda settings, *needed: contextlib.nullcontext(caller))

    def run(*words, refused=None):
        done = CliRunner().invoke(cli, ["retention", *map(str, words)])
        if refused is None:
            assert done.exit_code == 0, done.output
        elif isinstance(refused, int):
            assert done.exit_code == refused
        else:
            assert isinstance(done.exception, refused), done.output
        return done.output

    return run


@pytest.fixture
def expired(stage):
    """Two invoices that have reached their term, and one that has not."""
    kept = [stage.sent("F-1"), stage.sent("F-2")]
    stage.bench.clock.advance(days=4000)
    return [*kept, stage.sent("F-3", issue_date="2037-10-01")]


def test_from_the_list_to_the_certificate(stage, expired, command):
    assert command("list") == "2026  90000002000019 Commune d'Exempleville: 2 invoice(s), 240.00 EUR\n"
    assert json.loads(command("list", "--issued", "--structure", stage.SELLER, "--json"))[0]["invoices"] == 2
    proposed = command("propose", "--year", 2026, "--structure", stage.BUYER, "--by", "Alix")
    assert proposed.startswith("list 1  proposed  2 invoice(s), 240.00 EUR; 0 eliminated\n")
    assert "(0 under hold, 2 in a list)" in command("list")
    digest = json.loads(command("lists", "--json"))[0]["digest"]
    assert digest in proposed

    command("eliminate", 1, refused=errors.VisaMissing)
    command("certificate", 1, refused=1)
    command("visa", 1, "--by", "Alix", "--reference", "AD 12", refused=errors.VisaByProposer)
    command("visa", 1, "--by", "Noé", "--reference", "AD 12", "--digest", "f" * 64, refused=errors.ListChanged)
    command("visa", 1, "--by", "Noé", refused=2)
    assert "by Noé: AD 12" in command("visa", 1, "--by", "Noé", "--reference", "AD 12", "--digest", digest)

    assert command("eliminate", 1, "--by", "Zoé").startswith("list 1  eliminated  2 invoice(s), 240.00 EUR; 2 eliminated\n")
    assert len(stage.rows("SELECT * FROM invoice")) == 1
    statement, seal = command("certificate", 1).splitlines()
    assert (json.loads(statement)["visa_reference"], len(seal)) == ("AD 12", 128)
    shown = command("show", 1)
    assert "F-1 (1) of 2026-10-01, 120.00 EUR  90000001000012 Fournitures du Quai -> 90000002000019 Commune d'Exempleville" in shown
    assert len(json.loads(command("show", 1, "--json"))["items"]) == 2
    assert command("list").startswith("nothing has reached its term")


def test_holds_are_placed_listed_and_released(stage, expired, command):
    command("hold", "--reason", "litige", refused=2)
    command("hold", "--invoice", 1, "--structure", stage.BUYER, "--reason", "litige", refused=2)
    command("hold", "--structure", "00000000000000", "--reason", "litige", refused=1)
    assert "F-1 (1), Fournitures du Quai: litige" in command("hold", "--invoice", 1, "--reason", "litige", "--by", "Zoé")
    assert "hold 2  90000002000019 Commune d'Exempleville: contrôle" in command("hold", "--structure", stage.BUYER, "--reason", "contrôle")
    command("propose", refused=errors.NothingExpired)
    command("release", 2, "--reason", "terminé")
    assert [each["number"] for each in json.loads(command("holds", "--json"))] == [1]
    assert "terminé" in command("holds", "--all")
    assert "1 invoice(s)" in command("propose", "--by", "Alix")
    assert "withdrawn" in command("withdraw", 1, "--by", "Alix")
    assert "withdrawn" in command("lists")
