"""What reaches a reader, on both buses: the short forms of `python -m benchmarks feed copies poison`."""

import pytest
from support import delivery_trials
from support.bus_world import World


@pytest.fixture
def world(bench):
    return World(bench)


@pytest.mark.requirement("RS-03")
def test_a_reader_of_the_log_over_the_bus_misses_nothing_while_eight_write(world):
    assert delivery_trials.feed(world, count=400).events == 400


@pytest.mark.requirement("RS-04")
def test_events_delivered_three_times_in_any_order_to_two_instances_have_one_effect_each(world):
    assert delivery_trials.copies(world, count=60).events == 180


@pytest.mark.requirement("RS-06")
def test_poison_of_ten_kinds_ends_parked_whole_and_the_events_around_it_pass(world):
    figures = delivery_trials.poison(world, count=120)
    assert figures.events == 120
