"""A mémoire, from the four questions to the payment, and what keeps it from being sent."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from memoires import COURT, FILES, FORM, INTERPRETER, LINE, OTHER_COURT, a_memoire, warnings
from pupitre_espace_frais_de_justice import forclusion, hooks, tariff
from pupitre_espaces import Attachment, Party, forms
from pupitre_espaces.lifecycle import NoPassage
from pupitre_espaces.passages import WrongMotive
from pupitre_espaces.testing import a_host
from pupitre_espaces.testing_desk import Desk, NotReady

QUOTE = Attachment("devis.pdf", "application/pdf", 10)


@pytest.mark.requirement("R200")
def test_a_memoire_is_certified_taxed_and_paid(desk):
    memoire = desk.send(a_memoire(desk, number="2024-17"))
    assert (memoire.status, memoire.number) == ("MISE_A_DISPOSITION", "2024-17")
    assert desk.work_of("juridiction") == [memoire]
    for status, label in (("SERVICE_FAIT", "Certifié"), ("MANDATEE", "Taxé"), ("MISE_EN_PAIEMENT", "Mise en paiement")):
        desk.move(memoire, "juridiction", status)
        assert memoire.table.label(status).fr == label
    assert memoire.table.allowed("MISE_EN_PAIEMENT", ["juridiction", "prestataire"]) == ()


def test_taxing_may_be_skipped_and_certifying_may_not(desk):
    memoire = desk.send(a_memoire(desk))
    with pytest.raises(NoPassage):
        desk.move(memoire, "juridiction", "MISE_EN_PAIEMENT")
    desk.move(memoire, "juridiction", "SERVICE_FAIT")
    desk.move(memoire, "juridiction", "MISE_EN_PAIEMENT")


@pytest.mark.parametrize("to", ["SERVICE_FAIT", "MANDATEE", "MISE_EN_PAIEMENT", "REJETEE"])
def test_a_provider_moves_nothing_that_is_the_court_s(desk, to):
    with pytest.raises(NoPassage):
        desk.move(desk.send(a_memoire(desk)), "prestataire", to)


def test_a_missing_document_is_asked_for_and_brought(desk):
    memoire = desk.send(a_memoire(desk))
    with pytest.raises(WrongMotive, match="To be completed"):
        desk.move(memoire, "juridiction", "REJETEE", motive_code="PIECE_MANQUANTE")
    desk.move(memoire, "juridiction", "A_COMPLETER", motive_code="JUSTIFICATIF_FRAIS")
    assert desk.work_of("prestataire") == [memoire]
    assert memoire.table.find("A_COMPLETER", "COMPLETEE", ["prestataire"]).documents
    desk.move(memoire, "prestataire", "COMPLETEE")
    desk.move(memoire, "juridiction", "SERVICE_FAIT")


def test_a_wrong_court_is_corrected_under_the_same_number(desk):
    memoire = desk.send(a_memoire(desk, number="M-9"))
    with pytest.raises(WrongMotive, match="To be recycled"):
        desk.move(memoire, "juridiction", "REJETEE", motive_code="MAUVAISE_JURIDICTION")
    with pytest.raises(WrongMotive):
        desk.move(memoire, "juridiction", "A_RECYCLER")
    desk.move(memoire, "juridiction", "A_RECYCLER", motive="Limoges est compétent")
    desk.move(
        memoire, "prestataire", "MISE_A_DISPOSITION", parties={"juridiction": Party("juridiction", OTHER_COURT, "SAR")}
    )
    assert (memoire.parties["juridiction"].structure, memoire.number) == (OTHER_COURT, "M-9")
    with pytest.raises(ValueError, match="corrects nobody"):
        desk.move(memoire, "juridiction", "SERVICE_FAIT", parties={"prestataire": COURT})


def test_the_number_is_typed_and_unique_for_its_provider(desk):
    desk.send(a_memoire(desk, number="A"))
    assert desk.errors(a_memoire(desk, number="A")) == ["number-taken number"]
    assert desk.errors(a_memoire(desk, number="")) == ["number-missing number"]


def test_the_court_is_public_and_sees_no_draft(desk):
    assert desk.errors(a_memoire(desk, parties={})) == ["role-missing party.juridiction"]
    assert desk.errors(a_memoire(desk, parties={"juridiction": INTERPRETER})) == ["role-type party.juridiction"]
    assert not desk.sees(a_memoire(desk), "juridiction")


@pytest.mark.requirement("R200")
@pytest.mark.parametrize(
    "question, rule",
    [
        ("legal_aid", "not-legal-aid"),
        ("consignation", "not-consignation"),
        ("heard", "not-heard"),
        ("prefecture", "not-prefecture"),
    ],
)
def test_what_is_no_court_cost_stops_the_form_with_one_clear_finding(desk, question, rule):
    memoire = a_memoire(desk, lines=(), attachments=(), **{question: "OUI"})
    assert desk.errors(memoire) == [f"{rule} {question}"]
    assert memoire.completed.amounts is None
    with pytest.raises(NotReady, match=rule):
        desk.send(memoire)


def test_the_four_questions_come_first_and_need_an_answer(desk):
    [(_, kind)] = [(key, kind) for key, kind in desk.host.kinds().items()]
    questions = ["legal_aid", "consignation", "heard", "prefecture"]
    assert [each.name for each in forms.describe(kind.form)][:4] == questions
    assert desk.errors(a_memoire(desk, **dict.fromkeys(questions, ""))) == [
        f"form-required {each}" for each in questions
    ]


def test_an_expert_who_is_heard_as_a_witness_may_send(desk):
    assert desk.errors(a_memoire(desk, heard="EXPERT")) == []


@pytest.mark.requirement("R201")
def test_the_header_comes_first_and_a_memoire_without_lines_is_not_sent(desk):
    [kind] = desk.host.kinds().values()
    assert kind.lines_after_form
    assert desk.errors(a_memoire(desk, lines=())) == ["lines-missing lines"]


@pytest.mark.requirement("R202")
def test_the_line_leads_from_the_box_of_expenses_to_their_detail(desk):
    [kind] = desk.host.kinds().values()
    [box] = [each for each in forms.describe(kind.line) if each.name == "stated_expenses"]
    assert (box.guide.page, box.guide.label.fr) == ("detail-des-frais-divers", "Détail des frais divers")


@pytest.mark.parametrize(
    "changes, errors",
    [
        ({"mission_end": ""}, ["mission-end-missing mission_end"]),
        ({"mission_end": "2024-09-03"}, ["mission-not-over mission_end"]),
        ({"mission_start": "2024-03-05"}, ["mission-dates mission_start"]),
        ({"decided": "2024-03-05"}, ["decision-late decided"]),
        ({"issued": "2024-09-03"}, ["issued-to-come issued"]),
        ({"category": "FOURRIERE"}, ["service-of-category 1.service"]),
    ],
)
def test_the_header_is_checked(desk, changes, errors):
    assert desk.errors(a_memoire(desk, **changes)) == errors


def test_prices_of_the_tariff_are_locked_and_those_of_quotes_are_typed(desk):
    assert desk.errors(a_memoire(desk, lines=(LINE | {"quoted_price": "31"},))) == ["price-locked 1.quoted_price"]
    assert desk.errors(a_memoire(desk, lines=(LINE | {"quoted_price": "30"},))) == []
    quoted = {"service": "EXP_PSY_DEVIS", "quantity": "1"}
    medical = {"category": "MEDECIN"}
    assert desk.errors(a_memoire(desk, lines=(quoted,), **medical)) == [
        "quote-missing 1.quoted_price",
        "document-missing files",
    ]
    with_quote = {"attachments": (*FILES, QUOTE), **medical}
    assert desk.errors(a_memoire(desk, lines=(quoted | {"quoted_price": "750.01"},), **with_quote)) == [
        "above-ceiling 1.quoted_price"
    ]
    fair = a_memoire(desk, lines=(quoted | {"quoted_price": "750"},), **with_quote)
    assert desk.errors(fair) == []
    assert fair.completed.amounts.net == Decimal(750)


def test_vat_is_one_of_the_rates_of_the_service(desk):
    assert desk.errors(a_memoire(desk, lines=(LINE | {"vat_rate": "5.5"},))) == ["vat-of-service 1.vat_rate"]
    free, usual = a_memoire(desk, lines=(LINE | {"vat_rate": "0"}, LINE)).completed.lines
    assert (free["vat"], usual["vat"]) == (Decimal("0.00"), Decimal("18.00"))
    mixed = a_memoire(desk, lines=(LINE | {"vat_rate": "0"}, LINE))
    assert mixed.completed.form["vat_by_rate"] == "20 % : 18.00 EUR / 90.00 EUR ; 0 % : 0.00 EUR / 90.00 EUR"


def test_documents_are_asked_for_by_occasion(desk):
    assert desk.errors(a_memoire(desk, attachments=())) == ["documents-missing files"]
    bare = a_memoire(desk, attachments=(Attachment("scan.pdf", "application/pdf", 5),))
    assert desk.errors(bare) == []
    assert warnings(bare) == ["document-missing"] * 3
    assert warnings(a_memoire(desk)) == []


def test_a_grouped_memoire_dates_each_mission_and_has_its_list(desk):
    grouped = {"grouped": "on", "mission_end": "", "mission_start": ""}
    lines = (LINE | {"mission_end": "2024-03-04"}, LINE)
    listed = (*FILES, Attachment("liste.pdf", "application/pdf", 5, designation="Bordereau des mémoires groupés"))
    assert desk.errors(a_memoire(desk, lines=lines, **grouped)) == [
        "mission-end-missing 2.mission_end",
        "document-missing files",
    ]
    dated = (LINE | {"mission_end": "2024-05-04"}, LINE | {"mission_end": "2023-08-01"})
    memoire = a_memoire(desk, lines=dated, attachments=listed, **grouped)
    assert desk.errors(memoire) == ["forclusion 2.mission_end"]
    assert memoire.completed.form["last_day"] == date(2024, 8, 1)
    good = a_memoire(desk, lines=(dated[0], LINE | {"mission_end": "2024-04-01"}), attachments=listed, **grouped)
    assert desk.errors(good) == []
    assert desk.errors(a_memoire(desk, lines=(LINE | {"mission_end": "2024-10-01"},))) == [
        "mission-not-over 1.mission_end"
    ]


@pytest.mark.parametrize(
    "now, errors, warned",
    [
        (datetime(2025, 2, 3, 22, tzinfo=UTC), [], []),
        (datetime(2025, 2, 4, tzinfo=UTC), [], ["forclusion-near"]),
        (datetime(2025, 3, 4, 22, 59, tzinfo=UTC), [], ["forclusion-near"]),
        (datetime(2025, 3, 4, 23, 0, tzinfo=UTC), ["forclusion mission_end"], []),
    ],
)
def test_the_year_warns_at_eleven_months_and_ends_with_its_last_day(now, errors, warned):
    desk = Desk(hooks, now)
    memoire = a_memoire(desk)
    assert (desk.errors(memoire), warnings(memoire)) == (errors, warned)
    assert memoire.completed.form["last_day"] == date(2025, 3, 4)


def test_an_operator_may_have_late_ones_marked_instead_of_refused(monkeypatch):
    monkeypatch.setenv(tariff.FORCLUSION, "flag")
    desk = Desk(hooks, datetime(2025, 6, 1, tzinfo=UTC))
    memoire = a_memoire(desk)
    assert (desk.errors(memoire), warnings(memoire)) == ([], ["forclusion"])
    monkeypatch.setenv(tariff.FORCLUSION, "perhaps")
    assert a_host(hooks, "invoicing").health() == [
        ("frais-de-justice", False, "PUPITRE_ESPACE_FRAIS_DE_JUSTICE_FORCLUSION is refuse or flag, not perhaps")
    ]


@pytest.mark.parametrize(
    "end, last",
    [
        (date(2020, 12, 30), None),
        (date(2020, 12, 31), date(2021, 12, 31)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 2, 28), date(2024, 2, 28)),
    ],
)
def test_the_year_is_counted_from_date_to_date(end, last):
    assert forclusion.last_day(end) == last


@given(st.dates(date(2020, 12, 31), date(2040, 12, 31)))
def test_eleven_months_come_before_the_year_is_over(end):
    assert end < forclusion.warned_from(end) < forclusion.last_day(end)
    assert 365 - 1 <= (forclusion.last_day(end) - end).days <= 366


@given(
    st.lists(
        st.tuples(
            st.integers(1, 10_000).map(lambda hundredths: f"{hundredths / 100:.2f}"),
            st.sampled_from(["20", "0"]),
            st.integers(0, 20),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_the_foot_is_the_sum_of_the_lines(typed):
    desk = Desk(hooks, datetime(2024, 9, 2, 9, tzinfo=UTC))
    lines = [LINE | {"quantity": quantity, "vat_rate": rate, "meals": str(meals)} for quantity, rate, meals in typed]
    memoire = a_memoire(desk, lines=lines)
    assert desk.errors(memoire) == []
    done, amounts = memoire.completed.lines, memoire.completed.amounts
    assert amounts.gross == sum(line["gross"] for line in done)
    assert amounts.vat == sum(line["vat"] for line in done)
    assert amounts.net == sum(line["net"] + line["expenses"] for line in done)


def test_what_is_worked_out_is_never_taken_from_who_types(desk):
    memoire = a_memoire(desk, lines=(LINE | {"price": "99", "net": "9999", "expenses": "5"},), last_day="2030-01-01")
    assert memoire.completed.amounts.net == Decimal("90.00")
    assert set(forms.dump(memoire.kind.form, memoire.completed.form)) >= {*FORM, "last_day", "vat_by_rate"}
    assert forms.dump(memoire.kind.line, memoire.completed.lines[0])["unit"] == "heure"
