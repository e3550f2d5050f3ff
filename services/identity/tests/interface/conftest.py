import datetime
import uuid

import pytest
from pupitre_bus import settings
from pupitre_bus.actors import Actor
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors, identity, organisation
from pupitre_identity import tables
from pupitre_identity.service import IdentityService
from support.recorded import Recorded

PASSPHRASE = "sept bateaux verts dérivent"


#: What may change without a line of the account's history, and why.
NO_LINE_NEEDED = {
    "number_sequence": "only counts",
    "history_secret": "keeps personal data out of the history",
    "session": "passes: the log has sign-ins and sign-outs",
    "access_token": "passes: the log has each one",
    "account_link": "passes: following one leaves a line",
    "request_count": "throttles",
    "wrong_sign_in": "throttles",
    "identity_log": "is the log itself",
    "call:sign_in": "the account keeps only when it was last used, and a password's hash made anew",
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
def start_identity(bench):
    """Start identity with hashes of so many KiB in one pass; 8 is the cheapest that argon2 allows."""

    def start(memory_kib):
        environ = {"PUPITRE_ARGON2_MEMORY_KIB": str(memory_kib), "PUPITRE_ARGON2_PASSES": "1"}
        bench.settings = settings.load(
            "pupitre_identity", environ=environ | {"PUPITRE_STATE": str(bench.backend.folder)}
        )
        return bench.start(IdentityService)

    return start


@pytest.fixture
def service(start_identity):
    """Identity at work."""
    return start_identity(8)


@pytest.fixture
def operator(service, caller):
    return caller(Actor.service("operator"))


@pytest.fixture
def anybody(service, caller):
    return caller()


@pytest.fixture
def camille(operator):
    """A user who can sign in."""
    return operator.call(
        identity.CreateUser,
        email="Camille.Durand@exemple.invalid",
        given_name="Camille",
        family_name="Durand",
        password=PASSPHRASE,
    ).user


@pytest.fixture
def structure_id():
    return uuid.uuid4()


@pytest.fixture
def directory(fake_service, structure_id):
    """Organisation as identity sees it: one structure, and the roles in it by user id."""
    roles = {}

    def rights(request, scope):
        found = [role for user_id, role in roles.items() if user_id == request.actor_id]
        return {
            "structures": [
                organisation.StructureRights(
                    structure_id=structure_id,
                    portal_number=1001,
                    identifier="20007104100046",
                    name="Commune",
                    type="PUBLIC",
                    role=role,
                    espaces=[],
                )
                for role in found
            ]
        }

    def structure(request, scope):
        if request.structure_id != structure_id:
            raise errors.NotFound(what=f"structure {request.structure_id}")
        return {
            "structure": organisation.Structure(
                structure_id=request.structure_id,
                portal_number=1001,
                identifier_type="SIRET",
                identifier="20007104100046",
                name="Commune",
                type="PUBLIC",
                active=True,
                address=organisation.Address(),
                parameters=organisation.Parameters(),
                services=[],
                espaces=[],
            )
        }

    fake_service("organisation", {organisation.RightsOfActor: rights, organisation.GetStructure: structure})
    return roles
