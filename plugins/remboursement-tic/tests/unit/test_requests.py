"""A refund request, from the draft to the payment, and what keeps it from being sent."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from pupitre_espace_remboursement_tic import hooks
from pupitre_espaces import Attachment, forms
from pupitre_espaces.lifecycle import NoPassage
from pupitre_espaces.passages import WrongMotive
from pupitre_espaces.testing_desk import Desk, NotReady
from tic_requests import FARM, FORM, INVOICES, LINE, OFFICE, RIB, a_request, warnings

pytestmark = pytest.mark.requirement("R210")


def test_rate_and_amount_fill_themselves_in_and_the_request_is_paid(desk):
    request = desk.send(a_request(desk))
    [line] = request.completed.lines
    assert (line["rate"], line["rate_unit"], line["amount"]) == (Decimal("14.96"), "EUR / hl", Decimal("187.00"))
    assert request.completed.amounts.gross == Decimal("187.00")
    assert request.number.startswith("TIC-2024-")
    assert request.status == "MISE_A_DISPOSITION"
    assert desk.work_of("instructeur") == [request]
    desk.move(request, "instructeur", "SERVICE_FAIT")
    assert request.table.label("SERVICE_FAIT").fr == "Instruite et validée"
    desk.move(request, "instructeur", "MISE_EN_PAIEMENT")
    assert [status for status, _ in request.story] == [
        "DEPOSEE",
        "MISE_A_DISPOSITION",
        "SERVICE_FAIT",
        "MISE_EN_PAIEMENT",
    ]


def test_what_is_missing_is_asked_for_and_brought(desk):
    request = desk.send(a_request(desk))
    with pytest.raises(WrongMotive):
        desk.move(request, "instructeur", "A_COMPLETER")
    with pytest.raises(WrongMotive, match="To be completed"):
        desk.move(request, "instructeur", "REJETEE", motive_code="PIECE_MANQUANTE")
    desk.move(request, "instructeur", "A_COMPLETER", motive_code="FACTURE_ILLISIBLE")
    assert desk.work_of("demandeur") == [request]
    assert request.table.find("A_COMPLETER", "COMPLETEE", ["demandeur"]).documents
    desk.move(request, "demandeur", "COMPLETEE")
    desk.move(request, "instructeur", "SERVICE_FAIT")


@pytest.mark.parametrize(
    "who, to", [("demandeur", "SERVICE_FAIT"), ("demandeur", "MISE_EN_PAIEMENT"), ("instructeur", "MISE_EN_PAIEMENT")]
)
def test_nobody_validates_his_own_request_or_pays_what_is_not_validated(desk, who, to):
    with pytest.raises(NoPassage):
        desk.move(desk.send(a_request(desk)), who, to)


def test_the_service_sees_no_draft(desk):
    request = a_request(desk)
    assert not desk.sees(request, "instructeur")
    assert desk.sees(desk.send(request), "instructeur")


def test_one_request_a_year_unless_it_came_to_nothing(desk):
    first = desk.send(a_request(desk))
    assert desk.errors(a_request(desk)) == ["once-only year"]
    desk.move(first, "instructeur", "REJETEE", motive_code="MONTANT_ERRONE")
    assert desk.errors(a_request(desk)) == []


def test_the_roles_are_a_private_claimant_and_a_public_service(desk):
    assert desk.errors(a_request(desk, parties={})) == ["role-missing party.instructeur"]
    assert desk.errors(a_request(desk, parties={"instructeur": FARM})) == ["role-type party.instructeur"]
    assert desk.errors(a_request(desk, maker=OFFICE)) == ["role-type party.demandeur"]


def test_the_attestation_and_the_bank_details_are_needed(desk):
    assert desk.errors(a_request(desk, attested="", bank_details="")) == [
        "form-required bank_details",
        "form-required attested",
    ]


def test_the_rib_and_the_invoices_are_needed(desk):
    assert desk.errors(a_request(desk, attachments=())) == ["rib-missing files", "invoices-missing files"]
    assert desk.errors(a_request(desk, attachments=(RIB,))) == ["invoices-missing files"]
    assert desk.errors(a_request(desk, attachments=(INVOICES,))) == ["rib-missing files"]


def test_a_request_without_lines_states_zero(desk):
    request = desk.send(a_request(desk, lines=(), attachments=(RIB,)))
    assert request.completed.amounts.gross == 0
    assert "zero-request" in warnings(request)


def test_deliveries_of_another_year_and_of_days_to_come_are_refused(desk):
    lines = [LINE | {"delivered": "2022-12-31"}, LINE | {"delivered": "2024-01-01"}, LINE]
    assert desk.errors(a_request(desk, lines=lines)) == [
        "delivery-other-year 1.delivered",
        "delivery-other-year 2.delivered",
        "rate-missing 2.delivered",
    ]
    to_come = a_request(desk, year="2024", lines=[LINE | {"delivered": "2024-03-16"}])
    assert desk.errors(to_come) == ["delivery-to-come 1.delivered", "rate-missing 1.delivered"]
    assert "year-not-over" in warnings(to_come)
    assert desk.errors(a_request(desk, year="2025", lines=())) == ["year-to-come year"]


def test_a_rate_that_nobody_filled_in_says_who_can():
    desk = Desk(hooks, datetime(2020, 5, 1, tzinfo=UTC))
    request = a_request(desk, year="2017", lines=[LINE | {"delivered": "2017-05-02"}])
    [finding] = [each for each in request.findings if each.rule == "rate-missing"]
    assert "02/05/2017" in finding.message.fr
    assert "PUPITRE_ESPACE_REMBOURSEMENT_TIC_DATA" in finding.remedy.fr
    assert "amount" not in request.completed.lines[0]
    with pytest.raises(NotReady, match="rate-missing"):
        desk.send(request)


def test_gas_oil_of_july_2024_gives_no_right_to_a_refund():
    desk = Desk(hooks, datetime(2025, 3, 15, tzinfo=UTC))
    request = a_request(desk, year="2024", lines=[LINE | {"delivered": "2024-07-01"}])
    assert desk.errors(request) == ["refund-ended 1.delivered"]
    assert "advance-to-settle" in warnings(request)
    before = a_request(desk, year="2024", lines=[LINE | {"delivered": "2024-06-30"}])
    assert desk.errors(before) == ["rate-missing 1.delivered"]


@pytest.mark.parametrize(
    "year, last",
    [
        ("2021", date(2023, 12, 31)),
        ("2022", date(2024, 12, 31)),
        ("2023", date(2026, 12, 31)),
        ("2020", date(2023, 12, 31)),
    ],
)
def test_gas_oil_is_deposited_until_a_last_day_and_not_after(year, last):
    lines = [LINE | {"delivered": f"{year}-05-02"}]
    in_time = datetime(last.year, 12, 31, 22, 59, tzinfo=UTC)
    request = a_request(Desk(hooks, in_time), year=year, lines=lines)
    assert request.completed.form["last_day"] == last
    assert [each.rule for each in request.findings if each.rule == "too-late"] == []
    too_late = Desk(hooks, datetime(last.year, 12, 31, 23, 0, tzinfo=UTC))
    assert "too-late 1.delivered" in too_late.errors(a_request(too_late, year=year, lines=lines))


def test_other_fuels_of_2021_have_a_year_more():
    desk = Desk(hooks, datetime(2024, 6, 1, tzinfo=UTC))
    gas = {"invoice": "G-1", "delivered": "2021-05-02", "fuel": "GAZ_COMBUSTIBLE", "volume": "10"}
    lines = [gas, LINE | {"delivered": "2021-05-02"}]
    assert desk.errors(a_request(desk, year="2021", lines=lines)) == ["too-late 2.delivered"]
    assert desk.errors(a_request(desk, year="2021", lines=[gas])) == []


def test_the_end_of_the_deposit_is_announced():
    desk = Desk(hooks, datetime(2026, 12, 1, tzinfo=UTC))
    [finding] = [each for each in a_request(desk).findings if each.rule == "soon-too-late"]
    assert "30 jours" in finding.message.fr


@pytest.mark.parametrize(
    "year, typed, taken, amount",
    [
        ("2023", "", "50 %", "93.50"),
        ("2023", "NON", "0 %", "0.00"),
        ("2021", "", "25 %", "46.75"),
        ("2022", "", "0 %", "0.00"),
    ],
)
def test_the_advance_has_the_usual_choice_of_its_campaign(year, typed, taken, amount):
    desk = Desk(hooks, datetime(2023, 6, 1, tzinfo=UTC) if year != "2023" else datetime(2024, 6, 1, tzinfo=UTC))
    request = a_request(desk, year=year, advance=typed, lines=[LINE | {"delivered": f"{year}-05-02"}])
    form = request.completed.form
    assert (form["advance_taken"], form["advance_amount"]) == (taken, Decimal(amount))
    assert desk.errors(request) == []


def test_no_advance_is_asked_for_where_the_campaign_gives_none():
    desk = Desk(hooks, datetime(2023, 6, 1, tzinfo=UTC))
    request = a_request(desk, year="2022", advance="OUI", lines=[LINE | {"delivered": "2022-05-02"}])
    assert desk.errors(request) == ["no-advance advance"]


def test_the_minimis_statement_is_demanded_for_the_year_and_fuels_of_the_data():
    desk = Desk(hooks, datetime(2016, 6, 1, tzinfo=UTC))
    oil = {"invoice": "F-9", "delivered": "2015-05-02", "fuel": "FIOUL_LOURD", "volume": "2", "unit": "TONNE"}
    request = a_request(desk, year="2015", lines=[oil])
    assert desk.errors(request) == ["document-missing files"]
    statement = Attachment("scan.pdf", "application/pdf", 5, designation="Déclaration de MINIMIS")
    assert desk.errors(a_request(desk, year="2015", lines=[oil], attachments=(RIB, INVOICES, statement))) == []
    assert desk.errors(a_request(desk, year="2015", lines=[LINE | {"delivered": "2015-05-02"}])) == []


def test_volumes_are_stated_in_units_of_the_fuel_within_bounds(desk):
    lines = [
        LINE | {"volume": "1250", "unit": "L"},
        LINE | {"unit": "MWH"},
        LINE | {"volume": "0"},
        LINE | {"volume": "1000000"},
        LINE | {"volume": "1,234"},
    ]
    request = a_request(desk, lines=lines)
    assert request.completed.lines[0]["amount"] == Decimal("187.00")
    assert sorted(desk.errors(request)) == [
        "form-format 3.volume",
        "form-format 4.volume",
        "form-format 5.volume",
        "unit-of-fuel 2.unit",
    ]


def test_the_same_delivery_twice_is_pointed_out(desk):
    request = a_request(desk, lines=[LINE, LINE])
    assert warnings(request) == ["line-twice"]
    assert desk.errors(request) == []


def test_what_is_worked_out_is_never_taken_from_who_types(desk):
    request = a_request(desk, lines=[LINE | {"rate": "99", "amount": "9999"}], advance_amount="5")
    assert request.completed.amounts.gross == Decimal("187.00")
    assert forms.dump(request.kind.line, request.completed.lines[0])["amount"] == "187.00"
    assert set(forms.dump(request.kind.form, request.completed.form)) >= {*FORM, "last_day", "advance_taken"}
