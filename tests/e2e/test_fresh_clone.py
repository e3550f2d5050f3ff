"""What a newcomer does: clone, ``make run``, look, Ctrl-C, and again. Runs where asked for: it fetches every package."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from support.installation import free_port, until
from support.repository import ROOT

FIRST_SECONDS, SECOND_SECONDS = 180, 10
ASKED = os.environ.get("PUPITRE_TEST_FRESH_CLONE") == "1" or os.environ.get("CI") == "true"
WHY_NOT = "PUPITRE_TEST_FRESH_CLONE=1 or CI=true asks for it: it fetches every package anew"

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(not ASKED, reason=WHY_NOT),
    pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is no git repository"),
]

#: What of the environment reaches a package index; the rest of it, servers and settings included, stays outside.
KEPT = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_CERT",
    "PIP_CONFIG_FILE",
    "SSL_CERT_FILE",
    "HTTPS_PROXY",
    "https_proxy",
    "NO_PROXY",
    "no_proxy",
)


@pytest.fixture
def clone(tmp_path):
    """The committed state of this repository, with no more on the PATH than a bare machine has."""
    folder = tmp_path / "pupitre"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(folder)], check=True)
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "python3").symlink_to(
        Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
    )
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= {
        "PATH": f"{tools}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "LANG": "C.UTF-8",
        "PUPITRE_HTTP": f"127.0.0.1:{free_port()}",
    }
    return folder, environment


@contextlib.contextmanager
def _made(folder, environment, log):
    """``make run`` until ``/readyz`` answers 200: gives the process and how long that took."""
    began = time.monotonic()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run"], cwd=folder, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    try:
        until(lambda: _is_ready(process, environment, log), FIRST_SECONDS, f"ready ({log})")
        yield process, time.monotonic() - began
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)


def _is_ready(process, environment, log):
    assert process.poll() is None, log.read_text("utf-8", "replace")[-3000:]
    with contextlib.suppress(requests.RequestException):
        return requests.get(f"http://{environment['PUPITRE_HTTP']}/readyz", timeout=5).status_code == 200
    return False


def test_a_fresh_clone_runs_within_three_minutes_and_then_within_ten_seconds(clone, tmp_path):
    folder, environment = clone
    assert shutil.which("make", path=environment["PATH"])
    with _made(folder, environment, tmp_path / "first.log") as (process, took):
        assert took < FIRST_SECONDS
        assert (folder / "var" / "demo.json").is_file()
        _interrupt(process)
    said = (tmp_path / "first.log").read_text("utf-8")
    assert f"http://{environment['PUPITRE_HTTP']}" in said
    assert "@demo.pupitre.invalid" in said
    with _made(folder, environment, tmp_path / "second.log") as (process, took):
        assert took < SECOND_SECONDS
        _interrupt(process)
    status = subprocess.run(["git", "status", "--porcelain"], cwd=folder, capture_output=True, text=True, check=True)
    assert status.stdout == "", "what running leaves behind is ignored by git"


def _interrupt(process):
    """Ctrl-C, which a terminal sends to make and to what it started; make reports the interruption, Pupitre ends well."""
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(40) in (0, 130, 2, -signal.SIGINT)
