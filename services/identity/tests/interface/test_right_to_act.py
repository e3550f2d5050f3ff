"""The whole table of the right to act: every call of identity, by everybody, on what is his own and on what is another's."""

import base64
import itertools
import uuid

import pytest
from pupitre_bus import Service, rpc
from pupitre_bus.actors import Actor
from pupitre_bus.admission import AS_PERSON, NO, OWN, UNSEEN, YES
from pupitre_contracts import (
    account_documents,
    account_life,
    catalogue,
    errors,
    external_sign_in,
    identity,
    organisation,
    rattachements,
    saved_filters,
    technical_accounts,
)
from pupitre_identity import one_time_codes
from pupitre_identity import right_to_act as table
from pupitre_identity.service import IdentityService

CALLS = {call.method: call for call in catalogue.CALLS if call.service == "identity"}
TABLE = table.RIGHTS.table
ALLOWED, FORBIDDEN, HIDDEN = "allowed", "forbidden", "hidden"
PASSWORD, NEW = "sept bateaux verts dérivent", "neuf camions bleus reculent"
PEOPLE = (table.GP, table.MEMBER, table.GP_ELSEWHERE, table.STRANGER)
FILE = {"type": "CONTRAT", "name": "a.pdf", "mime": "application/pdf", "size": 9, "sha256": "ab" * 32}
FILTER = {"list": saved_filters.LISTS[0], "name": "Les miennes", "query": "statut=SUSPENDUE"}
PERSONAL = identity.PersonalData(given_name="Une", family_name="Autre", language="fr", notify_invoicing=True, notify_news=True)
_numbers = itertools.count(1)


class Directory(Service):
    """Organisation as identity asks it: who has which role where."""

    name = "organisation"
    roles: dict = {}

    @rpc(organisation.RightsOfActor)
    def rights_of_actor(self, request, scope):
        names = {"portal_number": 1, "identifier": "1", "name": "Commune", "type": "PUBLIC", "espaces": []}
        found = self.roles.get(request.actor_id, {})
        rights = [organisation.StructureRights(structure_id=each, role=role, **names) for each, role in found.items()]
        return organisation.RightsOfActor.Reply(structures=rights)

    @rpc(organisation.GetStructure)
    def get_structure(self, request, scope):
        names = {"portal_number": 1, "identifier_type": "SIRET", "identifier": "1", "name": "Commune", "type": "PUBLIC", "active": True}
        parts = {"address": organisation.Address(), "parameters": organisation.Parameters(), "services": [], "espaces": []}
        return organisation.GetStructure.Reply(structure=organisation.Structure(structure_id=request.structure_id, **names, **parts))

    @rpc(rattachements.HandOverRoles)
    def hand_over_roles(self, request, scope):
        with scope.begin() as tx:
            return tx.answer(rattachements.HandOverRoles.Reply(structure_ids=[]))


class World:
    """A structure with its technical accounts, and somebody of every relation to it."""

    def __init__(self, caller, roles, clock):
        self.caller, self.roles, self.clock = caller, roles, clock
        self.structure, self.elsewhere = uuid.uuid4(), uuid.uuid4()
        self.operator = caller(Actor.service("operator"))
        self.people = {relation: self.person(relation) for relation in PEOPLE}
        self.actors = {
            table.OPERATOR: Actor.service("operator"),
            table.SENDER: Actor.service("notifications"),
            table.SERVICE: Actor.service("invoicing"),
            table.TECHNICAL: Actor("technical", str(uuid.uuid4()), structure_id=self.structure),
            table.ELSEWHERE: Actor("technical", str(uuid.uuid4()), structure_id=self.elsewhere),
            table.ANONYMOUS: None,
            **self.people,
        }
        self.buses = {relation: caller(actor) for relation, actor in self.actors.items()}
        left = self.person(table.STRANGER)
        caller(left).call(account_life.DeactivateAccount, successors=[])
        self.left = left.name

    def person(self, relation):
        """A new user with an account; his actor's name is his address."""
        email = f"personne-{next(_numbers)}@exemple.invalid"
        values = {"email": email, "given_name": "Une", "family_name": "Personne", "password": PASSWORD}
        user_id = self.operator.call(identity.CreateUser, **values).user.user_id
        held = {table.GP: (self.structure, "GP"), table.MEMBER: (self.structure, "US"), table.GP_ELSEWHERE: (self.elsewhere, "GP")}
        if relation in held:
            self.roles[user_id] = dict([held[relation]])
        return Actor("user", str(user_id), email)

    def network(self):
        return f"10.{next(_numbers) % 250}.{next(_numbers) // 250}.1"

    def machine(self):
        made = self.operator.call(identity.CreateTechnicalAccount, structure_id=self.structure)
        return {"technical_account_id": made.account.technical_account_id}, made

    def document(self, bus):
        return bus.call(account_documents.AddAccountDocument, designation="Marché", **FILE).document.document_id

    def filter(self, bus):
        return bus.call(saved_filters.SaveFilter, **FILTER).filter.filter_id

    def start(self, bus):
        bus.call(account_life.StartSecondFactor, current=PASSWORD, network=self.network())
        key = base64.b32decode(bus.call(account_life.PendingSecondFactor).key)
        return one_time_codes.code_at(key, one_time_codes.step_of(self.clock.now()))

    def enable(self, bus):
        values = {"code": self.start(bus), "session": "-", "network": self.network()}
        bus.call(account_life.ConfirmSecondFactor, **values)

    def with_second_factor(self):
        person = self.person(table.STRANGER)
        self.enable(self.caller(person))
        return person.name

    def sollicitation(self):
        values = {"name": "Une", "email": "une@exemple.invalid", "message": "Bonjour", "network": self.network()}
        self.operator.call(account_life.AskSupport, **values)
        return self.operator.call(account_life.ListSollicitations, limit=1).sollicitations[0].sollicitation_id


def new_address():
    return f"nouvelle-{next(_numbers)}@exemple.invalid"


def by_password(world, bus=None):
    return {"current": PASSWORD, "network": world.network()}


def started(world, bus):
    world.start(bus)
    return {}


def connection_data(ids, made):
    return {**ids, "password": made.password}


def enabled(world, bus):
    world.enable(bus)
    return by_password(world)


NAMES = {"given_name": "Une", "family_name": "Personne"}
VISITED = external_sign_in.CompleteExternalSignIn.Request.declared
VISIT = {"redirect_uri": "https://portail.invalid/", "code": "c", "state": "s", "browser_secret": "b", "network": "10.0.0.1"}
#: What each call is asked: about what belongs to ``bus``'s caller where the call is about his own.
ASKED = {
    "sign_in": lambda world, bus: {"email": world.person(table.STRANGER).name, "password": PASSWORD, "network": world.network()},
    "sign_in_with_code": lambda world, bus: {"challenge": "x", "code": "000000", "network": world.network()},
    "resume_session": lambda world, bus: {"session": "x"},
    "sign_out": lambda world, bus: {"session": "x"},
    "sign_up": lambda world, bus: {"email": new_address(), **NAMES, "password": NEW, "network": world.network()},
    "ask_for_link": lambda world, bus: {"email": new_address(), "purpose": "reset", "network": world.network()},
    "activate_account": lambda world, bus: {"link": "x", "password": PASSWORD, "network": world.network()},
    "reset_password": lambda world, bus: {"link": "x", "password": NEW},
    "describe_link": lambda world, bus: {"link": "x"},
    "ask_reactivation": lambda world, bus: {"email": new_address(), "network": world.network()},
    "reactivate_account": lambda world, bus: {"link": "x", "password": NEW},
    "begin_external_sign_in": lambda world, bus: {"redirect_uri": VISIT["redirect_uri"]},
    "complete_external_sign_in": lambda world, bus: {k: v for k, v in VISIT.items() if k in VISITED},
    "external_profile": lambda world, bus: {"pending": "x"},
    "confirm_external_profile": lambda world, bus: {"pending": "x", "personal": PERSONAL, "network": world.network()},
    "issue_access_token": lambda world, bus: {"client_id": "x", "client_secret": "y"},
    "resume_access_token": lambda world, bus: {"access_token": "x"},
    "ask_support": lambda world, bus: {
        "name": "Une",
        "email": new_address(),
        "message": "Bonjour",
        "network": world.network(),
    },
    "get_account": lambda world, bus: {},
    "change_personal_data": lambda world, bus: {"personal": PERSONAL, "version": 1},
    "change_password": lambda world, bus: {**by_password(world), "new": NEW, "session": "-"},
    "list_sessions": lambda world, bus: {"session": "-"},
    "end_sessions": lambda world, bus: {"session_ids": []},
    "list_account_documents": lambda world, bus: {},
    "add_account_document": lambda world, bus: {"designation": "Marché", **FILE},
    "change_account_document": lambda world, bus: {
        "document_id": world.document(bus),
        "designation": "Autre",
        "type": "CONTRAT",
        "version": 1,
    },
    "remove_account_documents": lambda world, bus: {"document_ids": [world.document(bus)]},
    "list_saved_filters": lambda world, bus: {"list": saved_filters.LISTS[0]},
    "save_filter": lambda world, bus: FILTER,
    "delete_saved_filter": lambda world, bus: {"filter_id": world.filter(bus)},
    "deactivate_account": lambda world, bus: {"successors": []},
    "set_secret_question": lambda world, bus: {**by_password(world), "question": "Où ?", "answer": "à Valmont"},
    "start_second_factor": by_password,
    "pending_second_factor": started,
    "confirm_second_factor": lambda world, bus: {"code": world.start(bus), "session": "-", "network": world.network()},
    "renew_recovery_codes": enabled,
    "disable_second_factor": enabled,
    "find_successors": lambda world, bus: {"name": "Personne"},
    "create_technical_account": lambda world, bus: {"structure_id": world.structure},
    "list_technical_accounts": lambda world, bus: {"structure_ids": [world.structure]},
    "renew_technical_secrets": lambda world, bus: {**world.machine()[0], "kinds": ["password"], "version": 1},
    "revoke_technical_account": lambda world, bus: {**world.machine()[0], "version": 1},
    "take_connection_data": lambda world, bus: connection_data(*world.machine()),
    "users_by_ids": lambda world, bus: {"user_ids": []},
    "user_by_email": lambda world, bus: {"email": world.people[table.GP].name},
    "news_readers": lambda world, bus: {},
    "cited_account_files": lambda world, bus: {"names": []},
    "link_to_send": lambda world, bus: {"link_id": uuid.uuid4()},
    "sollicitation_to_send": lambda world, bus: {"sollicitation_id": world.sollicitation()},
    "create_user": lambda world, bus: {"email": new_address(), **NAMES, "password": PASSWORD},
    "list_users": lambda world, bus: {},
    "reopen_account": lambda world, bus: {"email": world.left},
    "remove_second_factor": lambda world, bus: {"email": world.with_second_factor()},
    "list_sollicitations": lambda world, bus: {},
}
#: What somebody who may is told where this world has nothing behind his secret: he was let in, and the secret was wrong.
BEYOND = {
    "sign_in_with_code": errors.SignInExpired,
    "resume_session": errors.SessionEnded,
    "activate_account": errors.LinkRefused,
    "reset_password": errors.LinkRefused,
    "describe_link": errors.LinkRefused,
    "reactivate_account": errors.LinkRefused,
    "begin_external_sign_in": errors.NotFound,
    "complete_external_sign_in": errors.NotFound,
    "external_profile": errors.LinkRefused,
    "confirm_external_profile": errors.LinkRefused,
    "issue_access_token": errors.ClientRefused,
    "resume_access_token": errors.SessionEnded,
    "link_to_send": errors.LinkRefused,
}


@pytest.fixture
def world(start_identity, bench, caller, service_clock):
    start_identity(8, PUPITRE_RECOVERY_QUESTION="1")
    roles = {}
    bench.start(type("Organisation", (Directory,), {"roles": roles}))
    return World(caller, roles, service_clock)


def outcome(bus, action, values):
    """Ask, and say what came of it; anything but a refusal of rights fails the test."""
    try:
        bus.call(CALLS[action], **values)
    except BEYOND.get(action, ()):
        return ALLOWED
    except (errors.Forbidden, errors.ActorMissing):
        return FORBIDDEN
    except errors.NotFound:
        return HIDDEN
    return ALLOWED


def expected(action, relation):
    return {YES: ALLOWED, OWN: ALLOWED, NO: FORBIDDEN, UNSEEN: HIDDEN}[TABLE[action][relation]]


class Asking:
    """What one action is asked of: whoever may do something to his own account has one made for it; what is refused changes
    nothing, and is asked again and again about what exists.
    """

    def __init__(self, world, action):
        self.world, self.action, self._refused = world, action, None

    def values(self, relation):
        cell = TABLE[self.action][relation]
        if cell == OWN:
            bus = self.world.caller(self.world.person(relation))
            return bus, ASKED[self.action](self.world, bus)
        if cell == YES:
            return self.world.buses[relation], ASKED[self.action](self.world, None)
        return self.world.buses[relation], self.refused()

    def refused(self):
        if self._refused is None:
            owner = self.world.caller(self.world.person(table.STRANGER)) if OWN in TABLE[self.action].values() else None
            self._refused = ASKED[self.action](self.world, owner)
        return self._refused


@pytest.mark.requirement("RS-40")
def test_every_call_has_its_row_and_every_row_its_call():
    """A call without a row fails here; so does a row that no test asks for."""
    offered = {name for name in CALLS if hasattr(IdentityService, name)}
    assert set(TABLE) == offered == set(CALLS) == set(ASKED)
    assert {action for action, row in TABLE.items() if row[table.ANONYMOUS] == YES} == {
        name for name, call in CALLS.items() if call.anonymous
    }


@pytest.mark.requirement("RS-40")
@pytest.mark.requirement("R126")
@pytest.mark.requirement("R233")
def test_the_whole_table_holds(world):
    wrong, tried = [], 0
    for action in ASKED:
        asking = Asking(world, action)
        for relation in world.actors:
            bus, values = asking.values(relation)
            found, wanted = outcome(bus, action, values), expected(action, relation)
            tried += 1
            if found != wanted:
                wrong.append((action, relation, wanted, found))
    assert not wrong
    assert tried == len(CALLS) * (len(table.RIGHTS.relations) - 1)


@pytest.mark.requirement("RS-40")
def test_a_service_that_acts_for_somebody_has_no_more_than_the_table_says(world):
    wrong = []
    for action, row in TABLE.items():
        cell, asking = row[table.FOR_SOMEBODY], Asking(world, action)
        for relation in (table.GP, table.STRANGER):
            person = world.people[relation]
            for service in ("invoicing", "operator"):
                bus = world.caller(Actor.service(service, behalf_of=person))
                wanted = expected(action, relation if cell == AS_PERSON else table.FOR_SOMEBODY)
                asked = ASKED[action](world, None) if wanted == ALLOWED else asking.refused()
                if outcome(bus, action, asked) != wanted:
                    wrong.append((action, service, relation))
    assert not wrong


@pytest.mark.requirement("RS-40")
@pytest.mark.requirement("R092")
def test_what_another_account_owns_is_not_there(world):
    """The calls about one's own that name an object: with somebody else's they find nothing and change nothing."""
    owner, other = (world.caller(world.person(table.STRANGER)) for _ in range(2))
    email = world.person(table.STRANGER).name
    session = world.operator.call(identity.SignIn, email=email, password=PASSWORD, network=world.network()).session
    document = world.document(owner)
    change = {"document_id": document, "designation": "x", "type": "CONTRAT", "version": 1}
    assert outcome(other, "change_account_document", change) == HIDDEN
    assert other.call(account_documents.RemoveAccountDocuments, document_ids=[document]).removed == 0
    assert other.call(account_documents.ListAccountDocuments, document_ids=[document]).total == 0
    assert owner.call(account_documents.ListAccountDocuments, document_ids=[document]).total == 1
    assert outcome(other, "delete_saved_filter", {"filter_id": world.filter(owner)}) == HIDDEN
    assert other.call(identity.ListSessions, session=session).sessions == []
    (open_session,) = _sessions_of(world, email, session)
    assert other.call(identity.EndSessions, session_ids=[open_session.session_id]).ended == 0
    assert len(_sessions_of(world, email, session)) == 1


def _sessions_of(world, email, session):
    user_id = world.operator.call(identity.UserByEmail, email=email).user.user_id
    return world.caller(Actor("user", str(user_id))).call(identity.ListSessions, session=session).sessions


@pytest.mark.requirement("RS-40")
@pytest.mark.requirement("R126")
def test_a_technical_account_of_another_structure_is_not_there_for_its_gestionnaire(world):
    """Both directions: each manages the accounts of his own structure and finds none of the other's."""
    made, _ = world.machine()
    for relation, wanted in ((table.GP, ALLOWED), (table.GP_ELSEWHERE, HIDDEN)):
        values = {**made, "kinds": [technical_accounts.SECRET_KINDS[0]], "version": 1}
        assert outcome(world.buses[relation], "renew_technical_secrets", values) == wanted
        own = {"structure_ids": [world.elsewhere]}
        assert (outcome(world.buses[relation], "list_technical_accounts", own) == ALLOWED) == (relation == table.GP_ELSEWHERE)


def test_a_call_without_a_row_lets_nobody_in(world, monkeypatch):
    monkeypatch.delitem(TABLE, "list_users")
    with pytest.raises(errors.Internal):
        world.operator.call(identity.ListUsers)
