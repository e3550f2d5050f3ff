"""A service process for the tests of stopping: ``python service_process.py`` with PUPITRE_* settings."""

import pupitre_bus.patch  # noqa: F401  isort: skip

import logging
import os
import sys
from pathlib import Path

import eventlet
import sqlalchemy as sa
from pupitre_bus import Service, on_event, rpc, runner, settings
from pupitre_contracts import catalogue
from pupitre_contracts.message import Call, Event, Message, fields


class StepTaken(Event):
    name, version, owner, subject_field = "step.taken", 1, "walker", "step"

    step = fields.Integer(required=True)


class Walk(Call):
    service, writes = "walker", True

    class Request(Message):
        steps = fields.Integer(required=True)
        linger = fields.Integer(load_default=0)

    class Reply(Message):
        pass


metadata = sa.MetaData()
trace = sa.Table(
    "trace",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("step", sa.Integer, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
)


class Walker(Service):
    name = "walker"
    metadata = metadata

    @rpc(Walk)
    def walk(self, request, scope):
        with scope.begin() as tx:
            for step in range(request.steps):
                tx.publish(StepTaken(step=step))
            reply = tx.answer({})
        eventlet.sleep(request.linger)
        return reply


class Follower(Service):
    """Records that it began and that it ended, in two databases' worth of care: only the end has the inbox row."""

    name = "follower"
    metadata = metadata

    @on_event(StepTaken)
    def step_taken(self, event, scope):
        with scope.database.transaction() as tx:
            tx.execute(trace.insert().values(step=event.step, what="began"))
        if event.step >= 2:
            _wait_for_gate()
        eventlet.sleep(0.2)
        with scope.begin() as tx:
            tx.execute(trace.insert().values(step=event.step, what="ended"))


def _wait_for_gate():
    """Wait until the file that GATE names is there, if it names one."""
    gate = os.environ.get("GATE")
    while gate is not None and not Path(gate).exists():
        eventlet.sleep(0.05)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr)
    catalogue.SUBSCRIPTIONS = {"follower": (StepTaken,)}
    classes = {"walker": Walker, "follower": Follower}
    print("here", flush=True)
    sys.exit(runner.run([classes[name] for name in sys.argv[1:]], settings.Settings()))
