"""Operations of espaces: declared as values, tried by authors with the kit, and walled in by the host."""

import marshmallow
import pytest
from marshmallow import fields
from pupitre_espaces import Label, Manifest, Operation, PortRefused, hookimpl
from pupitre_espaces.operations import InputRefused
from pupitre_espaces.testing import a_host, a_structure, operate, problems_of


class Year(marshmallow.Schema):
    year = fields.Integer(required=True)


class Tariff(marshmallow.Schema):
    year = fields.Integer(required=True)
    structure = fields.String()


def keep(request):
    if request.given["year"] < 2000:
        raise PortRefused("not-found", "no such year")
    return {"year": request.given["year"], "structure": request.context.structure.name}


def an_operation(key="keep", method="post", path="tarifs", handle=keep, gives=Tariff, takes=Year, **more):
    return Operation(key, method, path, Label("Tarif", "Tariff"), handle, gives, takes, **more)


def a_plugin(*operations):
    class Plugin:
        @hookimpl
        def espace_manifest(self):
            return Manifest(key="essai", label=Label("Essai", "Trial"), description=Label("Essai", "Trial"))

        @hookimpl
        def espace_operations(self):
            return operations

    return Plugin()


def test_an_author_tries_an_operation_as_a_program_would():
    plugin = a_plugin(an_operation())
    assert problems_of(plugin) == []
    assert operate(plugin, "keep", {"year": "2024"}, structure=a_structure(name="Quai")) == {"year": 2024, "structure": "Quai"}
    with pytest.raises(InputRefused) as refused:
        operate(plugin, "keep", {"year": "x", "more": 1})
    assert set(refused.value.fields) == {"year", "more"}
    with pytest.raises(PortRefused):
        operate(plugin, "keep", {"year": 1999})
    with pytest.raises(AssertionError, match="no operation other"):
        operate(plugin, "other")
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        operate(a_plugin(an_operation(handle=lambda request: 1 / 0)), "keep", {"year": 2024})


@pytest.mark.parametrize(
    "changes",
    [
        {"key": "Keep"},
        {"method": "patch"},
        {"method": "delete"},
        {"largest": 0},
        {"largest": 15_000_001},
        {"largest": "1"},
        {"path": "/tarifs"},
        {"path": "tarifs/{Année}"},
        {"path": "tarifs/{a}/{a}"},
        {"path": "kinds"},
        {"gives": dict},
        {"takes": Year()},
        {"handle": None},
    ],
)
def test_an_operation_that_makes_no_sense_is_refused_when_it_is_made(changes):
    with pytest.raises(ValueError, match="peration"):
        an_operation(**changes)


@pytest.mark.parametrize(
    "second, said",
    [
        (an_operation("other"), "tarifs"),
        (an_operation(path="autres"), "keep"),
    ],
)
def test_one_address_or_key_twice_is_named_and_leaves_none(second, said):
    host = a_host(a_plugin(an_operation(), second))
    assert host.operations() == {}
    [problem] = host.problems()
    assert (problem.hook, problem.kind) == ("espace_operations", "duplicate-key")
    assert said in problem.detail


def test_another_type_of_answer_is_named():
    host = a_host(a_plugin("tarifs"))
    assert host.operations() == {}
    assert [(each.hook, each.kind) for each in host.problems()] == [("espace_operations", "wrong-answer")]
