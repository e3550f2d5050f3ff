"""The same options give the same run, and another seed another one."""

import pytest

from chaos import plan

OPTIONS = plan.Options(seed=7, invoices=500, kills=40, wipes=2, lasting=2, proxied=True)


def test_the_same_seed_gives_the_same_tasks_and_faults():
    assert plan.derive(OPTIONS) == plan.derive(OPTIONS)


def test_another_seed_gives_others():
    other = plan.derive(plan.Options(**{**vars(OPTIONS), "seed": 8}))
    assert other.steps != plan.derive(OPTIONS).steps
    assert other.tasks != plan.derive(OPTIONS).tasks


def test_more_invoices_leave_the_faults_as_they_are():
    more = plan.derive(plan.Options(**{**vars(OPTIONS), "invoices": 900}))
    assert more.steps == plan.derive(OPTIONS).steps


def test_each_invoice_is_deposited_by_one_task():
    numbers = [number for task in plan.derive(OPTIONS).all_tasks for number in task.numbers]
    assert len(set(numbers)) == len(numbers) == OPTIONS.invoices


def test_lots_hold_about_their_share():
    tasks = plan.derive(plan.Options(invoices=20_000, lots=0.5)).all_tasks
    assert 0.4 < sum(len(task.numbers) for task in tasks if task.is_lot) / 20_000 < 0.6


def test_faults_are_as_many_as_asked_and_in_the_order_of_their_moments():
    steps = plan.derive(OPTIONS).steps
    assert len(steps) == 42
    assert sum(step.kind == plan.WIPE for step in steps) == 2
    assert list(steps) == sorted(steps, key=lambda step: step.at)
    assert {step.number for step in steps} == set(range(42))


def test_a_long_run_meets_every_kind_often():
    steps = plan.derive(plan.Options(kills=400, proxied=True)).steps
    counts = {kind: sum(step.kind == kind for step in steps) for kind in {**plan.KILLS, **plan.NETWORK}}
    assert min(counts.values()) > 0
    assert min(counts[kind] for kind in ("service-kill", "broker-kill", "database-kill")) >= 10


def test_clients_begin_something_under_each_lasting_fault():
    derived = plan.derive(OPTIONS)
    assert len(derived.meanwhile) == len(derived.lasting) == 2
    assert all(derived.meanwhile)


def test_lasting_faults_can_be_named_each_with_its_length():
    derived = plan.derive(plan.Options(lasting_only="broker-alarm:60,broker-wipe", lasting_seconds=5))
    assert [(step.kind, step.seconds) for step in derived.lasting] == [("broker-alarm", 60), ("broker-wipe", 5)]


def test_without_proxies_there_is_no_fault_of_the_network():
    assert not {step.kind for step in plan.derive(plan.Options(kills=300)).steps} & set(plan.NETWORK)


def test_the_embedded_run_has_one_process_to_kill():
    steps = plan.derive(plan.Options(kills=30, embedded=True)).steps
    assert {step.target for step in steps} == {"run"}
    assert {step.kind for step in steps} <= {"service-kill", "service-term"}


def test_one_kind_alone_can_be_asked_for():
    assert {step.kind for step in plan.derive(plan.Options(kills=5, only="database-kill")).steps} == {"database-kill"}


def test_a_fault_every_so_many_seconds():
    steps = plan.derive(plan.Options(every=4, seconds=60)).steps
    assert len(steps) == 15
    assert all(abs(step.at - 4 * (step.number + 1)) <= 1.2 for step in steps)


@pytest.mark.parametrize("options", [OPTIONS, plan.Options(), plan.Options(embedded=True, seed=3, lots=1.0)])
def test_the_command_of_a_run_gives_its_options_back(options):
    from chaos.__main__ import _parser

    command = options.command()
    words = command.split('"')[1].split()
    given = vars(_parser().parse_args(words))
    assert plan.Options(**{name: given[name] for name in vars(options)}) == options
