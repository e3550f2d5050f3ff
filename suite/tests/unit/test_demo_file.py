"""What the demonstration writes down: whole or not at all, and for its owner only."""

import json

import pytest
from pupitre import demo, demo_cast
from stdnum import luhn


def test_a_file_is_readable_by_its_owner_only_and_leaves_no_draft(tmp_path):
    demo._write(tmp_path / "new" / "demo.json", {"name": "Médiathèque"})
    assert (tmp_path / "new" / "demo.json").stat().st_mode & 0o777 == 0o600
    assert [each.name for each in (tmp_path / "new").iterdir()] == ["demo.json"]
    assert json.loads((tmp_path / "new" / "demo.json").read_text()) == {"name": "Médiathèque"}


def test_a_write_that_fails_leaves_the_former_file(tmp_path):
    demo._write(tmp_path / "demo.json", {"former": True})
    with pytest.raises(TypeError):
        demo._write(tmp_path / "demo.json", {"unwritable": object()})
    assert json.loads((tmp_path / "demo.json").read_text()) == {"former": True}


def test_every_persona_belongs_to_a_structure_of_the_story():
    structures = {each["key"] for each in demo.STRUCTURES}
    assert {each["structure"] for each in demo.PERSONAS} == structures
    assert set(demo.TECHNICAL_ACCOUNTS) <= structures


def test_every_structure_has_a_gestionnaire():
    assert {each["structure"] for each in demo.PERSONAS if each["role"] == "GP"} == {each["key"] for each in demo.STRUCTURES}


def test_the_story_has_a_body_that_demands_everything_and_one_that_demands_nothing():
    public = {each["key"]: each.get("parameters", {}) for each in demo.STRUCTURES[:4] if each["type"] == "PUBLIC"}
    assert public == {"commune": {"requires_service": True, "requires_engagement": True}, "mediatheque": {}}


def test_the_espaces_have_a_body_with_moa_services_of_the_state_and_the_operator_of_the_platform():
    cast = {each["key"]: each for each in demo.STRUCTURES}
    assert cast["syndicat"]["parameters"]["moa_presence"] == "AVEC_MOA"
    assert all(cast[key]["identifier"].startswith("1") for key in ("ddt", "tribunal", "prefecture"))
    assert cast["plateforme"]["identifier"] == demo_cast.PLATFORM_SIRET
    assert all(luhn.is_valid(each["identifier"]) and luhn.is_valid(each["identifier"][:9]) for each in demo.STRUCTURES)
