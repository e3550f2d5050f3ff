"""What espaces are told of a structure's parameters."""

from types import SimpleNamespace

import pytest
from pupitre_contracts import organisation
from pupitre_invoicing import request_parties


@pytest.mark.parametrize(
    "presence, told",
    [
        ("AVEC_MOA", (True, False)),
        ("SANS_MOA", (False, False)),
        ("EXCLUSIVEMENT_MOA", (False, True)),
        (None, (None, None)),
    ],
)
def test_a_structure_that_says_nothing_of_its_moa_is_not_one_without(presence, told):
    given = {"moa_presence": presence} if presence else {}
    structure = SimpleNamespace(parameters=organisation.Parameters(**given))
    published = request_parties._published(structure, None)
    assert (published["with_moa"], published["moa_only"]) == told
