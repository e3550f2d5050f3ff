import datetime
import uuid

import pytest
import sqlalchemy as sa
from pupitre_bus import Service, rpc, settings
from pupitre_bus.actors import Actor
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import account_life, errors, identity, organisation, rattachements
from pupitre_identity import granting, tables
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
    "sign_in_challenge": "passes: it waits for a code, and the log has what became of it",
    "external_pending": "passes: it waits for data to be validated, which leaves a line",
    "account_wish": "passes: it waits a second to be carried out, and the log has what became of it",
    "support_sollicitation": "is a letter, kept as it was written; it changes no account",
    "call:sign_in": "the account keeps only when it was last used, and a password's hash made anew",
    "call:sign_in_with_code": "the account keeps only when it was last used, and which code was",
    "call:complete_external_sign_in": "the account keeps only when it was last used; what makes one leaves a line",
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

    def start(memory_kib, **more):
        environ = {"PUPITRE_ARGON2_MEMORY_KIB": str(memory_kib), "PUPITRE_ARGON2_PASSES": "1", **more}
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


class Prompt:
    """A caller whose wishes are carried out at once: the clock of these tests stands still, and with it the timer that would do it."""

    def __init__(self, bus, grant):
        self._bus, self._grant = bus, grant

    def call(self, call, **values):
        try:
            return self._bus.call(call, **values)
        finally:
            if call in (identity.SignUp, identity.AskForLink, account_life.AskReactivation):
                self._grant()


@pytest.fixture
def grant(service):
    """Carry out what was asked about addresses."""
    return lambda: granting.grant(service.runtime("identity").scope(actor=Actor.service("identity")))


@pytest.fixture
def anybody(service, caller, grant):
    return Prompt(caller(), grant)


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


@pytest.fixture
def me(caller, camille):
    return caller(Actor("user", str(camille.user_id), "Camille Durand"))


@pytest.fixture
def link_for(bench, caller, service):
    """The link of the newest mail for a purpose."""
    sender = caller(Actor.service("notifications"))

    def ask(purpose):
        table, database = tables.account_link, bench.database("identity")
        with database.reading() as db:
            newest = sa.select(table.c.link_id).where(table.c.purpose == purpose).order_by(table.c.asked_at.desc())
            link_id = db.execute(newest.limit(1)).scalar_one_or_none()
        database.close()
        return link_id and sender.call(identity.LinkToSend, link_id=link_id).link

    return ask


class Structures:
    """Organisation as who leaves sees it: the structures that each user manages, and what it was asked."""

    def __init__(self):
        self.managed, self.asked, self.trouble = {}, [], None

    def hand_over(self, request, scope):
        self.asked.append((scope.actor.reference, request))
        if self.trouble is not None:
            raise self.trouble
        managed = self.managed.get(request.user_id, [])
        named = {each.structure_id: each.user_id for each in request.successors}
        if set(managed) - named.keys():
            raise errors.SuccessorsNeeded(structures="Papeterie")
        for structure_id in managed:
            self.managed.setdefault(named[structure_id], []).append(structure_id)
        self.managed.pop(request.user_id, None)
        return {"structure_ids": managed}

    def rights(self, request, scope):
        found = self.managed.get(request.actor_id, [])
        names = {"portal_number": 1, "identifier": "1", "name": "Papeterie", "type": "PRIVATE", "role": "GP", "espaces": []}
        return {"structures": [organisation.StructureRights(structure_id=each, **names) for each in found]}


@pytest.fixture
def structures(bench):
    world = Structures()

    class Organisation(Service):
        name = "organisation"

        @rpc(rattachements.HandOverRoles)
        def hand_over_roles(self, request, scope):
            reply = rattachements.HandOverRoles.Reply(**world.hand_over(request, scope))
            with scope.begin() as tx:
                return tx.answer(reply)

        @rpc(organisation.RightsOfActor)
        def rights_of_actor(self, request, scope):
            return organisation.RightsOfActor.Reply(**world.rights(request, scope))

    bench.start(Organisation)
    return world
