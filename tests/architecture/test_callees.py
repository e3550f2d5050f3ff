"""The calls that the broker lets a service make are those that its code makes."""

import ast
import importlib

import pytest
from pupitre_contracts import catalogue
from support.repository import distribution


def called_by(service: str) -> set[str]:
    """The services whose contracts stand first in some ``….call(organisation.GetStructure, …)`` of this one."""
    found = set()
    for path in distribution(f"pupitre-{service}").modules():
        tree = ast.parse(path.read_text())
        modules = {
            name.asname or name.name: name.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module == "pupitre_contracts"
            for name in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "call":
                contract = node.args[0] if node.args else None
                if isinstance(contract, ast.Attribute) and isinstance(contract.value, ast.Name) and contract.value.id in modules:
                    module = importlib.import_module(f"pupitre_contracts.{modules[contract.value.id]}")
                    found.add(getattr(module, contract.attr).service)
    return found


@pytest.mark.requirement("RS-43")
@pytest.mark.parametrize("service", [*catalogue.SERVICES, "portal"])
def test_the_catalogue_says_which_services_each_one_calls(service: str):
    assert called_by(service) == set(catalogue.CALLEES[service])


def test_whoever_hears_events_may_ask_their_source_for_those_it_missed():
    for service, events in catalogue.SUBSCRIPTIONS.items():
        assert {event.owner for event in events} <= set(catalogue.callees_of(service))
