"""Work done by threads of the system while greenthreads go on."""

import eventlet
import pytest
from eventlet.patcher import original
from pupitre_bus.testing import wait_until
from pupitre_bus.threads import off_hub, off_hub_to_the_end

real = original("threading")


@pytest.mark.parametrize("away", [off_hub, off_hub_to_the_end])
def test_others_go_on_meanwhile_and_the_result_or_the_error_comes_back(away):
    gate, ticks = real.Event(), []
    eventlet.spawn_after(0.02, lambda: (ticks.append(1), gate.set()))
    assert away(lambda: gate.wait(60)) is True
    assert ticks
    with pytest.raises(ZeroDivisionError):
        away(lambda: 1 // 0)


def test_a_time_out_is_raised_when_the_work_has_ended_and_not_before():
    gate, done = real.Event(), []

    def work():
        gate.wait(60)
        done.append(1)

    limit = eventlet.Timeout(0.02)

    def open_the_gate():
        while limit.pending:
            eventlet.sleep(0.01)
        gate.set()

    eventlet.spawn(open_the_gate)
    with pytest.raises(eventlet.Timeout) as raised:
        off_hub_to_the_end(work)
    assert raised.value is limit
    assert done


def test_somebody_killed_leaves_when_the_work_has_ended():
    begun, gate, done = real.Event(), real.Event(), []
    waiting = eventlet.spawn(off_hub_to_the_end, lambda: (begun.set(), gate.wait(60), done.append(1)))
    wait_until(begun.is_set)
    eventlet.spawn(waiting.kill)
    eventlet.sleep(0.02)
    assert not waiting.dead
    gate.set()
    wait_until(lambda: waiting.dead)
    assert done
