"""A service that is stopped leaves nothing behind in its process: a long run of many starts is as fresh as its first."""

import gc
import logging
import threading
from pathlib import Path

import eventlet
import greenlet
import pytest
from pupitre_bus import Service, every, leases, tables
from pupitre_bus.core import Runtime
from pupitre_bus.database import Database
from pupitre_bus.health import monitor
from pupitre_bus.testing import wait_until
from pupitre_contracts import platform

WARM_UP, STARTS = 3, 10


class Busy(Service):
    """Works by a timer, as the services do that send mails and process flux."""

    name = "busy"
    runs = 0

    @every(seconds=1, lease="work")
    def work(self, scope):
        type(self).runs += 1
        with scope.begin() as tx:
            tx.execute(tables.lease.select())


def left():
    """What there is in this process of what services are made of."""
    eventlet.sleep(0.2)  # what was told to end does so
    monitor.reset()  # it notes more of a busy machine than of an idle one
    gc.collect()
    found = gc.get_objects()
    return {
        "greenthreads": sum(isinstance(each, greenlet.greenlet) and bool(each) for each in found),
        "threads": threading.active_count(),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "runtimes": sum(isinstance(each, Runtime) for each in found),
        "databases": sum(isinstance(each, Database) for each in found),
        "holders of leases": len(leases._of_this_process),
        "objects": len(found) + gc.get_freeze_count(),  # those that were there when the run began are set aside, until they go
    }


@pytest.mark.parametrize("kill", [False, True], ids=["stopped", "killed"])
def test_starting_and_stopping_leaves_nothing_behind(bench, caller, caplog, kill):
    caplog.set_level(logging.ERROR, "nameko")  # the records of a kill, which pytest keeps, name the workers that it ended
    seen = []
    for _ in range(WARM_UP + STARTS):
        before = Busy.runs
        host = bench.start(Busy)
        assert caller().call_on("busy", platform.Health).checks
        wait_until(lambda before=before: Busy.runs > before)
        bench.stop(host, kill=kill)
        while bench._buses:
            bench._buses.pop().close()
        host = None
        seen.append(left())
    first, last = seen[WARM_UP - 1], seen[-1]
    grown = {name: (first[name], last[name]) for name in first if name != "objects" and last[name] > first[name]}
    assert grown == {}
    assert last["objects"] - first["objects"] < 200 * STARTS
