"""The tables of passages: what they refuse when they are made, and what they answer."""

from datetime import UTC, date, datetime

import pytest
from espace_kinds import ROWS, TABLE
from hypothesis import given
from hypothesis import strategies as st
from pupitre_espaces import Label, Lifecycle, Motive, Transition
from pupitre_espaces.lifecycle import AFTER, AT_ONCE, DRAFT, PARIS, SENT_FROM, SYSTEM, NoPassage, due_at, in_force

NAME = Label("Nom", "Name")
# Hypothesis takes its bounds without a zone and adds it itself.
FIRST, LAST = datetime(2020, 1, 1), datetime(2040, 1, 1)  # noqa: DTZ001


@pytest.mark.parametrize(
    "values, said",
    [
        ({"motive": "perhaps"}, "motive is one of"),
        ({"delay": "pause"}, "unknown delay"),
        ({"call": AFTER}, "days go with"),
        ({"days": 3}, "days go with"),
        ({"call": AFTER, "who": SYSTEM, "days": 3, "remind": (4,)}, "days before the end"),
        ({"remind": (1,)}, "after a time"),
        ({"call": SENT_FROM, "who": SYSTEM}, "names the cadres"),
        ({"by": {"A1"}}, "names the cadres"),
        ({"call": AT_ONCE, "who": "payer"}, "made by 'system' alone"),
        ({"cadres": "A1"}, "a set, not one text"),
        ({"target": 3}, "must be str"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused(values, said):
    with pytest.raises(ValueError, match=said):
        Transition(**({"source": "DEPOSEE", "target": "REJETEE", "who": "payer"} | values))


@pytest.mark.parametrize("code", ["autre", "É", ""])
def test_a_motive_has_a_code_in_capitals(code):
    with pytest.raises(ValueError, match="not a code"):
        Motive(code, NAME)


def test_a_table_names_a_passage_once_for_each_cadre():
    row = Transition("DEPOSEE", "REJETEE", "payer", cadres={"A1"})
    Lifecycle("t", [row, Transition("DEPOSEE", "REJETEE", "payer", cadres={"A2"})])
    for again in (row, Transition("DEPOSEE", "REJETEE", "payer")):
        with pytest.raises(ValueError, match="twice"):
            Lifecycle("t", [row, again])


def test_every_status_has_a_name():
    with pytest.raises(ValueError, match="without a label: PERDUE"):
        Lifecycle("t", [Transition("DEPOSEE", "PERDUE", "payer")])
    table = Lifecycle("t", [Transition("DEPOSEE", "PERDUE", "payer")], labels={"PERDUE": NAME})
    assert table.label("PERDUE") == NAME
    assert table.label("REJETEE").fr == "Rejetée"


def test_what_a_role_may_do_follows_from_the_table():
    moves = {row.target for row in TABLE.allowed("A_VALIDER_1", ["checker"], "move", "C1")}
    assert moves == {"VALIDEE_1", "REFUSEE_1", "A_COMPLETER"}
    assert TABLE.find("A_VALIDER_1", "VALIDEE_1", ["checker"], "C1").statement
    with pytest.raises(NoPassage) as refused:
        TABLE.find("A_VALIDER_1", "VALIDEE_1", ["claimant"], "C1")
    assert refused.value.allowed == ("ABANDONNEE",)
    with pytest.raises(NoPassage):
        TABLE.sending("C1", "checker")
    assert TABLE.sending("C2", "checker").target == "DEPOSEE"


def test_a_request_waits_for_those_whose_move_is_awaited():
    assert TABLE.awaits("A_VALIDER_1", "C1") == {"checker"}
    assert TABLE.awaits("A_ASSOCIER_MOE", "C1") == frozenset()
    assert TABLE.followed_by("A_ASSOCIER_MOE", "C1") == {"C2"}
    assert "REFUSEE_1" in TABLE.final
    assert "A_VALIDER_1" not in TABLE.final


def test_what_comes_at_once_comes_in_its_order_and_never_in_a_circle():
    rows = [
        Transition("DEPOSEE", "EN_COURS_ACHEMINEMENT", SYSTEM, call=AT_ONCE),
        Transition("EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION", SYSTEM, call=AT_ONCE),
    ]
    assert [row.target for row in Lifecycle("t", rows).at_once("DEPOSEE")] == [
        "EN_COURS_ACHEMINEMENT",
        "MISE_A_DISPOSITION",
    ]
    circle = Lifecycle("t", [*rows, Transition("MISE_A_DISPOSITION", "DEPOSEE", SYSTEM, call=AT_ONCE)])
    with pytest.raises(ValueError, match="in a circle"):
        list(circle.at_once("DEPOSEE"))


def test_the_version_in_force_is_the_newest_that_is_valid():
    old, new = (
        Lifecycle(name, ROWS, kind="claim", valid_from=day)
        for name, day in (("a", date(2020, 1, 1)), ("b", date(2024, 7, 1)))
    )
    assert in_force("claim", date(2024, 6, 30), [new, old]) is old
    assert in_force("claim", date(2024, 7, 1), [old, new]) is new


@pytest.mark.parametrize(
    "since, due",
    [
        # In winter Paris is an hour ahead of UTC, in summer two: a request of 23:30 UTC is of the next day there.
        (datetime(2024, 1, 10, 12, tzinfo=UTC), datetime(2024, 1, 25, 23, tzinfo=UTC)),
        (datetime(2024, 1, 10, 23, 30, tzinfo=UTC), datetime(2024, 1, 26, 23, tzinfo=UTC)),
        (datetime(2024, 3, 20, 12, tzinfo=UTC), datetime(2024, 4, 4, 22, tzinfo=UTC)),
    ],
)
def test_fifteen_days_end_with_the_fifteenth_day_in_france(since, due):
    assert due_at(since, 15) == due


@given(st.datetimes(FIRST, LAST, timezones=st.just(UTC)), st.integers(1, 400))
def test_a_time_limit_ends_at_midnight_after_so_many_whole_days(since, days):
    end = due_at(since, days).astimezone(PARIS)
    assert (end.hour, end.minute) == (0, 0)
    assert (end.date() - since.astimezone(PARIS).date()).days == days + 1


def test_a_draft_is_not_sent_by_a_move():
    with pytest.raises(NoPassage):
        TABLE.find(DRAFT, "A_VALIDER_1", ["claimant"], "C1")
