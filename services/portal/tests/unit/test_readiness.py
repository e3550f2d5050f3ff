"""Readiness does not flap: what blinks is told, what lasts is a fault, what is well again is well at once (RS-71)."""

import pytest
from pupitre_contracts import errors, platform
from pupitre_contracts.catalogue import SERVICES
from pupitre_portal.readiness import Readiness

PATIENCE = 15


class Bus:
    """Services that answer, or not, with the checks that they are given."""

    blocked = False

    def __init__(self):
        self.silent, self.ill, self.asked = set(), {}, 0
        self.metrics = {}

    def call_on(self, service, call, *, timeout):
        self.asked += 1
        if service in self.silent:
            raise errors.TimedOut(service=service)
        names = {"broker", "database", *self.ill.get(service, ())}
        checks = [platform.Check(name=name, ok=name not in self.ill.get(service, ())) for name in sorted(names)]
        return platform.Health.Reply(ok=True, checks=checks, metrics=self.metrics.get(service, {"instance": "a"}))


class Espaces:
    def health(self):
        return []


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def watch(bus):
    return Watch(bus)


class Watch:
    """A readiness whose time the test moves."""

    def __init__(self, bus):
        self.now = 1000.0
        self.health = Readiness(bus, Espaces(), now=lambda: self.now, patience=PATIENCE)

    def after(self, seconds):
        """What is a fault ``seconds`` later, as (service, check)."""
        self.now += seconds
        return [(line.service, line.name) for line in self.health.faults()]


@pytest.mark.requirement("RS-71")
def test_a_blink_of_five_seconds_is_told_and_is_no_fault(watch, bus):
    assert watch.after(2) == []
    bus.ill = {service: {"broker"} for service in SERVICES}
    for _ in range(3):
        assert watch.after(2) == []
    assert {line.name for line in watch.health.troubles()} == {"broker"}
    bus.ill = {}
    assert watch.after(2) == []
    assert watch.health.troubles() == []


@pytest.mark.requirement("RS-71")
def test_what_lasts_is_a_fault_until_the_first_good_answer(watch, bus):
    watch.after(2)
    bus.ill = {"invoicing": {"database"}}
    assert watch.after(2) == []
    assert watch.after(PATIENCE) == [("invoicing", "database")]
    since = watch.health.faults()[0].since
    watch.after(30)
    assert watch.health.faults()[0].since == since
    bus.ill = {}
    assert watch.after(2) == []
    bus.ill = {"invoicing": {"database"}}
    assert watch.after(2) == []


def test_what_was_never_well_is_a_fault_at_once(watch, bus):
    bus.silent = {"invoicing"}
    assert watch.after(2) == [("invoicing", "answers")]


def test_a_service_that_falls_silent_does_not_hide_what_it_had_told(watch, bus):
    watch.after(2)
    bus.ill = {"invoicing": {"database"}}
    watch.after(2)
    assert watch.after(PATIENCE) == [("invoicing", "database")]
    bus.silent = {"invoicing"}
    assert watch.after(2) == [("invoicing", "database")]
    assert ("invoicing", "answers") in watch.after(PATIENCE)


def test_without_patience_every_trouble_is_a_fault(bus):
    now = [0.0]
    health = Readiness(bus, Espaces(), now=lambda: now[0])
    assert health.faults() == []
    bus.silent = {"identity"}
    now[0] += 2
    assert [line.service for line in health.faults()] == ["identity"]


def test_asking_often_asks_the_services_once_a_second(watch, bus):
    for _ in range(10):
        watch.after(0.05)
    assert bus.asked == len(SERVICES)


def test_each_instance_is_remembered_for_ten_minutes(watch, bus):
    bus.metrics = {"invoicing": {"instance": "a", "hub_gap_ms": 3}}
    watch.after(2)
    bus.metrics = {"invoicing": {"instance": "b", "hub_gap_ms": 5}}
    watch.after(2)
    told = [(each.instance, each.values["hub_gap_ms"]) for each in watch.health.figures() if each.service == "invoicing"]
    assert told == [("a", 3), ("b", 5)]
    watch.after(601)
    assert [each.instance for each in watch.health.figures() if each.service == "invoicing"] == ["b"]
