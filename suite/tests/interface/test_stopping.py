"""Being asked to stop is no failure, whenever it comes: exit code 0, no traceback, nothing left behind."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from support.installation import PUPITRE, until

SECONDS = 120
STATES = {
    "while it is imported": lambda state: True,
    "while it migrates": lambda state: (state / "keys").exists(),
    "while services start": lambda state: (state / "notifications.sqlite3").exists(),
    "while the demo is loaded": lambda state: (state / "demo-secrets.json").exists(),
}


def _begun(installation):
    """`pupitre run` in a process group of its own, as a terminal has it; not waited for."""
    log = installation.log.open("wb")
    installation.process = subprocess.Popen(
        [*PUPITRE, "run"], env=installation.environment, stdout=log, stderr=log, start_new_session=True
    )
    return installation.process


def _ended_well(installation):
    assert installation.process.wait(SECONDS) == 0, installation.tail()
    assert "Traceback" not in installation.log.read_text()
    assert "KeyboardInterrupt" not in installation.log.read_text()
    until(lambda: not installation.pids(), 60, "every process ended")


def _interpreter_is_up(pid):
    """Whether the program answers signals itself: it has replaced the default action of SIGTERM."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    caught = next(line.split()[1] for line in lines if line.startswith("SigCgt"))
    return int(caught, 16) >> (signal.SIGTERM - 1) & 1


@pytest.fixture
def installation(stopped):
    made = stopped()
    yield made
    made.close()


@pytest.mark.parametrize("moment", STATES)
def test_ctrl_c_during_the_start_ends_it_quietly(installation, moment):
    process = _begun(installation)
    until(lambda: _interpreter_is_up(process.pid), SECONDS, "started", pause=0.002)
    until(lambda: STATES[moment](installation.state), SECONDS, moment, pause=0.01)
    os.killpg(process.pid, signal.SIGINT)
    _ended_well(installation)


def test_impatience_and_sigterm_end_it_as_cleanly_and_what_was_begun_is_completed(installation):
    installation.start()
    os.killpg(installation.process.pid, signal.SIGINT)
    os.killpg(installation.process.pid, signal.SIGINT)
    _ended_well(installation)

    installation.start()
    installation.process.terminate()
    _ended_well(installation)


def test_another_command_that_is_interrupted_says_nothing_and_ends_as_shells_expect(installation):
    for _ in range(5):  # a signal that finds it finished proves nothing: once more from the start
        process = subprocess.Popen(
            [*PUPITRE, "migrate"], env=installation.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        until((installation.state / "keys").exists, SECONDS, "begun", pause=0.005)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=SECONDS)
        if process.returncode != 0:
            break
        shutil.rmtree(installation.state)
    assert (process.returncode, said) == (130, b"")
    assert installation.command("migrate").stdout.endswith("up to date\n")
