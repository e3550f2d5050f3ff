"""A type of event is set aside after three silences running, and tried again every five seconds."""

from pupitre_bus.silences import AGAIN_SECONDS, ROUNDS, Silences


class Watch:
    now = 100.0


def silences(watch):
    return Silences(now=lambda: watch.now)


def test_three_silences_running_set_a_type_aside_and_one_answer_brings_it_back():
    found = silences(Watch())
    assert [found.unanswered("bell") for _ in range(ROUNDS)] == [False] * (ROUNDS - 1) + [True]
    assert found.aside == ["bell"]
    assert not found.unanswered("bell")
    found.answered("bell")
    assert found.aside == []
    assert not found.doubtful


def test_an_answer_in_between_counts_from_the_start():
    found = silences(Watch())
    for _ in range(ROUNDS - 1):
        found.unanswered("bell")
    found.answered("bell")
    assert not found.unanswered("bell")
    assert found.aside == []


def test_a_doubt_about_several_is_no_silence_of_any():
    found = silences(Watch())
    for _ in range(ROUNDS + 1):
        found.doubt(["bell", "door"])
    assert found.doubtful
    assert found.aside == []
    assert found.due() is None


def test_what_is_aside_is_tried_again_after_its_pause():
    watch = Watch()
    found = silences(watch)
    for _ in range(ROUNDS):
        found.unanswered("bell")
    assert found.due() is None
    watch.now += AGAIN_SECONDS
    assert found.due() == "bell"
    found.postpone("bell")
    assert found.due() is None
