"""Espaces that are asked before a recipient passes an invoice on towards its payment, on both backends."""

import pytest
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract
from pupitre_contracts import requests as calls
from pupitre_espaces import Label, Manifest, Objection, PortRefused, hookimpl
from pupitre_espaces.discovery import Source
from pupitre_invoicing import reaction_ports

PAYING = ("MANDATEE", "MISE_A_DISPOSITION_COMPTABLE", "COMPTABILISEE", "MISE_EN_PAIEMENT")
RECEIVED = "factures-recues"


class Guard:
    """An espace that objects to what is paid above the amount that its documents name, and that may fall ill."""

    def __init__(self):
        self.asked, self.ill = [], None

    @hookimpl
    def espace_manifest(self):
        return Manifest(key="garde", label=Label("Garde", "Guard"), description=Label("Garde", "Guard"))

    @hookimpl
    def espace_passages(self, invoice, status_to, context):
        self.asked.append((invoice, status_to, context))
        if self.ill is not None:
            return self.ill(context)
        limit = context.ports.records.get("limites", "limite")
        if limit is not None and limit.document.get("barred") == invoice.number:
            why = Label("elle attend l'accord de Mme Roux.", "it waits for the consent of Ms Roux.")
            return [Objection(why, Label("Voyez l'espace Garde.", "See the espace Guard."))]
        return []


@pytest.fixture
def guard():
    return Guard()


@pytest.fixture
def plugins(guard):
    return [Source.of(guard)]


def opens(stage, *espaces):
    now = stage.world.structures[stage.body.structure_id]
    stage.world.structures[stage.body.structure_id] = type(now)(**now.values | {"espaces": [RECEIVED, *espaces]})


def bars(stage, number):
    """Have the espace keep in its documents that an invoice is barred."""
    keeper = stage.world.user((stage.body, "garde", "MODIFICATION"), name="Roux")
    place = {"espace": "garde", "structure_id": stage.body.structure_id, "collection": "limites", "key": "limite"}
    stage.call(keeper, calls.PutRecord, **place, document={"barred": number})


def process(stage, *moves):
    wanted = [contract.WantedMove(invoice_id=each.invoice_id, to=to) for each, to in moves]
    return stage.call(stage.agent, contract.ProcessInvoices, moves=wanted).lines


@pytest.mark.requirement("R283")
@pytest.mark.parametrize("to", PAYING)
def test_an_invoice_is_not_passed_on_to_its_payment_where_an_espace_of_the_recipient_objects(stage, guard, to):
    invoice = stage.sent("F-1", code_service="VOIRIE", engagement="BC-1")
    opens(stage, "garde")
    bars(stage, "F-1")
    with pytest.raises(errors.PassageBarred) as refused:
        stage.move(invoice, to, stage.agent)
    french, english = refused.value.message("fr"), refused.value.message("en")
    assert "F-1" in french
    assert "elle attend l'accord de Mme Roux. Voyez l'espace Garde." in french
    assert "it waits for the consent of Ms Roux. See the espace Guard." in english
    after = stage.get(invoice, stage.agent)
    assert (after.status, after.version) == (invoice.status, invoice.version)
    seen, asked, context = guard.asked[-1]
    assert asked == to
    assert (seen.number, seen.code_service, seen.supplier_siret, seen.engagement) == ("F-1", "VOIRIE", stage.SELLER, "BC-1")
    assert seen.received_at is not None
    assert seen.due_on == after.due_on is not None
    assert (context.structure.siret, context.user.name, context.structure.type) == (stage.BUYER, "Agent", "public")


@pytest.mark.requirement("R283")
@pytest.mark.parametrize("to", ["SUSPENDUE", "REJETEE", "A_RECYCLER"])
def test_an_invoice_that_is_barred_still_goes_back(stage, guard, to):
    invoice = stage.sent("F-1")
    opens(stage, "garde")
    bars(stage, "F-1")
    assert stage.move(invoice, to, stage.agent, motive="Bon de commande absent").status == to
    assert guard.asked == []


def test_taking_an_invoice_into_account_asks_nobody(stage, guard):
    invoice = stage.sent("F-1")
    opens(stage, "garde")
    bars(stage, "F-1")
    for to in ("PRISE_EN_COMPTE_DESTINATAIRE", "SERVICE_FAIT"):
        invoice = stage.move(invoice, to, stage.agent)
    assert (invoice.status, guard.asked) == ("SERVICE_FAIT", [])


@pytest.mark.requirement("R283")
def test_mass_processing_refuses_the_line_that_is_barred_and_makes_the_others(stage, guard):
    barred, free, back = stage.sent("F-1"), stage.sent("F-2"), stage.sent("F-3")
    opens(stage, "garde")
    bars(stage, "F-1")
    lines = process(stage, (barred, "MANDATEE"), (free, "MANDATEE"), (back, "PRISE_EN_COMPTE_DESTINATAIRE"))
    assert [(each.number, each.outcome, each.code, each.status) for each in lines] == [
        ("F-1", "refused", "espaces.passage-barred", "MISE_A_DISPOSITION"),
        ("F-2", "done", None, "MANDATEE"),
        ("F-3", "done", None, "PRISE_EN_COMPTE_DESTINATAIRE"),
    ]
    assert "« Mandatée » : elle attend l'accord de Mme Roux." in lines[0].reason_fr
    assert "“Payment order made”: it waits for the consent" in lines[0].reason_en


def test_mass_processing_asks_organisation_once_for_each_recipient(stage, guard):
    invoices = [stage.sent(f"F-{index}") for index in range(4)]
    opens(stage, "garde")
    stage.world.asked_for_structures.clear()
    assert {each.outcome for each in process(stage, *((each, "MANDATEE") for each in invoices))} == {"done"}
    assert stage.world.asked_for_structures.count("Agent") == 1
    assert len(guard.asked) == 4


def test_who_may_not_move_the_invoice_learns_nothing_of_what_bars_it(stage, guard):
    invoice = stage.sent("F-1")
    opens(stage, "garde")
    bars(stage, "F-1")
    reader = stage.world.user((stage.body, RECEIVED, "CONSULTATION"))
    with pytest.raises(errors.Forbidden):
        stage.move(invoice, "MANDATEE", reader)
    with pytest.raises(errors.NotFound):
        stage.move(invoice, "MANDATEE", stage.stranger)
    assert guard.asked == []


@pytest.mark.requirement("R283")
def test_an_invoice_is_free_once_the_recipient_closed_the_espace(stage, guard):
    invoice = stage.sent("F-1")
    opens(stage, "garde")
    bars(stage, "F-1")
    with pytest.raises(errors.PassageBarred):
        stage.move(invoice, "MANDATEE", stage.agent)
    opens(stage)
    assert stage.move(invoice, "MANDATEE", stage.agent).status == "MANDATEE"


def test_an_espace_that_only_the_supplier_opened_is_not_asked(stage, guard):
    now = stage.world.structures[stage.supplier.structure_id]
    stage.world.structures[stage.supplier.structure_id] = type(now)(**now.values | {"espaces": ["factures-emises", "garde"]})
    assert stage.move(stage.sent("F-1"), "MANDATEE", stage.agent).status == "MANDATEE"
    assert guard.asked == []


def raising(context):
    raise RuntimeError("broken")


def rubbish(context):
    return ["no"]


def refused_by_a_port(context):
    context.ports.records.put("limites", "limite", {})


@pytest.mark.requirement("R283")
@pytest.mark.parametrize("fault", [raising, rubbish, refused_by_a_port])
def test_an_espace_that_gives_no_answer_refuses_and_the_way_out_is_told(stage, guard, fault):
    invoice = stage.sent("F-1")
    opens(stage, "garde")
    guard.ill = fault
    for _ in range(7):
        with pytest.raises(errors.GuardSilent) as silent:
            stage.move(invoice, "MANDATEE", stage.agent)
    assert "« Garde »" in silent.value.message("fr")
    assert "peut fermer l'espace" in silent.value.message("fr")
    assert "“Guard”" in silent.value.message("en")
    assert stage.get(invoice, stage.agent).status == "MISE_A_DISPOSITION"
    assert len(guard.asked) in (5, 7), "after five errors it is set aside, and still refuses; a port's refusal is no fault of it"
    assert stage.move(invoice, "SUSPENDUE", stage.agent, motive="Erreur").status == "SUSPENDUE"
    other = stage.sent("F-2")
    opens(stage)
    assert stage.move(other, "MANDATEE", stage.agent).status == "MANDATEE"


@pytest.mark.requirement("R283")
def test_an_espace_that_was_uninstalled_keeps_nothing_back(stage, guard, plugins):
    invoice = stage.sent("F-1")
    opens(stage, "garde")
    bars(stage, "F-1")
    with pytest.raises(errors.PassageBarred):
        stage.move(invoice, "MANDATEE", stage.agent)
    plugins.clear()
    stage.host.stop()
    stage.restart()
    assert stage.move(invoice, "MANDATEE", stage.agent).status == "MANDATEE"


def test_a_guard_reads_the_invoices_of_the_recipient_and_keeps_nothing(stage):
    sent, other = stage.sent("F-1"), stage.world.structure(stage.STRICT, "Autre", public=True)
    lent = reaction_ports.for_reading(stage.scope(), "garde", stage.body)
    assert lent.invoices.get(sent.invoice_id).number == "F-1"
    assert reaction_ports.for_reading(stage.scope(), "garde", other).invoices.get(sent.invoice_id) is None
    for forbidden in (lambda: lent.records.delete("limites", "limite"), lambda: lent.records.put("limites", "limite", {})):
        with pytest.raises(PortRefused):
            forbidden()
