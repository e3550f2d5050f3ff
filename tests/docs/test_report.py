"""The end of a test run says what was not run, and why."""

import shutil
import subprocess
import sys
from pathlib import Path

from support.repository import ROOT

TESTS = """
import pytest

def test_runs(): pass

@pytest.mark.rabbitmq
def test_needs_a_broker(): pytest.skip("RabbitMQ does not answer")

@pytest.mark.rabbitmq
def test_needs_it_too(): pytest.skip("RabbitMQ does not answer")

def test_other(): pytest.skip("not on Tuesdays")
"""


def test_skipped_tests_are_grouped_by_what_they_need(tmp_path: Path):
    for name in ("conftest.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "test_sample.py").write_text(TESTS)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "test_sample.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    end = done.stdout.splitlines()[-5:]
    assert "1 not run: not on Tuesdays" in end
    assert "2 not run, needs RabbitMQ: RabbitMQ does not answer" in end
    assert "1 passed, 3 skipped" in done.stdout
