"""Notifications on either bus between services that answer from a table, by a clock that tests move."""

import datetime
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from pupitre_bus.clock import FrozenClock
from pupitre_bus.settings import load
from pupitre_bus.testing import wait_until
from pupitre_notifications import tables
from pupitre_notifications.service import NotificationsService

# Test modules are imported by path, each alone: this is how they find the values they share.
sys.path.insert(0, str(Path(__file__).parent))

from notification_world import World


class Stage:
    """The running service and what a test does to it."""

    def __init__(self, bench, clock):
        self.bench, self.clock, self.world = bench, clock, World()
        bench.settings = load("pupitre_notifications", environ={"PUPITRE_STATE": str(bench.backend.folder)})
        self.world.start(bench.fake_service)
        self.source = bench.start(self.world.source())
        bench.first_look_seconds = 0.1  # whom it hears was started before, or does not run in these tests
        self.host = bench.start(NotificationsService)

    def publish(self, *events):
        with self.source.runtime("invoicing").database.transaction() as tx:
            for event in events:
                tx.publish(event)

    def rows(self, table, *conditions):
        database = self.bench.database("notifications")
        try:
            with database.reading() as db:
                return db.execute(sa.select(table).where(*conditions)).all()
        finally:
            database.close()

    def wait_for(self, table, count, *conditions):
        found = wait_until(lambda: (rows := self.rows(table, *conditions)) and len(rows) >= count and rows, timeout=30)
        assert len(found) == count
        return found

    def mails(self, template=None):
        return self.rows(tables.mail, *([tables.mail.c.template == template] if template else []))

    def wait_for_mails(self, count, template):
        return self.wait_for(tables.mail, count, tables.mail.c.template == template)

    def move_to(self, at):
        self.clock.advance((at - self.clock.now()).total_seconds())

    def scope(self):
        from pupitre_bus.actors import Actor

        scope = self.host.runtime("notifications").scope(actor=Actor.service("notifications"))
        scope.see_all()
        return scope

    def stop(self):
        self.bench.stop(self.host)

    def start(self):
        self.host = self.bench.start(NotificationsService)


@pytest.fixture
def service_clock(request):
    if "stage" in request.fixturenames:
        return FrozenClock(datetime.datetime.now(datetime.UTC))
    from pupitre_bus.clock import SystemClock

    return SystemClock()


@pytest.fixture
def stage(bench, service_clock):
    return Stage(bench, service_clock)
