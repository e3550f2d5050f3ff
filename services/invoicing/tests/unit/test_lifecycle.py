"""The lifecycle table: what no path through it may do."""

import datetime
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_contracts import errors
from pupitre_invoicing.lifecycle import (
    AVAILABLE,
    INVOICE,
    LABELS,
    LADDER,
    TO_DO,
    Lifecycle,
    Transition,
    check_motive,
    in_force,
)

RETURNS = ("SUSPENDUE", "A_RECYCLER", "REJETEE")


@st.composite
def paths(draw):
    """A walk of at most 30 transitions through the table, from nothing."""
    status, walk = None, []
    for _ in range(draw(st.integers(1, 30))):
        possible = [row for row in INVOICE.transitions if row.source == status]
        if not possible:
            break
        walk.append(draw(st.sampled_from(possible)))
        status = walk[-1].target
    return walk


@given(paths())
def test_no_path_takes_the_ladder_backwards_without_a_return(walk):
    highest = -1
    for row in walk:
        if row.target in RETURNS or row.target in AVAILABLE:
            highest = -1
        elif row.target in LADDER:
            assert LADDER.index(row.target) > highest
            highest = LADDER.index(row.target)


@given(paths())
def test_no_path_goes_on_after_an_end(walk):
    assert not [row for row in walk if row.source in INVOICE.final]


@given(paths())
def test_no_path_becomes_a_draft_again_or_is_paid_twice(walk):
    targets = [row.target for row in walk]
    assert "BROUILLON" not in targets[1:]
    assert targets.count("MISE_EN_PAIEMENT") <= 1


@given(paths())
def test_every_return_to_the_supplier_says_why(walk):
    assert all(row.motive == "required" and row.who == "recipient" for row in walk if row.target in RETURNS)


@given(paths())
def test_after_accounting_an_invoice_is_only_paid(walk):
    assert {row.target for row in walk if row.source == "COMPTABILISEE"} <= {"MISE_EN_PAIEMENT"}


def test_from_the_recipients_desk_the_official_moves_are_possible():
    """What the real portal offers from MISE_A_DISPOSITION (B.2)."""
    official = {"SUSPENDUE", "REJETEE", "A_RECYCLER", "MANDATEE", "MISE_A_DISPOSITION_COMPTABLE", "COMPTABILISEE"}
    official |= {"MISE_EN_PAIEMENT"}
    assert official <= {row.target for row in INVOICE.allowed("MISE_A_DISPOSITION", ["recipient"])}


def test_the_ends_are_the_four_final_statuses():
    assert INVOICE.final == {"REJETEE", "ABANDONNEE", "SUPPRIMEE", "MISE_EN_PAIEMENT"}


def test_the_supplier_has_no_move_on_an_invoice_that_the_recipient_works_on():
    for status in (*AVAILABLE, *LADDER):
        assert INVOICE.allowed(status, ["supplier"]) == ()


@pytest.mark.parametrize("target", ["DEPOSEE", "MISE_A_DISPOSITION", "SUPPRIMEE"])
def test_a_plain_move_never_sends_recycles_or_deletes(target):
    for status in INVOICE.statuses:
        with pytest.raises(errors.TransitionForbidden):
            INVOICE.transition(status, target)


def test_a_refused_transition_names_the_possible_ones():
    with pytest.raises(errors.TransitionForbidden) as refusal:
        INVOICE.transition("SUSPENDUE", "MANDATEE")
    assert refusal.value.details["allowed"] == "COMPLETEE, ABANDONNEE"


@pytest.mark.parametrize("motive", [None, "", "   "])
def test_a_blank_motive_is_no_motive(motive):
    with pytest.raises(errors.MotiveMissing):
        check_motive(INVOICE.transition("MISE_A_DISPOSITION", "REJETEE"), motive)
    assert check_motive(INVOICE.transition("MISE_A_DISPOSITION", "MANDATEE"), motive) is None


def test_every_status_has_its_two_names_and_every_list_of_work_exists():
    assert INVOICE.statuses <= set(LABELS)
    assert all(french and english for french, english in LABELS.values())
    assert {status for statuses in TO_DO.values() for status in statuses} <= INVOICE.statuses


def test_a_table_that_names_a_transition_twice_is_refused():
    row = Transition("A", "B", "supplier")
    with pytest.raises(ValueError, match="twice"):
        Lifecycle("double", [row, row])


def test_a_later_table_is_for_later_invoices_and_running_ones_keep_theirs():
    day = datetime.date(2027, 1, 1)
    newer = Lifecycle("invoice-2027", INVOICE.transitions[:3], kind="invoice", valid_from=day)
    tables = [INVOICE, newer]

    assert in_force("invoice", day - datetime.timedelta(days=1), tables) is INVOICE
    assert in_force("invoice", day, tables) is newer
    assert in_force("invoice", day) is INVOICE


def test_what_an_invoice_has_overtaken_is_known_with_whose_message_it_is():
    assert INVOICE.overtaken_by("MISE_EN_PAIEMENT", "SUSPENDUE") == "recipient"
    assert INVOICE.overtaken_by("MANDATEE", "MANDATEE") == "recipient"
    assert INVOICE.overtaken_by("COMPLETEE", "COMPLETEE") == "supplier"
    assert INVOICE.overtaken_by("SUSPENDUE", "MISE_EN_PAIEMENT") is None
    assert INVOICE.overtaken_by("MISE_A_DISPOSITION", "MANDATEE") is None
    assert INVOICE.overtaken_by("MANDATEE", "DEPOSEE") is None


@given(paths())
def test_a_status_once_passed_is_always_late(walk):
    for earlier, later in itertools.pairwise(walk):
        if earlier.target in LADDER and later.target in LADDER:
            assert INVOICE.overtaken_by(later.target, earlier.target) == "recipient"
