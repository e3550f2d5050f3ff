"""The count of tests per requirement is itself counted right."""

import ast
from collections import Counter

from support import requirements

MODULE = """
import pytest
pytestmark = [pytest.mark.slow, pytest.mark.requirement("R001")]

def test_plain(): ...

@pytest.mark.requirement("R002", "R003")
def test_two(): ...

@pytest.mark.requirement("R004")
class TestGroup:
    @pytest.mark.requirement("R002")
    def test_inside(self): ...

    def helper(self): ...
"""


def test_marks_on_function_class_and_module_are_counted_once_per_test():
    counts = Counter(requirements._marks(ast.parse(MODULE)))
    assert counts == {"R001": 3, "R002": 2, "R003": 1, "R004": 1}


def test_only_the_last_column_of_the_table_is_written():
    table = "| Id | Requirement | Tests |\n| --- | --- | --- |\n| R001 | One. | 7 |\n| RS-02 | Two. | – |\n"
    assert requirements.written(table, Counter({"RS-02": 4})) == table.replace("| 7 |", "| – |").replace(
        "Two. | – |", "Two. | 4 |"
    )


def test_what_no_test_shows_is_reported_with_its_check():
    table = "| RS-01 | Holds. | When so. | – |\n| RS-02 | Holds too. | When thus. | – |\n"
    assert requirements.report(table, Counter({"RS-02": 1})) == "RS-01  Holds. | When so.\n1 of 2 are shown by a test.\n"
