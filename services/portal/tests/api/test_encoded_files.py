"""Base64 inside JSON, in slices."""

import base64
import binascii

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pupitre_portal.api import encoded_files


@pytest.fixture(autouse=True, scope="module")
def small_slices():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoded_files, "SLICE", 8)
        yield


@given(st.binary(max_size=80), st.sampled_from(["", "\n", " \r\n"]), st.integers(1, 20))
def test_whatever_was_encoded_comes_back_with_lines_broken_anywhere(content, ending, width):
    text = base64.b64encode(content).decode()
    broken = ending.join(text[at : at + width] for at in range(0, len(text), width))
    assert encoded_files.decoded(broken) == content


@given(st.text(st.sampled_from("AZaz09+/=-_ é"), max_size=40))
def test_slices_are_as_strict_as_the_whole(text):
    def outcome(decode, encoded):
        try:
            return decode(encoded)
        except ValueError:
            return None

    together = "".join(text.split())
    whole = outcome(lambda encoded: binascii.a2b_base64(encoded, strict_mode=True), together)
    if len(together) % 4 or together.endswith("==="):  # an equals sign too many, which Python lets pass
        whole = None
    assert outcome(encoded_files.decoded, text) == whole


@pytest.mark.parametrize(
    "text",
    ["QUE=QUE=", "QUFBQQ==QUFB", "QUFBQUFBQUE=QUFB", "QUFB\0QUFB", "A", "AAAA-_==", "=AAA", "QUFBQUFB=", "QUFB=", "QUFB===="],
)
def test_what_is_not_base64_throughout_is_refused(text):
    with pytest.raises(ValueError):
        encoded_files.decoded(text)
