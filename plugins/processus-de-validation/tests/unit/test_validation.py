"""Invoices received that a rule takes wait until they are validated within: rules, steps, four eyes, and who may what."""

from datetime import timedelta
from decimal import Decimal

import pytest
from pupitre_espace_processus_de_validation import circuit, hooks, rules
from pupitre_espaces import PageRequest, PortRefused, Ports, Redirect, User
from pupitre_espaces.testing import a_context, a_received_invoice, problems_of
from validation_body import ANNA, BENO, CHIEF, KEY, TOWN, Members, said


def test_the_espace_has_no_problem_and_is_off_by_default():
    assert problems_of(hooks) == []
    manifest = hooks.espace_manifest()
    assert (manifest.by_default, manifest.structure_types, manifest.api_version) == (False, {"public"}, "1.1")


@pytest.mark.requirement("R283")
def test_an_invoice_that_a_rule_takes_waits_until_its_validator_validates(body):
    assert isinstance(body.rule(code_service="voirie"), Redirect)
    invoice = body.receive()
    assert body.why(invoice) == "la règle 1 (service voirie) veut d'abord une validation interne, étape 1 sur 1, par Anna."
    assert body.why(invoice, "en") == "by rule 1 (service voirie) it is validated within first, step 1 of 1, by Anna."
    assert "suspendue" in body.desk.objections(invoice, TOWN)[0].remedy.fr
    assert isinstance(body.decides(invoice, ANNA, "valider"), Redirect)
    assert body.desk.objections(invoice, TOWN) == []
    page = body.page(invoice, CHIEF)
    assert "validée par Anna le 15/03/2024 10:30" in page
    acts = [(each["act"], each["by"], each["by_id"]) for each in body.document(invoice)["acts"]]
    assert acts == [("ouverte", "Pupitre", None), ("validee", "Anna", "anna")]


def test_without_a_rule_no_invoice_waits(body):
    invoice = body.receive()
    assert body.desk.objections(invoice, TOWN) == []
    assert body.document(invoice) is None


@pytest.mark.parametrize(
    "form, changes, taken",
    [
        ({"code_service": "VOIRIE"}, {"code_service": "voirie"}, True),
        ({"code_service": "VOIRIE"}, {"code_service": "ECOLES"}, False),
        ({"code_service": "VOIRIE"}, {"code_service": None}, False),
        ({"montant": "1 000,00"}, {"gross": Decimal("1000.00")}, True),
        ({"montant": "1000"}, {"gross": Decimal("999.99")}, False),
        ({"montant": "1000"}, {"gross": Decimal("-1000.00")}, True),
        ({"montant": "1000"}, {"gross": None}, True),
        ({"montant": "1000"}, {"gross": Decimal("1.00"), "currency": "USD"}, True),
        ({"siret": "900 000 010 00012"}, {}, True),
        ({"siret": "90000001000013"}, {}, False),
        ({"code_service": "VOIRIE", "montant": "200"}, {}, False),
        ({}, {"code_service": None, "gross": Decimal(0)}, True),
    ],
)
def test_a_rule_takes_invoices_by_service_amount_and_supplier(body, form, changes, taken):
    assert isinstance(body.rule(**form), Redirect)
    invoice = body.receive(**changes)
    assert bool(body.desk.objections(invoice, TOWN)) is taken
    assert (body.document(invoice) is not None) is taken


def test_the_guard_says_the_same_before_the_reaction_had_its_turn(body):
    body.rule()
    invoice = a_received_invoice(received_at=body.desk.clock.now())
    [objection] = body.desk.objections(invoice, TOWN)
    assert "par Anna" in objection.why.fr
    assert "Prise en compte par le destinataire" in objection.remedy.fr
    body.tell(invoice)
    [objection] = body.desk.objections(invoice, TOWN)
    assert "À valider" in objection.remedy.fr


def test_an_invoice_that_came_unseen_is_opened_by_its_next_move(body):
    """While the plugin is away nothing is told to it: what it then finds on its way to payment is not stuck."""
    body.rule()
    unseen = a_received_invoice(received_at=body.desk.clock.now())
    assert body.desk.objections(unseen, TOWN)
    invoice = body.moves(unseen, "PRISE_EN_COMPTE_DESTINATAIRE")
    assert isinstance(body.decides(invoice, ANNA, "valider"), Redirect)
    assert body.desk.objections(invoice, TOWN) == []


def test_the_strictest_rule_counts(body):
    body.rule(first=("anna",), montant="1000")
    body.rule(first=("béno",), second=("chef",))
    body.rule(first=("béno",), code_service="VOIRIE")
    assert body.document(body.receive(gross=Decimal(5000)))["rule"] == "regle-0002"
    body.end("regle-0002")
    assert body.document(body.receive(18, gross=Decimal(5000)))["rule"] == "regle-0001"
    assert body.document(body.receive(19, gross=Decimal(5)))["rule"] == "regle-0003"


@pytest.mark.requirement("R283")
def test_a_rule_is_for_what_comes_while_it_is_in_force_and_says_who_made_and_ended_it(body):
    before = body.receive(16)
    body.desk.clock.time += timedelta(minutes=1)
    body.rule()
    waits = body.receive(17)
    body.desk.clock.time += timedelta(minutes=1)
    assert isinstance(body.end(), Redirect)
    after = body.receive(18)
    assert [bool(body.desk.objections(each, TOWN)) for each in (before, waits, after)] == [False, True, False]
    page = body.ask("regles", ANNA).body
    assert "15/03/2024 10:31 par Chef" in page
    assert "15/03/2024 10:32 par Chef" in page
    status, page = said(body.end())
    assert (status, "déjà terminée" in page) == (409, True)


@pytest.mark.requirement("R283")
def test_two_steps_take_two_people_in_their_order(body):
    body.rule(first=("anna", "chef"), second=("béno",))
    invoice = body.receive()
    status, page = said(body.decides(invoice, BENO, "valider"))
    assert (status, "Cette étape revient à : Anna / Chef." in page) == (409, True)
    assert isinstance(body.decides(invoice, ANNA, "valider", "vu"), Redirect)
    assert "étape 2 sur 2, par Béno" in body.why(invoice)
    status, page = said(body.decides(invoice, ANNA, "valider"))
    assert (status, "il faut deux personnes" in page) == (409, True)
    assert isinstance(body.decides(invoice, BENO, "valider"), Redirect)
    assert body.desk.objections(invoice, TOWN) == []
    assert body.document(invoice)["state"] == circuit.VALIDATED
    status, page = said(body.decides(invoice, BENO, "refuser", "non"))
    assert (status, "attend plus de validation" in page) == (409, True)


@pytest.mark.requirement("R283")
def test_four_eyes_hold_when_a_step_is_given_to_others(body):
    body.rule(first=("anna",), second=("béno",))
    invoice = body.receive()
    body.decides(invoice, ANNA, "valider")
    status, page = said(body.decides(invoice, CHIEF, "reattribuer", **{"valideur.anna": "1"}))
    assert (status, "il faut deux personnes" in page) == (409, True)
    assert isinstance(body.decides(invoice, CHIEF, "reattribuer", **{"valideur.chef": "1"}), Redirect)
    status, _ = said(body.decides(invoice, BENO, "valider"))
    assert status == 409, "it was given to somebody else"
    assert isinstance(body.decides(invoice, CHIEF, "valider"), Redirect)
    assert body.desk.objections(invoice, TOWN) == []
    page = body.page(invoice, ANNA)
    assert "Confiée à d&#x27;autres : Chef (étape 2)" in page


@pytest.mark.parametrize("first, second", [((), ()), ((), ("anna",)), (("anna",), ("anna",)), (("anna", "béno"), ("béno",))])
def test_a_rule_needs_validators_and_nobody_in_both_steps(body, first, second):
    status, _ = said(body.rule(first=first, second=second))
    assert status == 422
    assert rules.all_of(a_context(structure=TOWN, ports=Ports(records=body.desk.records(TOWN)))) == ()


@pytest.mark.parametrize(
    "form, word",
    [
        ({"montant": "beaucoup"}, "deux décimales"),
        ({"montant": "-1"}, "deux décimales"),
        ({"montant": "1,234"}, "deux décimales"),
        ({"montant": "NaN"}, "deux décimales"),
        ({"siret": "123"}, "14 chiffres"),
        ({"code_service": "X" * 101}, "100 signes"),
        ({"first": ("lea",)}, "modification"),
        ({"first": ("etranger",)}, "modification"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_and_what_was_typed_stays(body, form, word):
    status, page = said(body.rule(**form))
    assert (status, word in page) == (422, True)
    assert all(str(value) in page for name, value in form.items() if name != "first")


@pytest.mark.requirement("R283")
def test_who_does_not_manage_the_users_decides_nothing_about_rules_and_validators(body):
    status, page = said(body.rule(user=ANNA))
    assert (status, "Seul un gestionnaire" in page) == (422, True)
    body.rule()
    assert said(body.end(user=ANNA))[0] == 422
    invoice = body.receive()
    assert said(body.decides(invoice, BENO, "reattribuer", **{"valideur.béno": "1"}))[0] == 409
    body.decides(invoice, ANNA, "refuser", "Prix")
    assert said(body.decides(invoice, ANNA, "relancer"))[0] == 409
    assert body.document(invoice)["state"] == circuit.REFUSED
    assert 'value="ajouter"' not in body.ask("regles", ANNA).body
    assert 'value="ajouter"' in body.ask("regles", CHIEF).body


def test_organisation_has_the_last_word_on_who_manages(body):
    """A page that believes too much of its visitor gets no further: the port refuses."""
    boaster = User("anna", "Anna", True)
    ports = Ports(records=body.desk.records(TOWN), members=Members(ANNA))
    context = a_context(structure=TOWN, user=boaster, clock=body.desk.clock, ports=ports)
    form = {"acte": "ajouter", "etape1.anna": "1"}
    request = PageRequest(context, "MODIFICATION", lambda to: f"/{to}", {}, form)
    with pytest.raises(PortRefused):
        body.host.submit(KEY, "regles", request)
    assert body.desk.records(TOWN).search(rules.COLLECTION) == ()


def test_who_only_reads_sees_and_decides_nothing(body):
    body.rule()
    invoice = body.receive()
    page = body.page(invoice, ANNA, profile="CONSULTATION")
    assert "attend Anna" in page
    assert "<form" not in page
    assert body.ask("facture", ANNA, query={"f": "f-rien"}).status == 404
    assert said(body.ask("facture", ANNA, {"acte": "valider"}, {"f": "f-rien"}))[0] == 404
    assert said(body.decides(invoice, ANNA, "autre"))[0] == 409
