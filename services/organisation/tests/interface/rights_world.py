"""A structure with somebody of every relation to it, and what each call of organisation is asked, for the tests of the right to act."""

import datetime
import itertools
import uuid

from pupitre_bus.actors import Actor
from pupitre_bus.testing import user
from pupitre_contracts import (
    bank_details,
    document_values,
    errors,
    habilitations,
    mandats,
    organisation,
    rattachements,
    structure_documents,
    structures,
)
from pupitre_contracts.structure_values import RATINGS
from pupitre_organisation import right_to_act
from stdnum import luhn

TODAY = datetime.date(2024, 3, 15)
#: Which rights each relation of the table is made of, and how a user comes to it.
USERS = (
    right_to_act.GP,
    right_to_act.ORGANISATION,
    right_to_act.GS_STRUCTURE,
    right_to_act.GS_USERS,
    right_to_act.US,
    right_to_act.SERVICE_LEVEL,
    right_to_act.STRANGER,
)
class World:
    """A structure with somebody of every relation to it, and what the calls are about, made anew where a call uses it up."""

    def __init__(self, operator, caller, create, structure_type):
        self.operator, self.caller, self.create, self.type = operator, caller, create, structure_type
        self.buses, self.asked, self.subscribed, self.structure = {}, None, None, create(type=structure_type)
        self.id = self.structure.structure_id
        self.other = create(type="PRIVATE")
        self.public = create(type="PUBLIC")
        added = operator.call(
            organisation.CreateStructureService, structure_id=self.id, code="ACHATS", label="Achats", starts_on=TODAY
        )
        self.service = added.structure_service.structure_service_id
        self.actors = {}
        for relation in USERS:
            self.actors[relation] = user()
            self._make(relation, self.user_id(relation))
        self.actors[right_to_act.OPERATOR] = Actor.service("operator")
        self.actors[right_to_act.SERVICE] = Actor.service("invoicing")
        self.actors[right_to_act.TECHNICAL] = Actor("technical", str(uuid.uuid4()), structure_id=self.id)
        self.actors[right_to_act.ELSEWHERE] = Actor("technical", str(uuid.uuid4()), structure_id=self.other.structure_id)
        self.actors["gestionnaire of another"] = user()
        self._attach(self.user_id("gestionnaire of another"), structure_id=self.other.structure_id, role="GP")

    def user_id(self, relation):
        return uuid.UUID(self.actors[relation].id)

    def bus(self, relation):
        if relation not in self.buses:
            self.buses[relation] = self.caller(self.actors[relation])
        return self.buses[relation]

    def _attach(self, user_id, **changes):
        self.operator.call(organisation.AttachUser, **{"structure_id": self.id, "user_id": user_id, **changes})
        return user_id

    def _make(self, relation, user_id):
        if relation == right_to_act.STRANGER:
            return
        special = {right_to_act.GP: {"role": "GP"}, right_to_act.SERVICE_LEVEL: {"structure_service_ids": [self.service]}}
        self._attach(user_id, **special.get(relation, {}))
        if relation == right_to_act.ORGANISATION:
            self.give(user_id, espace="organisation", profile="MODIFICATION")
        flags = {"manages_structure": relation == right_to_act.GS_STRUCTURE, "manages_users": relation == right_to_act.GS_USERS}
        if any(flags.values()):
            self.operator.call(habilitations.SetGestionnaireSecondaire, structure_id=self.id, user_id=user_id, **flags)

    def give(self, user_id, **values):
        self.operator.call(organisation.SetHabilitation, structure_id=self.id, user_id=user_id, **values)

    def member(self):
        return self._attach(uuid.uuid4())

    def request_of(self, actor, espace="factures-emises"):
        wishes = [rattachements.Wish(espace=espace, profile="MODIFICATION")]
        bus = self.caller(actor)
        return bus.call(rattachements.AskHabilitation, structure_id=self.id, wishes=wishes).approbation.approbation_id

    def request(self, espace="factures-emises"):
        author = user()
        self._attach(uuid.UUID(author.id))
        return self.request_of(author, espace)

    def own_request(self, relation):
        asking = rattachements.AskRattachement
        if relation == right_to_act.STRANGER:
            # One rattachement is asked for once at a time.
            if self.asked is None:
                self.asked = self.bus(relation).call(asking, structure_id=self.id, comment="x").approbation.approbation_id
            return self.asked
        if relation == right_to_act.SERVICE_LEVEL:
            wishes = [rattachements.Wish(espace="factures-emises", profile="MODIFICATION", structure_service_id=self.service)]
            found = self.bus(relation).call(rattachements.AskHabilitation, structure_id=self.id, wishes=wishes)
            return found.approbation.approbation_id
        return self.request_of(self.actors[relation])

    def annuaire(self):
        """An enrolment of the structure to the annuaire's files, and a file that it was given."""
        if self.subscribed is None:
            self.subscribed = self.subscribe(self.id)
        return self.subscribed

    def habilitation(self):
        user_id = self.member()
        found = self.operator.call(habilitations.ListHabilitations, structure_id=self.id, user_id=user_id).habilitations
        return found[0].habilitation_id

    def details(self):
        """Bank details of the structure, as what changes or removes them names them."""
        values = {"name": uuid.uuid4().hex, "account": ACCOUNT, "file": FILE}
        made = self.operator.call(bank_details.AddBankDetails, structure_id=self.id, **values).bank_details
        return {"structure_id": self.id, "bank_details_id": made.bank_details_id}

    def document(self):
        kept = {"structure_id": self.id, **DOCUMENT}
        return self.operator.call(structure_documents.AddStructureDocument, **kept).document.document_id

    def sheet(self):
        return self.operator.call(structures.GetStructureSheet, structure_id=self.id).structure

    def structure_request(self, actor):
        return self.caller(actor).call(structures.AskPublicStructure, **public_structure()).request

    def structure_made_for(self, actor):
        number = self.structure_request(actor).number
        return self.operator.call(structures.DecideStructureRequest, number=number, decision="APPROUVE").request

    def mandat(self):
        given = {"structure_id": self.id, "mandataire_id": self.create(type="PRIVATE").structure_id, "starts_on": self.day}
        return self.operator.call(mandats.GiveMandat, **given).mandat.mandat_id


def decision(approbation_id):
    return {"approbation_ids": [approbation_id], "decision": "REFUSE", "motive": "Non"}


def flags(world, user_id):
    return {"structure_id": world.id, "user_id": user_id, "manages_structure": True, "manages_users": False}


def profile(world, user_id, espace="factures-emises"):
    return {"structure_id": world.id, "user_id": user_id, "espace": espace, "profile": "MODIFICATION"}


def given_up(world, user_id):
    return {name: value for name, value in profile(world, user_id, "sollicitations-emises").items() if name != "profile"}


def service_as_it_is(world):
    """A change of the service that changes nothing, at the version it has."""
    (found,) = [each for each in world.sheet().services if each.structure_service_id == world.service]
    values = {"label": found.label, "starts_on": found.starts_on, "requires_engagement": False, "enabled": True}
    return {"structure_id": world.id, "structure_service_id": world.service, "version": found.version, **values}


def public_structure():
    """A public structure that nobody asked for before."""
    body = f"{next(_numbers):08d}"
    siren = body + luhn.calc_check_digit(body)
    siret = siren + "0001" + luhn.calc_check_digit(siren + "0001")
    return {"identifier": siret, "name": "Commune absente", "address": ADDRESS, "motive": "Elle manque"}


_numbers = itertools.count(41_000_000)
ACCOUNT = bank_details.Account(kind="IBAN", country="FR", key="76", national="30006000011234567890189", bic="AGRIFRPP882")
FILE = bank_details.AccountFile(name="rib.pdf", mime="application/pdf", size=1000, sha256="ab" * 32)
_KEPT = {"name": "a.pdf", "mime": "application/pdf", "size": 9, "sha256": "ab" * 32}
DOCUMENT = {"designation": "RIB", "type": document_values.TYPES[0], **_KEPT}
ADDRESS = organisation.Address(line="1 rue Haute", postal_code="76540", city="Valmont")
#: What is asked for, by action: about somebody else, or about nobody.
ASKED = {
    "find_structures": lambda world: {},
    "get_structure": lambda world: {"structure_id": world.id},
    "resolve_recipients": lambda world: {"recipients": [organisation.Recipient(siret="1")]},
    "create_structure": lambda world: {
        "identifier": public_structure()["identifier"],
        "name": "Neuve",
        "type": world.type,
        "address": ADDRESS,
    },
    "set_parameters": lambda world: {"structure_id": world.id, "parameters": organisation.Parameters()},
    "create_structure_service": lambda world: {
        "structure_id": world.id,
        "code": uuid.uuid4().hex,
        "label": "x",
        "starts_on": TODAY,
    },
    "list_espaces": lambda world: {"structure_id": world.id},
    "open_espace": lambda world: {"structure_id": world.id, "espace": "atelier"},
    "close_espace": lambda world: {"structure_id": world.id, "espace": "atelier"},
    "attach_user": lambda world: {"structure_id": world.id, "user_id": uuid.uuid4()},
    "attach_by_address": lambda world: {"structure_id": world.id, "email": world.address},
    "attach_user: as GP": lambda world: {"structure_id": world.create(type=world.type).structure_id, "user_id": uuid.uuid4(), "role": "GP"},
    "detach": lambda world: {"structure_id": world.id, "user_id": world.member()},
    "list_members": lambda world: {"structure_id": world.id},
    "list_habilitations": lambda world: {"structure_id": world.id},
    "set_habilitation": lambda world: profile(world, world.member()),
    "set_habilitation: organisation": lambda world: profile(world, world.member(), "organisation"),
    "remove_habilitations": lambda world: {"structure_id": world.id, "habilitation_ids": [world.habilitation()]},
    "set_gestionnaire_secondaire": lambda world: flags(world, world.member()),
    "transfer_gestionnaire_principal": lambda world: {"structure_id": world.id, "user_id": world.member()},
    "get_approbation": lambda world: {"approbation_id": world.request()},
    "decide_approbations": lambda world: decision(world.request()),
    "decide_approbations: organisation": lambda world: decision(world.request("organisation")),
    "cancel_approbation": lambda world: {"approbation_id": world.request()},
    "rights_of_actor": lambda world: {"kind": "user", "actor_id": uuid.uuid4()},
    "espaces_of_structures": lambda world: {"structure_ids": [world.id]},
    "members_of_espace": lambda world: {"structure_ids": [world.id], "espace": "factures-emises"},
    "give_mandat": lambda world: {
        "structure_id": world.id,
        "mandataire_id": world.create(type="PRIVATE").structure_id,
        "starts_on": world.day,
    },
    "end_mandat": lambda world: {"mandat_id": world.mandat()},
    "list_mandats": lambda world: {"structure_id": world.id},
    "search_directory": lambda world: {},
    "get_directory_entry": lambda world: {"structure_id": world.public.structure_id},
    "read_directory": lambda world: {},
    "import_structures": lambda world: {"structures": []},
    "get_structure_sheet": lambda world: {"structure_id": world.id},
    "change_structure": lambda world: {"structure_id": world.id, "version": world.sheet().version},
    "replace_identifier": lambda world: {"structure_id": world.id, "siret": public_structure()["identifier"]},
    "update_from_sirene": lambda world: {"structure_id": world.id},
    "change_structure_service": service_as_it_is,
    "ask_structure_state": lambda world: {"structure_id": world.id, "wanted": "ACTIVE"},
    "ask_public_structure": lambda world: public_structure(),
    "decide_structure_request": lambda world: {"number": world.structure_request(user()).number, "decision": "APPROUVE"},
    "list_structure_requests": lambda world: {},
    "rate_structure_request": lambda world: {"request_id": world.structure_request(user()).request_id, "rating": RATINGS[0]},
    "list_history": lambda world: {"structure_id": world.id},
    "export_structure": lambda world: {"structure_id": world.id},
    "export_structure_history": lambda world: {"structure_id": world.id},
    "list_bank_details": lambda world: {"structure_id": world.id},
    "get_bank_details": lambda world: world.details(),
    "get_account_to_pay": lambda world: world.details(),
    "add_bank_details": lambda world: {"structure_id": world.id, "name": uuid.uuid4().hex, "account": ACCOUNT, "file": FILE},
    "change_bank_details": lambda world: {**world.details(), "version": 1, "name": uuid.uuid4().hex, "account": ACCOUNT},
    "remove_bank_details": lambda world: world.details(),
    "list_structure_documents": lambda world: {"structure_id": world.id},
    "add_structure_document": lambda world: {"structure_id": world.id, **DOCUMENT},
    "change_structure_document": lambda world: {
        "structure_id": world.id,
        "document_id": world.document(),
        "version": 1,
        "designation": "Autre",
        "type": DOCUMENT["type"],
    },
    "remove_structure_documents": lambda world: {"structure_id": world.id, "document_ids": [world.document()]},
    "list_annuaire_files": lambda world: {"structure_id": world.id},
    "get_annuaire_file": lambda world: {"structure_id": world.id, "file_id": world.annuaire()[1]},
    "end_annuaire_enrolment": lambda world: {"structure_id": world.id, "enrolment_id": world.annuaire()[0]},
    "cited_files": lambda world: {"names": []},
    "get_gestionnaire_principal": lambda world: {"structure_id": world.id},
    "hand_over_roles": lambda world: {"user_id": uuid.uuid4(), "successors": []},
    "list_approbations": lambda world: {"side": "mine"},
}
#: What is always about oneself, whoever asks.
ALWAYS_OWN = {"list_approbations", "list_structure_requests"}
#: What somebody who may is told, where this world has nothing for him to do.
BEYOND = {
    "replace_identifier": errors.Invalid,
    "update_from_sirene": errors.SireneUnavailable,
    "ask_structure_state": errors.StructureStateSame,
    "hand_over_roles": errors.SuccessorsNeeded,
}
#: What is asked for about oneself, or about what one made; only users have that.
OWN = {
    "detach": lambda world, relation: {"structure_id": world.id, "user_id": world.user_id(relation)},
    "set_habilitation: to oneself": lambda world, relation: profile(world, world.user_id(relation)),
    "set_habilitation: given up": lambda world, relation: given_up(world, world.user_id(relation)),
    "decide_approbations: one's own": lambda world, relation: decision(world.own_request(relation)),
    "get_approbation": lambda world, relation: {"approbation_id": world.own_request(relation)},
    "cancel_approbation": lambda world, relation: {"approbation_id": world.own_request(relation)},
    "rate_structure_request": lambda world, relation: {
        "request_id": world.structure_made_for(world.actors[relation]).request_id,
        "rating": RATINGS[0],
    },
    "rights_of_actor": lambda world, relation: {},
    "ask_rattachement": lambda world, relation: {
        "structure_id": world.id,
        "comment": "x",
        # Somebody attached to the structure has nothing to ask for there: he asks elsewhere.
        **({} if relation in (right_to_act.STRANGER, right_to_act.SERVICE_LEVEL) else {"structure_id": world.other.structure_id}),
    },
    "ask_habilitation": lambda world, relation: {
        "structure_id": world.id,
        "wishes": [
            rattachements.Wish(
                espace="factures-emises",
                profile="MODIFICATION",
                **({"structure_service_id": world.service} if relation == right_to_act.SERVICE_LEVEL else {}),
            )
        ],
    },
}
#: Rows that others stand for: what goes by them asks for them by name.
SHARED = {"belong", "manage_structure", "manage_users"}
