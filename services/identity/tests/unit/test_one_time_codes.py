import datetime

import pytest
from pupitre_identity import one_time_codes

KEY = b"12345678901234567890"


@pytest.mark.requirement("RS-54")
@pytest.mark.parametrize(
    "seconds, code",
    [
        (59, "287082"),
        (1111111109, "081804"),
        (1111111111, "050471"),
        (1234567890, "005924"),
        (2000000000, "279037"),
        (20000000000, "353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds, code):
    """Appendix B, whose eight digits end in these six."""
    now = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    step = one_time_codes.step_of(now)
    assert one_time_codes.code_at(KEY, step) == code
    assert one_time_codes.matching_step(KEY, code, now, after=0) == step
    assert one_time_codes.matching_step(KEY, code, now, after=step) is None


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "28708a", "２８７０８２", "-87082"])
def test_what_is_no_code_matches_nothing(typed):
    now = datetime.datetime.fromtimestamp(59, datetime.UTC)
    assert one_time_codes.matching_step(KEY, typed, now, after=0) is None


@pytest.mark.parametrize("typed", ["123456", "", "aaaa-bbbb", "1111-1111-1111-1111"])
def test_what_cannot_be_a_recovery_code_is_none(typed):
    assert one_time_codes.recovery_key(typed) is None
