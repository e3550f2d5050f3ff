"""The calls of a valideur's software, by the tables of a plugin's cadres."""

import dataclasses

import pytest
from portal_world import EVIL, NOW, SUPPLIER, a_summary, an_invoice
from pupitre_contracts import errors, invoice_parties, invoicing, organisation
from pupitre_contracts import invoicing_entry as entries
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host
from pupitre_portal.api import submitted
from support.endorsing_espace import HOLDER, KEY, OTHER_KEY, Countersigning, Endorsing

ANSWER, CORRECT = "factures/v1/traiter/factureAValider", "factures/v1/corriger/valideur/facture"
SIRET = "90000005000014"


@pytest.fixture(autouse=True)
def espaces(app, http):
    """The cadres of two plugins, in the application that all tests share."""
    before = app.extensions["pupitre"]
    plugins = [Source.of(Endorsing()), Source.of(Countersigning())]
    app.extensions["pupitre"] = dataclasses.replace(before, espaces=Host("portal", discover=False, plugins=plugins))
    yield
    app.extensions["pupitre"] = before


def a_party(structure_id=SUPPLIER):
    labels = {"role_label_fr": "Titulaire", "role_label_en": "Holder", "name": f"Gros Œuvre {EVIL}", "identifier": SIRET}
    return invoicing.InvoiceParty(role=HOLDER, structure_id=structure_id, espace=KEY, acts=True, sees=True, **labels)


def a_move(to, role=HOLDER, motives=(), **values):
    coded = [invoicing.CodedMotive(code=code, label_fr=code, label_en=code) for code in motives]
    given = {"label_fr": to, "label_en": to, "motive_required": False, "documents": True}
    return invoicing.RequestMove(**{"to": to, "role": role, **given, **({"motives": coded} if coded else {}), **values})


MOVES = [
    a_move("VALIDEE_1", statement_fr="x", statement_en="x"),
    a_move("REFUSEE_1", motive_required=True),
    a_move("ERREUR_FOURNISSEUR_SUR_VALIDEUR", motives=["MAUVAIS_VALIDEUR"], motive_required=True),
]


@pytest.fixture
def waiting(bus, machine):
    shown = an_invoice(status="A_VALIDER_1", portal_number=42, parties=[a_party(SUPPLIER)], role_moves=MOVES)
    bus.answers[invoicing.GetInvoice] = {"invoice": shown}
    bus.answers[invoicing.MoveInvoice] = {"invoice": an_invoice(portal_number=42, status_at=NOW)}


@pytest.mark.parametrize(
    "said, to, motive",
    [
        ({"action": "VALIDATION", "complementInfo": "Vu"}, "VALIDEE_1", (None, None)),
        ({"action": "REFUS", "motifRefus": "Lot 3 non fait"}, "REFUSEE_1", (None, "Lot 3 non fait")),
        ({"action": "REFUS", "motifRefus": "MAUVAIS_VALIDEUR"}, "ERREUR_FOURNISSEUR_SUR_VALIDEUR", ("MAUVAIS_VALIDEUR", None)),
    ],
)
def test_an_answer_is_the_passage_of_the_table_that_it_means(machine, bus, waiting, said, to, motive):
    found = machine.ask(ANSWER, {"idFacture": 42, **said})
    assert (found["codeRetour"], found["idFacture"], found["statutFacture"]) == (0, 42, "MISE_A_DISPOSITION")
    [made] = bus.requests(invoicing.MoveInvoice)
    assert (made.to, made.version, (made.motive_code, made.motive)) == (to, 3, motive)
    assert (made.stated, made.comment) == (said["action"] == "VALIDATION", said.get("complementInfo"))


def test_an_answer_may_bring_a_file_that_was_kept(machine, bus, waiting):
    file = entries.KeptFile(portal_number=9, name="accord.pdf", mime="application/pdf", size=3, sha256="ab" * 32)
    bus.answers[entries.KeptFiles] = {"files": [file]}
    machine.ask(ANSWER, {"idFacture": 42, "action": "VALIDATION", "idPieceJointe": 9})
    assert [each.name for each in bus.requests(invoicing.MoveInvoice)[0].documents] == ["accord.pdf"]


def test_who_is_not_the_valideur_and_what_cannot_be_understood_are_refused(machine, bus, waiting):
    assert machine.post(ANSWER, {"idFacture": 42, "action": "PEUT_ETRE"}).status_code == 400
    assert machine.post(ANSWER, {"idFacture": "x", "action": "REFUS"}).status_code == 400
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(parties=[a_party()], role_moves=[])}
    assert machine.ask(ANSWER, {"idFacture": 42, "action": "VALIDATION"})["codeRetour"] != 0
    assert machine.ask(CORRECT, {"idFacture": 42, "identifiantStructure": SIRET})["codeRetour"] != 0
    bus.answers[invoicing.GetInvoice] = errors.NotFound(what="invoice")
    assert machine.ask(ANSWER, {"idFacture": 42, "action": "VALIDATION"})["codeRetour"] == 20000
    assert not bus.requests(invoicing.MoveInvoice)


def test_the_supplier_names_another_valideur_by_identifier_or_number(machine, bus, waiting):
    correct = a_move("A_VALIDER_1", role="supplier", corrects=[HOLDER])
    bus.answers[invoicing.GetInvoice] = {"invoice": an_invoice(portal_number=42, role_moves=[correct])}
    assert machine.ask(CORRECT, {"idFacture": 42, "identifiantStructure": SIRET})["codeRetour"] == 0
    machine.ask(CORRECT, {"idFacture": 42, "idStructure": 2})
    named = [each.parties for each in bus.requests(invoicing.MoveInvoice)]
    assert named[0] == [invoicing.NamedParty(role=HOLDER, identifier=SIRET)]
    assert named[1] == [invoicing.NamedParty(role=HOLDER, identifier="21750001600019")]
    bus.answers[organisation.FindStructures] = {"structures": [], "total": 0}
    assert machine.post(CORRECT, {"idFacture": 42, "idStructure": 3}).status_code == 400


def test_the_searches_list_what_names_the_structure(machine, bus):
    row = {**a_summary(status="A_VALIDER_1", portal_number=42).values, "parties": [a_party(SUPPLIER)]}
    listed = invoice_parties.AssignedInvoice(**{name: value for name, value in row.items() if value is not None})
    bus.answers[invoice_parties.SearchInvoicesOfRole] = {"invoices": [listed], "total": 1}
    found = machine.ask("factures/v1/rechercher/aTraiter/valideur", {"pagination": {"nbResultatsParPage": 5}})
    assert [(each["idFacture"], each["identifiantValideur"]) for each in found["listeFactures"]] == [(42, SIRET)]
    asked = bus.requests(invoice_parties.SearchInvoicesOfRole)[-1]
    # One question, which invoicing answers for all espaces of validation that the account has.
    assert len(bus.requests(invoice_parties.SearchInvoicesOfRole)) == 1
    assert {asked.espace, *asked.also} == {KEY, OTHER_KEY}
    assert (asked.structure_id, asked.to_do, asked.page_size) == (SUPPLIER, True, 5)
    criteria = {"numeroFacture": "F-1", "cadreFacturation": "X9_SOUSTRAITANT", "statutCourant": ["VALIDEE_1"], "idFournisseur": 2}
    machine.ask("factures/v1/rechercher/valideur", criteria)
    asked = bus.requests(invoice_parties.SearchInvoicesOfRole)[-1]
    assert (asked.number, asked.cadre, asked.statuses, len(asked.supplier_ids), asked.to_do) == ("F-1", "X9", ["VALIDEE_1"], 1, False)
    bus.answers[invoice_parties.SearchInvoicesOfRole] = errors.Forbidden(needed=KEY)
    assert machine.post("factures/v1/rechercher/valideur", {}).status_code == 403
    statuses = machine.ask("factures/v1/recuperer/statutsFactureVisibles/valideur", {})["listeStatutFacture"]
    assert {"codeStatutFacture": "A_VALIDER_1"} in statuses


def test_an_invoice_that_a_program_enters_names_its_valideur_in_the_first_role_of_its_cadre(app):
    asked = {"cadreDeFacturation": {"codeCadreFacturation": "X9_SOUSTRAITANT", "codeStructureValideur": SIRET}}
    with app.test_request_context():
        entry = submitted.entry_of(asked, submitted.mode_of(asked), NOW.date(), None)
        ordinary = submitted.entry_of({"cadreDeFacturation": {"codeStructureValideur": SIRET}}, submitted.mode_of({}), NOW.date(), None)
    assert (entry.cadre, entry.parties) == ("X9", [invoicing.NamedParty(role=HOLDER, identifier=SIRET)])
    assert ordinary.parties is None
