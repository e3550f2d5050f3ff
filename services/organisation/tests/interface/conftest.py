import datetime
import sys
import uuid
from pathlib import Path

import pytest
from pupitre_bus import Service
from pupitre_bus.actors import Actor
from pupitre_bus.blobs import BlobStore
from pupitre_bus.clock import FrozenClock
from pupitre_bus.testing import user, wait_until
from pupitre_contracts import annuaire_files, errors, identity, organisation, requests
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host
from pupitre_espaces.markers import hookimpl
from pupitre_espaces.values import Label, Manifest
from pupitre_organisation import model, queries, repository, tables
from pupitre_organisation.resources import Resources
from pupitre_organisation.service import OrganisationService
from pupitre_organisation.sirene import NoSirene
from stdnum import luhn
from support.recorded import Recorded

# Test modules are imported by path, each alone: this is how they find what they share.
sys.path.insert(0, str(Path(__file__).parent))


class Atelier:
    """An espace that a structure adds, for private and public ones; remembers what it was told."""

    def __init__(self):
        self.told = []

    @hookimpl
    def espace_manifest(self):
        label = Label(fr="Atelier", en="Workshop")
        return Manifest(key="atelier", label=label, description=label, may_ask={"annuaire"})

    @hookimpl
    def espace_opened(self, structure, at):
        self.told.append(("opened", structure.name, structure.type))

    @hookimpl
    def espace_closed(self, structure, at):
        self.told.append(("closed", structure.name, structure.type))
        raise RuntimeError("an espace that fails changes nothing for others")


class Guichet:
    """An espace for public structures alone, open from the start."""

    @hookimpl
    def espace_manifest(self):
        label = Label(fr="Guichet", en="Counter")
        return Manifest(
            key="guichet", label=label, description=label, structure_types=frozenset({"public"}), by_default=True
        )


NO_LINE_NEEDED = {
    "number_sequence": "only counts",
    "organisation_log": "is a log itself: who leaves the portal without managing anything leaves no structure's line",
    "annuaire_file": "is the annuaire, which is public: the same for all who subscribe",
    "annuaire_delivery": "follows from an enrolment, whose opening and end are lines",
    "call:ask_public_structure": "there is no structure yet: the request keeps who asked and when, and its decision is a line",
}


@pytest.fixture(autouse=True)
def recorded(monkeypatch):
    """Every write call of every test here that changes something must leave a line in the history."""
    watch = Recorded(tables.metadata, tables.HISTORY, NO_LINE_NEEDED)
    watch.watch(monkeypatch)
    deaf = watch.hear()
    yield watch
    deaf()
    assert not watch.silent


@pytest.fixture
def service_clock():
    """Starts now, since actor tokens are signed on the real clock, and moves when told to."""
    return FrozenClock(datetime.datetime.now(datetime.UTC))


@pytest.fixture
def atelier():
    return Atelier()


@pytest.fixture
def strangers():
    """Identifiers that identity does not know; every other user exists."""
    return set()


class Register:
    """The INSEE register as tests have it: none, until one names a file."""

    def __init__(self):
        self.source = NoSirene()

    def find(self, siret):
        return self.source.find(siret)


@pytest.fixture
def register():
    return Register()


@pytest.fixture
def addresses():
    """The users that identity knows by address."""
    return {}


@pytest.fixture
def blobs(tmp_path):
    return BlobStore.from_uri(tmp_path / "blobs")


@pytest.fixture
def service(bench, fake_service, atelier, strangers, register, addresses, blobs):
    """Organisation at work with two plugins, and an identity that knows everybody but strangers."""

    class OrganisationWithTwoEspaces(OrganisationService):
        @staticmethod
        def build_resources(settings):

            plugins = [Source.of(atelier, "atelier", "pupitre-espace-atelier", "1.2"), Source.of(Guichet(), "guichet")]
            return Resources(Host("organisation", plugins=plugins, discover=False, deadline=60), register, blobs=blobs)

    def users(request, scope):
        known = [user_id for user_id in request.user_ids if user_id not in strangers]
        names = {"email": "x@exemple.invalid", "given_name": "X", "family_name": "Y", "language": "fr"}
        return {"users": [identity.User(user_id=user_id, **names) for user_id in known]}

    def user_by_email(request, scope):
        if request.email not in addresses:
            raise errors.NotFound(what="user")
        names = {"email": request.email, "given_name": "X", "family_name": "Y", "language": "fr"}
        return {"user": identity.User(user_id=addresses[request.email], **names)}

    fake_service("identity", {identity.UsersByIds: users, identity.UserByEmail: user_by_email})
    bench.first_look_seconds = 0.1  # invoicing, which it hears, does not run in most of these tests
    return bench.start(OrganisationWithTwoEspaces)


@pytest.fixture
def operator(service, caller):
    return caller(Actor.service("operator"))


@pytest.fixture
def somebody(service, caller):
    """A user whom no structure knows."""
    return caller(user())


def siret(number):
    body = f"{number:08d}"
    siren = body + luhn.calc_check_digit(body)
    return siren + "0001" + luhn.calc_check_digit(siren + "0001")


@pytest.fixture
def create(operator):
    """Create a structure, public unless told otherwise, with a SIRET of its own."""
    numbers = iter(range(40_000_000, 40_100_000))

    def create(bus=operator, **changes):
        values = {
            "identifier": siret(next(numbers)),
            "name": "Commune de Valmont",
            "type": "PUBLIC",
            "address": organisation.Address(line="1 place de la Mairie", postal_code="76540", city="Valmont"),
        }
        return bus.call(organisation.CreateStructure, **(values | changes)).structure

    return create


@pytest.fixture
def commune(create):
    return create()


@pytest.fixture
def member(operator, caller):
    """Attach a new user to a structure and return (his identifier, a bus that acts as him)."""

    def attach(structure, role="US"):
        actor = user()
        values = {"structure_id": structure.structure_id, "user_id": uuid.UUID(actor.id), "role": role}
        operator.call(organisation.AttachUser, **values)
        return uuid.UUID(actor.id), caller(actor)

    return attach


@pytest.fixture
def requests_of(bench, service):
    """Publish what a passage of a request asks for, as invoicing does."""

    class Invoicing(Service):
        name = "invoicing"

    bench.start(Invoicing)

    def ask(effect, structure_id, request_id=None, espace="atelier", number="RAC-2026-00001", actor="user:operator"):
        request_id = request_id or uuid.uuid4()
        values = {"espace": espace, "kind": "demande", "number": number, "actor": actor}
        database = bench.database("invoicing")
        with database.transaction() as tx:
            tx.publish(requests.RequestEffectAsked(request_id=request_id, effect=effect, structure_id=structure_id, **values))
        database.close()
        return request_id

    return ask


@pytest.fixture
def subscribe(requests_of, operator):
    """Subscribe a structure to the annuaire's files, wait for its first, and return the identifiers of both."""

    def subscribe(structure_id):
        def found():
            reply = operator.call(annuaire_files.ListAnnuaireFiles, structure_id=structure_id)
            return reply if reply.enrolments and reply.files else None

        requests_of("annuaire.subscribe", structure_id)
        reply = wait_until(found)
        return reply.enrolments[0].enrolment_id, reply.files[0].file_id

    return subscribe


@pytest.fixture
def keeper(bench, member):
    """Attach a simple user with MODIFICATION (or another profile) of organisation; return a bus that acts as him (R122)."""

    def attach(structure, profile="MODIFICATION"):
        user_id, bus = member(structure)
        database = bench.database("organisation")
        with database.transaction() as tx:
            opened = queries.open_espaces(tx, [structure.structure_id])[structure.structure_id].get(model.ORGANISATION)
            if opened is None:
                opened = repository.open_espace(tx, "test", structure.structure_id, model.ORGANISATION)
            link = queries.rattachement(tx, structure.structure_id, user_id)
            repository.set_habilitation(tx, "test", structure.structure_id, link.rattachement_id, opened, profile)
        database.close()
        return bus

    return attach
