"""A harness that is never red shows nothing: five broken builds must be caught, and the sound one must not (F4)."""

import pytest
from pupitre_bus.pytest_plugin import need_servers
from pupitre_bus.testing import Absent

from chaos.controls import SCENARIOS, judge_all

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.rabbitmq, pytest.mark.postgres]


@pytest.mark.timeout(900)
@pytest.mark.requirement("RS-01")
def test_five_broken_builds_are_caught_and_the_sound_one_is_not(tmp_path):
    try:
        verdicts = judge_all(tmp_path, lambda line: None)
    except Absent as absent:
        need_servers(str(absent))
    assert {build: sound for build, (sound, _) in verdicts.items() if sound} == {}
    assert {build for build, (_, found) in verdicts.items() if found} == set(SCENARIOS)
