"""The calculator of expenses, and the workbook that holds its total in F30."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memoires import FILES, LINE, a_memoire, line_file, warnings
from pupitre_espace_frais_de_justice import bordereau, expenses, tariff
from support.drawn import pdf_of, structure_of
from workbooks import cells, reckoned

OURS = tariff.load()
IN_FORCE = OURS.rates(date(2024, 3, 4))
money = st.integers(0, 500_000).map(lambda cents: Decimal(cents) / 100)
kilometres = st.integers(0, 2_000_000).map(lambda hundredths: Decimal(hundredths) / 100)
ENTERED = st.fixed_dictionaries(
    {
        "kilometres": kilometres,
        "kilometres_before": kilometres,
        "vehicle": st.sampled_from(["CV5", "CV7", "CV8"]),
        "meals": st.integers(0, 50).map(Decimal),
        "nights_elsewhere": st.integers(0, 50).map(Decimal),
        "nights_large_towns": st.integers(0, 50).map(Decimal),
        "nights_paris": st.integers(0, 50).map(Decimal),
        "tickets": money,
        "tolls": money,
        "postage": money,
    }
)


@pytest.mark.requirement("R203")
def test_the_calculator_has_every_kind_of_expense_and_one_total():
    values = {
        "kilometres": Decimal(120),
        "vehicle": "CV7",
        "meals": Decimal(2),
        "nights_elsewhere": Decimal(1),
        "nights_large_towns": Decimal(1),
        "nights_paris": Decimal(1),
        "tickets": Decimal("35.50"),
        "tolls": Decimal("12.30"),
        "postage": Decimal("5.12"),
    }
    rows = expenses.entries(values, IN_FORCE)
    assert [str(row.amount) for row in rows if row.quantity] == [
        "49.20", "40.00", "90.00", "120.00", "140.00", "35.50", "12.30", "5.12",
    ]  # fmt: skip
    assert expenses.total(rows) == Decimal("492.12")


@pytest.mark.requirement("R204")
@given(ENTERED)
def test_the_total_is_that_of_cell_f30_and_of_its_formulas(values):
    rows = expenses.entries(values, IN_FORCE)
    found = cells(bordereau.workbook(rows, IN_FORCE, "fr", values["vehicle"]))
    total = expenses.total(rows)
    assert Decimal(found["F30"][0]).quantize(Decimal("0.01")) == total
    assert reckoned(found) == total
    assert found["A30"][0].startswith("MONTANT TOTAL")


@given(ENTERED)
def test_kilometres_are_paid_band_by_band_after_those_of_the_year(values):
    driven, before = values["kilometres"], values["kilometres_before"]
    rows = expenses.entries(values, IN_FORCE)[:3]
    assert sum(row.quantity for row in rows) == driven
    ends = (Decimal(2000), Decimal(10000))
    rates = IN_FORCE.kilometres[values["vehicle"]]

    def up_to(point):
        first = min(point, ends[0])
        second = min(max(point - ends[0], 0), ends[1] - ends[0])
        return first * rates[0] + second * rates[1] + max(point - ends[1], 0) * rates[2]

    assert sum(row.quantity * row.rate for row in rows) == up_to(before + driven) - up_to(before)


@pytest.mark.parametrize(
    "before, driven, parts",
    [
        ("0", "2000", ("2000", "0", "0")),
        ("0", "2001", ("2000", "1", "0")),
        ("2000", "1", ("0", "1", "0")),
        ("1999", "9001", ("1", "8000", "1000")),
        ("10000", "5", ("0", "0", "5")),
    ],
)
def test_bands_end_with_their_last_kilometre(before, driven, parts):
    rows = expenses.entries({"kilometres": Decimal(driven), "kilometres_before": Decimal(before)}, IN_FORCE)
    assert tuple(str(row.quantity) for row in rows[:3]) == parts


@pytest.mark.parametrize(
    "day, kilometre, meal, night",
    [
        (date(2021, 12, 31), "0.29", "17.50", "70"),
        (date(2022, 1, 1), "0.32", "17.50", "70"),
        (date(2023, 9, 21), "0.32", "17.50", "70"),
        (date(2023, 9, 22), "0.32", "20.00", "90"),
    ],
)
def test_rates_are_those_of_the_day_of_the_mission(day, kilometre, meal, night):
    rates = OURS.rates(day)
    assert (rates.kilometres["CV5"][0], rates.meal, rates.nights[0]) == (
        Decimal(kilometre),
        Decimal(meal),
        Decimal(night),
    )


def test_rates_of_days_that_nobody_knows_are_none():
    assert OURS.rates(date(2019, 12, 31)) is None


def test_half_a_cent_is_rounded_up_in_every_row():
    rows = expenses.entries({"kilometres": Decimal("0.50"), "vehicle": "CV8"}, IN_FORCE)
    assert (
        rows[0].amount
        == (Decimal("0.50") * Decimal("0.45")).quantize(Decimal("0.01"), ROUND_HALF_UP)
        == Decimal("0.23")
    )


@pytest.mark.requirement("R204")
def test_the_bordereau_attaches_itself_to_the_line_and_its_total_is_reported(desk):
    plain, travelled = LINE, LINE | {"kilometres": "120", "vehicle": "CV7", "meals": "2"}
    memoire = a_memoire(desk, lines=(plain, travelled))
    assert desk.errors(memoire) == []
    sheet, pdf = memoire.completed.files
    assert (sheet.name, sheet.line) == ("bordereau-frais-divers-ligne-2.xlsx", 2)
    assert (pdf.name, pdf.line) == ("bordereau-frais-divers-ligne-2.pdf", 2)
    found = structure_of(pdf.content)
    assert [each.text for each in found.root.every("TH")] == ["Frais", "Quantité", "Unité", "Taux (EUR)", "Montant (EUR)"]
    assert [each.text for each in found.root.every("TD")][-1] == "89,20"
    assert pdf_of(pdf.content) == pdf_of(pdf.content)
    line = memoire.completed.lines[1]
    assert line["expenses"] == Decimal("89.20") == Decimal(cells(sheet.content)["F30"][0])
    assert (line["net"], line["vat"], line["gross"]) == (Decimal("90.00"), Decimal("35.84"), Decimal("215.04"))
    assert memoire.completed.lines[0]["expenses"] == 0
    assert memoire.completed.amounts.gross == Decimal("323.04")


def test_the_same_entries_give_the_same_bytes(desk):
    travelled = LINE | {"kilometres": "120", "vehicle": "CV7"}
    first = a_memoire(desk, lines=(travelled,), number="M")
    assert first.completed.files == a_memoire(desk, lines=(travelled,), number="M").completed.files


@pytest.mark.requirement("R204")
@pytest.mark.parametrize(
    "attached",
    [
        (),
        (line_file("bordereau.xls", line=2),),
        (line_file("billet.pdf"),),
        (line_file("bordereau-frais-divers-ligne-1.xlsx"),),
    ],
)
def test_an_amount_without_its_bordereau_on_the_line_is_refused(desk, attached):
    memoire = a_memoire(desk, lines=(LINE | {"stated_expenses": "50"},), attachments=FILES + attached)
    assert desk.errors(memoire) == ["bordereau-missing 1.stated_expenses"]


@pytest.mark.requirement("R204")
@pytest.mark.parametrize(
    "attached", [line_file("f30.XLS"), line_file("scan.pdf", designation="Bordereau"), line_file("Frais divers.pdf")]
)
def test_an_amount_with_its_bordereau_on_the_line_counts(desk, attached):
    memoire = a_memoire(desk, lines=(LINE | {"stated_expenses": "50"},), attachments=(*FILES, attached))
    assert desk.errors(memoire) == []
    assert memoire.completed.lines[0]["expenses"] == Decimal(50)
    assert memoire.completed.files == ()


def test_an_amount_of_nothing_needs_no_bordereau(desk):
    assert desk.errors(a_memoire(desk, lines=(LINE | {"stated_expenses": "0"},))) == []


def test_expenses_are_stated_or_calculated_not_both(desk):
    memoire = a_memoire(desk, lines=(LINE | {"stated_expenses": "50", "meals": "2"},))
    assert desk.errors(memoire) == ["expenses-twice 1.stated_expenses"]


@pytest.mark.requirement("R205")
@pytest.mark.parametrize("given_expenses", [{"stated_expenses": "50"}, {"meals": "1"}])
def test_no_expenses_go_with_a_service_that_has_none(desk, given_expenses):
    memoire = a_memoire(desk, lines=({"service": "TRAD_ECRIT", "quantity": "2"} | given_expenses,))
    assert desk.errors(memoire) == ["expenses-not-refunded 1.stated_expenses"]
    assert memoire.completed.files == ()


def test_kilometres_need_a_vehicle_and_real_costs_their_proofs(desk):
    assert desk.errors(a_memoire(desk, lines=(LINE | {"kilometres": "10"},))) == ["vehicle-missing 1.vehicle"]
    assert "proofs-missing" in warnings(a_memoire(desk, lines=(LINE | {"tolls": "10"},)))
    proved = a_memoire(desk, lines=(LINE | {"tolls": "10"},), attachments=(*FILES, line_file("peage.jpg")))
    assert "proofs-missing" not in warnings(proved)


def test_rates_that_nobody_filled_in_say_who_can(desk):
    form = {"mission_end": "2019-06-01", "mission_start": "", "decided": "2019-05-01"}
    memoire = a_memoire(desk, lines=(LINE | {"meals": "1"},), **form)
    assert desk.errors(memoire) == ["rates-missing 1.kilometres"]
    assert "older-rule" in warnings(memoire)


def test_a_mission_that_is_no_true_disbursement_bears_vat(desk):
    travelled = LINE | {"meals": "5"}
    [with_vat], [without] = (
        a_memoire(desk, lines=(travelled | more,)).completed.lines for more in ({}, {"disbursed": "on"})
    )
    assert (with_vat["vat"], without["vat"]) == (Decimal("38.00"), Decimal("18.00"))


def test_no_more_bordereaux_are_made_than_a_request_can_hold(desk):
    memoire = a_memoire(desk, lines=[LINE | {"meals": "1"}] * 51)
    assert desk.errors(memoire) == ["calculations-too-many 51.kilometres"]
    assert len(memoire.completed.files) == 100
