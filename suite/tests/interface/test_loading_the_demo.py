"""The demonstration is loaded once, however often it is asked for and wherever a start was cut short."""

import json
from datetime import date

import pytest
from pupitre import databases, demo, demo_invoice, operator_bus
from pupitre_bus import settings as declared
from pupitre_contracts import errors, identity, organisation
from pupitre_contracts.catalogue import SERVICES

PACKAGES = [f"pupitre_{name}" for name in (*SERVICES, "portal")]
URL = "http://127.0.0.1:8000"


class Cut(Exception):
    """The process ended here."""


class CutBus:
    """Ends the process after its ``last`` call: the effect is there, the answer never came."""

    def __init__(self, bus, last):
        self._bus, self._left = bus, last

    def call(self, call, /, **values):
        reply = self._bus.call(call, **values)
        self._left -= 1
        if self._left <= 0:
            raise Cut(call.method)
        return reply


@pytest.fixture
def bus(tmp_path):
    """The operator's bus to new, empty services of the embedded run."""
    environment = {
        "PUPITRE_STATE": str(tmp_path),
        "PUPITRE_DEMO": "1",
        "PUPITRE_ARGON2_MEMORY_KIB": "1024",
        "PUPITRE_ARGON2_PASSES": "1",
    }
    settings = declared.load(*PACKAGES, environ=environment)
    databases.prepare(settings, ["identity", "organisation"])
    with operator_bus.connected(settings, "identity", "organisation") as connected:
        yield connected


def _everything(bus):
    users = bus.call(identity.ListUsers, limit=1000).users
    sirets = [each["identifier"] for each in demo.STRUCTURES]
    found = bus.call(organisation.FindStructures, identifiers=sirets, include_private=True).structures
    whole = [bus.call(organisation.GetStructure, structure_id=each.structure_id).structure for each in found]
    return sorted(each.email for each in users), sorted((each.identifier, len(each.services)) for each in whole)


def test_loading_twice_changes_nothing(bus, tmp_path):
    first = demo.load(bus, tmp_path, URL)
    before = _everything(bus)
    assert demo.load(bus, tmp_path, URL) == first
    assert _everything(bus) == before
    assert json.loads((tmp_path / "demo.json").read_text()) == first
    assert len(before[0]) == len(demo.PERSONAS)
    assert dict(before[1])["21750119600018"] == 3


def test_a_later_start_asks_only_whether_all_is_there(bus, tmp_path):
    """A start is quick: the cast was loaded, and says so."""
    first = demo.load(bus, tmp_path, URL)

    class Counting:
        calls = []

        def call(self, call, /, **values):
            self.calls.append(call)
            return bus.call(call, **values)

    assert demo.load(Counting(), tmp_path, URL) == first
    assert not [call for call in Counting.calls if call.writes]
    assert len(Counting.calls) < len(demo.STRUCTURES)


def test_another_cast_is_loaded_over_the_one_that_is_there(bus, tmp_path):
    (tmp_path / "other").mkdir()
    first = demo.load(bus, tmp_path, URL)
    kept = json.loads((tmp_path / demo.SECRETS).read_text())
    (tmp_path / "other" / demo.SECRETS).write_text(json.dumps({**kept, "cast": "an earlier cast"}))
    assert demo.load(bus, tmp_path / "other", URL) == first


@pytest.fixture
def small_cast(monkeypatch):
    """The story of invoices and one structure with an espace to open: one load of it has every step of a load."""
    cast = [each for each in demo.STRUCTURES if each["key"] in ("papeterie", "commune", "mediatheque", "batisseurs")]
    keys = {each["key"] for each in cast}
    monkeypatch.setattr(demo, "STRUCTURES", cast)
    monkeypatch.setattr(demo, "PERSONAS", [each for each in demo.PERSONAS if each["structure"] in keys])
    monkeypatch.setattr(demo, "TECHNICAL_ACCOUNTS", ("papeterie", "batisseurs"))


def test_a_load_cut_short_after_any_of_its_calls_is_completed_by_the_next_one(small_cast, bus, tmp_path):
    cuts = 0
    while True:
        cuts += 1
        assert cuts < 500
        assert not (tmp_path / "demo.json").exists()
        try:
            content = demo.load(CutBus(bus, cuts), tmp_path, URL)
        except Cut:
            continue
        break
    assert cuts > len(demo.STRUCTURES) + len(demo.PERSONAS)
    users, structures = _everything(bus)
    assert len(users) == len(set(users)) == len(demo.PERSONAS)
    assert len(structures) == len(demo.STRUCTURES)
    assert dict(structures)["21750119600018"] == 3
    for persona in content["personas"]:
        bus.call(identity.SignIn, email=persona["email"], password=persona["password"], network="127.0.0.1")


def test_accounts_whose_passwords_are_lost_are_named_instead_of_published_wrongly(bus, tmp_path):
    demo.load(bus, tmp_path, URL)
    before = (tmp_path / "demo.json").read_bytes()
    (tmp_path / demo.SECRETS).unlink()
    with pytest.raises(demo.PasswordsLost, match=r"fournisseur@demo.*demo-secrets\.json"):
        demo.load(bus, tmp_path, URL)
    assert (tmp_path / "demo.json").read_bytes() == before


def test_a_call_that_is_refused_is_not_taken_for_one_that_was_done(bus, tmp_path):
    class Refusing:
        def call(self, call, /, **values):
            if call is organisation.AttachUser:
                raise errors.Forbidden(needed="operator")
            return bus.call(call, **values)

    with pytest.raises(errors.Forbidden):
        demo.load(Refusing(), tmp_path, URL)
    assert not (tmp_path / "demo.json").exists()


def test_the_demo_leaves_a_valid_invoice_to_try(embedded):
    example = embedded.state / "facture-exemple.xml"
    done = embedded.command("validate", str(example))
    report = json.loads(done.stdout)
    assert (report["verdict"], report["findings"]) == ("valid", [])
    assert report["terms"]["BT-112"] == "144.00"


def test_an_invoice_that_the_reader_changed_is_left_alone(tmp_path):
    structure = {each["key"]: each for each in demo.STRUCTURES}
    written = demo_invoice.write(tmp_path, structure["papeterie"], structure["mediatheque"], date(2026, 10, 1))
    assert "EX-20261001" in written.read_text()
    written.write_text("mine")
    demo_invoice.write(tmp_path, structure["papeterie"], structure["mediatheque"], date(2026, 10, 2))
    assert written.read_text() == "mine"
