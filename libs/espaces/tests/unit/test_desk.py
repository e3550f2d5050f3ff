"""The desk plays requests by the platform's rules: this is how authors test their espaces."""

import contextlib
import itertools
from datetime import UTC, datetime

import pytest
from espace_kinds import TABLE, a_kind, a_plugin
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from pupitre_espaces.lifecycle import DRAFT, NoPassage
from pupitre_espaces.passages import WrongMotive
from pupitre_espaces.testing import a_structure
from pupitre_espaces.testing_desk import Desk, NotReady

CLAIMANT = a_structure()
CHECKER = a_structure(id="c", name="Grand Chantier", siret="11122233300011")
TOWN = a_structure(id="t", name="Ville", siret="21750001600019", type="public")
FORM = {"subject": "Carburant", "year": 2024, "honest": True}
LINES = ({"volume": "10", "fuel": "GNR"},)


@pytest.fixture
def desk():
    return Desk(a_plugin(a_kind()), datetime(2024, 3, 1, 9, tzinfo=UTC))


def a_claim(desk, **changes):
    values = {"form": FORM, "lines": LINES, "parties": {"checker": CHECKER}}
    return desk.save("claim", "C1", CLAIMANT, **(values | changes))


def test_a_draft_is_kept_however_wrong_and_sent_only_when_it_is_right(desk):
    claim = a_claim(desk, form={"year": "soon"}, lines=[{"volume": "5000", "fuel": "GNR"}], parties={})
    assert sorted(desk.errors(claim)) == [
        "form-format year",
        "form-required honest",
        "form-required subject",
        "role-missing party.checker",
        "too-much 1.volume",
    ]
    with pytest.raises(NotReady):
        desk.send(claim)
    assert claim.status == DRAFT
    assert not desk.sees(claim, "checker")


def test_the_espace_works_out_amounts(desk):
    assert str(a_claim(desk).completed.amounts.gross) == "20.00"


def test_a_role_is_for_structures_of_its_types(desk):
    claim = desk.send(a_claim(desk))
    desk.move(claim, "checker", "VALIDEE_1", stated=True)
    piece = desk.save("claim", "C2", CHECKER, form=FORM, previous=claim, parties={"payer": CLAIMANT})
    assert desk.errors(piece) == ["role-type party.payer"]


def test_sending_validating_and_the_next_piece(desk):
    claim = desk.send(a_claim(desk))
    assert claim.status == "A_VALIDER_1"
    assert desk.work_of("checker") == [claim]
    with pytest.raises(ValueError, match="to be ticked"):
        desk.move(claim, "checker", "VALIDEE_1")
    desk.move(claim, "checker", "VALIDEE_1", stated=True)
    assert claim.story[-2:] == [("VALIDEE_1", "checker"), ("A_ASSOCIER_MOE", "system")]
    assert [what for what, _ in claim.delay] == ["start"]
    piece = desk.send(desk.save("claim", "C2", CHECKER, form=FORM, previous=claim, parties={"payer": TOWN}))
    assert claim.status == "ASSOCIEE"
    assert (piece.status, piece.handed_over, piece.dossier) == ("MISE_A_DISPOSITION", True, claim.dossier)
    assert desk.sees(piece, "payer")
    assert not desk.sees(claim, "payer")


def test_a_piece_follows_only_one_that_waits_for_it(desk):
    claim = desk.send(a_claim(desk))
    early = desk.save("claim", "C2", CHECKER, form=FORM, previous=claim, parties={"payer": TOWN})
    with pytest.raises(NoPassage):
        desk.send(early)
    alone = desk.save("claim", "C2", CHECKER, form=FORM, parties={"payer": TOWN})
    assert desk.errors(alone) == ["cadre-needs-previous cadre"]


def test_silence_is_acceptance_on_the_sixteenth_day_and_not_before(desk):
    claim = desk.send(a_claim(desk))
    desk.pass_days(15)
    assert claim.status == "A_VALIDER_1"
    desk.pass_days(1)
    assert claim.status == "A_ASSOCIER_MOE"


def test_a_blocked_motive_says_what_to_do_instead(desk):
    claim = desk.send(a_claim(desk))
    for code, text, said in (
        ("ERREUR_MONTANT", "x", "own piece"),
        (None, "x", "from the list"),
        ("AUTRE", " ", "Write"),
    ):
        with pytest.raises(WrongMotive, match=said):
            desk.move(claim, "checker", "REFUSEE_1", motive_code=code, motive=text)
    desk.move(claim, "checker", "REFUSEE_1", motive_code="MAUVAIS_VALIDEUR")
    assert claim.status == "REFUSEE_1"


def test_what_was_asked_to_be_completed_comes_back_to_where_it_was(desk):
    claim = desk.send(a_claim(desk))
    desk.move(claim, "checker", "A_COMPLETER", motive="une pièce manque")
    desk.move(claim, "claimant", "@before")
    assert claim.status == "A_VALIDER_1"
    assert claim.delay == []  # nothing that could be interrupted had begun


def test_nobody_is_corrected_unless_the_passage_says_so(desk):
    claim = desk.send(a_claim(desk))
    with pytest.raises(ValueError, match="corrects nobody"):
        desk.move(claim, "checker", "VALIDEE_1", stated=True, parties={"checker": TOWN})


def test_once_a_year(desk):
    desk = Desk(a_plugin(a_kind(once_per="year")))
    desk.send(a_claim(desk))
    assert desk.errors(a_claim(desk)) == ["once-only year"]
    assert desk.errors(a_claim(desk, form=FORM | {"year": 2023})) == []


def test_once_a_year_but_for_what_came_to_nothing():
    desk = Desk(a_plugin(a_kind(once_per="year", frees={"REFUSEE_1"})))
    refused = desk.send(a_claim(desk))
    assert desk.errors(a_claim(desk)) == ["once-only year"]
    desk.move(refused, "checker", "REFUSEE_1", motive_code="MAUVAIS_VALIDEUR")
    assert desk.errors(a_claim(desk)) == []


def test_a_number_that_is_typed_is_taken_once():
    desk = Desk(a_plugin(a_kind(numbering="typed")))
    assert desk.errors(a_claim(desk)) == ["number-missing number"]
    desk.send(a_claim(desk, number="M-1"))
    assert desk.errors(a_claim(desk, number="M-1")) == ["number-taken number"]


class AnyOrder(RuleBasedStateMachine):
    """Whatever anybody tries, in any order: a request goes where the table says, and nowhere else."""

    def __init__(self):
        super().__init__()
        self.desk = Desk(a_plugin(a_kind()))
        self.claims = []

    @rule()
    def deposit(self):
        self.claims.append(self.desk.send(a_claim(self.desk)))

    @rule(
        role=st.sampled_from(["claimant", "checker", "payer"]),
        to=st.sampled_from(sorted({*TABLE.statuses, "@before"})),
        index=st.integers(0, 5),
    )
    def move(self, role, to, index):
        if index < len(self.claims):
            claim = self.claims[index]
            with contextlib.suppress(NoPassage):
                self.desk.move(
                    claim, role, to, motive="x", motive_code="AUTRE" if to == "REFUSEE_1" else None, stated=True
                )

    @rule(days=st.integers(1, 20))
    def wait(self, days):
        self.desk.pass_days(days)

    @invariant()
    def every_step_is_a_row(self):
        steps = {(row.source, row.target) for row in TABLE.transitions}
        for claim in self.claims:
            path = [DRAFT, *(status for status, _ in claim.story)]
            for source, target in itertools.pairwise(path):
                assert (source, target) in steps or (source, "@before") in steps
            assert [what for what, _ in claim.delay].count("start") <= 1


AnyOrder.TestCase.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
TestAnyOrder = AnyOrder.TestCase
