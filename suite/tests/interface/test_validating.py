"""`pupitre validate` judges files as a deposit would, and tells scripts the outcome by its exit code."""

import json

import pytest
from pupitre_contracts import errors
from support.invoice_factory import ubl

KEYS = ["verdict", "stage", "format", "profile", "findings", "terms"]
FINDING = ["rule", "severity", "term", "location", "message", "remedy"]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    valid = ubl(number="CLI-1")
    contents = {
        "valid.xml": valid,
        "invalid.xml": valid.replace(b"<cbc:DocumentCurrencyCode>EUR", b"<cbc:DocumentCurrencyCode>EURO"),
        "cut.xml": valid[: len(valid) // 2],
        "letter.txt": b"Dear sir",
        "empty.xml": b"",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture
def validate(stopped):
    installation = stopped()

    def run(*words):
        done = installation.command("validate", *map(str, words), check=False)
        assert "Traceback" not in done.stderr
        assert not installation.state.exists()
        return done.returncode, json.loads(done.stdout)

    return run


def test_a_valid_file_ends_with_0_and_has_the_published_shape(validate, files):
    code, report = validate(files / "valid.xml")
    assert sorted(report) == sorted(KEYS)
    assert (code, report["verdict"], report["stage"], report["findings"]) == (0, "valid", None, [])
    assert report["terms"]["BT-1"] == "CLI-1"


def test_several_files_are_a_list_in_their_order_and_the_worst_decides(validate, files):
    names = ["valid.xml", "invalid.xml", "cut.xml", "letter.txt", "empty.xml"]
    code, reports = validate(*(files / name for name in names))
    assert code == 1
    assert [each["file"] for each in reports] == [str(files / name) for name in names]
    assert [each["verdict"] for each in reports] == ["valid", "invalid", "invalid", "invalid", "invalid"]
    assert [each["stage"] for each in reports[:3]] == [None, "schematron", "xml"]
    assert all(each["stage"] in ("container", "xml", "not-an-invoice") for each in reports[3:])
    for each in reports[1:]:
        assert each["findings"]
        for finding in each["findings"]:
            assert sorted(finding) == sorted(FINDING)


def test_messages_come_in_the_language_asked_for(validate, files):
    _, french = validate(files / "letter.txt")
    _, english = validate("--lang", "en", files / "letter.txt")
    assert [each["rule"] for each in french["findings"]] == [each["rule"] for each in english["findings"]]
    assert french["findings"][0]["message"] != english["findings"][0]["message"]


def test_an_engine_that_cannot_judge_ends_with_2_and_the_same_shape(files, monkeypatch):
    from click.testing import CliRunner
    from pupitre.cli import cli
    from pupitre_invoicing import checking

    def fails(*_):
        raise errors.EngineFailed(incident="0123456789ab")

    monkeypatch.setattr(checking, "judge", fails)
    done = CliRunner().invoke(cli, ["validate", str(files / "valid.xml")])
    assert done.exit_code == 2
    report = json.loads(done.stdout)
    assert sorted(report) == sorted(KEYS)
    assert (report["verdict"], [each["rule"] for each in report["findings"]]) == ("error", ["PUP-ENGINE-SILENT"])
    assert "0123456789ab" in report["findings"][0]["message"]


def test_a_file_that_does_not_exist_is_a_usage_error(stopped, tmp_path):
    done = stopped().command("validate", str(tmp_path / "none.xml"), check=False)
    assert (done.returncode, done.stdout) == (2, "")
