import stat

import pytest
from pupitre_bus.write_once import Taken, WriteOnce


def test_a_file_is_kept_and_never_written_over(tmp_path):
    place = WriteOnce.from_uri(tmp_path / "place")
    place.add("b.json", b"two")
    place.add("a.json", b"one")
    place.add("a.json", b"one")
    with pytest.raises(Taken):
        place.add("a.json", b"another")
    assert place.names() == ["a.json", "b.json"]
    assert place.get("a.json") == b"one"
    assert stat.S_IMODE((tmp_path / "place/a.json").stat().st_mode) == 0o444


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(FileNotFoundError):
        WriteOnce.from_uri(tmp_path).get("a.json")


def test_a_place_that_is_away_fails_when_it_is_used_and_works_when_it_is_back(tmp_path):
    (tmp_path / "file").write_text("no folder")
    place = WriteOnce.from_uri(tmp_path / "file" / "anchors")
    with pytest.raises(OSError):
        place.add("a.json", b"one")
    (tmp_path / "file").unlink()
    place.add("a.json", b"one")
    assert place.names() == ["a.json"]
