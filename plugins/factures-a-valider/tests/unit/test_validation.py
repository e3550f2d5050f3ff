"""Invoices of sub-contractors and joint contractors, played on the desk up to their recipient."""

import contextlib
import itertools
from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pupitre_espace_factures_a_valider import cadres, hooks
from pupitre_espaces.lifecycle import DRAFT, NoPassage
from pupitre_espaces.passages import WrongMotive
from pupitre_espaces.testing import a_structure
from pupitre_espaces.testing_desk import Desk, NotReady

SUPPLIER = a_structure(id="s", name="Plâtres du Nord", siret="33333333300018")
HOLDER = a_structure(id="t", name="Grand Chantier", siret="11122233300011")
OTHER = a_structure(id="o", name="Autre Chantier", siret="44455566600012")
MANDATAIRE = a_structure(id="m", name="Mandataire SA", siret="77788899900013")
FIRST, SECOND = "valideur-1", "valideur-2"


@pytest.fixture
def desk():
    return Desk(hooks, datetime(2024, 3, 1, 9, tzinfo=UTC))


@pytest.fixture
def one(desk):
    return desk.issue("A9", SUPPLIER, parties={FIRST: HOLDER})


@pytest.fixture
def two(desk):
    return desk.issue("A9", SUPPLIER, parties={FIRST: HOLDER, SECOND: MANDATAIRE})


@pytest.fixture
def joint(desk):
    return desk.issue("A12", SUPPLIER, parties={FIRST: MANDATAIRE})


def test_the_holder_is_asked_and_his_accord_hands_the_invoice_over(desk, one):
    assert (one.status, desk.work_of(FIRST)) == ("A_VALIDER_1", [one])
    desk.move(one, FIRST, "VALIDEE_1", stated=True, motive="conforme à l'attachement")
    assert one.story == [("A_VALIDER_1", "supplier"), ("VALIDEE_1", FIRST), ("DEPOSEE", "system")]
    assert desk.work_of(FIRST) == []


@pytest.mark.parametrize("code, said", [("A9", "titulaire"), ("A12", "mandataire")])
def test_who_validates_states_in_what_capacity(desk, code, said):
    invoice = desk.issue(code, SUPPLIER, parties={FIRST: HOLDER})
    with pytest.raises(ValueError, match="to be ticked"):
        desk.move(invoice, FIRST, "VALIDEE_1")
    assert invoice.status == "A_VALIDER_1"
    row = invoice.table.find("A_VALIDER_1", "VALIDEE_1", [FIRST], code)
    assert row.statement.fr.startswith(f"Vous êtes {said}")
    assert row.motive == "optional"


@pytest.mark.parametrize("code", ["A9", "A12"])
def test_an_invoice_without_valideur_is_not_sent(desk, code):
    with pytest.raises(NotReady) as refused:
        desk.issue(code, SUPPLIER)
    assert [each.term for each in refused.value.findings] == ["party.valideur-1"]


@pytest.mark.parametrize("role", ["supplier", SECOND])
def test_nobody_validates_in_the_place_of_the_one_who_is_asked(desk, two, role):
    for to in ("VALIDEE_1", "REFUSEE_1", "ERREUR_FOURNISSEUR_SUR_VALIDEUR"):
        with pytest.raises(NoPassage):
            desk.move(two, role, to, stated=True, motive="x", motive_code="MAUVAIS_VALIDEUR")
    assert two.status == "A_VALIDER_1"


def test_a_sub_contractor_of_a_joint_contractor_needs_both(desk, two):
    desk.move(two, FIRST, "VALIDEE_1", stated=True)
    assert (two.status, desk.work_of(SECOND)) == ("A_VALIDER_2", [two])
    with pytest.raises(NoPassage):
        desk.move(two, FIRST, "VALIDEE_2", stated=True)
    desk.move(two, SECOND, "VALIDEE_2", stated=True)
    assert two.status == "DEPOSEE"


def test_the_holder_s_silence_is_acceptance_on_day_sixteen(desk, one):
    desk.pass_days(15)
    assert one.status == "A_VALIDER_1"
    desk.pass_days(1)
    assert one.story[-2:] == [("ABSENCE_VALIDATION_1_HORS_DELAI", "system"), ("DEPOSEE", "system")]


def test_two_silences_take_twice_as_long(desk, two):
    desk.pass_days(16)
    assert two.status == "A_VALIDER_2"
    desk.pass_days(15)
    assert two.status == "A_VALIDER_2"
    desk.pass_days(1)
    assert two.story[-2:] == [("ABSENCE_VALIDATION_2_HORS_DELAI", "system"), ("DEPOSEE", "system")]


def test_a_mandataire_s_silence_is_never_acceptance(desk, joint):
    desk.pass_days(400)
    assert joint.status == "A_VALIDER_1"
    assert joint.table.after("A_VALIDER_1", "A12") is None


def test_a_valideur_is_reminded_five_and_two_days_before(one, two):
    for invoice, status in ((one, "A_VALIDER_1"), (two, "A_VALIDER_2")):
        row = invoice.table.after(status, "A9")
        assert (row.days, row.remind) == (15, (5, 2))


def test_a_refusal_has_its_reasons_and_the_buyer_is_told(desk, one):
    for nothing in (None, "  "):
        with pytest.raises(WrongMotive):
            desk.move(one, FIRST, "REFUSEE_1", motive=nothing)
    desk.move(one, FIRST, "REFUSEE_1", motive="travaux non exécutés")
    assert one.status == "REFUSEE_1"
    a9, a12 = cadres.all_cadres()
    refusals = [
        row for each in (a9, a12) for row in each.prelude.transitions if row.target in ("REFUSEE_1", "REFUSEE_2")
    ]
    assert len(refusals) == 3
    assert all(row.tells == {"recipient"} for row in refusals)


def test_a_refused_invoice_is_duplicated_or_given_up_by_its_supplier_alone(desk, one, joint):
    for each in (one, joint):
        desk.move(each, FIRST, "REFUSEE_1", motive="travaux non exécutés")
        assert desk.work_of("supplier") == [each]
        with pytest.raises(NoPassage):
            desk.move(each, FIRST, "DUPLIQUE_APRES_REFUS")
        if each is one:
            desk.move(each, "supplier", "DUPLIQUE_APRES_REFUS")
    with pytest.raises(WrongMotive):
        desk.move(joint, "supplier", "ABANDONNEE")
    desk.move(joint, "supplier", "ABANDONNEE", motive="payée autrement")
    assert {one.status, joint.status} <= one.table.final


def test_a_wrong_valideur_is_corrected_on_the_same_invoice_and_the_new_one_has_fifteen_days(desk, one):
    desk.pass_days(14)
    with pytest.raises(WrongMotive):
        desk.move(one, FIRST, "ERREUR_FOURNISSEUR_SUR_VALIDEUR", motive_code="AUTRE")
    desk.move(one, FIRST, "ERREUR_FOURNISSEUR_SUR_VALIDEUR", motive_code="MAUVAIS_VALIDEUR")
    assert (desk.work_of(FIRST), desk.work_of("supplier")) == ([], [one])
    desk.pass_days(30)
    assert one.status == "ERREUR_FOURNISSEUR_SUR_VALIDEUR"
    desk.move(one, "supplier", "A_VALIDER_1", parties={FIRST: OTHER})
    assert one.parties[FIRST].structure is OTHER
    desk.pass_days(15)
    assert one.status == "A_VALIDER_1"
    desk.pass_days(1)
    assert one.status == "DEPOSEE"


def test_only_the_valideur_is_corrected(desk, two):
    desk.move(two, FIRST, "ERREUR_FOURNISSEUR_SUR_VALIDEUR", motive_code="MAUVAIS_VALIDEUR")
    with pytest.raises(ValueError, match="corrects valideur-1"):
        desk.move(two, "supplier", "A_VALIDER_1", parties={SECOND: OTHER})


@pytest.mark.parametrize("corrector", [FIRST, "supplier"])
def test_a_wrong_mandataire_is_corrected_by_the_joint_contractor_or_the_supplier(desk, two, corrector):
    desk.move(two, FIRST, "VALIDEE_1", stated=True)
    desk.move(two, SECOND, "ERREUR_COTRAITANT_SUR_VALIDEUR", motive_code="MAUVAIS_VALIDEUR")
    assert two.awaits == {FIRST, "supplier"}
    desk.move(two, corrector, "A_VALIDER_2", parties={SECOND: OTHER})
    assert (two.status, two.parties[SECOND].structure) == ("A_VALIDER_2", OTHER)


class AnyOrder(RuleBasedStateMachine):
    """Whatever anybody tries in any order: nobody passes a valideur over, and nothing comes back from the recipient."""

    def __init__(self):
        super().__init__()
        self.desk = Desk(hooks)
        self.invoices = []

    @rule(code=st.sampled_from(["A9", "A12"]), second=st.booleans())
    def issue(self, code, second):
        parties = {FIRST: HOLDER} | ({SECOND: MANDATAIRE} if second and code == "A9" else {})
        self.invoices.append(self.desk.issue(code, SUPPLIER, parties=parties))

    @rule(
        role=st.sampled_from([FIRST, SECOND, "supplier", "recipient"]),
        to=st.sampled_from(sorted({status for each in cadres.all_cadres() for status in each.prelude.statuses})),
        index=st.integers(0, 4),
    )
    def move(self, role, to, index):
        if index < len(self.invoices):
            code = "MAUVAIS_VALIDEUR" if to.startswith("ERREUR") else None
            with contextlib.suppress(NoPassage):
                self.desk.move(self.invoices[index], role, to, motive="x", motive_code=code, stated=True)

    @rule(days=st.integers(1, 20))
    def wait(self, days):
        self.desk.pass_days(days)

    @invariant()
    def every_accord_was_given_or_kept_silent(self):
        for invoice in self.invoices:
            statuses = [status for status, _ in invoice.story]
            for source, target in itertools.pairwise([DRAFT, *statuses]):
                assert any((row.source, row.target) == (source, target) for row in invoice.table.transitions)
            if invoice.status == "DEPOSEE":
                last = 2 if SECOND in invoice.parties else 1
                for level in range(1, last + 1):
                    assert {f"VALIDEE_{level}", f"ABSENCE_VALIDATION_{level}_HORS_DELAI"} & set(statuses)
            if invoice.cadre == "A12":
                assert not [each for each in statuses if each.startswith("ABSENCE")]
            for status, who in invoice.story:
                assert who == ("system" if status.startswith("ABSENCE") or status == "DEPOSEE" else who)
                assert not (status.startswith(("VALIDEE", "REFUSEE")) and who == "supplier")


AnyOrder.TestCase.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
TestAnyOrder = AnyOrder.TestCase
